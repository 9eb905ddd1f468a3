// The benchmark: builds kernels and engines, measures them in turns, prints tables and writes what it measured.
//
// Ends with status 1 where an engine failed or gave another checksum; an engine that cannot be had is named.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { aimRows, compareWithAims } from './aims.ts';
import { askNode, BOUNDARY_ENGINES, GUEST, MEASURES, type NodeFigures, PLUGIN } from './boundary.ts';
import { compilingTables } from './compile-report.ts';
import { type Compiling, measureCompiling } from './compile.ts';
import { type Engine, ENGINES } from './engines.ts';
import { buildKernels, type Kernel, KERNELS } from './kernels.ts';
import { measureKernels, type Running } from './measure.ts';
import { build, root } from './paths.ts';
import { plotKernels } from './plot.ts';
import { failures, kernelTable, showTime, table } from './report.ts';
import { type Part, resultsObject } from './results.ts';

const names = (entries: readonly { name: string }[]): string => entries.map(({ name }) => name).join(' ');
const PARTS = ['kernels', 'boundary', 'compile'];
const USAGE = `bench/run.sh [--part ${PARTS.join('|')}] [--kernels NAME,...] [--engines NAME,...] [--rounds N] [--seconds S] [--write]

  --part      only one of the three
  --kernels   of: ${names(KERNELS)}
              or, of the boundary: ${names(MEASURES)}
  --engines   of: ${names(ENGINES)}
              or, of the boundary: ${names(BOUNDARY_ENGINES)}; the first one's times are divided by the others'
  --rounds    measurements of each kernel on each engine (5)
  --seconds   length of a measurement on the first engine (0.2)
  --write     writes bench/results.json and docs/benchmark.svg`;

const { values: options } = parseArgs({
  options: {
    part: { type: 'string' },
    kernels: { type: 'string' },
    engines: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.2' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The entries that an option names, in their own order; all where it names none. */
function chosen<T extends { readonly name: string }>(all: readonly T[], list: string | undefined): readonly T[] {
  const wanted = list?.split(',');
  return wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name));
}

function checkNames(list: string | undefined, known: readonly { name: string }[]): void {
  const unknown = list?.split(',').filter((name) => !known.some((entry) => entry.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}\n\n${USAGE}`);
}

function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Starts engines, measures, prints a table and stops them; `ask` may use them before. */
async function measurePart(
  kernels: readonly Kernel[],
  engines: readonly Engine[],
  folder: string,
  ask?: (running: readonly Running[]) => Promise<void>,
): Promise<Part> {
  const running: Running[] = [];
  const missing: string[] = [];
  for (const engine of engines) {
    tell(`building and starting ${engine.name}`);
    try {
      running.push({ engine, peer: await engine.start(kernels, folder) });
    } catch (error) {
      missing.push(`${engine.name} (${engine.description}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const { engine } of running) {
    for (const [kernel, why] of Object.entries(engine.lacks ?? {})) missing.push(`${kernel} on ${engine.name}: ${why}`);
  }
  const settings = { rounds: Number(options.rounds), seconds: Number(options.seconds), tell };
  const results = await measureKernels(kernels, running, settings);
  await ask?.(running);
  tell('');
  for (const { peer } of running) peer.stop();
  const described = running.map(({ engine: { name, description }, peer }) => ({
    name,
    description,
    version: peer.version,
  }));
  const failed = failures(results);
  for (const { name, description, version } of described) console.log(`${name}: ${description}; ${version}`);
  console.log(
    `\n${kernelTable(
      results,
      described.map(({ name }) => name),
    ).join('\n')}\n`,
  );
  for (const line of missing) console.log(`missing: ${line}`);
  for (const line of failed) console.log(`failed: ${line}`);
  if (missing.length + failed.length > 0) console.log('');
  if (failed.length > 0) process.exitCode = 1;
  return { engines: described, results, missing, failed };
}

function showNode({ idleBytes: { instances, inOneProcess, inOwnProcesses }, pings }: NodeFigures): void {
  console.log(`an idle instance among ${instances}: ${inOneProcess} bytes in one process,`);
  console.log(`  ${inOwnProcesses} bytes with a process of its own`);
  for (const { beside, median, p99 } of pings) {
    console.log(`a ping beside ${beside}: median ${showTime(median)} ns, p99 ${showTime(p99)} ns`);
  }
}

async function measureEngines(
  kernels: readonly Kernel[],
  measures: readonly Kernel[],
): Promise<{ parts: Record<string, Part>; node: NodeFigures | undefined }> {
  const folder = join(build, 'kernels');
  tell('building kernels');
  await buildKernels([...kernels, GUEST, PLUGIN], folder);
  const parts: Record<string, Part> = {};
  let node: NodeFigures | undefined;
  if (kernels.length > 0) parts.kernels = await measurePart(kernels, chosen(ENGINES, options.engines), folder);
  if (measures.length > 0) {
    const engines = chosen(BOUNDARY_ENGINES, options.engines);
    parts.boundary = await measurePart(measures, engines, folder, async (running) => {
      const [ours] = running;
      if (options.kernels === undefined && ours?.engine === BOUNDARY_ENGINES[0]) node = await askNode(ours.peer);
    });
    if (node !== undefined) showNode(node);
  }
  return { parts, node };
}

async function showCompiling(): Promise<Compiling> {
  const compiling = await measureCompiling(tell);
  tell('');
  console.log(`\n${compilingTables(compiling).join('\n')}`);
  return compiling;
}

async function main(): Promise<void> {
  const { part, kernels: named, engines: asked, write } = options;
  const whole = [part, named, asked].every((value) => value === undefined);
  if (write && !whole) throw new Error('--write is for a whole run');
  checkNames(named, [...KERNELS, ...MEASURES]);
  checkNames(asked, [...ENGINES, ...BOUNDARY_ENGINES]);
  if (part !== undefined && !PARTS.includes(part)) throw new Error(`there is no part ${part}\n\n${USAGE}`);
  const wants = (name: string): boolean => part === undefined || part === name;
  const kernels = wants('kernels') ? chosen(KERNELS, named) : [];
  const measures = wants('boundary') ? chosen(MEASURES, named) : [];

  const { parts, node } =
    kernels.length + measures.length > 0 ? await measureEngines(kernels, measures) : { parts: {}, node: undefined };
  const compiling = whole || part === 'compile' ? await showCompiling() : undefined;
  const aims = compareWithAims(parts, node, compiling);
  const shown = whole ? aims : aims.filter(({ reached }) => reached !== undefined);
  if (named === undefined) console.log(`\n${table(aimRows(shown)).join('\n')}`);
  if (write) {
    writeFileSync(
      join(root, 'bench/results.json'),
      `${JSON.stringify({ ...resultsObject(parts, node, compiling), aims }, undefined, 2)}\n`,
    );
    const { engines, results } = parts.kernels;
    writeFileSync(
      join(root, 'docs/benchmark.svg'),
      plotKernels(
        results,
        engines.map(({ name }) => name),
        'v8',
      ),
    );
  }
}

if (options.help) console.log(USAGE);
else await main();
