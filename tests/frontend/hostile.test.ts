import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModule } from '../../frontend/decode.ts';
import { WasmError } from '../../frontend/errors.ts';
import { LIMITS } from '../../frontend/limits.ts';
import { validateModule } from '../../frontend/validate.ts';
import {
  binary,
  body,
  type Bytes,
  everything,
  functions,
  functionType,
  HEADER,
  section,
  unsigned,
  vector,
} from './binary.ts';

const END = 0x0b;

/** What the front end says: undefined for a valid module. Anything but a WasmError fails the test. */
function verdict(bytes: Uint8Array): WasmError | undefined {
  try {
    validateModule(decodeModule(bytes));
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
  return undefined;
}

/** A module of large parts, which are bytes or numbers of equal bytes. */
function large(...parts: readonly (Bytes | Uint8Array | { readonly zeros: number })[]): Uint8Array {
  const length = (part: (typeof parts)[number]): number => ('zeros' in part ? part.zeros : part.length);
  const bytes = new Uint8Array(HEADER.length + parts.reduce((sum, part) => sum + length(part), 0));
  bytes.set(HEADER);
  let at = HEADER.length;
  for (const part of parts) {
    if (!('zeros' in part)) bytes.set(part, at);
    at += length(part);
  }
  return bytes;
}

const repeat = (bytes: Bytes, times: number): Uint8Array => {
  const result = new Uint8Array(bytes.length * times);
  for (let i = 0; i < result.length; i++) result[i] = bytes[i % bytes.length];
  return result;
};

/** A module of one function [] -> [] whose type section may hold more; `code` has its last end. */
function oneFunction(code: Uint8Array, types: readonly Bytes[] = [functionType([], [])]): Uint8Array {
  const size = unsigned(code.length + 1);
  const contents = [1, ...size, 0];
  return large(
    section(1, vector(types)),
    section(3, [1, 0]),
    [10, ...unsigned(contents.length + code.length), ...contents],
    code,
  );
}

describe('limits', () => {
  const crowded = (id: number, most: number): Uint8Array => {
    const count = unsigned(most + 1);
    return large([id, ...unsigned(count.length + most + 1), ...count], { zeros: most + 1 });
  };
  const i32s = (count: number): 'i32'[] => new Array<'i32'>(count).fill('i32');

  test.each([
    ['types', crowded(1, LIMITS.types.most)],
    ['imports', crowded(2, LIMITS.imports.most)],
    ['functions', crowded(3, LIMITS.functions.most)],
    ['tables', crowded(4, LIMITS.tables.most)],
    ['memories', crowded(5, LIMITS.memories.most)],
    ['globals', crowded(6, LIMITS.globals.most)],
    ['exports', crowded(7, LIMITS.exports.most)],
    ['elements', crowded(9, LIMITS.elements.most)],
    ['data', crowded(11, LIMITS.data.most)],
    [
      'items',
      large([9, ...unsigned(LIMITS.items.most + 8), 1, 1, 0, ...unsigned(LIMITS.items.most + 1)], {
        zeros: LIMITS.items.most + 1,
      }),
    ],
    ['moduleBytes', new Uint8Array(LIMITS.moduleBytes.most + 1)],
    ['parameters', binary(section(1, vector([functionType(i32s(1001), [])])))],
    ['results', binary(section(1, vector([functionType([], i32s(1001))])))],
    [
      'locals',
      binary(
        section(1, vector([functionType(['i32'], [])])),
        section(3, [1, 0]),
        section(10, vector([body([[LIMITS.locals.most, 'i32']], [END])])),
      ),
    ],
    ['bodyBytes', oneFunction(new Uint8Array(LIMITS.bodyBytes.most))],
    ['nesting', oneFunction(repeat([0x02, 0x40], LIMITS.nesting.most + 1))],
    [
      'operands',
      binary(
        section(1, vector([functionType([], []), functionType([], i32s(64))])),
        section(3, [2, 0, 1]),
        section(10, vector([body([], [...repeat([0x10, 1], 15_626), END]), body([], [0x00, END])])),
      ),
    ],
    [
      'passed',
      binary(
        section(1, vector([functionType([], []), functionType([], i32s(1000))])),
        section(3, [2, 0, 1]),
        section(10, vector([body([], [...repeat([0x10, 1], 201), END]), body([], [0x00, END])])),
      ),
    ],
  ] as const)('%s', (key, bytes) => {
    const { most, what } = LIMITS[key];
    const error = verdict(bytes);
    expect(error?.kind).toBe('unsupported');
    expect(error?.text).toMatch(new RegExp(`^too many ${what}: \\d+, at most ${most}$`));
    expect(error?.offset).toBeTypeOf('number');
  });

  test('are reached, not fallen short of', () => {
    const most = [functionType(i32s(1000), i32s(1000)), functionType([], [])];
    expect(verdict(binary(section(1, vector(most))))).toBeUndefined();
    const locals = body([[LIMITS.locals.most - 1, 'i64']], [END]);
    const types = section(1, vector([functionType(['i32'], [])]));
    expect(verdict(binary(types, section(3, [1, 0]), section(10, vector([locals]))))).toBeUndefined();
    const body7MB = new Uint8Array(LIMITS.bodyBytes.most - 1).fill(0x01);
    body7MB[body7MB.length - 1] = END;
    expect(verdict(oneFunction(body7MB))).toBeUndefined();
  });
});

describe('a count that lies', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
  test.each([1, 2, 3, 4, 5, 6, 7, 9, 10, 11])('in section %d takes no memory', (id) => {
    expect(verdict(binary(section(id, huge)))).toMatchObject({ kind: 'malformed', text: 'length out of bounds' });
  });

  test.each([
    ['parameters', section(1, [1, 0x60, ...huge])],
    ['an import name', section(2, [1, ...huge])],
    ['functions of a segment', section(9, [1, 1, 0, ...huge])],
    ['expressions of a segment', section(9, [1, 5, 0x70, ...huge])],
    ['data', section(11, [1, 1, ...huge])],
  ])('of %s', (_, bytes) => {
    expect(verdict(binary(bytes))).toMatchObject({ kind: 'malformed', text: 'length out of bounds' });
  });

  test.each([
    ['labels', [0x41, 0, 0x0e, ...huge]],
    ['types of select', [0x1c, ...huge]],
  ])('of %s', (_, instructions) => {
    expect(verdict(functions([], [], instructions))).toMatchObject({ kind: 'malformed', text: 'length out of bounds' });
  });
});

