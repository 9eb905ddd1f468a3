// Functions of the host: arguments and results of each kind, errors both ways, calls back into JavaScript.
print(upper('größe 🦀'), add(0.1, 0.2), add(NaN, 1), add(Infinity, 1), negate(true), negate(negate(true)));
print(typeof lookup('missing'), lookup('city'), lookup('nul'), lookup('list'));
print([1, 2, 3].map((x) => add(x, 0.5)).join());
try {
  fail('it is broken');
} catch (error) {
  print(error instanceof Error, error.message);
}
print(each((n) => n * n, 5));
try {
  each((n) => {
    if (n === 3) throw new RangeError(`at ${n}`);
  }, 5);
} catch (error) {
  print(error.message);
}
// The host calls the script, which calls the host, and so on.
print(each((n) => each((m) => add(n, m), n), 4));
let total = 0;
for (let i = 0; i < 2000; i++) total = add(total, i);
print(total);
