// The boundary between a host and a guest: what is measured there and by whom.
//
// Most of it is measured like a kernel, in turns, n being a number of operations. What only a node of ours can answer (memory
// of idle instances, answers beside endless loops) is asked once.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../compiler.ts';
import { type Engine, erlang, otpRelease } from './engines.ts';
import type { Kernel } from './kernels.ts';
import { buildCrate } from './native.ts';
import { build } from './paths.ts';
import { Peer } from './peer.ts';
import { percentile } from './statistics.ts';

const GROUP = 'boundary';

/** The guest, bench/kernels/boundary.c. */
export const GUEST: Kernel = { name: 'boundary', group: GROUP, unit: '' };

/** The plug-in, bench/kernels/plugin.c. */
export const PLUGIN: Kernel = { name: 'plugin', group: GROUP, unit: '' };

/** Operations of the host. The NIF host does what a plug-in's call comes to: writing, calling and reading. */
export const MEASURES: readonly Kernel[] = [
  { name: 'export', group: GROUP, unit: 'direct call of an export' },
  { name: 'call', group: GROUP, unit: 'call of an export by name' },
  { name: 'host', group: GROUP, unit: 'call of a host function' },
  { name: 'bound', group: GROUP, unit: 'the same, bound at compile time' },
  { name: 'read_16', group: GROUP, unit: 'reading 16 bytes' },
  { name: 'read_64k', group: GROUP, unit: 'reading 64 KiB' },
  { name: 'write_16', group: GROUP, unit: 'writing 16 bytes' },
  { name: 'write_64k', group: GROUP, unit: 'writing 64 KiB' },
  { name: 'instantiate', group: GROUP, unit: 'instantiation' },
  { name: 'plugin_echo', group: GROUP, unit: "a plug-in's echo of 16 bytes" },
  { name: 'plugin_host', group: GROUP, unit: "a plug-in's call with 1,000 host calls" },
];

const MEMORY_MEASURES = ['read_16', 'read_64k', 'write_16', 'write_64k', 'plugin_echo'];
const NIF_MEASURES = ['export', 'host', ...MEMORY_MEASURES, 'plugin_host', 'instantiate'];

/** A form of the NIF host; several forms share what is the same in them, so that only one measures that. */
function nifHost(form: string, description: string, measures: readonly string[]): Engine {
  return {
    name: `nif_${form}`,
    description: `NIF host of wasmtime: ${description}`,
    has: ({ name }) => measures.includes(name),
    async start(_, folder) {
      const library = join(await buildCrate('nif_host'), 'libnif_host');
      const env = { BENCH_NIF: library, BENCH_GUEST: join(folder, `${GUEST.name}.wasm`) };
      return Peer.start(await erlang('bench_nif_boundary', form, [], []), env);
    },
  };
}

export const BOUNDARY_ENGINES: readonly Engine[] = [
  {
    name: 'wasm2beam',
    description: 'the direct back end',
    has: () => true,
    async start(_, folder) {
      const otp = await otpRelease();
      const bytes = readFileSync(join(folder, `${GUEST.name}.wasm`));
      const beams = join(build, 'beams');
      mkdirSync(beams, { recursive: true });
      const step = { module: 'bench_boundary', name: 'bound_step' };
      for (const { name, bound } of [
        { name: 'wasm_boundary', bound: () => undefined },
        { name: 'wasm_boundary_bound', bound: () => step },
      ]) {
        writeFileSync(join(beams, `${name}.beam`), compile(bytes, { name, otp, bound }));
      }
      const plugin = compile(readFileSync(join(folder, `${PLUGIN.name}.wasm`)), { name: 'wasm_plugin', otp });
      writeFileSync(join(beams, 'wasm_plugin.beam'), plugin);
      return Peer.start(await erlang('bench_boundary', 'compiled', [beams], []));
    },
  },
  {
    name: 'v8',
    description: "Node's V8, called from JavaScript",
    has: ({ name }) => name === 'export' || name === 'host' || name === 'instantiate',
    start(_, folder) {
      const flags = ['--no-liftoff', '--no-wasm-lazy-compilation'];
      return Peer.start([process.execPath, ...flags, join(import.meta.dirname, 'v8-boundary.js'), folder]);
    },
  },
  nifHost('server', 'a message to a server process, a blocked thread', ['export', 'host']),
  nifHost('caller', 'a message to the caller itself, a blocked thread', NIF_MEASURES),
  nifHost('fiber', "on the caller's scheduler, a host call leaves the guest's stack", [
    'export',
    'host',
    'instantiate',
  ]),
  nifHost('direct', 'a plain NIF call without host functions', ['export']),
];

/** What is asked once. */
export interface NodeFigures {
  /** Bytes of an idle instance among many in one process, and of a process with an instance among many such. */
  readonly idleBytes: { readonly instances: number; readonly inOneProcess: number; readonly inOwnProcesses: number };
  /** Nanoseconds of a ping: alone, beside endless loops of ours, and beside such loops in Erlang. */
  readonly pings: readonly { readonly beside: string; readonly median: number; readonly p99: number }[];
}

const INSTANCES = 10_000;
const PINGS = 1000;
const LOOPS = 100;

/** Asks the node of the first boundary engine. Throws PeerError where it fails. */
export async function askNode(peer: Peer): Promise<NodeFigures> {
  const [inOneProcess, inOwnProcesses] = (await peer.ask(`idle ${INSTANCES}`)).split(' ').map(Number);
  const pings = [];
  for (const { beside, question } of [
    { beside: 'nothing', question: `ping ${PINGS} 0` },
    { beside: `${LOOPS} endless loops`, question: `ping ${PINGS} ${LOOPS}` },
    { beside: `${LOOPS} endless loops in Erlang`, question: `ping_erlang ${PINGS} ${LOOPS}` },
  ]) {
    const times = (await peer.ask(question)).split(' ').map(Number);
    pings.push({ beside, median: percentile(times, 0.5), p99: percentile(times, 0.99) });
  }
  return { idleBytes: { instances: INSTANCES, inOneProcess, inOwnProcesses }, pings };
}
