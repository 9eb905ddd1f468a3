// An engine in a process of its own that measures when asked to, so that engines can take turns.
//
// It prints `ready` once, with its version behind it if it has one. A line `KERNEL N` on its standard input is answered
// by `CHECKSUM NANOSECONDS` for one call of the kernel's `run(N)`, or by `error TEXT`. The end of its input ends it.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** What one call of `run(n)` gave. */
export interface Measurement {
  /** The result as an unsigned 32-bit number. */
  readonly checksum: number;
  readonly nanoseconds: number;
}

/** The engine has no answer; the message is its own. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** How many bytes of a failing engine's messages are kept. */
const MESSAGE_BYTES = 2000;

export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #messages = '';
  #version = '';

  private constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [program, ...args] = command;
    this.#process = spawn(program, args, { env: { ...process.env, ...environment } });
    this.#process.on('error', (error) => (this.#messages += error.message));
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.on('data', (data: Buffer) => {
      this.#messages = (this.#messages + data.toString()).slice(-MESSAGE_BYTES);
    });
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Starts an engine, with variables added to the environment. Throws PeerError if it does not get ready. */
  static async start(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Peer> {
    const peer = new Peer(command, environment);
    const answer = await peer.#read();
    if (!answer.startsWith('ready')) throw new PeerError(answer);
    peer.#version = answer.slice('ready'.length).trim();
    return peer;
  }

  /** What the engine says about itself. */
  get version(): string {
    return this.#version;
  }

  /** One measured call. Throws PeerError where the kernel failed. */
  async run(kernel: string, n: number): Promise<Measurement> {
    const answer = await this.ask(`${kernel} ${n}`);
    const [checksum, nanoseconds] = answer.split(' ').map(Number);
    if (!Number.isFinite(checksum) || !Number.isFinite(nanoseconds)) throw new PeerError(`no measurement: ${answer}`);
    return { checksum, nanoseconds };
  }

  /** Any question of one line. Throws PeerError for an answer that begins with `error`. */
  async ask(question: string): Promise<string> {
    this.#process.stdin.write(`${question}\n`);
    const answer = await this.#read();
    if (answer.startsWith('error ')) throw new PeerError(answer.slice('error '.length));
    return answer;
  }

  /** Ends the engine. */
  stop(): void {
    this.#process.stdin.end();
    this.#lines.close();
    this.#process.kill();
  }

  async #read(): Promise<string> {
    const next = await this.#answers.next();
    if (next.done === true) throw new PeerError(`it ended: ${this.#messages.trim()}`);
    return next.value;
  }
}
