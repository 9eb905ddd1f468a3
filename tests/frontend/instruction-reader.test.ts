import { describe, expect, test } from 'vitest';
import { WasmError } from '../../frontend/errors.ts';
import { blockType, type Instruction, readInstruction } from '../../frontend/instruction-reader.ts';
import { decodeModule } from '../../frontend/decode.ts';
import { Reader } from '../../frontend/reader.ts';
import { type Immediates, type Operation, OPERATIONS } from '../../ir/instructions.ts';
import { binary, functionType, section, signed, unsigned, vector } from './binary.ts';

type Fields = Partial<Omit<Instruction, 'op' | 'offset'>>;

/** One encoding for each kind of immediates, with what must come out. */
const SAMPLES: Readonly<Record<Immediates, readonly [number[], Fields]>> = {
  none: [[], {}],
  block: [[0x7e], { block: -2 }],
  label: [unsigned(300), { index: 300 }],
  labels: [[3, 1, ...unsigned(200), 0, 7], { labels: [1, 200, 0], index2: 7 }],
  function: [unsigned(70_000), { index: 70_000 }],
  call_indirect: [[5, 1], { index: 5, index2: 1 }],
  types: [[2, 0x7d, 0x70], { types: ['f32', 'funcref'] }],
  local: [unsigned(49_999), { index: 49_999 }],
  global: [[4], { index: 4 }],
  table: [[3], { index: 3 }],
  table_table: [[1, 2], { index: 1, index2: 2 }],
  table_elem: [[6, 2], { index: 6, index2: 2 }],
  elem: [[8], { index: 8 }],
  data: [[9], { index: 9 }],
  memarg: [[3, ...unsigned(0xffffffff)], { align: 3, displacement: 0xffffffff }],
  memory: [[0], {}],
  memory_memory: [[0, 0], {}],
  data_memory: [[7, 0], { index: 7 }],
  i32: [signed(-(2 ** 31)), { value: -(2 ** 31) }],
  i64: [signed(-(2n ** 63n)), { value: -(2n ** 63n) }],
  f32: [[0x01, 0x00, 0xa0, 0xff], { value: 0xffa00001 }],
  f64: [[1, 0, 0, 0, 0, 0, 0xf4, 0xff], { value: 0xfff4000000000001n }],
  reftype: [[0x6f], { types: ['externref'] }],
};

const NEUTRAL: Required<Fields> = {
  index: 0,
  index2: 0,
  labels: [],
  align: 0,
  displacement: 0,
  value: 0,
  block: -0x40,
  types: [],
};

const codeOf = ({ code }: Operation): number[] => (code > 0xff ? [code >> 8, ...unsigned(code & 0xff)] : [code]);

const read = (bytes: readonly number[]): Instruction => readInstruction(new Reader(Uint8Array.from(bytes)));

function errorOf(bytes: readonly number[]): WasmError {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe.each(OPERATIONS.map((op) => [op.mnemonic, op] as const))('%s', (_, op) => {
  const [immediates, fields] = SAMPLES[op.immediates];
  const bytes = [...codeOf(op), ...immediates];

  test('is read with its immediates, and nothing more', () => {
    const reader = new Reader(Uint8Array.from([0x01, ...bytes, 0x01]), 1);
    expect(readInstruction(reader)).toEqual({ op, offset: 1, ...NEUTRAL, ...fields });
    expect(reader.position).toBe(1 + bytes.length);
  });

  test('is malformed wherever it is cut', () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = errorOf(bytes.slice(0, length));
      expect(error.kind).toBe('malformed');
      expect(error.text).toMatch(/^(unexpected end|length out of bounds)/);
    }
  });
});

describe('what Wasm 2.0 does not have', () => {
  test.each([
    [[0xfd, 0x0c], 'the SIMD proposal (v128)'],
    [[0xfd, 0x80, 0x02], 'the relaxed SIMD proposal'],
    [[0xfe, 0x00], 'the threads proposal'],
    [[0x06, 0x40], 'the exception handling proposal'],
    [[0x08, 0x00], 'the exception handling proposal'],
    [[0x1f, 0x40], 'the exception handling proposal'],
    [[0x14, 0x00], 'the function references proposal'],
    [[0xd4], 'the function references proposal'],
    [[0xd0, 0x00], 'the function references proposal'],
    [[0xfb, 0x00], 'the garbage collection proposal'],
    [[0xd3], 'the garbage collection proposal'],
    [[0xd0, 0x6e], 'the garbage collection proposal'],
    [[0xe0], 'the stack switching proposal'],
    [[0x28, 0x42, 0x00, 0x00], 'the multi-memory proposal'],
    [[0xfc, 0x13], 'the wide arithmetic proposal'],
    [[0xfc, 0x12], 'the memory control proposal'],
    [[0x02, 0x7b], 'the SIMD proposal (v128)'],
    [[0x1c, 0x01, 0x7b], 'the SIMD proposal (v128)'],
  ])('%j is refused by name: %s', (bytes, proposal) => {
    const error = errorOf(bytes);
    expect(error.kind).toBe('unsupported');
    expect(error.text).toContain(proposal);
    expect(error.text).toMatch(/is not supported$/);
    expect(error.offset).toBeTypeOf('number');
  });

  test.each([
    [[0xff], 'illegal opcode ff'],
    [[0x27], 'illegal opcode 27'],
    [[0xfc, 0x40], 'illegal opcode fc 40'],
    [[0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f], 'illegal opcode fc ffffffff'],
    [[0x02, 0xff, 0x7f], 'malformed block type'],
    [[0x02, 0x41], 'malformed value type'],
    [[0xd0, 0x7f], 'malformed reference type'],
    [[0x40, 0x01], 'zero byte expected'],
    [[0x3f, 0x80, 0x00], 'zero byte expected'],
    [[0xfc, 0x0a, 0x00, 0x01], 'zero byte expected'],
    [[0x28, 0x80, 0x01, 0x00], 'malformed memop flags'],
  ])('%j is malformed: %s', (bytes, text) => {
    const error = errorOf(bytes);
    expect(error.kind).toBe('malformed');
    expect(error.text.startsWith(text)).toBe(true);
  });
});

test('a block type stands for a function type', () => {
  const module = decodeModule(binary(section(1, vector([functionType(['i64'], ['f32', 'f64'])]))));
  expect(blockType(module, 0)).toBe(module.types[0]);
  expect(blockType(module, -0x40)).toEqual({ parameters: [], results: [] });
  expect(blockType(module, -1)).toEqual({ parameters: [], results: ['i32'] });
  expect(blockType(module, -0x10)).toEqual({ parameters: [], results: ['funcref'] });
  expect(blockType(module, -0x11)).toEqual({ parameters: [], results: ['externref'] });
  expect(() => blockType(module, 1)).toThrow('unknown type 1');
});
