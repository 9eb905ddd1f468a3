import { describe, expect, test } from 'vitest';
import { decodeModule } from '../../frontend/decode.ts';
import { WasmError } from '../../frontend/errors.ts';
import { readInstruction } from '../../frontend/instruction-reader.ts';
import { type Expression, type Module } from '../../frontend/module.ts';
import { Reader } from '../../frontend/reader.ts';
import { binary, body, type Bytes, custom, everything, functionType, HEADER, name, section, vector } from './binary.ts';

function errorOf(bytes: Uint8Array): WasmError {
  try {
    decodeModule(bytes);
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
  throw new Error('no error');
}

const mnemonics = (module: Module, { start, end }: Expression): string[] => {
  const reader = new Reader(module.bytes, start, end);
  const list: string[] = [];
  while (reader.position < end) list.push(readInstruction(reader).op.mnemonic);
  return list;
};

describe('a module with an entry of every kind', () => {
  const bytes = everything();
  const module = decodeModule(bytes);

  test('is one for V8 too', () => {
    expect(WebAssembly.validate(bytes)).toBe(true);
  });

  test('has imports in front of its own definitions', () => {
    expect(module.types).toEqual([
      { parameters: ['i32'], results: [] },
      { parameters: [], results: ['i32', 'i32'] },
      { parameters: [], results: [] },
    ]);
    expect(module.imports.map(({ module, name, description }) => [module, name, description])).toEqual([
      ['env', 'log', { kind: 'func', type: 0 }],
      ['env', 'limit', { kind: 'global', global: { type: 'i32', mutable: false } }],
    ]);
    expect(module.functions).toEqual([0, 0, 2, 2]);
    expect(module.globals.map(({ type, mutable }) => [type, mutable])).toEqual([
      ['i32', false],
      ['i32', true],
      ['funcref', false],
      ['externref', false],
    ]);
    expect(module.globals[0].initial).toBeUndefined();
    expect(mnemonics(module, module.globals[1].initial ?? { start: 0, end: 0 })).toEqual(['global.get', 'end']);
  });

  test('has tables and memories with limits and offsets', () => {
    expect(module.tables).toMatchObject([{ element: 'funcref', minimum: 2, maximum: 10 }, { element: 'externref' }]);
    expect(module.memories).toMatchObject([{ minimum: 1, maximum: 4 }]);
    expect(module.tables[1].maximum).toBeUndefined();
    for (const { offset = 0 } of [...module.tables, ...module.memories]) expect(bytes[offset]).toBeLessThan(2);
  });

  test('has exports, start and segments', () => {
    expect(module.exports.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ['run', 'func', 1],
      ['memory', 'memory', 0],
      ['größe', 'global', 1],
    ]);
    expect(module.start).toBe(2);
    expect(module.dataCount).toBe(2);
    expect(module.elements).toMatchObject([
      { type: 'funcref', mode: { kind: 'active', index: 0 }, items: { functions: [1, 2] } },
      { type: 'funcref', mode: { kind: 'passive' }, items: { functions: [1] } },
      { type: 'externref', mode: { kind: 'passive' } },
      { type: 'funcref', mode: { kind: 'declarative' } },
    ]);
    const { items } = module.elements[3];
    if (!('expressions' in items)) throw new Error('expressions expected');
    expect(items.expressions.map((item) => mnemonics(module, item))).toEqual([['ref.func', 'end']]);
    const text = (start: number, end: number): string => new TextDecoder().decode(bytes.subarray(start, end));
    expect(module.data.map(({ mode, start, end }) => [mode.kind, text(start, end)])).toEqual([
      ['active', 'data'],
      ['passive', 'passive'],
    ]);
  });

  test('has bodies with locals, custom sections and names', () => {
    expect(module.code[0].locals).toEqual([
      { count: 2, type: 'f64' },
      { count: 1, type: 'i64' },
    ]);
    expect(mnemonics(module, module.code[2].body)).toEqual(['return_call', 'end']);
    expect(module.customs.map(({ name, start, end }) => [name, end - start])).toEqual([
      ['before', 3],
      ['name', 17],
    ]);
    expect(module.names.module).toBe('all');
    expect([...module.names.functions]).toEqual([
      [0, 'log'],
      [1, 'r'],
    ]);
    expect(module.sections.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]);
  });

  test('is malformed wherever it is cut', () => {
    const whole = new Set<number>([HEADER.length]);
    for (let at = HEADER.length; at < bytes.length;) {
      const reader = new Reader(bytes, at + 1);
      at = reader.readU32() + reader.position;
      whole.add(at);
    }
    for (let length = 0; length < bytes.length; length++) {
      if (whole.has(length)) continue;
      const error = errorOf(bytes.subarray(0, length));
      expect(error.kind).toBe('malformed');
      expect(error.offset).toBeLessThanOrEqual(length);
    }
  });
});

