// What compiling and loading cost: time, memory and size, for real modules, for the same in parts, and for a generated
// module at 1 to 16 times its size.
//
// Each module is compiled in a Node process of its own, so that times include its start-up and peak memory is the
// module's; then one Erlang node with one scheduler loads each file while a process counts how long it was kept
// waiting.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedRelease } from '../cli/erlang.ts';
import type { OtpRelease } from '../compiler.ts';
import { erlangProgram } from '../wast/node.ts';
import type { Answer } from './compile-one.ts';
import { generatedModules, realModules, type Sample } from './modules.ts';

/** Bytes of Wasm code in a part, so that none holds a scheduler for 100 ms. */
export const PART = 64 * 1024;

/** What one module cost. */
export interface Compiled {
  readonly name: string;
  readonly bytes: number;
  readonly beamBytes: number;
  readonly parts: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly loadMilliseconds: number;
  /** The longest that loading a file of it kept another process waiting. */
  readonly pauseMilliseconds: number;
}

export interface Compiling {
  readonly real: readonly Compiled[];
  readonly parted: readonly Compiled[];
  /** One module at 1, 2, 4, 8 and 16 times its size. */
  readonly generated: readonly Compiled[];
}

/** Compiles and loads all of them, which takes some minutes. */
export async function measureCompiling(tell: (text: string) => void): Promise<Compiling> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-compile-'));
  try {
    const otp = await installedRelease();
    const measure = (samples: readonly Sample[], size = Infinity): Compiled[] => {
      const answers = samples.map(({ name, wasm }) => {
        tell(`compiling ${name}`);
        return compileApart(wasm, otp, size);
      });
      tell('loading');
      const loads = loadAll(answers.flatMap(({ beams }) => beams));
      return answers.map((answer, i) => compiled(samples[i], answer, loads.splice(0, answer.beams.length)));
    };
    const real = await realModules(folder);
    return { real: measure(real), parted: measure(real, PART), generated: measure(generatedModules(folder)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compiled({ name, wasm }: Sample, { beams, ...cost }: Answer, loads: readonly Load[]): Compiled {
  return {
    name,
    bytes: statSync(wasm).size,
    beamBytes: beams.reduce((sum, beam) => sum + statSync(beam).size, 0),
    parts: beams.length,
    ...cost,
    loadMilliseconds: loads.reduce((sum, [milliseconds]) => sum + milliseconds, 0),
    pauseMilliseconds: Math.max(...loads.map(([, late]) => late)),
  };
}

function compileApart(wasm: string, otp: OtpRelease, size: number): Answer {
  const beam = wasm.replace(/\.wasm$/, Number.isFinite(size) ? '_parted.beam' : '.beam');
  const program = join(import.meta.dirname, 'compile-one.js');
  const args = ['--max-old-space-size=8192', program, wasm, beam, String(otp), String(size)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Answer;
}

/** Milliseconds of loading a file, and how long a waiting process was late meanwhile, at most. */
type Load = [load: number, pause: number];

/** Loads files one by one. */
function loadAll(files: readonly string[]): Load[] {
  const program = `
    Now = fun() -> erlang:monotonic_time(microsecond) end,
    Tick = fun Tick(Last, Worst) ->
      receive {stop, From} -> From ! {worst, Worst} after 1 -> Time = Now(), Tick(Time, max(Worst, Time - Last)) end
    end,
    Load = fun(File) ->
      {ok, Code} = file:read_file(File),
      Module = list_to_atom(filename:basename(File, ".beam")),
      Ticker = spawn(fun() -> Tick(Now(), 0) end),
      receive after 20 -> ok end,
      Start = Now(),
      {module, Module} = code:load_binary(Module, File, Code),
      Spent = Now() - Start,
      receive after 5 -> ok end,
      Ticker ! {stop, self()},
      receive {worst, Worst} -> io:format("~b ~b~n", [Spent, Worst]) end
    end,
    lists:foreach(Load, init:get_plain_arguments()), halt().`;
  const args = ['+S', '1', '-boot', 'no_dot_erlang', '-noshell', '-eval', program, '-extra', ...files];
  const lines = execFileSync(erlangProgram(), args, { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => line.split(' ').map((microseconds) => Number(microseconds) / 1000) as Load);
}
