// The text format: what a module means is seen by running it in V8, what is wrong with one by its error and place.
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../ir/instructions.ts';
import { WasmError } from '../../frontend/errors.ts';
import { formatTextError, parseWat } from '../../frontend/wat.ts';

function instance(text: string, imports?: WebAssembly.Imports): Record<string, unknown> {
  return new WebAssembly.Instance(new WebAssembly.Module(parseWat(text).bytes), imports).exports;
}

function call(text: string, ...args: unknown[]): unknown {
  return (instance(text).f as (...args: unknown[]) => unknown)(...args);
}

function failure(text: string): WasmError {
  try {
    parseWat(text);
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
  throw new Error(`no error: ${text}`);
}

describe('modules', () => {
  test.each([
    ['', '0061736d01000000'],
    ['(module)', '0061736d01000000'],
    [' (module (;a (;nested;) comment;) ) ;; line', '0061736d01000000'],
    ['(module (@name "x") (@custom "y" (a) "b"))', '0061736d01000000'],
    ['(type (func (param i32 i64) (result f32)))', '0061736d01000000010701 60 02 7f7e 01 7d'],
    ['(start 0) (func)', '0061736d01000000 010401600000 03020100 080100 0a040102000b'],
    // Runs of locals, and the shortest form of a block type.
    [
      '(func (local i32 i32) (local $x f32) block (result i32) unreachable end drop)',
      '0061736d01000000 010401600000 03020100 0a0d010b02 027f 017d 027f000b1a0b',
    ],
  ])('%s', (text, bytes) => {
    expect(Buffer.from(parseWat(text).bytes).toString('hex')).toBe(bytes.replaceAll(' ', ''));
  });

  test('names go to the name section', () => {
    const { bytes } = parseWat('(module $m (func $a) (func) (func $"b c"))');
    const text = Buffer.from(bytes).toString('latin1');
    expect(text.slice(text.indexOf('\x04name'))).toBe('\x04name\x00\x02\x01m\x01\x09\x02\x00\x01a\x02\x03b c');
  });

  test('the data count section is there when an instruction needs it, and only then', () => {
    const sections = (text: string) => Buffer.from(parseWat(text).bytes).includes(Buffer.from('0c0101', 'hex'));
    expect(sections('(memory 1) (data "x") (func data.drop 0)')).toBe(true);
    expect(sections('(memory 1) (data (i32.const 0) "x") (func)')).toBe(false);
  });

  test('types: inline signatures find an equal type or make one behind the others', () => {
    const text =
      '(func (param i32)) (type $a (func (param i32))) (type $b (func (param i32))) (func (result i64) i64.const 0)';
    const { bytes } = parseWat(text);
    // types: $a, $b, then [] -> [i64]; functions: 0, 2
    expect(Buffer.from(bytes).toString('hex')).toContain(
      '010d0360017f0060017f00600001 7e03030200 02'.replaceAll(' ', ''),
    );
  });

  test('fields in all their forms', () => {
    const log: unknown[] = [];
    const exports = instance(
      `(module
        (import "env" "log" (func $log (param i32)))
        (func $log2 (export "log2") (import "env" "log") (param i32))
        (global $g (export "g") (import "env" "g") (mut i32))
        (memory $m (export "m") (data "a\\tb\\u{e9}" "\\ff"))
        (table $t (export "t") funcref (elem $one $two))
        (table 3 externref)
        (global $h i32 (i32.const -5))
        (elem $e func $two)
        (elem declare func $one)
        (elem (table $t) (offset i32.const 0) funcref (item ref.func $two) (ref.func $one))
        (data (memory $m) (offset (i32.const 0)) "z")
        (data $d "passive")
        (type $r (func (result i32)))
        (func $one (type $r) i32.const 1)
        (func $two (export "two") (export "zwei") (result i32) (i32.const 2))
        (func $main (export "call") (param $i i32) (result i32)
          (call $log (global.get $h))
          (call $log2 (global.get $g))
          (call_indirect $t (type $r) (local.get $i)))
        (export "h" (global $h))
        (start $begin)
        (func $begin (global.set $g (i32.const 77)) (memory.init $d (i32.const 8) (i32.const 0) (i32.const 7)))
      )`,
      { env: { log: (value: unknown) => log.push(value), g: mutableGlobal() } },
    );
    expect((exports.call as (i: number) => number)(0)).toBe(2);
    expect((exports.call as (i: number) => number)(1)).toBe(1);
    expect(log).toEqual([-5, 77, -5, 77]);
    expect(exports.two).toBe(exports.zwei);
    const memory = Buffer.from((exports.m as WebAssembly.Memory).buffer);
    expect(memory.subarray(0, 16).toString('latin1')).toBe('z\tb\xc3\xa9\xff\0\0passive\0');
  });

  test('labels: by name and number, shadowed, and out of scope in the condition of a folded if', () => {
    expect(
      call(
        '(func (export "f") (result i32) (block $a (result i32) (block $a (result i32) (br $a (i32.const 1))) (i32.add (i32.const 1))))',
      ),
    ).toBe(2);
    expect(
      call('(func (export "f") (result i32) block $a (result i32) block $b i32.const 5 br $a end i32.const 6 end $a)'),
    ).toBe(5);
    expect(
      call(
        `(func (export "f") (param i32) (result i32)
          (block $x (result i32)
            (if $x (result i32) (br_if $x (i32.const 9) (local.get 0)) (then (br $x (i32.const 1))) (else (br 0 (i32.const 2))))
            (i32.add (i32.const 10))))`,
        1,
      ),
    ).toBe(9);
    expect(failure('(func (if $l (br_if $l (i32.const 1)) (then)))').text).toBe('unknown label $l');
  });

  test('folded instructions put operands first', () => {
    expect(
      call('(func (export "f") (result i32) (i32.sub (i32.const 10) (i32.mul (i32.const 2) (i32.const 3))))'),
    ).toBe(4);
    expect(
      call(
        '(func (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2))))',
        0,
      ),
    ).toBe(2);
    expect(
      call('(func (export "f") (result f64) (select (result f64) (f64.const 1) (f64.const -0x1p-1) (i32.const 0)))'),
    ).toBe(-0.5);
  });

  test('every instruction without immediates is known by its mnemonic', () => {
    const plain = OPERATIONS.filter(({ immediates }) => immediates === 'none').filter(
      ({ mnemonic }) => !['else', 'end'].includes(mnemonic),
    );
    expect(plain.length).toBeGreaterThan(120);
    for (const { mnemonic, code } of plain) {
      const hex = Buffer.from(parseWat(`(func ${mnemonic})`).bytes).toString('hex');
      const encoded =
        code > 0xff ? `fc${(code & 0xff).toString(16).padStart(2, '0')}` : code.toString(16).padStart(2, '0');
      expect(hex, mnemonic).toMatch(new RegExp(`00${encoded}0b$`));
    }
  });

  test('a name of an object property is a name like any other', () => {
    expect(
      call(
        '(func $constructor (result i32) i32.const 3) (func $__proto__ (export "f") (result i32) (call $constructor))',
      ),
    ).toBe(3);
    expect(failure('(func (toString))').text).toBe('unknown operator toString');
  });
});

function mutableGlobal(): unknown {
  return instance('(global (export "g") (mut i32) (i32.const 0))').g;
}

describe('errors', () => {
  test.each([
    ['(func\n  (i32.addd))', 'unknown operator i32.addd', 2, 4],
    ['(func nop) x', 'unknown operator x', 1, 12],
    ['(func (param i32) (type 0))', 'unexpected token (', 1, 19],
    ['(func local.get $x)', 'unknown local $x', 1, 17],
    ['(func call $x)', 'unknown function $x', 1, 12],
    ['(func $x) (func $x)', 'duplicate function $x', 1, 17],
    ['(func block $a end $b)', 'mismatching label', 1, 20],
    ['(type (func)) (func (type 0) (param i32))', 'inline function type', 1, 21],
    ['(func) (import "" "" (func))', 'import after function', 1, 8],
    ['(memory 1) (func (drop (i32.load align=3 (i32.const 0))))', 'alignment must be a power of two', 1, 34],
    ['(memory 4294967296)', 'i32 constant out of range', 1, 9],
    ['(func i32.const 0x1_0000_0000)', 'constant out of range', 1, 17],
    ['(func (export "\\ff"))', 'malformed UTF-8 encoding', 1, 15],
    ['(data "\\q")', 'illegal escape', 1, 8],
    ['(data "\\u{d800}")', 'illegal escape', 1, 8],
    ['(data "a\nb")', 'unclosed string', 1, 7],
    ['(func) (; (;;)', 'unclosed comment', 1, 8],
    ['(func $é)', 'empty identifier', 1, 7],
    ['(func é)', 'illegal character', 1, 7],
    ['(;𝄞𝄞;) é', 'illegal character', 1, 8],
    ['(func)\r\n(func)\r(func)\n)', 'unexpected token )', 4, 1],
    ['(func (block end))', 'unexpected token end', 1, 14],
    ['(func block (nop end))', 'unexpected token end', 1, 18],
    ['(func (i32.add nop))', 'unexpected token nop', 1, 16],
    ['(func (if (then) (then)))', 'unexpected token (', 1, 18],
    ['(func (if (i32.const 1)))', 'unexpected token )', 1, 24],
    ['(func (else))', 'unexpected token (', 1, 7],
    ['(module) (module)', 'unexpected token (', 1, 10],
    ['(start 0) (start 0) (func)', 'multiple start sections', 1, 11],
    ['(module\n (func', 'unexpected token: end of text, with the parenthesis at 2:2 not closed', 2, 7],
  ])('%j', (text, message, line, column) => {
    const error = failure(text);
    expect([error.kind, error.text, error.line, error.column]).toEqual(['malformed', message, line, column]);
  });

  test.each([
    ['(func (param v128))', 'SIMD'],
    ['(func v128.const i32x4 0 0 0 0)', 'SIMD'],
    ['(func (drop (i8x16.splat (i32.const 0))))', 'SIMD'],
    ['(func i32x4.relaxed_trunc_f32x4_s)', 'relaxed SIMD'],
    ['(memory 1 2 shared)', 'threads'],
    ['(func i32.atomic.load)', 'threads'],
    ['(tag)', 'exception handling'],
    ['(func (throw 0))', 'exception handling'],
    ['(func (param (ref 0)))', 'function references'],
    ['(func call_ref 0)', 'function references'],
    ['(table 1 funcref (ref.func 0))', 'function references'],
    ['(rec)', 'garbage collection'],
    ['(type (struct))', 'garbage collection'],
    ['(func (result anyref))', 'garbage collection'],
    ['(memory i64 1)', 'memory64'],
    ['(func i64.add128)', 'wide arithmetic'],
  ])('%s needs the %s proposal', (text, proposal) => {
    const error = failure(text);
    expect(error.kind).toBe('unsupported');
    expect(error.text).toContain(`the ${proposal} proposal`);
  });

  test('are shown with their line and a caret', () => {
    const text = '(func\n\t(drop (i32.addd)))';
    expect(formatTextError(failure(text), text, 'a.wat')).toBe(
      'a.wat:2:9: unknown operator i32.addd\n   (drop (i32.addd)))\n          ^',
    );
    const long = `${' '.repeat(1000)}(func foo)${' '.repeat(1000)}`;
    const [, line, caret] = formatTextError(failure(long), long, 'a.wat').split('\n');
    expect(line.length).toBeLessThan(110);
    expect(line.slice(caret.indexOf('^')).startsWith('foo)')).toBe(true);
    expect(failure(`(func call $${'x'.repeat(1000)})`).text).toBe(`unknown function $${'x'.repeat(59)}…`);
    const hidden = '(; \u001b[31m ;) foo';
    expect(formatTextError(failure(hidden), hidden, 'a.wat')).not.toContain('\u001b');
  });

  test('of validation find their place by the byte offset', () => {
    const text =
      '(module\n  (func (result i32)\n    (i32.add\n      (i32.const 1)\n      (i64.const 2)))\n  (func $g nop drop))';
    const { bytes, positions } = parseWat(text);
    const hex = Buffer.from(bytes).toString('hex');
    const at = (code: string) => positions.lookup(hex.indexOf(code) / 2);
    expect(at('41014202')).toEqual({ line: 4, column: 8 });
    expect(at('42026a')).toEqual({ line: 5, column: 8 });
    expect(at('6a0b')).toEqual({ line: 3, column: 6 });
    expect(at('1a0b')).toEqual({ line: 6, column: 16 });
    expect(positions.lookup(0)).toBeUndefined();
    const located = positions.locate(new WasmError('invalid', 'type mismatch', { offset: hex.indexOf('6a0b') / 2 }));
    expect([located.line, located.column, located.text]).toEqual([3, 6, 'type mismatch']);
  });
});
