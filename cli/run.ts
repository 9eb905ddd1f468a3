// `wasm2beam run` and `snapshot`: make an instance of a module in an Erlang node and call one function.
import { type ExternType, inspect, type Inspection } from '../compiler.ts';
import { formatResult, parseArgument } from '../wast/arguments.ts';
import { type Backend, ModuleCompiler } from '../wast/backend.ts';
import { type Answer, decodeText, encodeText, ErlangNode } from '../wast/node.ts';
import { releaseOf } from '../wast/session.ts';
import { encodeValue } from '../wast/values.ts';
import { type Binding, bindingLookup } from './bindings.ts';
import { CommandFailure, errorStyle, TRAP_STATUS } from './failure.ts';
import { describeType, shownName } from './inspect.ts';
import { watchCompilation } from './progress.ts';
import { readInput, readModule, type SourceModule, stem, withSource, writeOutput } from './source.ts';
import { checkWasiArguments, importsWasi, type WasiArguments, wasiRequest } from './wasi.ts';

/** What a guest is given, and its limits. */
export interface GuestArguments extends WasiArguments {
  readonly invoke?: string;
  readonly import?: readonly Binding[];
  readonly backend: Backend;
  readonly checked?: boolean;
  /** Instructions that the guest may run. */
  readonly fuel?: number;
  /** Milliseconds that a call may take. */
  readonly timeout?: number;
  /** Pages. */
  readonly maxMemory?: number;
}

export interface RunArguments extends GuestArguments {
  /** The file with what the instance begins with. */
  readonly snapshot?: string;
}

export interface SnapshotArguments extends GuestArguments {
  readonly output?: string;
}

type FunctionType = Extract<ExternType, { readonly kind: 'func' }>;

const NAME = 'wasm2beam_guest';
const NUMBER = '1';

/**
 * Calls `invoke`, else `_start`, with arguments as typed; prints one result a line. A trap ends with status 134. A
 * program, a module that imports WASI and is not asked for anything else, gets the words as its arguments and ends with
 * its own status.
 */
export async function runCommand(file: string, words: readonly string[], options: RunArguments): Promise<void> {
  const source = readModule(file);
  const isProgram = options.invoke === undefined;
  const snapshot = options.snapshot === undefined ? undefined : readInput(options.snapshot);
  const call = { name: options.invoke ?? '_start', words, isProgram, snapshot };
  await callGuest(source, call, options, async (node, answer) => {
    // What the guest has written is out before anything is said here.
    succeeded(source, await node.request(['finish']));
    if (answer.verb === 'exit') process.exitCode = Number(answer.fields[0]) & 0xff;
    else for (const field of succeeded(source, answer)) process.stdout.write(`${formatResult(field)}\n`);
  });
}

/**
 * Makes an instance, calls `invoke`, else `_initialize` where there is one, and writes what the instance holds then: to
 * NAME.snapshot where no other file is named.
 */
export async function snapshotCommand(
  file: string,
  words: readonly string[],
  options: SnapshotArguments,
): Promise<void> {
  const source = readModule(file);
  const output = options.output ?? `${stem(file)}.snapshot`;
  const call = { name: options.invoke, words, isProgram: false };
  await callGuest(source, call, options, async (node, answer) => {
    if (answer.verb === 'exit') throw new CommandFailure(`${file}: the guest ended with status ${answer.fields[0]}`);
    succeeded(source, answer);
    const [snapshot] = succeeded(source, await node.request(['snapshot', NUMBER]));
    succeeded(source, await node.request(['finish']));
    writeOutput(output, Buffer.from(snapshot, 'hex'));
  });
}

interface GuestCall {
  /** Of the exported function; undefined for INITIALIZE, where there is one. */
  readonly name: string | undefined;
  readonly words: readonly string[];
  /** Whether the words are the arguments of a program, where the module imports WASI. */
  readonly isProgram: boolean;
  /** What the instance begins with. */
  readonly snapshot?: Uint8Array;
}

const INITIALIZE = '_initialize';

