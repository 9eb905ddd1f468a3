// The checked build: it finds a false type, has a test for every typed operand, and answers as V8 does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Assembler } from '../../beam-backend/assemble.ts';
import type {
  AssemblyFunction,
  AssemblyTarget,
  Instruction,
  OperandType,
  Source,
} from '../../beam-backend/assembly.ts';
import { CheckedTarget } from '../../beam-backend/checked.ts';
import { compile } from '../../compiler.ts';
import { parseWat } from '../../frontend/wat.ts';
import { OPERATIONS } from '../../ir/instructions.ts';
import { evaluate, otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

const x = (index: number, type?: OperandType): Source => ({ kind: 'x', index, ...(type ? { type } : {}) });
const byte: OperandType = { kind: 'integer', min: -128, max: 255 };

/** Adds f/1 with these instructions between its head and a return. */
function addFunction(target: AssemblyTarget, body: readonly Instruction[]): void {
  const [start, entry] = [target.newLabel(), target.newLabel()];
  const instructions: Instruction[] = [
    { op: 'label', label: start },
    { op: 'line', line: 0 },
    { op: 'func_info', name: 'f', arity: 1 },
    { op: 'label', label: entry },
    ...body,
    { op: 'return' },
  ];
  target.addFunction({ name: 'f', arity: 1, entry, instructions });
  target.export('f', 1, entry);
}

describe('a false type', () => {
  test.each<[OperandType, string[], string[]]>([
    [byte, ['-128', '0', '255'], ['-129', '256', '1 bsl 70', '1.0', 'a']],
    [{ kind: 'float' }, ['1.5'], ['1', 'nan']],
    [{ kind: 'tuple' }, ['{}'], ['[]', 'a']],
  ])('%o is found', async (type, right, wrong) => {
    const otp = await otpRelease();
    await withFolder(async (folder) => {
      const assembler = new Assembler({ name: 'false_type', source: 'x', attributes: [] }, otp);
      const checked = new CheckedTarget(assembler);
      const to = { kind: 'x', index: 0 } as const;
      addFunction(checked, [{ op: 'bif', name: '=:=', fail: 0, args: [x(0, type), { kind: 'atom', name: 'b' }], to }]);
      writeFileSync(join(folder, 'false_type.beam'), assembler.finish());
      const calls = [...right, ...wrong].map((argument) => `false_type:f(${argument})`);
      const answers = await evaluate([join(folder, 'false_type')], calls);
      expect(answers.slice(0, right.length)).toEqual(right.map(() => 'false'));
      const raised = '{error,{badmatch,{wasm2beam_false_type,f}}}';
      expect(answers.slice(right.length)).toEqual(wrong.map(() => raised));
    });
  });

  test('is tested in every instruction that carries one, and nowhere else', () => {
    const added: AssemblyFunction[] = [];
    let label = 0;
    const target: AssemblyTarget = {
      newLabel: () => ++label,
      addFunction: (fn) => added.push(fn),
      export: () => undefined,
    };
    const to = { kind: 'x', index: 1 } as const;
    const plain: Instruction[] = [
      { op: 'move', from: x(0), to },
      { op: 'gc_bif', name: '+', fail: 0, live: 1, args: [x(0), { kind: 'integer', value: 1 }], to },
    ];
    addFunction(new CheckedTarget(target), plain);
    expect(added[0].instructions).toHaveLength(7);
    const typed: Instruction[] = [
      { op: 'gc_bif', name: '+', fail: 0, live: 1, args: [x(0, byte), { kind: 'y', index: 1, type: byte }], to },
      { op: 'test', name: 'is_lt', fail: 1, args: [x(0, byte), x(1)] },
      { op: 'select_val', value: { kind: 'x', index: 0, type: byte }, fail: 1, cases: [] },
      { op: 'known_tuple', register: { kind: 'x', index: 0 }, size: 2 },
    ];
    addFunction(new CheckedTarget(target), typed);
    const inserted = added[1].instructions.filter(({ op }) => op === 'test' || op === 'badmatch');
    // Three tests an integer; one for the tuple; the test that was there; an exit for each instruction.
    expect(inserted).toHaveLength(3 * 4 + 1 + 1 + 4);
  });
});

const INTEGERS: readonly bigint[] = [
  0n,
  1n,
  -1n,
  31n,
  255n,
  0x7fffffffn,
  -0x80000000n,
  0x123456789abcdefn,
  -(2n ** 63n),
];
/** Integer instructions, each once directly and once behind sums that are not yet masked. */
const OPERATIONS_HERE = OPERATIONS.filter(
  ({ numeric, parameters, results }) => numeric && [...parameters!, ...results!].every((type) => type.startsWith('i')),
);

function source(): string {
  return OPERATIONS_HERE.map(({ mnemonic, parameters, results }, index) => {
    const values = parameters!.map((type, i) => `(${type}.add (local.get ${i}) (local.get ${parameters!.length + i}))`);
    const head = `(export "f${index}") (param ${parameters!.join(' ')} ${parameters!.join(' ')})`;
    return `(func ${head} (result ${results![0]}) (${mnemonic} ${values.join(' ')}))`;
  }).join('\n');
}

test('a checked build of all integer instructions answers as V8 does', async () => {
  const otp = await otpRelease();
  const { bytes } = parseWat(source());
  const v8 = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  const calls: string[] = [];
  const expected: string[] = [];
  OPERATIONS_HERE.forEach(({ parameters }, index) => {
    INTEGERS.forEach((first, i) => {
      for (const [j, second] of INTEGERS.entries()) {
        const all = [first, second, INTEGERS[(i * j) % 4], INTEGERS[(i + j) % INTEGERS.length]];
        const args = [...parameters!, ...parameters!].map((type, k) =>
          type === 'i64' ? BigInt.asIntN(64, all[k]) : Number(BigInt.asIntN(32, all[k])),
        );
        calls.push(`checked:f${index}(${args.join(', ')})`);
        try {
          expected.push(String(v8[`f${index}`](...args)));
        } catch (error) {
          const reason = (error as Error).message.includes('by zero') ? 'integer_divide_by_zero' : 'integer_overflow';
          expected.push(
            /remainder|divide/.test((error as Error).message) ? trap(reason) : `unexpected: ${String(error)}`,
          );
        }
      }
    });
  });
  await withFolder(async (folder) => {
    writeFileSync(join(folder, 'checked.beam'), compile(bytes, { name: 'checked', otp, checked: true }));
    const [added, ...answers] = await evaluate([join(folder, 'checked')], [`code:add_patha("${RUNTIME}")`, ...calls]);
    expect(added).toBe('true');
    const wrong = calls.flatMap((call, i) =>
      answers[i] === expected[i] ? [] : [`${call}: ${answers[i]}, not ${expected[i]}`],
    );
    expect(wrong).toEqual([]);
  });
});

const trap = (reason: string): string => `{error,{wasm_trap,${reason}}}`;
