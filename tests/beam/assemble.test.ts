// The assembler: against OTP's own, and what it refuses because the loader would not.
import { describe, expect, test } from 'vitest';
import { Assembler } from '../../beam-backend/assemble.ts';
import type { Instruction, OtpRelease } from '../../beam-backend/assembly.ts';
import { int, x, y } from './cases/case.ts';

function assemble(instructions: readonly Instruction[], otp: OtpRelease = 25): Uint8Array {
  const assembler = new Assembler({ name: 'm', source: 'm.wasm', attributes: [] }, otp);
  const entry = assembler.newLabel();
  assembler.addFunction({ name: 'f', arity: 0, entry, instructions: [{ op: 'label', label: entry }, ...instructions] });
  assembler.export('f', 0, entry);
  return assembler.finish();
}

/** The contents of a chunk of a BEAM file, as hexadecimal digits. */
function chunk(file: Uint8Array, name: string): string | undefined {
  const view = Buffer.from(file);
  for (let at = 12; at < view.length; at += 8 + 4 * Math.ceil(view.readUInt32BE(at + 4) / 4)) {
    const size = view.readUInt32BE(at + 4);
    if (view.toString('latin1', at, at + 4) === name) return view.toString('hex', at + 8, at + 8 + size);
  }
  return undefined;
}

describe('the assembler', () => {
  test.each<[string, Instruction]>([
    ['X register', { op: 'move', from: int(1), to: x(1023) }],
    ['Y register', { op: 'move', from: int(1), to: y(1024) }],
    ['integer', { op: 'move', from: int(2 ** 53), to: x(0) }],
    ['fraction', { op: 'move', from: int(0.5), to: x(0) }],
    ['atom', { op: 'move', from: { kind: 'atom', name: 'é'.repeat(128) }, to: x(0) }],
    ['arity', { op: 'call_ext', arity: 256, module: 'm', name: 'f' }],
    ['test', { op: 'test', name: 'is_lucky', fail: 1, args: [x(0)] }],
    ['number of arguments', { op: 'bif', name: 'f', fail: 1, args: [x(0), x(1), x(2)], to: x(0) }],
    ['negative count', { op: 'deallocate', slots: -1 }],
    ['empty range', { op: 'test', name: 'is_lt', fail: 1, args: [x(0, { kind: 'integer', min: 1, max: 0 }), int(0)] }],
    [
      'range beyond',
      { op: 'test', name: 'is_lt', fail: 1, args: [x(0, { kind: 'integer', min: 0, max: 2 ** 59 }), int(0)] },
    ],
  ])('refuses a bad %s', (_, instruction) => {
    expect(() => assemble([instruction])).toThrow(RangeError);
  });

  test.each<[OtpRelease, string]>([
    // Version, count; then 'any', the range 1..2, float, tuple: see encode_ext in the release's own beam_types.erl.
    [
      25,
      '00000001' +
        '00000004' +
        '1fff0000000000000000ffffffffffffffff' +
        '004000000000000000010000000000000002' +
        '00100000000000000000ffffffffffffffff' +
        '10000000000000000000ffffffffffffffff',
    ],
    [26, '00000002' + '00000004' + '1fff' + '604000000000000000010000000000000002' + '0010' + '1000'],
    [27, '00000003' + '00000004' + '0fff' + '302000000000000000010000000000000002' + '0008' + '0800'],
  ])('writes the Type chunk of OTP %i', (otp, expected) => {
    const types = [{ kind: 'integer', min: 1, max: 2 }, { kind: 'float' }, { kind: 'tuple' }] as const;
    const tests = types.map((type): Instruction => ({
      op: 'test',
      name: 'is_lt',
      fail: 1,
      args: [x(0, type), int(0)],
    }));
    expect(chunk(assemble([...tests, ...tests], otp), 'Type')).toBe(expected);
  });

  test('writes a Type chunk and no literals for a module that has neither', () => {
    const file = assemble([{ op: 'return' }], 27);
    expect(chunk(file, 'Type')).toBe('00000003' + '00000001' + '0fff');
    expect(chunk(file, 'LitT')).toBeUndefined();
  });

  test('tells 0.0 from -0.0 and shares what is equal', () => {
    const floats = [0, -0, 0, -0].map((float): Instruction => ({
      op: 'move',
      from: { kind: 'literal', term: { float } },
      to: x(0),
    }));
    const code = chunk(assemble(floats), 'Code') ?? '';
    expect(code).toContain('40470003' + '40471003' + '40470003' + '40471003');
  });

  test('writes the same bytes for the same input', () => {
    const instructions: Instruction[] = [
      { op: 'line', line: 3 },
      { op: 'move', from: { kind: 'literal', term: { map: [[1, 2]] } }, to: x(0) },
    ];
    expect(Buffer.compare(assemble(instructions), assemble(instructions))).toBe(0);
  });
});