/** Makes an instance in a node of its own and calls a function; `use` gets the answer. */
async function callGuest(
  source: SourceModule,
  call: GuestCall,
  options: GuestArguments,
  use: (node: ErlangNode, answer: Answer) => Promise<void>,
): Promise<void> {
  const { file } = source;
  const { exports, imports } = await withSource(source, () => inspect(source.bytes));
  const wanted = call.name ?? exports.find(({ name }) => name === INITIALIZE)?.name;
  const found = wanted === undefined ? undefined : findFunction(source, exports, wanted, call.isProgram);
  const usesWasi = importsWasi(imports);
  checkWasiArguments(file, usesWasi, options);
  const isProgram = usesWasi && call.isProgram;
  const values = found && parseArguments(found.name, found.type, isProgram ? [] : call.words);
  const compiler = new ModuleCompiler(options.backend);
  const node = await ErlangNode.start({ output: 'inherit' });
  try {
    const { bound, check } = bindingLookup(options.import ?? []);
    const { progress, end } = watchCompilation(file);
    const otp = releaseOf(node.release);
    const { checked } = options;
    const fuel = options.fuel !== undefined || options.timeout !== undefined;
    const compileOptions = { name: NAME, source: file, otp, bound, progress, checked, fuel };
    const beam = await withSource(source, () => compiler.compile(source.bytes, compileOptions));
    end();
    check(file);
    succeeded(source, await node.request(['load', NAME], beam));
    if (usesWasi) succeeded(source, await node.request(wasiRequest(file, isProgram ? call.words : [], options)));
    const begin = call.snapshot === undefined ? 'instantiate' : 'restore';
    let answer = await node.request([begin, NAME, NUMBER, ...limits(options)], call.snapshot);
    if (answer.verb === 'ok' && found && values) {
      answer = await node.request(['invoke', NUMBER, encodeText(found.name), ...values]);
    }
    await use(node, answer);
  } finally {
    compiler.close();
    node.close();
  }
}

/** Options of the instance, as the node takes them. */
function limits({ fuel, timeout, maxMemory }: GuestArguments): string[] {
  const given = Object.entries({ fuel, timeout, max_memory: maxMemory });
  return given.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}

function findFunction(
  source: SourceModule,
  exports: Inspection['exports'],
  name: string,
  isDefault: boolean,
): { name: string; type: FunctionType } {
  const found = exports.find((one) => one.name === name);
  if (found?.type.kind === 'func') return { name, type: found.type };
  const names = exports.map((one) => `  ${shownName(one.name)} ${describeType(one.type)}`);
  const offer = names.length === 0 ? 'The module exports nothing.' : ['It exports:', ...names].join('\n');
  const missing =
    found === undefined ? `exports no ${shownName(name)}` : `exports ${shownName(name)}, which is no function`;
  const advice = isDefault ? ': say with --invoke what to call' : '';
  throw new CommandFailure(`${source.file} ${missing}${advice}\n${offer}`);
}

function parseArguments(name: string, { parameters }: FunctionType, words: readonly string[]): string[] {
  if (words.length !== parameters.length) {
    throw new CommandFailure(`${shownName(name)} takes ${parameters.length} arguments, got ${words.length}`);
  }
  return parameters.map((type, i) => {
    const value = parseArgument(type, words[i]);
    if (value === undefined) throw new CommandFailure(`argument ${i + 1}: expected an ${type}, got ${words[i]}`);
    return encodeValue(value);
  });
}

/** The fields of an answer that tells of success; else throws CommandFailure. */
function succeeded(source: SourceModule, { verb, fields }: Answer): readonly string[] {
  switch (verb) {
    case 'ok':
    case 'values':
    case 'snapshot':
      return fields;
    case 'trap': {
      const [reason, ...frames] = fields;
      const trace = frames.map((frame) => {
        const [name, position, sourceFile] = frame.split(':') as [string, string, string?];
        const place =
          sourceFile === undefined ? source.locate(Number(position)) : `${shownFile(sourceFile)}:${position}`;
        return `\n  at ${shownFrame(decodeText(name))} (${place})`;
      });
      throw new CommandFailure(`${errorStyle.red('wasm trap:')} ${decodeText(reason)}${trace.join('')}`, TRAP_STATUS);
    }
    case 'link':
      throw new CommandFailure(`${source.file}: ${decodeText(fields[2])}`);
    default:
      throw new CommandFailure(`${source.file}: ${decodeText(fields[0])}`);
  }
}

/** The name of a source file that the module tells, with nothing in it that a terminal obeys. */
const shownFile = (file: string): string => decodeText(file).replace(/\p{Cc}|\p{Cf}/gu, '?');

/** A function's name, quoted where it is not a plain word. */
const shownFrame = (name: string): string => (/^[\w$.:<>~-]+$/.test(name) ? name : shownName(name));
