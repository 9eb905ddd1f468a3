// Regular expressions: groups, look-around, flags, Unicode, replacing, splitting, backtracking.
const log = `2024-03-01 12:00:01 [info] start pid=71 user="ann smith"
2024-03-01 12:00:02 [warn] slow pid=72 user="bob"
2024-03-02 08:15:00 [error] failed pid=71 code=-5
`;
const line = /^(?<date>\d{4}-\d\d-\d\d) (?<time>[\d:]+) \[(?<level>\w+)\] (?<rest>.*)$/gm;
for (const { groups, index } of log.matchAll(line)) print(index, groups.date, groups.time, groups.level, groups.rest);
print(log.match(/\b\w+=("[^"]*"|\S+)/g).join('|'));
print(
  '2024-03-01'.replace(/(\d+)-(\d+)-(\d+)/, '$3.$2.$1'),
  'aBc'.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
);
print('a1b22c333'.split(/\d+/).join(), 'a1b22'.split(/(\d+)/).join());
print(/(?<=\$)\d+(?!\d|\.)/.exec('cost: $42')[0], /(?<!\$)\b\d+/.exec('$42 17')[0]);
print('ǅ ß 🦀 é'.match(/\p{L}/gu).join(), '🦀'.match(/./u)[0].length, '🦀'.match(/./)[0].length, /^.$/s.test('\n'));
print(/(a+)+b/.test('aaaaaaaaaaaaaaaa'), /^(?:(\w+)\s\1)$/i.test('Hello hello'));
const sticky = /foo/y;
sticky.lastIndex = 3;
print(sticky.test('barfoo'), sticky.lastIndex, sticky.test('barfoo'));
print(
  'x'.padEnd(3, 'ab'),
  'abc'.at(-1),
  'İ'.toLowerCase().length,
  'ﬃ'.toUpperCase(),
  'e\u0301'.normalize('NFC').length,
);
const words = {};
for (const word of 'the cat and the dog and the bird'.match(/\w+/g)) words[word] = (words[word] ?? 0) + 1;
print(JSON.stringify(words));
try {
  new RegExp('('.repeat(2));
} catch (error) {
  print(error.name);
}
