// JSON, numbers as text, sorting, typed arrays, dates of a fixed zone.
const tree = (depth) =>
  depth === 0 ? [depth] : { depth, left: tree(depth - 1), right: tree(depth - 1), text: 'ü"\\\n' };
const text = JSON.stringify(tree(6));
print(text.length, text.slice(0, 120));
print(JSON.stringify(JSON.parse(text)) === text);
print(JSON.stringify({ a: [1, undefined, () => 1], b: undefined, c: NaN, d: new Date(0), e: -0, f: 1e21 }, null, 2));
print(
  JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}]}', (key, value) => (typeof value === 'number' ? value * 2 : value))),
);
for (const bad of ['{', '[1,]', '{"a":1}}', '"\u0001"', '01']) {
  try {
    print(JSON.parse(bad));
  } catch (error) {
    print(error.name);
  }
}
const numbers = [
  0.1 + 0.2,
  1 / 3,
  5e-324,
  1.7976931348623157e308,
  123456789012345680000,
  2 ** 53,
  -1e-7,
  100,
  1e300 * 1e10,
];
print(numbers.map(String).join(' '), numbers.map((n) => n.toFixed(2)).join(' ').length);
print(
  (255).toString(16),
  (0.5).toString(2),
  (1234.5678).toExponential(3),
  (0.000001234).toPrecision(2),
  parseFloat('3.14abc'),
);
let state = 1;
const values = Array.from({ length: 3000 }, () => (state = (state * 48271) % 2147483647));
values.sort((a, b) => a - b);
print(
  values[0],
  values[1500],
  values[2999],
  values.every((v, i) => i === 0 || values[i - 1] <= v),
);
const floats = new Float32Array([1.1, -2.5, 1e10]);
print(Array.from(floats).join(' '), new Uint8Array(floats.buffer).join(','), new DataView(floats.buffer).getInt16(2));
print(new Date(Date.UTC(2024, 1, 29, 12, 30)).toISOString(), new Date('2020-01-01T00:00:00Z').getTime());
print(2n ** 200n, -7n / 2n, BigInt.asIntN(64, 2n ** 63n), 0xffffffffffffffffn * 3n);
print(
  Math.hypot(3, 4),
  Math.cbrt(27),
  Math.clz32(1),
  Math.imul(0xffffffff, 5),
  Math.fround(5.5),
  Math.sign(-3),
  Math.trunc(-4.7),
);