/** Milliseconds that the verdict takes; a generous bound in the tests tells linear from quadratic. */
function time(bytes: Uint8Array): { readonly error: WasmError | undefined; readonly spent: number } {
  const start = performance.now();
  const error = verdict(bytes);
  return { error, spent: performance.now() - start };
}

describe('bombs cost no more than their bytes', () => {
  test('200,000 functions of 50,000 locals each', () => {
    const count = 200_000;
    const one = body([[LIMITS.locals.most, 'i32']], [0x20, 0, 0x1a, END]);
    const types = unsigned(count);
    const bytes = large(
      section(1, vector([functionType([], [])])),
      [3, ...unsigned(types.length + count), ...types],
      { zeros: count },
      [10, ...unsigned(types.length + count * one.length), ...types],
      repeat(one, count),
    );
    const { error, spent } = time(bytes);
    expect(error).toBeUndefined();
    expect(spent).toBeLessThan(5_000);
  });

  test('3 million runs of locals', () => {
    const runs = 3_000_000;
    const count = unsigned(runs);
    const size = count.length + 2 * runs + 1;
    const bytes = large(
      section(1, vector([functionType([], [])])),
      section(3, [1, 0]),
      [10, ...unsigned(1 + unsigned(size).length + size), 1, ...unsigned(size), ...count],
      repeat([0, 0x7f], runs),
      [END],
    );
    const { error, spent } = time(bytes);
    expect(error).toBeUndefined();
    expect(spent).toBeLessThan(3_000);
  });

  test('a branch table of 3 million labels over 10,000 blocks', () => {
    const depth = 10_000;
    const labels = unsigned(3_000_000);
    const code = Uint8Array.from([...repeat([0x02, 0x40], depth), 0x41, 0, 0x0e, ...labels]);
    const tail = Uint8Array.from([0, ...repeat([END], depth + 1)]);
    const all = new Uint8Array(code.length + 3_000_000 + tail.length);
    all.set(code);
    all.set(tail, code.length + 3_000_000);
    const { error, spent } = time(oneFunction(all));
    expect(error).toBeUndefined();
    expect(spent).toBeLessThan(3_000);
  });

  test.each([
    ['blocks', [0x02, 0x40], [END]],
    ['loops', [0x03, 0x40], [END]],
    ['ifs', [0x41, 0, 0x04, 0x40], [END]],
    ['ifs with else', [0x41, 0, 0x04, 0x40, 0x05], [END]],
  ])('250,000 nested %s', (_, open, close) => {
    const depth = LIMITS.nesting.most;
    const opened = repeat(open, depth);
    const all = new Uint8Array(opened.length + depth + 1).fill(close[0]);
    all.set(opened);
    const { error, spent } = time(oneFunction(all));
    expect(error).toBeUndefined();
    expect(spent).toBeLessThan(3_000);
    // Open for ever, in a body and in a constant expression: no recursion there either.
    expect(verdict(oneFunction(opened))?.kind).toBe('malformed');
    const constant = [...unsigned(opened.length + 3), 1, 0x7f, 0];
    expect(verdict(large([6, ...constant], opened))?.kind).toBe('malformed');
  });

  test('a large module is read at several MB a second', () => {
    const step = [0x20, 0, 0x41, 5, 0x6a, 0x21, 0, 0x20, 0, 0x28, 2, 8, 0x45, 0x0d, 0, 0x02, 0x40, 0x0b];
    const one = body([[1, 'i32']], [...Array.from({ length: 200 }, () => step).flat(), END]);
    const count = 2_000;
    const bytes = large(
      section(1, vector([functionType([], [])])),
      [3, ...unsigned(2 + count), ...unsigned(count)],
      { zeros: count },
      section(5, [1, 0, 1]),
      [10, ...unsigned(2 + one.length * count), ...unsigned(count)],
      repeat(one, count),
    );
    expect(bytes.length).toBeGreaterThan(7_000_000);
    const { error, spent } = time(bytes);
    expect(error).toBeUndefined();
    // About 350 ms on an idle machine; 5 MB/s would be 1,400.
    expect(spent).toBeLessThan(3_000);
  });
});

