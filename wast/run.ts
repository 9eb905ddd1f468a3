// Runs a script of the specification on compiled code: every command in order, every assertion judged.
//
// Consumes the text of a script and a Session; produces a Report. What a script needs and this compiler refuses, since it
// belongs to a proposal not implemented, is a failure that names the proposal, so that a reader can tell the two apart.
//
// spec: interpreter/README.md#scripts
import { validate, type ValidationOptions, WasmError } from '../compiler.ts';
import { type Action, parseScript, type ScriptCommand, type ScriptModule } from '../frontend/script.ts';
import { decodeText, encodeText, NodeFailure } from './node.ts';
import type { Session } from './session.ts';
import { encodeValue, matches, showField, showPattern } from './values.ts';

export interface Failure {
  readonly line: number;
  readonly got: string;
  readonly expected: string;
  /** The proposal, where this command is about a module that was refused because of one. */
  readonly proposal?: string;
}

export interface Report {
  /** Assertions that held. */
  readonly passed: number;
  /** Assertions that did not hold, and other commands that failed. */
  readonly failures: readonly Failure[];
}

export interface RunOptions extends ValidationOptions {
  /** File name, for stack traces. */
  readonly source: string;
  /** Judge the command of this line only. */
  readonly line?: number;
}

/** What came of a command. */
type Outcome =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | {
      readonly kind: 'trap' | 'unlinkable' | 'malformed' | 'invalid' | 'unsupported' | 'error' | 'death';
      readonly text: string;
    };

/** An instance of a script: its number on the node, or why there is none. */
type Slot = { readonly number: string; readonly epoch: number } | { readonly missing: Outcome };

const DONE: Outcome = { kind: 'values', values: [] };

/** Runs a script. Failures are part of the report; it rejects only where no Erlang node can be had. */
export async function runScript(text: string, session: Session, options: RunOptions): Promise<Report> {
  let commands: readonly ScriptCommand[];
  try {
    commands = parseScript(text);
  } catch (error) {
    const outcome = outcomeOf(error);
    const line = error instanceof WasmError ? (error.line ?? 1) : 1;
    return { passed: 0, failures: [failure(line, outcome, 'a script')] };
  }
  const run = new ScriptRun(session, options);
  await session.beginScript();
  const failures: Failure[] = [];
  let passed = 0;
  for (const command of commands) {
    if (options.line !== undefined && command.line > options.line) break;
    const failed = await run.perform(command);
    if (options.line !== undefined && command.line !== options.line) continue;
    if (failed !== undefined) failures.push(failed);
    else if (command.kind.startsWith('assert')) passed++;
  }
  return { passed, failures };
}

class ScriptRun {
  private readonly session: Session;
  private readonly options: RunOptions;
  private readonly instances = new Map<string, Slot>();
  private readonly definitions = new Map<string, ScriptModule>();
  /** Names registered for modules that were refused: what imports from them was not linked because of that. */
  private readonly refused = new Map<string, Outcome>();
  private latest: Slot = { missing: { kind: 'error', text: 'there is no instance' } };
  private latestDefinition: ScriptModule | undefined;
  private count = 0;

  constructor(session: Session, options: RunOptions) {
    this.session = session;
    this.options = options;
  }

  /** Does what a command says; undefined where all is as it should be. */
  async perform(command: ScriptCommand): Promise<Failure | undefined> {
    const { line } = command;
    switch (command.kind) {
      case 'module':
        return done(line, await this.makeInstance(command.module, command.module.name), 'an instance');
      case 'definition':
        this.latestDefinition = command.module;
        if (command.module.name !== undefined) this.definitions.set(command.module.name, command.module);
        return done(line, await this.judgeModule(command.module), 'a valid module');
      case 'instance': {
        const { definition, name } = command;
        const module = definition === undefined ? this.latestDefinition : this.definitions.get(definition);
        if (module === undefined) return { line, got: 'no such definition', expected: 'a definition' };
        return done(line, await this.makeInstance(module, name), 'an instance');
      }
      case 'register':
        return done(line, await this.register(command.as, command.instance), 'an instance to register');
      case 'action':
        return done(line, await this.act(command.action), 'no failure');
      case 'assert_return': {
        const outcome = await this.act(command.action);
        const { expected } = command;
        const good =
          outcome.kind === 'values' &&
          outcome.values.length === expected.length &&
          expected.every((pattern, i) => matches(pattern, outcome.values[i]));
        return good ? undefined : failure(line, outcome, expected.map(showPattern).join(' ') || 'no result');
      }
      case 'assert_trap':
      case 'assert_exhaustion':
        return fails(line, await this.act(command.action), 'trap', command.text);
      case 'assert_exception':
        return failure(line, await this.act(command.action), 'an exception');
      case 'assert_uninstantiable':
        return fails(line, await this.instantiate(command.module), 'trap', command.text);
      case 'assert_unlinkable':
        return fails(line, await this.instantiate(command.module), 'unlinkable', command.text);
      case 'assert_malformed':
      case 'assert_invalid': {
        const kind = command.kind === 'assert_malformed' ? 'malformed' : 'invalid';
        return fails(line, await this.judgeModule(command.module), kind, command.text);
      }
    }
  }

