// Scripts (.wast): modules, actions and assertions, one command each, in order.
//
// Consumes the text of a script, produces commands. A module is parsed only when its source is asked for, so that
// a malformed one, which an assertion may want, fails nothing else.
//
// spec: interpreter/README.md#scripts (the reference interpreter's grammar)
import { ByteBuffer } from './byte-buffer.ts';
import { WasmError } from './errors.ts';
import { type ResultPattern, type ScriptValue, readArguments, readPatterns } from './script-values.ts';
import { TextSource } from './text-source.ts';
import { FIELD_WORDS, unexpected } from './wat-keywords.ts';
import { utf8 } from './wat-strings.ts';
import { IDENTIFIER, KEYWORD, OPEN, STRING, type Tokens, tokenize } from './wat-tokens.ts';
import { type PositionMap, encodeModule, parseModuleGroup, parseWat } from './wat.ts';

export interface ScriptModule {
  readonly form: 'text' | 'binary' | 'quote';
  /** The name given to it, without `$`. */
  readonly name?: string;
  readonly line: number;
  /**
   * The module in binary; positions are of the script for a text module, of the quoted text for a quoted one.
   * Throws WasmError where the text is malformed.
   */
  load(): { readonly bytes: Uint8Array; readonly positions?: PositionMap };
}

export type Action =
  | {
      readonly kind: 'invoke';
      /** Name of the instance; absent for the latest one. */
      readonly instance?: string;
      readonly name: string;
      readonly arguments: readonly ScriptValue[];
    }
  | { readonly kind: 'get'; readonly instance?: string; readonly name: string };

export type ScriptCommand = { readonly line: number } & (
  | { readonly kind: 'module'; readonly module: ScriptModule }
  /** Defines a module without making an instance. */
  | { readonly kind: 'definition'; readonly module: ScriptModule }
  /** Makes an instance, named `name`, of the definition of that name (the latest one if absent). */
  | { readonly kind: 'instance'; readonly name?: string; readonly definition?: string }
  | { readonly kind: 'register'; readonly as: string; readonly instance?: string }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'assert_return'; readonly action: Action; readonly expected: readonly ResultPattern[] }
  | { readonly kind: 'assert_trap'; readonly action: Action; readonly text: string }
  | { readonly kind: 'assert_exhaustion'; readonly action: Action; readonly text: string }
  | { readonly kind: 'assert_exception'; readonly action: Action }
  /** `assert_trap` on a module: instantiating it traps. */
  | { readonly kind: 'assert_uninstantiable'; readonly module: ScriptModule; readonly text: string }
  | {
      readonly kind: 'assert_malformed' | 'assert_invalid' | 'assert_unlinkable';
      readonly module: ScriptModule;
      readonly text: string;
    }
);

/** All commands of a script. Throws WasmError where the script itself, not a module in it, is wrong. */
export function parseScript(text: string): ScriptCommand[] {
  const tokens = tokenize(new TextSource(text));
  if (tokens.kind(0) === OPEN && tokens.kind(1) === KEYWORD && FIELD_WORDS.has(tokens.text(1))) {
    // The fields of a module without `(module ...)` around them.
    const load = () => encodeModule(tokens, 0, tokens.count, undefined);
    const line = lineOf(tokens, 0);
    return [{ kind: 'module', line, module: { form: 'text', line, load } }];
  }
  const commands: ScriptCommand[] = [];
  for (let open = 0; open < tokens.count; open = tokens.close(open) + 1) {
    const read =
      tokens.kind(open) === OPEN && tokens.kind(open + 1) === KEYWORD ? READERS.get(tokens.text(open + 1)) : undefined;
    if (read === undefined) throw unexpected(tokens, open);
    if (tokens.close(open) === tokens.count) throw unexpected(tokens, tokens.count);
    const line = lineOf(tokens, open);
    commands.push(read({ tokens, at: open + 2, end: tokens.close(open), open, line }));
  }
  return commands;
}

const lineOf = (tokens: Tokens, token: number): number => tokens.source.position(tokens.start(token)).line;

/** One command, and how far it is read. */
interface Command {
  readonly tokens: Tokens;
  readonly open: number;
  readonly end: number;
  readonly line: number;
  at: number;
}

type Reader = (command: Command) => ScriptCommand;

