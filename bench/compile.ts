// What compiling costs: time, memory and size for real modules, and for one generated module at 1 to 16 times its size,
// which is 10 MB.
//
// Each module is compiled in a Node process of its own, so that times include its start-up and peak memory is the
// module's; then one Erlang node with one scheduler loads each file while a process counts how long it was kept
// waiting. Then the same for real modules in parts. `--compile WASM BEAM OTP SIZE` is what the processes run.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tuneEngine } from '../cli/engine.ts';
import { compileInThreads, type OtpRelease } from '../compiler.ts';
import { record } from '../tests/modules/recorder.ts';
import { ordinaryModule } from '../tests/scale/ordinary-module.ts';
import { root } from './paths.ts';

const require = createRequire(import.meta.url);
/** Paths in node_modules: not every package exports its module. */
const REAL = [
  'quickjs-wasi/quickjs.wasm',
  'sql.js/dist/sql-wasm.wasm',
  'tiktoken/tiktoken_bg.wasm',
  '@dimforge/rapier2d/rapier_wasm2d_bg.wasm',
  '@wasm-fmt/zig_fmt/zig_fmt.wasm',
  'tiny-secp256k1/lib/secp256k1.wasm',
] as const;
/** Packages that keep their module in their own code, and what gives its bytes. */
const EMBEDDED: readonly (readonly [name: string, bytes: () => Promise<Uint8Array>])[] = [
  [
    'es-module-lexer',
    async () => {
      const { parse } = await import('es-module-lexer/minimal');
      return firstInstantiated(() => void parse(''));
    },
  ],
  ['undici/lib/llhttp', () => Promise.resolve(require('undici/lib/llhttp/llhttp-wasm.js') as Uint8Array)],
  [
    '@chainsafe/as-sha256',
    async () => {
      const { reinitializeInstance } = await import('@chainsafe/as-sha256');
      return firstInstantiated(() => reinitializeInstance(false));
    },
  ],
];
/** Bytes of Wasm code in a part, so that none holds a scheduler for 100 ms. */
const PART = 64 * 1024;
const MULTIPLES = [1, 2, 4, 8, 16];
const FUNCTIONS = 1_000;
const MB = 1e6;

interface Compiled {
  readonly name: string;
  readonly bytes: number;
  /** Of its parts. */
  readonly beams: readonly string[];
  readonly seconds: number;
  /** Of all threads: tells a slow compiler from a busy machine. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

async function firstInstantiated(action: () => void): Promise<Uint8Array> {
  const { traces } = await record(action);
  return traces[0].bytes;
}

/** Names and paths of the real modules; those embedded in code are written to the folder. */
async function realModules(folder: string): Promise<(readonly [name: string, path: string])[]> {
  const modules = REAL.map((path): [string, string] => [path, join(root, 'node_modules', path)]);
  for (const [i, [name, bytes]] of EMBEDDED.entries()) {
    const path = join(folder, `embedded${i}.wasm`);
    // One after the other: a recording replaces functions of WebAssembly.
    writeFileSync(path, await bytes());
    modules.push([name, path]);
  }
  return modules;
}

async function compileHere(wasm: string, beam: string, otp: OtpRelease, size: number): Promise<void> {
  const bytes = readFileSync(wasm);
  const start = performance.now();
  const beams = (await compileInThreads(bytes, { name: basename(beam, '.beam'), otp }, size)).map((part) => {
    const path = join(dirname(beam), `${part.name}.beam`);
    writeFileSync(path, part.beam);
    return path;
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage();
  const answer = {
    beams,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(answer));
}

function compileApart(name: string, wasm: string, beam: string, otp: OtpRelease, size = Infinity): Compiled {
  const args = ['--max-old-space-size=8192', fileURLToPath(import.meta.url), '--compile', wasm, beam];
  const output = execFileSync(process.execPath, [...args, String(otp), String(size)], { encoding: 'utf8' });
  return { ...(JSON.parse(output) as Compiled), name, bytes: statSync(wasm).size };
}

/** Loads files one by one: milliseconds for each, and the longest that a waiting process was late meanwhile. */
function loadAll(files: readonly string[]): [load: number, pause: number][] {
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
  const answer = execFileSync('erl', args, { encoding: 'utf8' });
  const lines = answer.trim().split('\n');
  return lines.map((line) => line.split(' ').map((microseconds) => Number(microseconds) / 1000) as [number, number]);
}

function otpRelease(): OtpRelease {
  const expression = 'io:put_chars(erlang:system_info(otp_release)), halt().';
  const release = Number(execFileSync('erl', ['-boot', 'no_dot_erlang', '-noshell', '-eval', expression]).toString());
  return release >= 27 ? 27 : release === 26 ? 26 : 25;
}

/** Prints a table, and gives the longest time that a scheduler was kept by loading one file. */
function report(title: string, modules: readonly Compiled[]): number {
  const loads = loadAll(modules.flatMap(({ beams }) => beams));
  let longest = 0;
  console.log(`\n${title}\n`);
  console.log(
    '| module | MB | seconds | CPU seconds | MB/s | peak MB | .beam bytes a byte | parts | load ms | longest pause ms |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { name, bytes, beams, seconds, cpuSeconds, peakBytes } of modules) {
    const own = loads.splice(0, beams.length);
    const load = own.reduce((sum, [milliseconds]) => sum + milliseconds, 0);
    const pause = Math.max(...own.map(([, late]) => late));
    const size = beams.reduce((sum, beam) => sum + statSync(beam).size, 0);
    longest = Math.max(longest, pause);
    const cells = [
      name,
      (bytes / MB).toFixed(2),
      seconds.toFixed(2),
      cpuSeconds.toFixed(2),
      (bytes / MB / seconds).toFixed(2),
      (peakBytes / MB).toFixed(0),
      (size / bytes).toFixed(1),
      beams.length,
      load.toFixed(0),
      pause.toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  return longest;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-compile-'));
  try {
    const otp = otpRelease();
    const modules = await realModules(folder);
    const all = (part: string, size?: number): Compiled[] =>
      modules.map(([name, path], i) => compileApart(name, path, join(folder, `${part}${i}.beam`), otp, size));
    report('Real modules', all('whole'));
    const longest = report(`The same in parts of ${PART / 1024} KB of code`, all('parted', PART));
    console.log(`\nLoading a part kept a scheduler for ${longest.toFixed(0)} ms at most.`);
    const scaled = MULTIPLES.map((times) => {
      const wasm = join(folder, `generated${times}.wasm`);
      writeFileSync(wasm, ordinaryModule(times * FUNCTIONS));
      return compileApart(`generated, ${times} times`, wasm, join(folder, `generated${times}.beam`), otp);
    });
    report('One generated module', scaled);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [verb, wasm, beam, otp, size] = process.argv.slice(2);
if (verb === '--compile') {
  tuneEngine();
  await compileHere(wasm, beam, Number(otp) as OtpRelease, Number(size));
} else await main();