const code = (...bodies: readonly Bytes[]): number[] => section(10, vector(bodies));
const types = section(1, vector([functionType([], [])]));

describe('malformed modules', () => {
  test.each([
    ['nothing', new Uint8Array(), 'unexpected end', 0],
    ['another magic', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0), 'magic header not detected', 0],
    ['half a version', Uint8Array.from(HEADER.slice(0, 6)), 'unexpected end', 6],
    ['version 2', Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), 'unknown binary version', 4],
    [
      'a component',
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0),
      'unknown binary version (the component model',
      4,
    ],
    ['section 14', binary([14, 1, 0]), 'malformed section id', 8],
    ['a section longer than the file', binary([1, 5, 0]), 'length out of bounds', 9],
    ['a section that holds more', binary(section(1, [0, 0])), 'section size mismatch', 11],
    ['a section that holds less', binary([1, 1, 1], [0x60, 0, 0]), 'section size mismatch', 11],
    ['two type sections', binary(types, types), 'unexpected content after last section', 14],
    ['sections out of order', binary(section(3, [0]), types), 'unexpected content after last section', 11],
    ['data count behind the code', binary(code(), section(12, [0])), 'unexpected content after last section', 11],
    ['a form that is no function', binary(section(1, [1, 0x40])), 'malformed function type', 11],
    ['an unknown value type', binary(section(1, [1, 0x60, 1, 0x20, 0])), 'malformed value type', 13],
    ['an import of kind 5', binary(section(2, [1, 0, 0, 5, 0])), 'malformed import kind', 13],
    ['a tag', binary(section(2, [1, 0, 0, 4, 0, 0])), 'malformed import kind (tag: the exception handling', 13],
    ['an export of kind 9', binary(section(7, [1, 0, 9, 0])), 'malformed export kind', 12],
    ['a table of numbers', binary(section(4, [1, 0x7f, 0, 0])), 'malformed reference type', 11],
    ['limits of kind 2', binary(section(5, [1, 2, 0])), 'integer too large', 11],
    ['a mutability of 2', binary(section(6, [1, 0x7f, 2, 0x0b])), 'malformed mutability', 12],
    ['an expression without end', binary(section(6, [1, 0x7f, 0, 0x41, 0])), 'unexpected end', 15],
    ['element segment of kind 8', binary(section(9, [1, 8])), 'malformed elements segment kind', 11],
    ['element kind 1', binary(section(9, [1, 1, 1, 0])), 'malformed element kind', 12],
    ['data segment of kind 3', binary(section(11, [1, 3])), 'malformed data segment kind', 11],
    ['code without functions', binary(code(body([], [0x0b]))), 'function and code section have inconsistent', 14],
    ['functions without code', binary(types, section(3, [1, 0])), 'function and code section have inconsistent', 18],
    ['a wrong data count', binary(section(12, [1])), 'data count and data section have inconsistent lengths', 11],
    ['a name that is not UTF-8', binary(section(7, [1, 1, 0xff, 0, 0])), 'malformed UTF-8 encoding', 12],
    ['a custom section without a name', binary([0, 0]), 'unexpected end', 10],
  ])('%s', (_, bytes, text, offset) => {
    const error = errorOf(bytes);
    expect(error.kind).toBe('malformed');
    expect(error.text.slice(0, text.length)).toBe(text);
    expect(error.offset).toBe(offset);
    expect(error.message).toBe(`${error.text} (at offset 0x${offset.toString(16)})`);
    if (!error.text.includes('proposal')) expect(WebAssembly.validate(bytes)).toBe(false);
  });

  test('name the function whose entry is broken', () => {
    const runs = [4, 1, 0xff, 0x7f, 0x0b];
    const error = errorOf(binary(types, section(3, [2, 0, 0]), section(10, [2, 2, 0, 0x0b, ...runs])));
    expect(error).toMatchObject({ kind: 'malformed', functionIndex: 1 });
  });
});