function assertionOnModule(kind: 'assert_malformed' | 'assert_invalid' | 'assert_unlinkable'): Reader {
  return (command) => {
    const { line } = command;
    const module = readModule(command.tokens, nextGroup(command, 'module'));
    return { kind, line, module, text: lastText(command) };
  };
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['module', readModuleCommand],
  [
    'register',
    (command) => {
      const as = nextText(command);
      const instance = optionalName(command);
      return finish(command, { kind: 'register', line: command.line, as, instance });
    },
  ],
  ['invoke', ({ tokens, open, line }) => ({ kind: 'action', line, action: readAction(tokens, open) })],
  ['get', ({ tokens, open, line }) => ({ kind: 'action', line, action: readAction(tokens, open) })],
  [
    'assert_return',
    (command) => {
      const { tokens, line, end } = command;
      const action = readAction(tokens, nextGroup(command));
      return { kind: 'assert_return', line, action, expected: readPatterns(tokens, command.at, end) };
    },
  ],
  [
    'assert_trap',
    (command) => {
      const { tokens, line } = command;
      if (tokens.isGroup(command.at, 'module')) {
        const module = readModule(tokens, nextGroup(command));
        return { kind: 'assert_uninstantiable', line, module, text: lastText(command) };
      }
      const action = readAction(tokens, nextGroup(command));
      return { kind: 'assert_trap', line, action, text: lastText(command) };
    },
  ],
  [
    'assert_exhaustion',
    (command) => {
      const action = readAction(command.tokens, nextGroup(command));
      return { kind: 'assert_exhaustion', line: command.line, action, text: lastText(command) };
    },
  ],
  [
    'assert_exception',
    (command) => {
      const action = readAction(command.tokens, nextGroup(command));
      return finish(command, { kind: 'assert_exception', line: command.line, action });
    },
  ],
  ['assert_malformed', assertionOnModule('assert_malformed')],
  ['assert_invalid', assertionOnModule('assert_invalid')],
  ['assert_unlinkable', assertionOnModule('assert_unlinkable')],
]);

/** Passes the next group, which begins with `word` if that is given, and returns its open parenthesis. */
function nextGroup(command: Command, word?: string): number {
  const { tokens, at } = command;
  if (word === undefined ? tokens.kind(at) !== OPEN : !tokens.isGroup(at, word)) throw unexpected(tokens, at);
  command.at = tokens.close(at) + 1;
  return at;
}

function stringAt(tokens: Tokens, token: number): string {
  if (tokens.kind(token) !== STRING) throw unexpected(tokens, token);
  return tokens.utf8(token, tokens.bytes(token));
}

const nextText = (command: Command): string => stringAt(command.tokens, command.at++);

function optionalName(command: Command): string | undefined {
  const { tokens, at } = command;
  if (tokens.kind(at) !== IDENTIFIER) return undefined;
  command.at++;
  return tokens.name(at);
}

function lastText(command: Command): string {
  return finish(command, nextText(command));
}

function finish<T>({ tokens, at, end }: Command, value: T): T {
  if (at !== end) throw unexpected(tokens, at);
  return value;
}

function readAction(tokens: Tokens, open: number): Action {
  const end = tokens.close(open);
  const command: Command = { tokens, open, end, line: 0, at: open + 2 };
  if (tokens.isGroup(open, 'invoke')) {
    const instance = optionalName(command);
    const name = nextText(command);
    return { kind: 'invoke', instance, name, arguments: readArguments(tokens, command.at, end) };
  }
  if (!tokens.isGroup(open, 'get')) throw unexpected(tokens, open);
  const instance = optionalName(command);
  return finish(command, { kind: 'get', instance, name: nextText(command) });
}

function readModuleCommand(command: Command): ScriptCommand {
  const { tokens, open, line } = command;
  if (tokens.isKeyword(command.at, 'definition')) {
    return { kind: 'definition', line, module: readModule(tokens, open, 2) };
  }
  if (tokens.isKeyword(command.at, 'instance')) {
    command.at++;
    const name = optionalName(command);
    const definition = optionalName(command);
    return finish(command, { kind: 'instance', line, name, definition });
  }
  return { kind: 'module', line, module: readModule(tokens, open) };
}

/** A module in any form; `words` stand between the parenthesis and its name. */
function readModule(tokens: Tokens, open: number, words = 1): ScriptModule {
  let at = open + 1 + words;
  const name = tokens.kind(at) === IDENTIFIER ? tokens.name(at++) : undefined;
  const line = lineOf(tokens, open);
  if (tokens.isKeyword(at, 'binary')) {
    return { form: 'binary', name, line, load: () => ({ bytes: joinStrings(tokens, at + 1, tokens.close(open)) }) };
  }
  if (tokens.isKeyword(at, 'quote')) {
    return {
      form: 'quote',
      name,
      line,
      load: () => parseQuoted(joinStrings(tokens, at + 1, tokens.close(open), 0x20)),
    };
  }
  return { form: 'text', name, line, load: () => parseModuleGroup(tokens, open, words) };
}

function parseQuoted(bytes: Uint8Array) {
  const text = utf8(bytes);
  if (text === undefined) throw new WasmError('malformed', 'malformed UTF-8 encoding', { line: 1, column: 1 });
  return parseWat(text);
}

/** The strings in tokens [start, end), each followed by a separator if one is given. */
function joinStrings(tokens: Tokens, start: number, end: number, separator?: number): Uint8Array {
  const bytes = new ByteBuffer();
  for (let at = start; at < end; at++) {
    if (tokens.kind(at) !== STRING) throw unexpected(tokens, at);
    bytes.raw(tokens.bytes(at));
    if (separator !== undefined) bytes.byte(separator);
  }
  return bytes.view();
}
