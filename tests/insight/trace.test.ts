// Stack traces of C programs that carry DWARF: files, lines and inlined calls, as the command line, Erlang and Elixir
// show them, for both versions of DWARF that clang writes, without and with optimization, on both back ends.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compile, compileParts } from '../../compiler.ts';
import { otpRelease, runProgram, withFolder } from '../harness/erlang.ts';

const ROOT = join(import.meta.dirname, '../..');
const ELIXIR = join(ROOT, 'erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin');
const SOURCE = 'inlined.c';
const PATIENCE = 120_000;

const lines = readFileSync(join(import.meta.dirname, SOURCE), 'utf8').split('\n');
/** `inlined.c:7`, of the line that a comment marks. */
const at = (mark: string): string => `${SOURCE}:${lines.findIndex((line) => line.endsWith(`// ${mark}`)) + 1}`;

const FIRST = [`divide (${at('divide')})`, `half (${at('half')})`, `work (${at('first')})`, `run (${at('run')})`];
const SECOND = [`divide (${at('divide')})`, `work (${at('second')})`, `run (${at('run')})`];
const FAR = [`at (${at('at')})`, `far (${at('far')})`];

const clang = async (folder: string, flags: readonly string[]): Promise<string> => {
  const output = join(folder, 'guest.wasm');
  const link = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-o', output];
  await execa('clang', [...link, ...flags, SOURCE], { cwd: import.meta.dirname });
  return output;
};

const trap = async (file: string, backend: string, name: string, args: readonly string[]): Promise<string[]> => {
  const command = ['run', file, '--backend', backend, '--invoke', name, '--', ...args];
  const { exitCode, stderr } = await execa('node', [join(ROOT, 'bin/wasm2beam'), ...command], { reject: false });
  expect(exitCode).toBe(134);
  return stderr.split('\n').map((line) => line.replace(/^ {2}at /, ''));
};

describe.each(['-O0', '-O2'])('clang %s', (level) => {
  describe.each(['-gdwarf-4', '-gdwarf-5'])('%s', (version) => {
    test.each(['direct', 'core'])('on the back end %s', { timeout: PATIENCE }, async (backend) => {
      await withFolder(async (folder) => {
        const file = await clang(folder, [level, '-g', version]);
        expect(await trap(file, backend, 'run', ['5', '0'])).toEqual(['wasm trap: integer divide by zero', ...FIRST]);
        expect(await trap(file, backend, 'run', ['5', '1'])).toEqual(['wasm trap: integer divide by zero', ...SECOND]);
        expect(await trap(file, backend, 'far', ['100000000'])).toEqual([
          'wasm trap: out of bounds memory access',
          ...FAR,
        ]);
      });
    });
  });
});

describe.each(['0', '2'])('rustc -C opt-level=%s', (level) => {
  test('shows files, lines and inlined functions', { timeout: PATIENCE }, async () => {
    await withFolder(async (folder) => {
      const find = await execa(join(ROOT, 'scripts/wasi-compile.sh'), ['--find', 'rust']);
      const [rustc, target] = find.stdout.split(' ');
      const file = join(folder, 'guest.wasm');
      const flags = ['--target', target, '--edition', '2021', '-g', '-C', `opt-level=${level}`, '-o', file];
      await execa(rustc, [...flags, 'inlined.rs'], { cwd: import.meta.dirname });
      const rust = readFileSync(join(import.meta.dirname, 'inlined.rs'), 'utf8').split('\n');
      const place = (mark: string): string => `inlined.rs:${rust.findIndex((line) => line.endsWith(`// ${mark}`)) + 1}`;
      const { exitCode, stderr } = await execa('node', [join(ROOT, 'bin/wasm2beam'), 'run', file], { reject: false });
      expect(exitCode).toBe(134);
      const frames = stderr.split('\n').filter((line) => line.includes('inlined.rs'));
      const expected = [
        ['divide', 'read'],
        ['half', 'half'],
        ['work', 'first'],
        ['main', 'main'],
      ] as const;
      expect(frames).toHaveLength(expected.length);
      expected.forEach(([name, mark], index) => {
        expect(frames[index]).toContain(name);
        expect(frames[index]).toContain(`(${place(mark)})`);
      });
      expect(frames[0]).toContain('inlined::numbers::divide');
    });
  });
});

/** What an Erlang program prints, with the modules in a folder at hand. */
const erlang = async (folder: string, program: string): Promise<string> =>
  (await runProgram(folder, program)).join('\n');

const CAUGHT = (a: number, b: number): string => `{ok, I} = wasm2beam:instantiate(guest),
  {Reason, Trace} = try guest:run(I, ${a}, ${b}) catch error:R:S -> {R, S} end`;

