import { describe, expect, test } from 'vitest';
import { decodeModule } from '../../frontend/decode.ts';
import { WasmError } from '../../frontend/errors.ts';
import { type ModuleFacts, validateModule } from '../../frontend/validate.ts';
import { binary, body, type Bytes, everything, functions, functionType, name, section, vector } from './binary.ts';

const validate = (bytes: Uint8Array): ModuleFacts => validateModule(decodeModule(bytes));

function errorOf(bytes: Uint8Array): WasmError {
  try {
    validate(bytes);
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
  throw new Error('no error');
}

const END = 0x0b;
const types = section(
  1,
  vector([functionType([], []), functionType(['i32'], ['i64']), functionType(['i32'], ['i32'])]),
);
const empty = body([], [END]);
const plain = (...sections: readonly Bytes[]): Uint8Array => {
  // One function of type [] -> [] beside the sections given, put in the order of the format.
  const own = [types, section(3, [1, 0]), section(10, vector([empty]))].filter(
    ([id]) => !sections.some((other) => other[0] === id),
  );
  const order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];
  return binary(...[...own, ...sections].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0])));
};

test('a module with an entry of every kind is valid, and gives facts', () => {
  const { referenced, proposals } = validate(everything());
  expect([...referenced].sort()).toEqual([1, 2, 3]);
  expect([...proposals].sort()).toEqual([
    'bulk-memory',
    'multi-value',
    'mutable-globals',
    'reference-types',
    'tail-calls',
  ]);
  expect(validate(plain()).proposals.size).toBe(0);
  expect(validate(plain(section(8, [0]))).referenced).toEqual(new Set([0]));
});

