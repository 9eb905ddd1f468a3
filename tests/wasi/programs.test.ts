// C programs, built by clang and wasi-libc, run by `wasm2beam run`: what they print, what they leave behind and how they
// end. The expected texts of library.c are those of the same program built for the machine itself.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, compileProgram, type Outcome, runProgram } from './programs.ts';

const SOURCES = join(import.meta.dirname, 'c');
const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-wasi-'));

beforeAll(async () => {
  for (const source of readdirSync(SOURCES)) {
    await compileProgram(join(SOURCES, source), join(folder, source.replace(/\.c$/, '.wasm')));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], input?: string): Promise<Outcome> => runProgram(folder, args, input);

/** Runs a line of a shell, with bytes for its standard input, and gives the bytes of its standard output. */
async function shell(line: string, input: Buffer = Buffer.alloc(0)): Promise<{ status?: number; bytes: Buffer }> {
  const text = line.replaceAll('wasm2beam', `node ${COMMAND}`);
  const options = { cwd: folder, reject: false, input, encoding: 'buffer', stripFinalNewline: false } as const;
  const { exitCode, stdout } = await execa('bash', ['-o', 'pipefail', '-c', text], options);
  return { status: exitCode, bytes: Buffer.from(stdout) };
}

/** The most memory that the one child of a process, its Erlang node, has ever had, in bytes. */
function peakMemory(pid: number): number | undefined {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const [node] = processes.flatMap((process) => {
    try {
      const status = readFileSync(`/proc/${process}/status`, 'utf8');
      return status.includes(`\nPPid:\t${pid}\n`) ? [status] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(node ?? '')?.[1];
  return peak === undefined ? undefined : Number(peak) * 1024;
}

describe('a program', () => {
  test('has arguments, environment, both outputs and an exit status', async () => {
    expect(await run(['hello.wasm', '--env', 'NAME=Ann=1', '--', '--dir', 'ü x'])).toEqual({
      status: 2,
      out: 'argument 0: hello.wasm\nargument 1: --dir\nargument 2: ü x\nAnn=1, 3.142,    42|42   |beef\n',
      err: '3 arguments\n',
    });
    expect(await run(['hello.wasm'])).toMatchObject({ status: 0, err: '1 arguments\n' });
  });

  test('computes what it computes elsewhere', async () => {
    const { status, out, err } = await run(['library.wasm', '--env', 'MODE=x', '--', 'a']);
    const date = out.split('\n')[5];
    expect(Math.abs(Date.parse(`${date.replace(' ', 'T')}Z`) - Date.now())).toBeLessThan(60_000);
    expect({ status, out: out.replace(date, 'DATE'), err }).toEqual({
      status: 300 & 0xff,
      out: `0.1 6.022141e+23 1.4142135624 0x1.8p+0 inf -0 1e-310
0.33333333333333331 1.23e+05 1.250000 -9007199254740993 18446744073709551615
2.2250738585072e-308 -0.349993502171293 1.4142135623731
sorted, from 0.991 to 16776.976
3897539 characters
DATE
slept long enough
random: 0
[library.wasm][a]
x
at exit
`,
      err: 'to standard error\n',
    });
  });

  test('ends with status 134 and a trace when it traps', async () => {
    const { status, out, err } = await run(['library.wasm', '--env', 'MODE=abort']);
    expect(status).toBe(134);
    expect(out).toMatch(/\nabort\n$/);
    expect(err).toMatch(
      /^to standard error\nwasm trap: unreachable\n {2}at abort \(\S*abort\.c:\d+\)\n {2}at main \(library\.wasm, offset 0x/,
    );
  });

  test('works with the folders that it is given, and with nothing else', async () => {
    mkdirSync(join(folder, 'box/work'), { recursive: true });
    mkdirSync(join(folder, 'box/fixed'));
    writeFileSync(join(folder, 'box/fixed/text'), 'the text');
    writeFileSync(join(folder, 'secret'), 'secret');
    const folders = ['--dir', 'box/work::work', '--dir', 'box/fixed::fixed:ro'];
    expect(await run(['files.wasm', ...folders])).toEqual({
      status: 0,
      out: `mkdir: ok
mkdir again: File exists
last: 19999
108890 bytes, sum 199990000
stat: ok
108895 bytes, a file
symlink: ok
link: ok
through the link: 0
work: . .. d link second
work/d: . .. numbers
rename: ok
truncate: ok
stat: ok
3 bytes, 2 links
rmdir: Directory not empty
unlink a folder: Is a directory
unlink: ok
unlink: ok
unlink: ok
rmdir: ok
work: . ..
up: Capabilities insufficient
absolute: Capabilities insufficient
missing: No such file or directory
symlink out: ok
through it: Capabilities insufficient
read only: Read-only file system
read only: Read-only file system
fixed: the text
`,
      err: '',
    });
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('secret');
    expect(readdirSync(join(folder, 'box/fixed'))).toEqual(['text']);
    expect((await run(['files.wasm'])).status).toBe(1);
  });
});

describe('streams', () => {
  const bytes = randomBytes(1_000_000);

  test.each([
    'wasm2beam run streams.wasm',
    'cat | wasm2beam run streams.wasm | cat',
    'wasm2beam run streams.wasm < input',
    'wasm2beam run streams.wasm --stdin input',
  ])('pass bytes unchanged: %s', async (line) => {
    writeFileSync(join(folder, 'input'), bytes);
    const outcome = await shell(line, bytes);
    expect(outcome.status).toBe(0);
    expect(outcome.bytes.equals(bytes)).toBe(true);
  });

  // A node of Erlang takes some 40 MB of memory. The reader keeps still at first, so that what it has not taken would pile up.
  test('pass 200 MB, which take no room in memory', async () => {
    const block = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
    const expected = createHash('md5');
    for (let i = 0; i < 3000; i++) expected.update(block);
    const command = [COMMAND, 'run', 'streams.wasm', '--', 'many', '3000'];
    // Not by execa, whose streams lose what comes before they are read.
    const child = spawn('node', command, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const hash = createHash('md5');
    let bytes = 0;
    let peak = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      hash.update(chunk);
      const part = Math.floor(bytes / 20_000_000);
      bytes += chunk.length;
      // Ten times on the way; near the end the program may be gone already.
      if (Math.floor(bytes / 20_000_000) > part) peak = Math.max(peak, peakMemory(child.pid!) ?? 0);
    }
    expect(await ended).toEqual([0, null]);
    expect(bytes).toBe(3000 * block.length);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    expect(peak).toBeGreaterThan(10_000_000);
    expect(peak).toBeLessThan(120_000_000);
  });

  test('can be waited for', async () => {
    const child = execa('node', [COMMAND, 'run', 'poll.wasm'], { cwd: folder, stdin: 'pipe' });
    child.stdout.once('data', () => setTimeout(() => child.stdin.end('two'), 500));
    child.stdin.write('one');
    const { stdout } = await child;
    expect(stdout).toMatch(/^one after waiting: (yes|no)\ntwo after waiting: yes$/);
  });

  test('end a program whose reader has gone away', async () => {
    expect(await shell('wasm2beam run streams.wasm -- endless | head -2')).toEqual({
      status: 141,
      bytes: Buffer.from('y\ny\n'),
    });
  });
});

describe('what is wrong with the command line is said', () => {
  test.each([
    [['hello.wasm', '--dir', 'none'], 1, /folders => .*none/],
    [['hello.wasm', '--stdin', 'none'], 1, /stdin => .*none/],
    [['hello.wasm', '--env', 'NAME'], 1, /NAME=VALUE/],
    [['hello.wasm', '--dir', '::x'], 1, /HOST::GUEST/],
    [['empty.wat', '--dir', '.'], 1, /imports nothing of WASI: --dir/],
  ])('%j', async (args, status, message) => {
    writeFileSync(join(folder, 'empty.wat'), '(module (func (export "_start")))');
    const outcome = await run(args);
    expect(outcome).toMatchObject({ status, out: '' });
    expect(outcome.err).toMatch(message);
  });
});
