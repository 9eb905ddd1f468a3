// Builds the peers that are not JavaScript or Erlang, from their crates, into build/bench.
//
// Cargo runs one job at a time and yields to everything else, since a machine may be in use meanwhile. Where a tool is
// missing or a build fails, the error says which, for the report.
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { build, root } from './paths.ts';

/**
 * Builds a crate of ours.
 *
 * @param folder where its Cargo.toml is, below bench/
 * @returns the folder of what was built
 */
export async function buildCrate(folder: string): Promise<string> {
  const manifest = join(root, 'bench', folder, 'Cargo.toml');
  const output = join(build, 'cargo', basename(folder));
  const args = ['build', '--release', '--quiet', '--manifest-path', manifest, '--target-dir', output];
  await run('nice', ['-n', '19', 'cargo', ...args]);
  return join(output, 'release');
}

/** Compiles wasm3, whose C sources a crate holds, together with our runner. Gives the program. */
export async function buildWasm3(): Promise<string> {
  const folder = join(root, 'bench/peers/wasm3');
  const program = join(build, 'wasm3_peer');
  const runner = join(folder, 'runner.c');
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > statSync(runner).mtimeMs) return program;
  const manifest = join(folder, 'Cargo.toml');
  const metadata = await run('cargo', ['metadata', '--format-version', '1', '--manifest-path', manifest]);
  const { packages } = JSON.parse(metadata) as { packages: { name: string; manifest_path: string }[] };
  const crate = packages.find(({ name }) => name === 'wasm3-sys');
  if (crate === undefined) throw new Error('cargo does not know wasm3-sys');
  const sources = join(dirname(crate.manifest_path), 'wasm3/source');
  const flags = ['-O3', '-DNDEBUG', '-Dd_m3LogOutput=0', '-fomit-frame-pointer', '-fno-stack-protector', '-w'];
  await run('sh', ['-c', 'exec clang "$@" "$0"/*.c -lm', sources, ...flags, `-I${sources}`, '-o', program, runner]);
  return program;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const env = { CARGO_BUILD_JOBS: '1' };
  const { stdout, stderr, failed, shortMessage } = await execa(command, args, { env, reject: false });
  if (failed) throw new Error([shortMessage?.split('\n')[0], ...stderr.split('\n').slice(-3)].join(' '));
  return stdout;
}
