// AssemblyScript: strings, arrays, maps, classes, generics, 64-bit integers, floats, by way of its own shim for WASI.
// Counts the words of standard input.

abstract class Shape {
  abstract area(): f64;
}

class Circle extends Shape {
  constructor(private radius: f64) {
    super();
  }

  area(): f64 {
    return Math.PI * this.radius * this.radius;
  }
}

class Rectangle extends Shape {
  constructor(
    private width: f64,
    private height: f64,
  ) {
    super();
  }

  area(): f64 {
    return this.width * this.height;
  }
}

class Count {
  constructor(
    public word: string,
    public times: i32,
  ) {}
}

function readInput(): string {
  const buffer = new ArrayBuffer(512);
  let text = '';
  let length: i32;
  while ((length = process.stdin.read(buffer)) > 0) text += String.UTF8.decode(buffer.slice(0, length));
  return text;
}

function countWords(): void {
  const counts = new Map<string, i32>();
  const words = readInput().toLowerCase().replaceAll('\n', ' ').split(' ');
  for (let i = 0; i < words.length; i++) {
    const word = words[i].replaceAll('.', '').replaceAll(',', '');
    if (word.length > 0) counts.set(word, (counts.has(word) ? counts.get(word) : 0) + 1);
  }
  const ranked = counts.keys().map<Count>((word, _i, _all) => new Count(word, 0));
  for (let i = 0; i < ranked.length; i++) ranked[i].times = counts.get(ranked[i].word);
  ranked.sort((a, b) => (a.times != b.times ? b.times - a.times : a.word < b.word ? -1 : 1));
  console.log(ranked.length.toString() + ' words');
  for (let i = 0; i < 5; i++) console.log(ranked[i].word.padEnd(8) + ranked[i].times.toString().padStart(4));
}

function fibonacci<T>(n: i32): T {
  let a: T = 0;
  let b: T = 1;
  for (let i = 0; i < n; i++) {
    const next = a + b;
    a = b;
    b = next;
  }
  return a;
}

function numbers(): void {
  console.log([0.1 + 0.2, 1e21, -0.0, Math.sqrt(2), f64.MAX_VALUE, f64.EPSILON].join(' '));
  console.log([fibonacci<f64>(100).toString(), fibonacci<u64>(93).toString(), fibonacci<i32>(47).toString()].join(' '));
  console.log((Math.sin(1) + Math.exp(1) + Math.pow(2, 0.5)).toString() + ' ' + NativeMathf.log(<f32>2).toString());
  const values = new Array<u32>();
  let state: u32 = 12345;
  for (let i = 0; i < 20000; i++) {
    state = state * 1664525 + 1013904223;
    values.push(state >> 12);
  }
  values.sort();
  console.log(values[0].toString() + ' ' + values[10000].toString() + ' ' + new Set<i32>().add(3).size.toString());
}

// Makes garbage, so that the collector runs.
function garbage(): void {
  let kept: string[] = [];
  for (let i = 0; i < 5000; i++) {
    kept.push('item ' + i.toString());
    if (kept.length == 100) kept = kept.slice(90);
  }
  console.log(kept.length.toString() + ' ' + kept[kept.length - 1] + ' ' + 'größe 🦀'.toUpperCase());
}

console.log(process.argv.slice(1).join(','));
console.log(process.env.get('NAME'));
countWords();
numbers();
garbage();
const shapes: Shape[] = [new Circle(1.5), new Rectangle(2, 3)];
console.log(shapes.reduce((sum, shape) => sum + shape.area(), 0.0).toString());
console.log((Date.now() > 1_600_000_000_000).toString() + ' ' + (process.hrtime() > 0).toString());
console.error('done');
process.exit(3);
