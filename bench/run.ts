// The benchmark: builds kernels and engines, measures them in turns, prints tables and writes what it measured.
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ENGINES } from './engines.ts';
import { buildKernels, KERNELS } from './kernels.ts';
import { measureKernels, type Running } from './measure.ts';
import { build } from './paths.ts';
import { failures, kernelTable } from './report.ts';
import { join } from 'node:path';

const USAGE = `bench/run.sh [--kernels NAME,...] [--engines NAME,...] [--rounds N] [--seconds S]

  --kernels   of: ${KERNELS.map(({ name }) => name).join(' ')}
  --engines   of: ${ENGINES.map(({ name }) => name).join(' ')}; the first one's times are divided by the others'
  --rounds    measurements of each kernel on each engine (5)
  --seconds   length of a measurement on the first engine (0.2)`;

const { values: options } = parseArgs({
  options: {
    kernels: { type: 'string' },
    engines: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.2' },
    help: { type: 'boolean', default: false },
  },
});

/** The entries of a list that are named, in the order of the list; all where nothing is named. */
function chosen<T extends { readonly name: string }>(all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all;
  const wanted = names.split(',');
  const unknown = wanted.filter((name) => !all.some((entry) => entry.name === name));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}\n\n${USAGE}`);
  return all.filter(({ name }) => wanted.includes(name));
}

function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(): Promise<void> {
  const kernels = chosen(KERNELS, options.kernels);
  const folder = join(build, 'kernels');
  mkdirSync(folder, { recursive: true });
  tell('building kernels');
  await buildKernels(kernels, folder);

  const running: Running[] = [];
  const missing: string[] = [];
  for (const engine of chosen(ENGINES, options.engines)) {
    tell(`starting ${engine.name}`);
    try {
      running.push({ engine, peer: await engine.start(kernels, folder) });
    } catch (error) {
      missing.push(`${engine.name} (${engine.description}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const settings = { rounds: Number(options.rounds), seconds: Number(options.seconds), tell };
  const results = await measureKernels(kernels, running, settings);
  tell('');
  for (const { engine, peer } of running) console.log(`${engine.name}: ${engine.description}; ${peer.version}`);
  console.log(
    `\n${kernelTable(
      results,
      running.map(({ engine }) => engine.name),
    ).join('\n')}`,
  );
  const failed = failures(results);
  for (const { engine } of running) {
    for (const [kernel, why] of Object.entries(engine.lacks ?? {})) missing.push(`${kernel} on ${engine.name}: ${why}`);
  }
  for (const line of missing) console.log(`missing: ${line}`);
  for (const line of failed) console.log(`failed: ${line}`);
  for (const { peer } of running) peer.stop();
  if (failed.length > 0) process.exitCode = 1;
}

if (options.help) console.log(USAGE);
else await main();