describe('any bytes', () => {
  const base = everything();

  /** V8 takes more proposals than this compiler, but no module that it takes may be called wrong, nor the reverse. */
  function compareWithV8(bytes: Uint8Array): void {
    const error = verdict(bytes);
    if (error !== undefined) {
      expect(error.offset).toBeGreaterThanOrEqual(0);
      expect(error.offset).toBeLessThanOrEqual(bytes.length);
    }
    // Newer versions of V8 know a second memory, for example, which is 'invalid' or 'malformed' in the words of 2.0.
    if (error?.kind === 'unsupported' || error?.text.includes('proposal is not supported')) return;
    const valid = WebAssembly.validate(Uint8Array.from(bytes));
    // Constant expressions of 3.0 came to V8 later than Node 20.
    if (error === undefined && !valid)
      expect(() => validateModule(decodeModule(bytes), { constants: '2.0' })).toThrow();
    else expect(error === undefined).toBe(valid);
  }

  test('give a module or an error with an offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        compareWithV8(bytes);
        compareWithV8(Uint8Array.from([...HEADER, ...bytes]));
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  test('every beginning of a module is judged as V8 judges it', () => {
    let valid = 0;
    for (let length = 0; length < base.length; length++) {
      const bytes = base.slice(0, length);
      if (verdict(bytes) === undefined) valid++;
      compareWithV8(bytes);
    }
    // It may end behind a section, where no other one is missed.
    expect(valid).toBeGreaterThan(0);
    expect(valid).toBeLessThan(20);
  });

  test('a module with some bytes changed is judged as V8 judges it', () => {
    const at = fc.nat({ max: base.length - HEADER.length - 1 });
    const telling = fc.constantFrom(0, 1, 2, 3, END, 0x40, 0x41, 0x6f, 0x70, 0x7e, 0x7f, 0x80, 0xd0, 0xd2, 0xfc, 0xff);
    const change = fc.tuple(at, fc.oneof(telling, fc.nat({ max: 255 })));
    let valid = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Uint8Array.from(base);
        for (const [offset, byte] of changes) bytes[HEADER.length + offset] = byte;
        if (verdict(bytes) === undefined) valid++;
        compareWithV8(bytes);
      }),
      { seed: 2, numRuns: 20_000 },
    );
    // Else the comparison would say little.
    expect(valid).toBeGreaterThan(1_000);
  });

  test('a module with bytes left out or doubled is judged as V8 judges it', () => {
    const at = fc.nat({ max: base.length - 1 });
    fc.assert(
      fc.property(at, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (start, removed, doubled) => {
        const from = Math.max(HEADER.length, start);
        compareWithV8(
          Uint8Array.from([
            ...base.subarray(0, from),
            ...base.subarray(from, from + doubled),
            ...base.subarray(from + removed),
          ]),
        );
      }),
      { seed: 3, numRuns: 3_000 },
    );
  });
});