describe('a trap', () => {
  const build = async (folder: string): Promise<void> => {
    const bytes = readFileSync(await clang(folder, ['-O2', '-g']));
    writeFileSync(join(folder, 'guest.beam'), compile(bytes, { name: 'guest', otp: await otpRelease() }));
  };

  test('shows file and line in the frames of the BEAM, and what was inlined in the message', async () => {
    await withFolder(async (folder) => {
      await build(folder);
      const program = `${CAUGHT(5, 0)}, io:put_chars(erl_error:format_exception(error, Reason, Trace))`;
      const message = await erlang(folder, program);
      expect(message).toContain('wasm trap: integer divide by zero');
      for (const frame of FIRST) expect(message).toContain(`at ${frame}`);
      // Before OTP 29 the shell writes `FILE, line LINE`.
      const frame = (name: string, mark: string): RegExp =>
        new RegExp(`guest:${name}/\\d \\(${at(mark).replace(':', '(:|, line )')}\\)`);
      expect(message).toMatch(frame('work', 'divide'));
      expect(message).toMatch(frame('run', 'run'));
    });
  });

  test('tells two calls on one line apart, in the trace too', async () => {
    await withFolder(async (folder) => {
      await build(folder);
      const program = `${CAUGHT(5, 1)}, [{_, work, _, L} | _] = Trace, io:put_chars(proplists:get_value(file, L))`;
      expect(await erlang(folder, program)).toBe(`${at('second')} > ${SOURCE}`);
    });
  });

  test('is given as data', async () => {
    await withFolder(async (folder) => {
      await build(folder);
      const print = `io:format("~s ~s:~b ~p~n", [F, File, Line, N])`;
      const generator = '#{function := F, at := {File, Line}, inlined := N} <- wasm2beam:stacktrace(Trace)';
      const frames = (await erlang(folder, `${CAUGHT(5, 0)}, [${print} || ${generator}]`)).split('\n');
      const expected = [
        ['divide', 'divide', true],
        ['half', 'half', true],
        ['work', 'first', false],
        ['run', 'run', false],
      ] as const;
      expect(frames).toEqual(expected.map(([name, mark, inlined]) => `${name} ${at(mark)} ${inlined}`));
    });
  });

  test('shows the same in Elixir', { timeout: PATIENCE }, async () => {
    await withFolder(async (folder) => {
      await build(folder);
      const script = `
        instance = Wasm2Beam.instantiate!(:guest)
        {:error, error} = Wasm2Beam.call(instance, :run, [5, 0])
        IO.puts(Exception.format(:error, error, error.stacktrace))`;
      const { stdout } = await execa('elixir', ['-pa', ELIXIR, '-pa', folder, '-e', script]);
      const message = ['wasm trap: integer divide by zero', ...FIRST.map((frame) => `at ${frame}`)].join('\n');
      expect(stdout.startsWith(`** (Wasm2Beam.TrapError) ${message}\n`)).toBe(true);
      expect(stdout).toContain(`${at('divide')}: :guest.work/`);
      expect(stdout).toContain(`${at('run')}: :guest.run/`);
    });
  });
});

test('a module without DWARF shows byte offsets, and has no table', { timeout: PATIENCE }, async () => {
  await withFolder(async (folder) => {
    const file = await clang(folder, ['-O2']);
    const frames = await trap(file, 'direct', 'run', ['5', '0']);
    expect(frames[1]).toMatch(/^work \(.*guest\.wasm, offset 0x[0-9a-f]+\)$/);
    writeFileSync(join(folder, 'guest.beam'), compile(readFileSync(file), { name: 'guest', otp: await otpRelease() }));
    expect(await erlang(folder, `io:write(guest:'$wasm2beam'(inlined))`)).toBe('undefined');
  });
});

test('parts of a module show the same lines and inlined calls', { timeout: PATIENCE }, async () => {
  await withFolder(async (folder) => {
    const bytes = readFileSync(await clang(folder, ['-O2', '-g']));
    const parts = compileParts(bytes, { name: 'guest', otp: await otpRelease() }, 1);
    expect(parts.length).toBeGreaterThan(2);
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const files = `[proplists:get_value(file, L) || {_, F, _, L} <- Trace, F =:= work orelse F =:= run, L =/= []]`;
    const program = `${CAUGHT(5, 0)}, Told(lists:join(" ", ${files})), io:put_chars(wasm2beam_trace:text(Trace))`;
    const text = FIRST.map((frame) => `at ${frame}`).join('\n');
    expect(await erlang(folder, program)).toBe(`["${SOURCE}"," ","${SOURCE}"]\n${text}`);
    const { name } = parts[1];
    const none = `[catch wasm2beam:exports(${name}), ${name}:'$wasm2beam'(whole), ${name}:'$wasm2beam'(info)]`;
    expect(await erlang(folder, `Told(${none})`)).toMatch(/not_compiled,guest_\d+\}.*,guest,undefined\]$/);
  });
});

test('with pooled names no file becomes an atom, and messages show the same', { timeout: PATIENCE }, async () => {
  await withFolder(async (folder) => {
    const bytes = readFileSync(await clang(folder, ['-O2', '-g']));
    writeFileSync(
      join(folder, 'guest.beam'),
      compile(bytes, { name: 'guest', names: 'pooled', otp: await otpRelease() }),
    );
    const program = `{ok, I} = wasm2beam:instantiate(guest),
      Trace = try wasm2beam:call(I, <<"run">>, [5, 0]) catch error:_:S -> S end,
      io:put_chars([wasm2beam_trace:text(Trace), case catch list_to_existing_atom("${SOURCE}") of
        {'EXIT', _} -> "";
        _ -> "an atom"
      end])`;
    expect(await erlang(folder, program)).toBe(FIRST.map((frame) => `at ${frame}`).join('\n'));
  });
});
