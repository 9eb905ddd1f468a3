// The engines that take turns: how each is built and started.
//
// An engine that cannot be had throws when it is prepared; its reason stands in the report, by name.
import { mkdirSync, writeFileSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { compile, type CompileOptions, type OtpRelease } from '../compiler.ts';
import type { Kernel } from './kernels.ts';
import { buildCrate, buildWasm3 } from './native.ts';
import { build, root, runtime } from './paths.ts';
import { Peer } from './peer.ts';

export interface Engine {
  readonly name: string;
  /** What it is, in a few words. */
  readonly description: string;
  /** Which kernels it has. */
  has(kernel: Kernel): boolean;
  /** Kernels that it cannot have, and why. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** Builds it for these kernels, whose `.wasm` files lie in a folder, and starts it. */
  start(kernels: readonly Kernel[], folder: string): Promise<Peer>;
}

export const ERL = process.env.WASM2BEAM_ERL ?? 'erl';
const ERL_FLAGS = ['-boot', 'no_dot_erlang', '-noshell'];
/** One scheduler, since one kernel runs at a time. */
const ONE_SCHEDULER = ['+S', '1', '+sbwt', 'none'];
const ERLANG_SOURCES = join(root, 'bench/erlang');
const TWIN = /^twin_(.*)\.erl$/;

const everything = (): boolean => true;

/** Kernels with instructions that the release of wasm3 in its crate has not. */
const NO_BULK_MEMORY = Object.fromEntries(
  ['bulk', 'json', 'regex'].map((name) => [name, 'the release in the crate has no bulk memory instructions']),
);

export const ENGINES: readonly Engine[] = [
  {
    name: 'wasm2beam',
    description: 'the direct back end',
    has: everything,
    start: (kernels, folder) => startCompiled(kernels, folder, 'beams', {}),
  },
  {
    name: 'fuel',
    description: 'the same, instructions counted',
    has: everything,
    start: (kernels, folder) => startCompiled(kernels, folder, 'beams-fuel', { fuel: true }),
  },
  {
    name: 'v8',
    description: "Node's V8, its optimizing compiler from the start",
    has: everything,
    start(_, folder) {
      const flags = ['--no-liftoff', '--no-wasm-lazy-compilation'];
      return Peer.start([process.execPath, ...flags, join(import.meta.dirname, 'v8.js'), folder]);
    },
  },
  {
    name: 'erlang',
    description: 'hand-written Erlang with atomics or binaries',
    has: ({ name }) => twins().includes(name),
    async start() {
      return Peer.start(await erlang('bench_kernels', 'handwritten', []));
    },
  },
  {
    name: 'wasm3',
    description: 'an interpreter in C, by clang -O3',
    has: ({ name }) => !(name in NO_BULK_MEMORY),
    lacks: NO_BULK_MEMORY,
    async start(_, folder) {
      return Peer.start([await buildWasm3(), folder]);
    },
  },
  {
    name: 'wasmi',
    description: 'an interpreter in Rust',
    has: everything,
    async start(_, folder) {
      return Peer.start([join(await buildCrate('peers/wasmi'), 'wasmi_peer'), folder]);
    },
  },
];

async function startCompiled(
  kernels: readonly Kernel[],
  folder: string,
  output: string,
  options: Pick<CompileOptions, 'fuel'>,
): Promise<Peer> {
  const otp = await otpRelease();
  const beams = join(build, output);
  mkdirSync(beams, { recursive: true });
  for (const { name } of kernels) {
    const module = `wasm_${name}`;
    const beam = compile(readFileSync(join(folder, `${name}.wasm`)), { name: module, otp, ...options });
    writeFileSync(join(beams, `${module}.beam`), beam);
  }
  return Peer.start(await erlang('bench_kernels', 'compiled', [beams]));
}

/** The Type chunk that the node reads. */
export async function otpRelease(): Promise<OtpRelease> {
  const expression = 'io:put_chars(erlang:system_info(otp_release)), halt().';
  const { stdout } = await execa(ERL, ['-boot', 'no_dot_erlang', '-noshell', '-eval', expression]);
  const release = Number(stdout);
  return release >= 27 ? 27 : release === 26 ? 26 : 25;
}

/** The command that starts a function of bench/erlang in a node; compiles what changed there. */
export async function erlang(
  module: string,
  start: string,
  folders: readonly string[],
  flags: readonly string[] = ONE_SCHEDULER,
): Promise<string[]> {
  const ebin = join(build, 'erlang');
  mkdirSync(ebin, { recursive: true });
  const changed = readdirSync(ERLANG_SOURCES)
    .filter((file) => file.endsWith('.erl'))
    .filter((file) => {
      const beam = statSync(join(ebin, file.replace(/erl$/, 'beam')), { throwIfNoEntry: false });
      return beam === undefined || beam.mtimeMs < statSync(join(ERLANG_SOURCES, file)).mtimeMs;
    });
  if (changed.length > 0) {
    const erlc = ERL.replace(/erl$/, 'erlc');
    await execa(erlc, ['-Werror', '-o', ebin, ...changed.map((file) => join(ERLANG_SOURCES, file))]);
  }
  const paths = [runtime, ebin, ...folders].flatMap((folder) => ['-pa', folder]);
  return [ERL, ...flags, ...ERL_FLAGS, ...paths, '-s', module, start];
}

function twins(): string[] {
  return readdirSync(ERLANG_SOURCES).flatMap((file) => TWIN.exec(file)?.[1] ?? []);
}
