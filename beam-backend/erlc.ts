// OTP's compiler on Core Erlang text: `compile:file/2`, which is what `erlc` calls.
//
// Consumes text, produces BEAM files. A CoreCompiler is one Erlang node that compiles one text after the other, since a
// node takes longer to start than to compile most modules. Texts and files pass through a folder that goes with it.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** What the compiler has against a text, or why there is none. */
export class ErlcError extends Error {
  override readonly name = 'ErlcError';
}

export interface CoreProduct {
  /** The BEAM file. */
  readonly beam: Uint8Array;
  /** Of the compiler, a line each: generated text should give none. */
  readonly warnings: readonly string[];
}

/** Compiles NAME.core into NAME.beam for each path NAME that it reads; answers with a line: verb and messages. */
const SERVE = String.raw`
  Quote = fun(Text) -> binary:encode_hex(unicode:characters_to_binary(Text)) end,
  Messages = fun(Kind, Lists) -> [[Kind, " ", Quote(io_lib:format("~tp: ~ts", [Place, Module:format_error(What)]))]
      || {_, List} <- Lists, {Place, Module, What} <- List] end,
  Serve = fun Serve() -> case io:get_line("") of
    eof -> halt();
    Line ->
      Name = string:trim(Line),
      Answer = case compile:file(Name, [from_core, binary, return]) of
        {ok, _, Beam, Warnings} -> ok = file:write_file([Name, ".beam"], Beam), ["ok" | Messages("warning", Warnings)];
        {error, Errors, Warnings} -> ["error" | Messages("error", Errors) ++ Messages("warning", Warnings)]
      end,
      io:put_chars([lists:join(",", Answer), "\n"]),
      Serve()
  end end,
  Serve().
`;

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

export class CoreCompiler {
  readonly #node: ChildProcessByStdio<Writable, Readable, null>;
  readonly #folder: string;
  readonly #waiting: Waiting[] = [];
  #count = 0;
  #failure: Error | undefined;

  /** @param erlang the program that runs Erlang */
  constructor(erlang = 'erl') {
    this.#folder = mkdtempSync(join(tmpdir(), 'wasm2beam-core-'));
    const args = ['-boot', 'no_dot_erlang', '-noshell', '+S', '1:1', '-eval', SERVE];
    this.#node = spawn(erlang, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#listen();
  }

  /** Compiles one module. Rejects with ErlcError where the text is refused, or the node is gone. */
  async compile(text: string): Promise<CoreProduct> {
    const name = join(this.#folder, `m${++this.#count}`);
    writeFileSync(`${name}.core`, text);
    const [verb, ...messages] = (await this.#ask(name)).split(',');
    const told = messages.map((message) => Buffer.from(message.split(' ')[1], 'hex').toString('utf8'));
    if (verb !== 'ok') throw new ErlcError(told.join('\n'));
    const beam = readFileSync(`${name}.beam`);
    for (const suffix of ['core', 'beam']) rmSync(`${name}.${suffix}`);
    return { beam, warnings: told };
  }

  /** Ends the node and removes its folder; what is still asked of it rejects. */
  close(): void {
    this.#fail(new ErlcError('the compiler of Core Erlang was closed'));
    this.#node.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ask(name: string): Promise<string> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#node.stdin.write(`${name}\n`);
    });
  }

  #listen(): void {
    // A broken pipe is the end of the node, which is told below.
    this.#node.stdin.on('error', () => undefined);
    createInterface(this.#node.stdout).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#node.on('error', (error) => this.#fail(new ErlcError(error.message)));
    this.#node.on('close', () => this.#fail(new ErlcError('the Erlang node ended')));
  }

  #fail(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}
