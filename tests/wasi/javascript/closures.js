// Closures, classes, generators, iterators, destructuring, proxies, symbols, exceptions, tail of the language.
const counters = [];
for (let i = 0; i < 3; i++) counters.push(() => i++);
print(counters[0](), counters[0](), counters[2](), counters[1]());
const compose = (...functions) => functions.reduce((f, g) => (x) => g(f(x)));
const curry =
  (f) =>
  (...args) =>
    args.length >= f.length ? f(...args) : (...rest) => curry(f)(...args, ...rest);
print(
  compose(
    (x) => x + 1,
    (x) => x * 2,
    String,
  )(4),
  curry((a, b, c) => a + b * c)(1)(2)(3),
);
function memoize(f) {
  const known = new Map();
  return (n) => known.get(n) ?? known.set(n, f(n)).get(n);
}
const fib = memoize((n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)));
print(fib(80));

class Shape {
  #name;
  static made = 0;
  constructor(name) {
    this.#name = name;
    Shape.made++;
  }
  get name() {
    return this.#name;
  }
  area() {
    return 0;
  }
  toString() {
    return `${this.name} ${this.area().toFixed(2)}`;
  }
}
class Circle extends Shape {
  constructor(r) {
    super('circle');
    this.r = r;
  }
  area() {
    return Math.PI * this.r ** 2;
  }
}
print(String(new Circle(1.5)), new Circle(1) instanceof Shape, Shape.made, Object.keys(new Circle(2)).join());

function* primes() {
  const found = [];
  for (let n = 2; ; n++) {
    if (found.every((p) => n % p !== 0)) {
      found.push(n);
      yield n;
    }
  }
}
const first = [];
for (const p of primes()) {
  if (p > 100) break;
  first.push(p);
}
print(first.join(' '));
const {
  a,
  b: [c, ...d],
  ...e
} = { a: 1, b: [2, 3, 4], f: 5, g: 6 };
print(a, c, d.join(), JSON.stringify(e));
const seen = [];
const proxy = new Proxy({}, { get: (_, key) => seen.push(key) && key.length, has: () => true });
print(proxy.hello, 'x' in proxy, seen.join());
function sink() {
  try {
    throw new TypeError('inner', { cause: 'cause' });
  } catch (error) {
    return `${error.name} ${error.message} ${error.cause}`;
  } finally {
    print('finally');
  }
}
print(sink());
const depth = (n) => (n === 0 ? 0 : 1 + depth(n - 1));
print(depth(500));
try {
  (function forever() {
    return forever() + 1;
  })();
} catch (error) {
  print(error instanceof Error);
}
label: for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) if (i * j === 2) break label;
print(
  [...'héllo'].reverse().join(''),
  [3, 1, 2].toSorted().join(),
  Object.entries({ x: 1 }).flat().join(),
  typeof Symbol.iterator,
);
const queens = (n, row = 0, columns = [], count = 0) => {
  if (row === n) return count + 1;
  for (let column = 0; column < n; column++)
    if (columns.every((c, r) => c !== column && Math.abs(c - column) !== row - r))
      count = queens(n, row + 1, [...columns, column], count);
  return count;
};
print(queens(6));