  private judgeModule(module: ScriptModule): Promise<Outcome> {
    return attempt(() => {
      validate(module.load().bytes, this.options);
      return Promise.resolve(DONE);
    });
  }

  private async makeInstance(module: ScriptModule, name: string | undefined): Promise<Outcome> {
    const outcome = await this.instantiate(module);
    this.latest =
      outcome.kind === 'values' ? { number: String(this.count), epoch: this.session.epoch } : { missing: outcome };
    if (name !== undefined) this.instances.set(name, this.latest);
    return outcome;
  }

  private instantiate(module: ScriptModule): Promise<Outcome> {
    return attempt(async () => {
      const name = await this.session.load(module.load().bytes, this.options.source, this.options);
      return this.request(['instantiate', name, String(++this.count)]);
    });
  }

  private async register(as: string, name: string | undefined): Promise<Outcome> {
    const slot = this.find(name);
    if ('missing' in slot) {
      if (proposalOf(slot.missing) !== undefined) this.refused.set(as, slot.missing);
      return slot.missing;
    }
    return attempt(() => this.request(['register', slot.number, encodeText(as)]));
  }

  private async act(action: Action): Promise<Outcome> {
    const slot = this.find(action.instance);
    if ('missing' in slot) return slot.missing;
    const values = action.kind === 'invoke' ? action.arguments.map(encodeValue) : [];
    return attempt(() => this.request([action.kind, slot.number, encodeText(action.name), ...values]));
  }

  private find(name: string | undefined): Slot {
    const slot = name === undefined ? this.latest : this.instances.get(name);
    if (slot === undefined) return { missing: { kind: 'error', text: `there is no instance $${name ?? ''}` } };
    if ('missing' in slot || slot.epoch === this.session.epoch) return slot;
    return { missing: { kind: 'death', text: 'the instance was lost with its Erlang node' } };
  }

  private async request(fields: readonly string[]): Promise<Outcome> {
    const answer = await this.session.request(fields);
    switch (answer.verb) {
      case 'ok':
        return DONE;
      case 'values':
        return { kind: 'values', values: answer.fields };
      case 'trap':
        return { kind: 'trap', text: decodeText(answer.fields[0]) };
      case 'link': {
        const [words, module] = answer.fields.map(decodeText);
        return this.refused.get(module) ?? { kind: 'unlinkable', text: words };
      }
      default:
        return { kind: 'error', text: decodeText(answer.fields[0]) };
    }
  }
}

/** The outcome of what may throw. */
async function attempt(action: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await action();
  } catch (error) {
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof WasmError) return { kind: error.kind, text: error.text };
  if (error instanceof NodeFailure) return { kind: 'death', text: error.message };
  // A fault of the compiler fails this one command: its first line tells which, a rerun with the debugger where.
  return { kind: 'error', text: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** The specification names an element in some messages where this runtime has its words alone. */
const fits = (text: string, wanted: string): boolean =>
  text.startsWith(wanted) || (wanted.startsWith(text) && /^ \d+$/.test(wanted.slice(text.length)));

const done = (line: number, outcome: Outcome, expected: string): Failure | undefined =>
  outcome.kind === 'values' ? undefined : failure(line, outcome, expected);

function fails(line: number, outcome: Outcome, kind: Outcome['kind'], text: string): Failure | undefined {
  if (outcome.kind === kind && outcome.kind !== 'values' && fits(outcome.text, text)) return undefined;
  return failure(line, outcome, `${kind}: ${text}`);
}

function failure(line: number, outcome: Outcome, expected: string): Failure {
  if (outcome.kind === 'values') return { line, got: outcome.values.map(showField).join(' ') || 'success', expected };
  const got = `${outcome.kind}: ${outcome.text}`;
  const proposal = proposalOf(outcome);
  return proposal === undefined ? { line, got, expected } : { line, got, expected, proposal };
}

/** As frontend/proposals.ts has it. */
function proposalOf(outcome: Outcome): string | undefined {
  return 'text' in outcome
    ? /\bthe (.+?) proposal(?: \([^()]*\))? is not supported/.exec(outcome.text)?.[1]
    : undefined;
}
