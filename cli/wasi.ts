// What a guest is given of its surroundings: `--dir`, `--env`, `--stdin` and arguments, as a request to the node.
import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { encodeText } from '../wast/node.ts';
import { CommandFailure } from './failure.ts';

/** A folder of the host by the guest's name for it. */
export interface Folder {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface WasiArguments {
  readonly dir?: readonly Folder[];
  readonly env?: readonly Variable[];
  readonly stdin?: string;
}

const MODULES: readonly string[] = ['wasi_snapshot_preview1', 'wasi_unstable'];

/** Whether a module imports from WASI. */
export const importsWasi = (imports: readonly { readonly module: string }[]): boolean =>
  imports.some(({ module }) => MODULES.includes(module));

/** Throws CommandFailure where a module that imports nothing of WASI is to be given something. */
export function checkWasiArguments(file: string, usesWasi: boolean, { dir, env, stdin }: WasiArguments): void {
  const [given] = [dir && '--dir', env && '--env', stdin !== undefined && '--stdin'].filter(
    (option) => typeof option === 'string',
  );
  if (!usesWasi && given !== undefined) throw new CommandFailure(`${file} imports nothing of WASI: ${given} is no use`);
}

/** `HOST[::GUEST][:ro]`, added to those before it. */
export function parseFolder(text: string, previous: readonly Folder[] = []): Folder[] {
  const readOnly = text.endsWith(':ro');
  const names = readOnly ? text.slice(0, -':ro'.length) : text;
  const border = names.indexOf('::');
  const host = border < 0 ? names : names.slice(0, border);
  const guest = border < 0 ? names : names.slice(border + 2);
  if (host === '' || guest === '') throw new InvalidArgumentError('Give it as HOST, HOST::GUEST or HOST::GUEST:ro.');
  return [...previous, { host, guest, readOnly }];
}

/** `NAME=VALUE`, added to those before it. */
export function parseVariable(text: string, previous: readonly Variable[] = []): Variable[] {
  const border = text.indexOf('=');
  if (border < 1) throw new InvalidArgumentError('Give it as NAME=VALUE.');
  return [...previous, { name: text.slice(0, border), value: text.slice(border + 1) }];
}

/** The request that gives the next instance its surroundings; the first argument is the name of the file. */
export function wasiRequest(file: string, words: readonly string[], { dir, env, stdin }: WasiArguments): string[] {
  const terminals = [process.stdin, process.stdout, process.stderr].flatMap(({ isTTY }, i) => (isTTY ? [i] : []));
  return [
    'wasi',
    ...[basename(file), ...words].map((word) => `arg:${encodeText(word)}`),
    ...(env ?? []).map(({ name, value }) => `env:${encodeText(name)}:${encodeText(value)}`),
    ...(dir ?? []).map(
      ({ host, guest, readOnly }) => `dir:${encodeText(host)}:${encodeText(guest)}:${readOnly ? 'ro' : 'rw'}`,
    ),
    ...(stdin === undefined ? [] : [`stdin:${encodeText(stdin)}`]),
    ...terminals.map((number) => `terminal:${number}`),
  ];
}
