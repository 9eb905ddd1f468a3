// Stack traces through functions that this compiler inlined tell the same as where they are called.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compile, compileToCore, CoreCompiler, type CompileOptions, parseWat } from '../../compiler.ts';
import { otpRelease, runProgram, withFolder } from '../harness/erlang.ts';

const PATIENCE = 120_000;

const TEXT = `(module
  (memory 1)
  (func $divide (param i32 i32) (result i32)
    (i32.div_u (local.get 0) (local.get 1)))
  (func $rest (param i32 i32) (result i32)
    (i32.rem_s (i32.div_s (i32.const 8) (local.get 0)) (local.get 1)))
  (func $read (param i32) (result i32)
    (i32.load offset=4 (local.get 0)))
  (func (export "twice") (param i32 i32) (result i32)
    (i32.add (call $divide (i32.const 1) (local.get 0)) (call $divide (i32.const 2) (local.get 1))))
  (func (export "rest") (param i32 i32) (result i32)
    (call $rest (local.get 0) (local.get 1)))
  (func (export "walk") (param i32) (result i32) (local i32)
    (loop $next
      (local.set 1 (i32.add (local.get 1) (call $read (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 1024)))
      (br_if $next (local.get 0)))
    (local.get 1)))`;

const CALLS = ['twice, [0, 1]', 'twice, [1, 0]', 'rest, [0, 1]', 'rest, [1, 0]', 'walk, [0]'] as const;

/** For each call of a module the frames of the trap that it ends in, `NAME FILE:LINE` or `NAME offset:N`, and whether some are inlined. */
const traps = async (
  bytes: Uint8Array,
  calls: readonly string[],
  options: Partial<CompileOptions>,
  core = false,
): Promise<{ readonly frames: string[]; readonly inlined: string[] }> =>
  withFolder(async (folder) => {
    const all = { name: 'guest', otp: await otpRelease(), ...options };
    const erlc = new CoreCompiler(process.env.WASM2BEAM_ERL);
    try {
      const beam = core ? (await erlc.compile(compileToCore(bytes, all))).beam : compile(bytes, all);
      writeFileSync(join(folder, 'guest.beam'), beam);
    } finally {
      erlc.close();
    }
    const lines = await runProgram(
      folder,
      `{ok, I} = wasm2beam:instantiate(guest),
       Shown = fun(#{alternatives := _}) -> "?"; (#{function := F, at := {A, B}}) -> io_lib:format("~s ~s:~b", [F, A, B]) end,
       [begin
          Frames = try wasm2beam:call(I, F, Args), [] catch error:{wasm_trap, _}:S -> wasm2beam:stacktrace(S) end,
          io:format("~ts~n~p~n", [lists:join(", ", [Shown(Frame) || Frame <- Frames]), lists:any(fun(#{inlined := J}) -> J end, Frames)])
        end || {F, Args} <- [${calls.map((call) => `{${call.replace(/^\w+/, '<<"$&">>')}}`).join()}]]`,
    );
    return { frames: lines.filter((_, i) => i % 2 === 0), inlined: lines.filter((_, i) => i % 2 === 1) };
  });

describe('without DWARF', () => {
  test.each([
    { names: 'own', core: false },
    { names: 'own', core: true },
    { names: 'pooled', core: false },
  ] as const)('names: $names, Core Erlang: $core', { timeout: PATIENCE }, async ({ names, core }) => {
    const { bytes } = parseWat(TEXT);
    const called = await traps(bytes, CALLS, { names, inline: false }, core);
    const inlined = await traps(bytes, CALLS, { names }, core);
    expect(called.frames.map((text) => text.replace(/:\d+/g, ''))).toEqual([
      'divide offset, twice offset',
      'divide offset, twice offset',
      'rest offset, rest offset',
      'rest offset, rest offset',
      'read offset, walk offset',
    ]);
    expect(new Set(called.frames).size).toBe(CALLS.length);
    expect(inlined.frames).toEqual(called.frames);
    expect(called.inlined).toEqual(CALLS.map(() => 'false'));
    expect(inlined.inlined).toEqual(CALLS.map(() => 'true'));
  });
});

test('with DWARF, and with what the compiler of the guest had inlined in between', { timeout: PATIENCE }, async () => {
  await withFolder(async (folder) => {
    const [source, file] = [join(folder, 'guest.c'), join(folder, 'guest.wasm')];
    writeFileSync(
      source,
      `#define NOINLINE __attribute__((noinline)) static
static inline int quotient(int a, int b) {
  return a / b;
}
NOINLINE int divide(int a, int b) {
  return quotient(a, b);
}
static inline int half(int a, int b) {
  return divide(a, b);
}
__attribute__((export_name("run"))) int run(int a, int b, int c) {
  int x = half(a, b);
  return x + half(a,
                  c) + divide(x, a);
}`,
    );
    const flags = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-O1', '-g'];
    await execa('clang', [...flags, '-o', file, 'guest.c'], { cwd: folder });
    const bytes = readFileSync(file);
    const calls = ['run, [1, 0, 1]', 'run, [1, 1, 0]', 'run, [0, 1, 1]'];
    const called = await traps(bytes, calls, { inline: false });
    const inlined = await traps(bytes, calls, {});
    expect(called.frames).toEqual([
      'quotient guest.c:3, divide guest.c:6, half guest.c:9, run guest.c:12',
      'quotient guest.c:3, divide guest.c:6, half guest.c:9, run guest.c:13',
      'quotient guest.c:3, divide guest.c:6, run guest.c:14',
    ]);
    expect(inlined.frames).toEqual(called.frames);
  });
});

test('where a call has too few bytes to tell more places apart, all are told', { timeout: PATIENCE }, async () => {
  const { bytes } = parseWat(`(module
    (func $divide (param i32 i32 i32) (result i32)
      (i32.div_u (i32.div_u (i32.div_u (i32.const 8) (local.get 0)) (local.get 1)) (local.get 2)))
    (func (export "run") (param i32 i32 i32) (result i32)
      (i32.add
        (call $divide (local.get 0) (local.get 1) (local.get 2))
        (call $divide (i32.sub (i32.const 3) (local.get 0)) (local.get 1) (local.get 2)))))`);
  const { frames } = await traps(bytes, ['run, [0, 1, 1]', 'run, [3, 1, 1]'], {});
  const [divide, run] = [/^divide offset:\d+, run offset:\d+$/, /^\?, run offset:\d+$/];
  expect(frames).toEqual([divide, run].map((pattern): unknown => expect.stringMatching(pattern)));
});