describe('bodies', () => {
  test.each([
    ['too few operands', [0x6a], 'type mismatch: expected i32, found nothing', 0],
    ['another type', [0x42, 1, 0x1a, 0x42, 1, 0x45], 'type mismatch: expected i32, found i64', 5],
    ['the lower operand', [0x43, 0, 0, 0, 0, 0x41, 0, 0x6a], 'type mismatch: expected i32, found f32', 7],
    ['a value too many', [0x41, 0], 'type mismatch: 1 more on the stack', 2],
    [
      'a value of the outer block',
      [0x41, 0, 0x02, 0x40, 0x1a, 0x0b],
      'type mismatch: expected a value, found nothing',
      4,
    ],
    ['an if without else and with a result', [0x41, 0, 0x04, 0x7f, 0x41, 1, 0x0b, 0x1a], 'type mismatch', 6],
    ['a branch without its value', [0x02, 0x7f, 0x0c, 0, 0x0b, 0x1a], 'type mismatch: expected i32, found nothing', 2],
    ['a label too far out', [0x0c, 1], 'unknown label 1', 0],
    ['a table of labels of several arities', [0x02, 0x7f, 0x41, 0, 0x0e, 1, 0, 1, 0x0b, 0x1a], 'type mismatch', 4],
    ['a local that is not there', [0x20, 0], 'unknown local 0', 0],
    ['a global that is not there', [0x23, 0], 'unknown global 0', 0],
    ['a function that is not there', [0x10, 7], 'unknown function 7', 0],
    ['a type that is not there', [0x02, 9, 0x0b], 'unknown type 9', 0],
    ['no table', [0x41, 0, 0x11, 0, 0], 'unknown table 0', 2],
    ['no memory', [0x41, 0, 0x28, 2, 0], 'unknown memory 0', 2],
    ['no memory to grow', [0x41, 0, 0x40, 0], 'unknown memory 0', 2],
    ['no element segment', [0xfc, 13, 4], 'unknown elem segment 4', 0],
    ['a reference that nothing declares', [0xd2, 0, 0x1a], 'undeclared function reference 0', 0],
    ['select of references', [0xd0, 0x70, 0xd0, 0x70, 0x41, 0, 0x1b, 0x1a], 'type mismatch: expected a number', 6],
    ['select of two types', [0x41, 0, 0x42, 0, 0x41, 0, 0x1b, 0x1a], 'type mismatch: expected i32, found i64', 6],
    ['select with two results', [0x1c, 2, 0x7f, 0x7f], 'invalid result arity', 0],
    ['is_null of a number', [0x41, 0, 0xd1, 0x1a], 'type mismatch: expected a reference, found i32', 2],
    ['a tail call with another result', [0x41, 0, 0x12, 1], 'type mismatch: expected [], found [i64]', 2],
  ])('%s', (_, instructions, text, offset) => {
    const twoFunctions = section(3, [2, 0, 1]);
    const prefix = [0x42, 0, END];
    const code = section(10, vector([body([], [...instructions, END]), body([], prefix)]));
    const bytes = plain(twoFunctions, code);
    const error = errorOf(bytes);
    expect(error.kind).toBe('invalid');
    expect(error.text.slice(0, text.length)).toBe(text);
    expect(error.functionIndex).toBe(0);
    expect(error.offset).toBe(decodeModule(bytes).code[0].body.start + offset);
    expect(WebAssembly.validate(bytes)).toBe(false);
  });

  test.each([
    ['unreachable code has any operands', [0x00, 0x6a, 0x1a]],
    ['also below known ones', [0x00, 0x41, 0, 0x6a, 0x1a]],
    ['and in select and is_null', [0x00, 0x1b, 0xd1, 0x1a]],
    [
      'a table of labels leaves unknown operands unknown',
      [0x02, 0x7e, 0x02, 0x7f, 0x00, 0x0e, 1, 0, 1, 0x0b, 0x1a, 0x42, 0, 0x0b, 0x1a],
    ],
    ['a loop takes its parameters again', [0x41, 0, 0x03, 2, 0x0c, 0, 0x0b, 0x1a]],
    ['an if without else passes parameters on', [0x41, 0, 0x41, 1, 0x04, 2, 0x0b, 0x1a]],
    ['a block of blocks', [0x02, 0x40, 0x03, 0x40, 0x0c, 1, 0x0b, 0x0b]],
  ])('%s', (_, instructions) => {
    const bytes = plain(section(10, vector([body([], [...instructions, END])])));
    expect(WebAssembly.validate(bytes)).toBe(true);
    validate(bytes);
  });

  test('unreachable code keeps what it pushed itself', () => {
    const error = errorOf(functions([], [], [0x00, 0x42, 0, 0x45, 0x1a]));
    expect(error.text).toBe('type mismatch: expected i32, found i64');
  });

  test('locals of many runs are found by index', () => {
    const runs = [
      [3, 'i32'],
      [0, 'f32'],
      [2, 'i64'],
      [40_000, 'f64'],
      [1, 'externref'],
    ] as const;
    const wants = [
      [0, 0x7f],
      [1, 0x7f],
      [3, 0x7f],
      [4, 0x7e],
      [5, 0x7e],
      [6, 0x7c],
      [40_005, 0x7c],
      [40_006, 0x6f],
    ] as const;
    const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >> 7)]);
    for (const [index, type] of wants) {
      // One parameter in front; a block with the expected type fails unless the local has just that type.
      const instructions = [0x02, type, 0x20, ...leb(index), 0x0b, 0x1a, END];
      const one = section(1, vector([functionType(['i32'], [])]));
      const bytes = plain(one, section(10, vector([body(runs, instructions)])));
      validate(bytes);
      expect(WebAssembly.validate(bytes)).toBe(true);
    }
    const beyond = plain(section(10, vector([body(runs, [0x20, ...leb(40_006), 0x1a, END])])));
    expect(errorOf(beyond).text).toBe('unknown local 40006');
  });

  test.each([
    ['alignment beyond the width', [0x41, 0, 0x28, 3, 0, 0x1a], 'alignment must not be larger than natural'],
    ['an immense alignment', [0x41, 0, 0x2d, 63, 0, 0x1a], 'alignment must not be larger than natural'],
    ['a segment that is not there', [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 1, 0], 'unknown data segment 1'],
    ['global.set of a constant', [0x41, 0, 0x24, 0], 'immutable global'],
    ['a table of other references', [0x41, 0, 0xd0, 0x6f, 0x26, 0], 'type mismatch: expected funcref, found externref'],
    [
      'copies between tables',
      [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 14, 0, 1],
      'type mismatch: expected funcref, found externref',
    ],
    [
      'initialising from another type',
      [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 12, 0, 1],
      'type mismatch: expected externref, found funcref',
    ],
    ['an indirect call through externref', [0x41, 0, 0x11, 0, 1], 'type mismatch: expected a table of funcref'],
  ])('in a module with tables, memory and globals: %s', (_, instructions, text) => {
    const rest = [
      section(
        4,
        vector([
          [0x70, 0, 1],
          [0x6f, 0, 1],
        ]),
      ),
      section(5, [1, 0, 1]),
      section(6, vector([[0x7f, 0, 0x41, 0, END]])),
      section(9, vector([[1, 0, 0]])),
      section(12, [1]),
      section(11, vector([[1, 0]])),
    ];
    const bytes = plain(...rest, section(10, vector([body([], [...instructions, END])])));
    expect(errorOf(bytes)).toMatchObject({ kind: 'invalid', functionIndex: 0 });
    expect(errorOf(bytes).text.slice(0, text.length)).toBe(text);
    expect(WebAssembly.validate(bytes)).toBe(false);
    validate(plain(...rest));
  });

  test('a body that is no sequence of instructions is malformed, whatever else is wrong', () => {
    const malformed = (text: string, ...bodies: readonly Bytes[]): void => {
      const code = vector(bodies.map((instructions) => body([], instructions)));
      const error = errorOf(plain(section(3, vector(bodies.map(() => [0]))), section(10, code), section(11, [0])));
      expect(error).toMatchObject({ kind: 'malformed', functionIndex: bodies.length - 1 });
      expect(error.text.slice(0, text.length)).toBe(text);
    };
    const invalid = [0x6a, END];
    for (const before of [[], [invalid]]) {
      malformed('END opcode expected', ...before, [0x05, END]);
      malformed('END opcode expected', ...before, [0x41, 0, 0x04, 0x40, 0x05, 0x05, END, END]);
      // What stands behind the body is the data section, whose number is that of `end`.
      malformed('section size mismatch', ...before, [0x02, 0x40, END]);
      malformed('section size mismatch', ...before, [END, END]);
      malformed('unexpected end', ...before, [0x41]);
      malformed('illegal opcode ff', ...before, [0xff, END]);
      malformed('data count section required', ...before, [0xfc, 9, 0, END]);
    }
  });
});

