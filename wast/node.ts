// An Erlang node that loads compiled modules, makes instances and calls them: the other end of wasm2beam_command.erl.
//
// Requests go out and answers come in one by one over a pipe of their own (descriptor 3), so that standard input and
// output stay the guest's. A request on a node that died or that answers too late rejects with NodeFailure; the node is
// gone then.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Socket } from 'node:net';

/** The node died, answered too late or could not be started; the message says which. */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
}

/** The first field of an answer, and the others. */
export interface Answer {
  readonly verb: string;
  readonly fields: readonly string[];
}

export interface NodeOptions {
  /** What becomes of the node's standard output; default 'ignore'. */
  readonly output?: 'inherit' | 'ignore';
  /** Milliseconds until an answer is given up; default none. */
  readonly timeout?: number;
}

const PIPE = 3;
const LENGTH_BYTES = 4;

/** Text as a field of a request. */
export const encodeText = (text: string): string => Buffer.from(text, 'utf8').toString('hex');
/** Text from a field of an answer. */
export const decodeText = (field: string): string => Buffer.from(field, 'hex').toString('utf8');

/** The program that runs Erlang: what WASM2BEAM_ERL names, else `erl` on the path. */
export const erlangProgram = (): string => process.env.WASM2BEAM_ERL ?? 'erl';

/** The folder of the runtime's compiled modules: what WASM2BEAM_EBIN names, else where set-up leaves it. */
function runtimeFolder(): string {
  const named = process.env.WASM2BEAM_EBIN;
  if (named !== undefined) return named;
  let root = import.meta.dirname;
  // From the sources as well as from dist/.
  while (!existsSync(join(root, 'erlang-shim')) && dirname(root) !== root) root = dirname(root);
  const folder = join(root, '_build/default/lib/wasm2beam/ebin');
  if (!existsSync(join(folder, 'wasm2beam.app'))) {
    throw new NodeFailure('the Erlang runtime of wasm2beam is not built yet: run `make build` first');
  }
  return folder;
}

export class ErlangNode {
  readonly #process: ChildProcess;
  readonly #pipe: Socket;
  readonly #timeout: number | undefined;
  readonly #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  #input: Buffer = Buffer.alloc(0);
  #release = 0;
  #failure: NodeFailure | undefined;

  private constructor(child: ChildProcess, timeout: number | undefined) {
    this.#process = child;
    this.#pipe = child.stdio[PIPE] as Socket;
    this.#timeout = timeout;
    this.#pipe.on('data', (bytes: Buffer) => this.#receive(bytes));
    // A broken pipe is the death of the node, which is told once.
    this.#pipe.on('error', () => undefined);
    child.on('error', (error) => this.#fail(new NodeFailure(`${erlangProgram()} did not start: ${error.message}`)));
    child.on('exit', (status, signal) =>
      this.#fail(new NodeFailure(`the Erlang node ended with ${signal ?? `status ${status ?? 0}`}`)),
    );
  }

  /** Starts a node and waits until it serves. Rejects with NodeFailure. */
  static async start({ output = 'ignore', timeout }: NodeOptions = {}): Promise<ErlangNode> {
    const args = ['-boot', 'no_dot_erlang', '-noinput', '+S', '1:1', '+Bd', '-kernel', 'logger_level', 'none'];
    const child = spawn(erlangProgram(), [...args, '-pa', runtimeFolder(), '-s', 'wasm2beam_command'], {
      stdio: ['inherit', output, 'inherit', 'pipe'],
      // A guest that takes all memory shall not fill the disk too.
      env: { ...process.env, ERL_CRASH_DUMP_BYTES: '0' },
    });
    const node = new ErlangNode(child, timeout);
    const { fields } = await node.#answer();
    node.#release = Number(fields[0]);
    return node;
  }

  /** The OTP release that the node runs, e.g. 25. */
  get release(): number {
    return this.#release;
  }

  /** Sends fields, and bytes behind them, and waits for the answer. */
  request(fields: readonly string[], bytes?: Uint8Array): Promise<Answer> {
    const head = Buffer.from(fields.join(' ') + (bytes === undefined ? '' : '\n'), 'latin1');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(head.length + (bytes?.length ?? 0));
    this.#pipe.write(Buffer.concat(bytes === undefined ? [length, head] : [length, head, bytes]));
    return this.#answer();
  }

  /** Ends the node; what is still asked of it rejects. */
  close(): void {
    this.#fail(new NodeFailure('the Erlang node was closed'));
  }

  #answer(): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<Answer>((resolve, reject) => {
      const seconds = (this.#timeout ?? 0) / 1000;
      const late = () => this.#fail(new NodeFailure(`no answer within ${seconds} s`));
      const timer = this.#timeout === undefined ? undefined : setTimeout(late, this.#timeout);
      this.#waiting.push({
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  #receive(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    while (this.#input.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#input.readUInt32BE();
      if (this.#input.length < end) return;
      const [verb, ...fields] = this.#input.toString('latin1', LENGTH_BYTES, end).split(' ');
      this.#input = this.#input.subarray(end);
      this.#waiting.shift()?.resolve({ verb, fields });
    }
  }

  #fail(failure: NodeFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#process.kill('SIGKILL');
    this.#pipe.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}
