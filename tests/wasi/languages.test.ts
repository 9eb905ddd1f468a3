// Programs in C++, Rust, Go and AssemblyScript, each by its own standard library, run by `wasm2beam run`. What they are to
// print was printed by the same source built for the machine itself (AssemblyScript's by V8), and Node's WASI, which runs
// the same file here, has to agree.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compileProgram, runInNode, runProgram } from './programs.ts';

const SOURCES = join(import.meta.dirname, 'programs');
const INPUT = `The quick brown fox jumps over the lazy dog. The dog sleeps, the fox runs.
A fox, a dog, and the moon: the moon watches over the fox.
`;
const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-languages-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Program {
  readonly language: string;
  readonly source: string;
  /** How it ends; 134 is a trap, which Node shows in its own way. */
  readonly status: number;
  readonly err: RegExp;
  /** The names that it leaves in its folder. */
  readonly files: readonly string[];
}

const PANIC =
  /^thread 'main' .*panicked at [^]*index out of bounds: the len is 3 but the index is 8[^]*wasm trap: unreachable\n {2}at /;

const programs: Program[] = [
  { language: 'C++', source: 'words.cpp', status: 7, err: /^done\n$/, files: ['table.txt'] },
  { language: 'Rust', source: 'words.rs', status: 134, err: PANIC, files: [] },
  { language: 'Go', source: 'words.go', status: 5, err: /^done\n$/, files: [] },
  { language: 'AssemblyScript', source: 'words.as', status: 3, err: /^$/, files: [] },
];

test.each(programs)('a program in $language', { timeout: 300_000 }, async ({ source, status, err, files }) => {
  const wasm = `${source}.wasm`;
  await compileProgram(join(SOURCES, source), join(folder, wasm));
  const expected = readFileSync(join(SOURCES, `${source}.expected`), 'utf8');
  const work = { ours: `${source}-ours`, node: `${source}-node` };
  mkdirSync(join(folder, work.ours));
  mkdirSync(join(folder, work.node));

  const options = ['--dir', `${work.ours}::/work`, '--env', 'NAME=Ann'];
  const outcome = await runProgram(folder, [wasm, ...options, '--', 'x y', 'ü'], INPUT);
  expect(outcome).toEqual({ status, out: expected, err: expect.stringMatching(err) as string });
  expect(readdirSync(join(folder, work.ours))).toEqual(files);

  const second = await runInNode(folder, [wasm, work.node, 'x y', 'ü'], INPUT);
  expect(second.out).toBe(expected);
  if (status !== 134) expect(second).toMatchObject({ status, err: outcome.err });
  for (const file of files) {
    const [ours, theirs] = [work.ours, work.node].map((name) => readFileSync(join(folder, name, file)));
    expect(ours.equals(theirs)).toBe(true);
  }
});