describe('proposals that are refused by name', () => {
  test.each([
    ['v128', section(1, [1, 0x60, 1, 0x7b, 0]), 'the SIMD proposal (v128)'],
    ['shared memory', section(5, [1, 3, 1, 1]), 'the threads proposal'],
    ['64-bit memory', section(5, [1, 4, 1]), 'the memory64 proposal'],
    ['page sizes', section(5, [1, 8, 1, 0]), 'the custom page sizes proposal'],
    ['tags', section(13, [0]), 'the exception handling proposal'],
    ['exnref', section(1, [1, 0x60, 1, 0x69, 0]), 'the exception handling proposal'],
    ['typed references', section(1, [1, 0x60, 1, 0x64, 0, 0]), 'the function references proposal'],
    ['tables with a value', section(4, [1, 0x40, 0, 0x70, 0, 0, 0x0b]), 'the function references proposal'],
    ['structures', section(1, [1, 0x5f, 0]), 'the garbage collection proposal'],
    ['recursive types', section(1, [1, 0x4e, 0]), 'the garbage collection proposal'],
    ['anyref', section(4, [1, 0x6e, 0, 0]), 'the garbage collection proposal'],
    ['continuations', section(1, [1, 0x5d, 0]), 'the stack switching proposal'],
  ])('%s', (_, bytes, proposal) => {
    const error = errorOf(binary(bytes));
    expect(error.kind).toBe('unsupported');
    expect(error.text).toMatch(/ is not supported$/);
    expect(error.text).toContain(proposal);
    expect(error.offset).toBeGreaterThanOrEqual(HEADER.length);
  });
});

describe('custom sections', () => {
  test('are kept wherever they stand', () => {
    const module = decodeModule(binary(custom('a', [1]), types, custom('', []), custom('a', [2, 3]), section(3, [0])));
    expect(module.customs.map(({ name, start, end }) => [name, ...module.bytes.subarray(start, end)])).toEqual([
      ['a', 1],
      [''],
      ['a', 2, 3],
    ]);
  });

  const twoFunctions = (...names: readonly Bytes[]): Module => {
    const empty = body([], [0x0b]);
    return decodeModule(
      binary(types, section(3, [2, 0, 0]), code(empty, empty), ...names.map((n) => custom('name', n))),
    );
  };
  const functionNames = (entries: readonly Bytes[]): number[] => section(1, vector(entries));

  test.each([
    [
      'an index that does not exist',
      [
        functionNames([
          [0, ...name('f')],
          [2, ...name('g')],
        ]),
      ],
      [[0, 'f']],
    ],
    [
      'a name that is not UTF-8',
      [
        functionNames([
          [0, 1, 0xff],
          [1, ...name('g')],
        ]),
      ],
      [[1, 'g']],
    ],
    ['a count that lies', [[1, 4, 3, 0, 1, 0x66]], [[0, 'f']]],
    ['a cut subsection', [[1, 50, 1, 0, 1, 0x66]], []],
    ['local names in front', [[2, 1, 0, ...functionNames([[1, ...name('g')]])]], [[1, 'g']]],
    ['two sections', [functionNames([[0, ...name('f')]]), functionNames([[0, ...name('h')]])], [[0, 'h']]],
    ['nothing at all', [[]], []],
  ] as const)('with %s, names are never an error', (_, sections, expected) => {
    expect([...twoFunctions(...(sections as readonly Bytes[])).names.functions]).toEqual(expected);
  });
});
