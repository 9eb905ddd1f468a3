// Scripts: each command, its values to the bit, and the errors of a script itself.
import { describe, expect, test } from 'vitest';
import { WasmError } from '../../frontend/errors.ts';
import { type ScriptCommand, parseScript } from '../../frontend/script.ts';

const only = (text: string): ScriptCommand => {
  const commands = parseScript(text);
  expect(commands).toHaveLength(1);
  return commands[0];
};

describe('modules', () => {
  test('in text, binary and quoted, with their names', () => {
    const commands = parseScript(`
      (module $a (func))
      (module $b binary "\\00asm" "\\01\\00\\00\\00")
      (module quote "(func" ")")
      (module definition $d (func))
      (module definition binary "\\00asm\\01\\00\\00\\00")
      (module instance $i $d)`);
    const modules = commands.map((command) => ('module' in command ? command.module : undefined));
    expect(commands.map(({ kind, line }) => [kind, line])).toEqual([
      ['module', 2],
      ['module', 3],
      ['module', 4],
      ['definition', 5],
      ['definition', 6],
      ['instance', 7],
    ]);
    expect(modules.map((module) => module && [module.form, module.name])).toEqual([
      ['text', 'a'],
      ['binary', 'b'],
      ['quote', undefined],
      ['text', 'd'],
      ['binary', undefined],
      undefined,
    ]);
    for (const module of modules) if (module) expect(WebAssembly.validate(module.load().bytes)).toBe(true);
    expect(commands[5]).toEqual({ kind: 'instance', line: 7, name: 'i', definition: 'd' });
  });

  test('fields alone are one module', () => {
    const command = only('(func)\n(memory 0)');
    expect(command.kind).toBe('module');
    if (command.kind === 'module') expect(WebAssembly.validate(command.module.load().bytes)).toBe(true);
  });

  test('a malformed one fails when it is loaded, not before', () => {
    const [first, second, third] = parseScript(
      '(assert_malformed (module quote "(func") "unexpected token")\n' +
        '(module (func\n foo))' +
        '(assert_malformed (module quote "\\ff") "malformed UTF-8 encoding")',
    );
    for (const command of [first, second, third]) {
      if (!('module' in command)) throw new Error(command.kind);
      expect(() => command.module.load()).toThrow(WasmError);
    }
    if (second.kind === 'module') expect(() => second.module.load()).toThrow('unknown operator foo (at 3:2)');
  });
});

describe('commands', () => {
  test.each<[string, ScriptCommand]>([
    ['(register "M" $m)', { kind: 'register', line: 1, as: 'M', instance: 'm' }],
    ['(register "M")', { kind: 'register', line: 1, as: 'M', instance: undefined }],
    [
      '(invoke $m "f" (i32.const -1) (i64.const -2) (f32.const -0) (f64.const 0x1p0) (ref.null extern) (ref.extern 7) (ref.null func))',
      {
        kind: 'action',
        line: 1,
        action: {
          kind: 'invoke',
          instance: 'm',
          name: 'f',
          arguments: [
            { type: 'i32', value: 0xffffffff },
            { type: 'i64', value: 0xfffffffffffffffen },
            { type: 'f32', bits: 0x80000000 },
            { type: 'f64', bits: 0x3ff0000000000000n },
            { type: 'externref', value: null },
            { type: 'externref', value: 7 },
            { type: 'funcref', value: null },
          ],
        },
      },
    ],
    ['(get "\\u{e9}")', { kind: 'action', line: 1, action: { kind: 'get', instance: undefined, name: 'é' } }],
    [
      '(assert_return (invoke "f") (f32.const nan:canonical) (f64.const nan:arithmetic) (f32.const nan:0x1) (ref.func) (ref.extern) (ref.null) (either (i32.const 1) (i32.const 2)))',
      {
        kind: 'assert_return',
        line: 1,
        action: { kind: 'invoke', instance: undefined, name: 'f', arguments: [] },
        expected: [
          { type: 'f32', nan: 'canonical' },
          { type: 'f64', nan: 'arithmetic' },
          { type: 'f32', bits: 0x7f800001 },
          { type: 'funcref', value: 'any' },
          { type: 'externref', value: 'any' },
          { type: 'null' },
          {
            type: 'either',
            patterns: [
              { type: 'i32', value: 1 },
              { type: 'i32', value: 2 },
            ],
          },
        ],
      },
    ],
    [
      '(assert_trap (get $m "g") "unreachable")',
      { kind: 'assert_trap', line: 1, action: { kind: 'get', instance: 'm', name: 'g' }, text: 'unreachable' },
    ],
    [
      '\n(assert_exhaustion (invoke "f") "call stack exhausted")',
      {
        kind: 'assert_exhaustion',
        line: 2,
        action: { kind: 'invoke', instance: undefined, name: 'f', arguments: [] },
        text: 'call stack exhausted',
      },
    ],
    [
      '(assert_exception (invoke "f"))',
      { kind: 'assert_exception', line: 1, action: { kind: 'invoke', instance: undefined, name: 'f', arguments: [] } },
    ],
  ])('%s', (text, command) => expect(only(text)).toEqual(command));

  test.each(['assert_invalid', 'assert_malformed', 'assert_unlinkable'])('%s', (kind) => {
    expect(only(`(${kind} (module (func)) "why")`)).toMatchObject({ kind, text: 'why', module: { form: 'text' } });
  });

  test('assert_trap on a module', () => {
    const command = only('(assert_trap (module (func)) "unreachable")');
    expect(command).toMatchObject({ kind: 'assert_uninstantiable', text: 'unreachable' });
  });
});

describe('errors of the script', () => {
  test.each([
    ['(module)\n(modul)', 'unknown operator modul', 2, 2],
    ['(assert_return (invoke f))', 'unknown operator f', 1, 24],
    ['(invoke "f" (i32.const))', 'unexpected token )', 1, 23],
    ['(invoke "f" (i32.const 1 2))', 'unexpected token 2', 1, 26],
    ['(invoke "f" (i32.const 4294967296))', 'constant out of range', 1, 24],
    ['(invoke "f" (f32.const nan:canonical))', 'unexpected token nan:canonical', 1, 24],
    ['(get "f" "g")', 'unexpected token "g"', 1, 10],
    ['(assert_trap (module) "a" "b")', 'unexpected token "b"', 1, 27],
    ['(module', 'unexpected token: end of text, with the parenthesis at 1:1 not closed', 1, 8],
    ['(module)) (module)', 'unexpected token )', 1, 9],
  ])('%j', (text, message, line, column) => {
    let error: unknown;
    try {
      parseScript(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(WasmError);
    expect(error).toMatchObject({ text: message, line, column });
  });

  test('a value of SIMD names the proposal', () => {
    expect(() => parseScript('(assert_return (invoke "f") (v128.const i32x4 0 0 0 0))')).toThrow('SIMD');
  });
});
