// What README prints runs as it is printed, and so does the demonstration.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler.ts';
import { otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const ELIXIR_EBIN = join(root, 'erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin');
const ERL = process.env.WASM2BEAM_ERL ?? 'erl';

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text);
}

let beam: Uint8Array;

/** In a folder that holds `template.beam`, made as README says. */
function withTemplate<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    writeFileSync(join(folder, 'template.beam'), beam);
    return use(folder);
  });
}

/** What Erlang prints that evaluates a file of expressions, which end with a point. */
async function erlang(folder: string, file: string): Promise<string> {
  const evaluation = `{ok, _} = file:script("${file}"), halt().`;
  const env = { ERL_CRASH_DUMP_SECONDS: '0' };
  return (await execa(ERL, ['-noshell', '-pa', RUNTIME, folder, '-eval', evaluation], { env, cwd: folder })).stdout;
}

async function elixir(folder: string, file: string): Promise<string> {
  const env = { ELIXIR_ERL_OPTIONS: '+fnu' };
  return (await execa('elixir', ['-pa', ELIXIR_EBIN, '-pa', folder, file], { env, cwd: folder })).stdout;
}

beforeAll(async () => {
  await withFolder(async (folder) => {
    const [clang, wasm2beam] = blocks('sh')[1].trim().split('\n');
    expect(wasm2beam).toBe('bin/wasm2beam compile template.wasm');
    const [program, ...args] = clang.split(' ');
    await execa(
      program,
      args.map((word) => (word === 'template.wasm' ? join(folder, word) : word)),
      { cwd: root },
    );
    beam = compile(readFileSync(join(folder, 'template.wasm')), { name: 'template', otp: await otpRelease() });
  });
});

describe('README', () => {
  it('has one example for each language', () => {
    expect([blocks('erlang').length, blocks('elixir').length]).toEqual([1, 1]);
  });

  it('Erlang', async () => {
    await withTemplate(async (folder) => {
      const file = join(folder, 'readme.script');
      writeFileSync(file, blocks('erlang')[0]);
      await erlang(folder, file);
      writeFileSync(file, blocks('erlang')[0].replace('JOE!', 'JOE?'));
      await expect(erlang(folder, file)).rejects.toThrow('badmatch');
    });
  });

  it('Elixir', async () => {
    await withTemplate(async (folder) => {
      const file = join(folder, 'readme.exs');
      writeFileSync(file, blocks('elixir')[0]);
      await elixir(folder, file);
      writeFileSync(file, blocks('elixir')[0].replace('Ada!', 'Ada?'));
      await expect(elixir(folder, file)).rejects.toThrow('no match of right hand side');
    });
  });

  it('links to files that are there', () => {
    for (const [, path] of readme.matchAll(/\]\(([^):]+)\)/g)) expect(readFileSync(join(root, path))).toBeTruthy();
  });
});

describe('the demonstration', () => {
  it('from Erlang', async () => {
    const output = await withTemplate((folder) => erlang(folder, join(root, 'examples/template.script')));
    const [hello, crc, trap] = output.split('\n');
    expect(hello).toMatch(/^Hello from Erlang\/OTP \d+, where \? is unknown\.$/);
    expect(crc).toMatch(/^CRC-32 in C: ([0-9a-f]+), of erlang:crc32\/1: \1$/);
    expect(trap).toBe('trap: unreachable in template:render');
  });

  it('from Elixir', async () => {
    const output = await withTemplate((folder) => elixir(folder, join(root, 'examples/template.exs')));
    expect(output).toContain('Hello Ada on nonode@nohost!');
    expect(output.match(/: true$/gm)).toHaveLength(2);
    expect(output).toContain('Wasm2Beam.TrapError: wasm trap: unreachable');
  });
});
