// Every instruction of the assembly in a function that is loaded and called: a wrong encoding would not be refused, it
// would crash the node or compute something else.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Assembler } from '../../beam-backend/assemble.ts';
import type { AssemblyTarget, Instruction, Label } from '../../beam-backend/assembly.ts';
import { AssemblyPrinter } from '../../beam-backend/print-asm.ts';
import { evaluate, otpRelease, runEscript, validateFiles, withFolder } from '../harness/erlang.ts';
import { type Case, charlist, int, label, ret, x } from './cases/case.ts';
import { CONTROL_CASES } from './cases/control.ts';
import { DATA_CASES } from './cases/data.ts';
import { NUMBER_CASES } from './cases/numbers.ts';
import { TEST_CASES } from './cases/tests.ts';

const MODULE = {
  name: 'every_instruction',
  source: 'every.wasm',
  attributes: [['origin', { list: [{ atom: 'test' }] }]],
} as const;

const CASES = [...NUMBER_CASES, ...DATA_CASES, ...CONTROL_CASES, ...TEST_CASES];

const LINE_CALLS = [
  ['16777213', 'every.wasm+10000000', 6777213],
  ['25000001', 'every.wasm+20000000', 5000001],
] as const;

function writeModule(target: AssemblyTarget, cases: readonly Case[]): void {
  const addFunction = (name: string, arity: number, self: Label, body: readonly Instruction[]) =>
    target.addFunction({
      name,
      arity,
      entry: self,
      instructions: [
        label(target.newLabel()),
        { op: 'line', line: 1 },
        { op: 'func_info', name, arity },
        label(self),
        ...body,
      ],
    });
  const increment = target.newLabel();
  addFunction('increment', 1, increment, [
    { op: 'gc_bif', name: '+', fail: 0, live: 1, args: [x(0), int(1)], to: x(0) },
    ret,
  ]);
  for (const { name, arity, body } of cases) {
    const self = target.newLabel();
    addFunction(
      name,
      arity,
      self,
      body(() => target.newLabel(), { self, increment }),
    );
    target.export(name, arity, self);
  }
}

/** The type checker names an instruction that is missing here, the test one that no case uses. */
const EVERY_OP: Record<Instruction['op'], true> = {
  label: true,
  line: true,
  func_info: true,
  move: true,
  gc_bif: true,
  bif: true,
  test: true,
  select_val: true,
  jump: true,
  call: true,
  call_only: true,
  call_last: true,
  call_ext: true,
  call_ext_only: true,
  call_ext_last: true,
  call_fun: true,
  allocate: true,
  allocate_heap: true,
  test_heap: true,
  deallocate: true,
  init_yregs: true,
  trim: true,
  put_tuple: true,
  put_list: true,
  get_tuple_element: true,
  set_tuple_element: true,
  get_list: true,
  get_hd: true,
  get_tl: true,
  return: true,
  badmatch: true,
  try: true,
  try_end: true,
  try_case: true,
  raw_raise: true,
  build_stacktrace: true,
  fconv: true,
  fmove: true,
  fadd: true,
  fsub: true,
  fmul: true,
  fdiv: true,
  fnegate: true,
  bs_create_bin: true,
  bs_start_match: true,
  bs_get_integer: true,
  known_tuple: true,
  takes_match: true,
};

async function withModule<T>(
  use: (paths: { beam: string; assembly: string }) => Promise<T>,
  cases: readonly Case[] = CASES,
): Promise<T> {
  const otp = await otpRelease();
  return withFolder(async (folder) => {
    const assembler = new Assembler(MODULE, otp);
    const printer = new AssemblyPrinter(MODULE);
    for (const target of [assembler, printer]) writeModule(target, cases);
    assembler.addChunk('Test', Uint8Array.of(1, 2, 3));
    const paths = { beam: join(folder, `${MODULE.name}.beam`), assembly: join(folder, `${MODULE.name}.S`) };
    writeFileSync(paths.beam, assembler.finish());
    writeFileSync(paths.assembly, printer.finish().join(''));
    return use(paths);
  });
}

test('every instruction has a case', () => {
  const used = new Set<string>(['func_info']);
  let last = 0;
  for (const { body } of CASES) {
    for (const { op } of body(() => ++last, { self: 1, increment: 2 })) used.add(op);
  }
  expect([...used].sort()).toEqual(Object.keys(EVERY_OP).sort());
});

test('every instruction does what it should on the virtual machine', async () => {
  await withModule(async ({ beam }) => {
    const calls = CASES.flatMap(({ name, calls }) =>
      calls.map(([args, result]) => ({ expression: `${MODULE.name}:'${name}'(${args})`, result })),
    );
    const lines = LINE_CALLS.map(([name, file, line]) => ({
      expression: `try ${MODULE.name}:line_${name}() catch _:_:Stack -> hd([L || {M, _, _, L} <- Stack, M =:= ${MODULE.name}]) end`,
      result: `[{file,${charlist(file)}},{line,${line}}]`,
    }));
    const others = [
      { expression: `proplists:get_value(origin, ${MODULE.name}:module_info(attributes))`, result: '[test]' },
      { expression: `length(${MODULE.name}:module_info(exports))`, result: String(CASES.length + 2) },
      {
        expression: `element(2, element(2, beam_lib:chunks(code:which(${MODULE.name}), [[84, 101, 115, 116]])))`,
        result: '[{[84,101,115,116],<<1,2,3>>}]',
      },
    ];
    const expected = [...calls, ...lines, ...others];
    const answers = await evaluate(
      [beam.replace(/\.beam$/, '')],
      expected.map(({ expression }) => expression),
    );
    expect(answers.map((answer, i) => `${expected[i]?.expression} = ${answer}`)).toEqual(
      expected.map(({ expression, result }) => `${expression} = ${result}`),
    );
  });
});

test('the validator takes the printed text, the disassembler the file', async () => {
  await withModule(async ({ beam, assembly }) => {
    expect(await validateFiles([assembly, beam])).toEqual([]);
  });
});

test("OTP's own assembler writes the same code", async () => {
  // Large integers stand in the code there and among the literals here.
  const sameForm = CASES.filter(({ name }) => !name.includes('bignum'));
  await withModule(async ({ beam, assembly }) => {
    const [answer] = await runEscript('reassemble.escript', [assembly, beam]);
    expect(answer).toMatch(/^same Code /);
  }, sameForm);
});