test('a body without its last end is named by what follows it', () => {
  const unfinished = [2, 0, 0x01];
  const last = binary(types, section(3, [1, 0]), section(10, vector([unfinished])));
  expect(errorOf(last)).toMatchObject({ kind: 'malformed', text: 'unexpected end of section or function' });
  const first = binary(types, section(3, [2, 0, 0]), section(10, vector([unfinished, [2, 0, END]])));
  expect(errorOf(first)).toMatchObject({ kind: 'malformed', text: 'END opcode expected', offset: first.length - 3 });
});

describe('what surrounds the bodies', () => {
  const memory = section(5, [1, 0, 1]);
  const table = section(4, [1, 0x70, 0, 1]);
  test.each([
    ['a function of no type', [section(3, [1, 5])], 'unknown type 5', [3, 1]],
    ['an import of no type', [section(2, [1, 0, 0, 0, 9])], 'unknown type 9', [2, 1]],
    ['limits of a table', [section(4, [1, 0x70, 1, 2, 1])], 'size minimum must not be greater than maximum', [4, 2]],
    ['limits of a memory', [section(5, [1, 1, 2, 1])], 'size minimum must not be greater than maximum', [5, 1]],
    ['65537 pages', [section(5, [1, 0, 0x81, 0x80, 4])], 'memory size must be at most 65536 pages (4GiB)', [5, 1]],
    ['two memories', [section(5, [2, 0, 1, 0, 1])], 'multiple memories (the multi-memory proposal', [5, 3]],
    ['an export of nothing', [section(7, [1, 0, 0, 4])], 'unknown function 4', [7, 1]],
    ['an export of no memory', [section(7, [1, 0, 2, 0])], 'unknown memory 0', [7, 1]],
    [
      'two exports of one name',
      [
        section(
          7,
          vector([
            [...name('a'), 0, 0],
            [...name('a'), 0, 0],
          ]),
        ),
      ],
      'duplicate export name "a"',
      [7, 5],
    ],
    ['no function to start', [section(8, [3])], 'unknown function 3', [8, 0]],
    [
      'a start with parameters',
      [section(3, [1, 1]), section(10, vector([body([], [0x42, 0, END])])), section(8, [0])],
      'start function',
      [8, 0],
    ],
    [
      'a global of another type',
      [section(6, [1, 0x7f, 0, 0x42, 0, END])],
      'type mismatch: expected i32, found i64',
      [6, 5],
    ],
    ['a global without value', [section(6, [1, 0x7f, 0, END])], 'type mismatch: expected i32, found nothing', [6, 3]],
    ['a global that calls', [section(6, [1, 0x7f, 0, 0x10, 0, END])], 'constant expression required', [6, 3]],
    ['a global that reads itself', [section(6, [1, 0x7f, 0, 0x23, 0, END])], 'unknown global 0', [6, 3]],
    [
      'a global that reads a variable',
      [section(6, [2, 0x7f, 1, 0x41, 0, END, 0x7f, 0, 0x23, 0, END])],
      'constant expression required',
      [6, 8],
    ],
    ['a global that refers to nothing', [section(6, [1, 0x70, 0, 0xd2, 8, END])], 'unknown function 8', [6, 3]],
    ['elements without a table', [section(9, [1, 0, 0x41, 0, END, 0])], 'unknown table 0', [9, 1]],
    [
      'elements of another type',
      [table, section(9, [1, 6, 0, 0x41, 0, END, 0x6f, 0])],
      'type mismatch: expected funcref, found externref',
      [9, 1],
    ],
    [
      'elements at no address',
      [table, section(9, [1, 0, 0x42, 0, END, 0])],
      'type mismatch: expected i32, found i64',
      [9, 4],
    ],
    ['elements that do not exist', [table, section(9, [1, 0, 0x41, 0, END, 1, 3])], 'unknown function 3', [9, 1]],
    ['data without a memory', [section(11, [1, 0, 0x41, 0, END, 0])], 'unknown memory 0', [11, 1]],
    ['data for another memory', [memory, section(11, [1, 2, 1, 0x41, 0, END, 0])], 'unknown memory 1', [11, 1]],
    [
      'data at two addresses',
      [memory, section(11, [1, 0, 0x41, 0, 0x41, 0, END, 0])],
      'type mismatch: 1 more on the stack',
      [11, 6],
    ],
  ] as const)('%s', (_, sections, text, [id, offset]) => {
    const bytes = plain(...sections);
    const error = errorOf(bytes);
    expect(error.kind).toBe('invalid');
    expect(error.text.slice(0, text.length)).toBe(text);
    expect(error.offset).toBe((decodeModule(bytes).sections.find((one) => one.id === id)?.start ?? -1) + offset);
    if (!error.text.includes('proposal')) expect(WebAssembly.validate(bytes)).toBe(false);
  });

  test('a long export name is cut in the message', () => {
    const long = 'x'.repeat(100_000);
    const error = errorOf(
      plain(
        section(
          7,
          vector([
            [...name(long), 0, 0],
            [...name(long), 0, 0],
          ]),
        ),
      ),
    );
    expect(error.message.length).toBeLessThan(200);
  });

  test('constant expressions calculate and read earlier globals, unless Wasm 2.0 alone is asked for', () => {
    const earlier = plain(section(6, [2, 0x7f, 0, 0x41, 2, END, 0x7f, 0, 0x23, 0, END]));
    const sum = plain(section(6, [1, 0x7f, 0, 0x41, 2, 0x41, 3, 0x6a, 0x41, 4, 0x6c, 0x41, 1, 0x6b, END]));
    const wide = plain(section(6, [1, 0x7e, 0, 0x42, 2, 0x42, 3, 0x7c, 0x42, 4, 0x7e, 0x42, 1, 0x7d, END]));
    expect(validate(sum).proposals).toEqual(new Set(['extended-constant-expressions']));
    for (const bytes of [earlier, sum, wide]) {
      validate(bytes);
      expect(() => validateModule(decodeModule(bytes), { constants: '2.0' })).toThrow(
        bytes === earlier ? 'unknown global 0' : 'constant expression required',
      );
    }
  });

  test('references are declared by globals, elements and exports, not by start', () => {
    const code = section(10, vector([body([], [0xd2, 0, 0x1a, END])]));
    for (const declaring of [
      section(6, [1, 0x70, 0, 0xd2, 0, END]),
      section(7, [1, 0, 0, 0]),
      section(9, vector([[3, 0, 1, 0]])),
    ]) {
      expect(validate(plain(code, declaring)).referenced).toEqual(new Set([0]));
    }
    expect(errorOf(plain(code, section(8, [0]))).text).toBe('undeclared function reference 0');
  });
});
