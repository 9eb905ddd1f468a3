// `wasm2beam serve`: the compiler as a long-lived process behind a port of the runtime (wasm2beam_compiler.erl), which asks
// for one module at a time.
//
// Frames on standard input and output, each behind its length in four bytes, big endian. A request: OTP release (1 byte),
// flags (1): 1 for text, 2 for fuel; milliseconds that it may take (4), the module. An answer: 0 and the BEAM file, or 1, the
// length of the kind of error (1), the kind, the message. Names in the file are pooled, that of the module is NAME.
import { Worker } from 'node:worker_threads';
import { compileInThreads, parseWat, type OtpRelease, WasmError } from '../compiler.ts';
import { releaseOf } from '../wast/session.ts';

/** The runtime puts a name from its pool in its place. */
const NAME = 'wasm2beam_pool';
/** Stands in stack traces for the file: an atom inside the virtual machine, so it is always the same. */
const SOURCE = 'wasm';
const LENGTH_BYTES = 4;
const HEADER_BYTES = 6;
const TEXT = 1;
const FUEL = 2;

/** Answers until standard input ends, as it does with the node that started this. */
export async function serveCommand(): Promise<void> {
  const watchdog = new Watchdog();
  for await (const request of frames(process.stdin)) {
    watchdog.start(request.readUint32BE(2));
    const answer = await answerTo(request);
    watchdog.stop();
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUint32BE(answer.length);
    process.stdout.write(length);
    process.stdout.write(answer);
  }
  await watchdog.end();
}

async function* frames(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    size += chunk.length;
    while (size >= LENGTH_BYTES) {
      const head = chunks[0].length >= LENGTH_BYTES ? chunks[0] : Buffer.concat(chunks);
      const end = LENGTH_BYTES + head.readUint32BE(0);
      if (size < end) break;
      const all = Buffer.concat(chunks);
      yield all.subarray(LENGTH_BYTES, end);
      chunks = [all.subarray(end)];
      size -= end;
    }
  }
}

async function answerTo(request: Buffer): Promise<Buffer> {
  const otp = releaseOf(request.readUint8(0));
  const content = request.subarray(HEADER_BYTES);
  try {
    const flags = request.readUint8(1);
    const options = { otp, fuel: (flags & FUEL) !== 0 };
    const beam = await ((flags & TEXT) !== 0 ? compileText(content, options) : compileBinary(content, options));
    return Buffer.concat([Buffer.of(0), beam]);
  } catch (error) {
    const kind = Buffer.from(error instanceof WasmError ? error.kind : 'internal');
    const message = Buffer.from(error instanceof Error ? error.message : String(error));
    return Buffer.concat([Buffer.of(1, kind.length), kind, message]);
  }
}

interface Options {
  readonly otp: OtpRelease;
  readonly fuel: boolean;
}

async function compileBinary(bytes: Uint8Array, options: Options): Promise<Uint8Array> {
  const [{ beam }] = await compileInThreads(bytes, { name: NAME, source: SOURCE, names: 'pooled', ...options });
  return beam;
}

async function compileText(content: Buffer, options: Options): Promise<Uint8Array> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new WasmError('malformed', 'malformed UTF-8 encoding');
  }
  const { bytes, positions } = parseWat(text);
  try {
    return await compileBinary(bytes, options);
  } catch (error) {
    throw error instanceof WasmError ? positions.locate(error) : error;
  }
}

/**
 * Ends this process when a request takes too long. The runtime has given up by then, and only closes its end, which a
 * process that computes does not notice: so another thread keeps the time.
 */
class Watchdog {
  /** Milliseconds of the request at hand, 0 for none. */
  readonly #limit = new Int32Array(new SharedArrayBuffer(4));
  readonly #thread = new Worker(
    `const { workerData: limit } = require('node:worker_threads');
     for (;;) {
       const milliseconds = Atomics.load(limit, 0);
       if (milliseconds === -1) break;
       const wait = milliseconds === 0 ? Infinity : milliseconds;
       if (Atomics.wait(limit, 0, milliseconds, wait) === 'timed-out') process.kill(process.pid, 'SIGKILL');
     }`,
    { eval: true, workerData: this.#limit },
  );

  start(milliseconds: number): void {
    this.#set(Math.min(Math.max(milliseconds, 1), 0x7fffffff));
  }

  stop(): void {
    this.#set(0);
  }

  async end(): Promise<void> {
    this.#set(-1);
    await this.#thread.terminate();
  }

  #set(value: number): void {
    Atomics.store(this.#limit, 0, value);
    Atomics.notify(this.#limit, 0);
  }
}
