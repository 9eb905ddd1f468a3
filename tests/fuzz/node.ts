// The Erlang node that generated modules run on: one for many of them, restarted when it dies.
//
// Consumes BEAM files and programs; produces what fuzz_node.escript observed. Jobs are answered in order, so that the
// first unanswered one is to blame when the node dies or says nothing any more.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ValueType } from '../../ir/instructions.ts';
import { FUEL, functionTypeOf, type Program } from './program.ts';

const ERL = process.env.WASM2BEAM_ERL ?? 'erl';
/** Longer than the node's own limit for a program. */
const SILENCE_MS = 30_000;

interface Job {
  readonly packet: Buffer;
  readonly answer: (lines: string[]) => void;
}

/** A list of types or bits as an Erlang term. */
const terms = (items: readonly (ValueType | bigint | null)[]): string =>
  `[${items.map((item) => (item === null ? 'null' : item.toString())).join(',')}]`;

/** The text of what the node has to know of a program. */
export function planOf(program: Program, metered: boolean): string {
  const { hosts, calls, globals, memory, importedGlobals, importsMemory } = program;
  const hostTerms = hosts.map(({ type, rows, callback }) => {
    const back = callback === undefined ? 'none' : `<<"f${callback}">>`;
    return `{${terms(type.parameters)},${terms(type.results)},[${rows.map(terms).join(',')}],${back}}`;
  });
  const callTerms = calls.map((call) => {
    const { parameters, results } = functionTypeOf(program, hosts.length + call.function);
    return `{<<"f${call.function}">>,${terms(parameters)},${terms(call.args)},${terms(results)}}`;
  });
  const given = globals
    .slice(0, importedGlobals)
    .map(({ type, mutable, initial }) => `{${type},${mutable ? 'var' : 'const'},${initial.bits ?? 'null'}}`);
  const limits = importsMemory ? `{${memory!.minimum},${memory!.maximum ?? 'none'}}` : 'none';
  const globalTypes = terms(globals.map(({ type }) => type));
  return (
    `#{hosts=>[${hostTerms.join(',')}],calls=>[${callTerms.join(',')}],` +
    `globals=>${globalTypes},memory=>${memory !== undefined},given=>[${given.join(',')}],given_memory=>${limits},fuel=>${FUEL},metered=>${metered}}`
  );
}

function makePacket(program: Program, beam: Uint8Array, metered: boolean): Buffer {
  const plan = Buffer.from(planOf(program, metered));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(4 + plan.length + beam.length, 0);
  sizes.writeUInt32BE(plan.length, 4);
  return Buffer.concat([sizes, plan, beam]);
}

export class ErlangNode {
  private readonly codePaths: readonly string[];
  private process: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  private readonly jobs: Job[] = [];
  private received: Buffer = Buffer.alloc(0);
  private complaints = '';
  private silence: NodeJS.Timeout | undefined;
  restarts = 0;

  /** @param codePaths folders of the runtime's BEAM files; the later come first */
  constructor(codePaths: readonly string[]) {
    this.codePaths = codePaths;
  }

  /** Runs a program whose BEAM file (of a module named `fuzz`) is given; tells of its fuel, too, if it is metered. */
  run(program: Program, beam: Uint8Array, metered = false): Promise<string[]> {
    return new Promise((answer) => {
      const job = { packet: makePacket(program, beam, metered), answer };
      this.jobs.push(job);
      if (this.process) this.process.stdin.write(job.packet);
      else this.start();
      if (this.jobs.length === 1) this.expectAnswer();
    });
  }

  /** Ends the node; there must be no unanswered job. */
  stop(): void {
    clearTimeout(this.silence);
    const { process: node } = this;
    this.process = undefined;
    node?.stdin.end();
    node?.kill();
  }

  private start(): void {
    const paths = this.codePaths.flatMap((path) => ['-pa', path]);
    const script = join(import.meta.dirname.replace(/\/build\/.*/, '/tests/fuzz'), '../harness/fuzz_node.escript');
    const boot = ['+B', '+S', '1', '-boot', 'no_dot_erlang', '-noinput', ...paths, '-run', 'escript', 'start'];
    const node = spawn(ERL, [...boot, '-extra', script], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ERL_CRASH_DUMP_BYTES: '0' },
    });
    this.process = node;
    this.received = Buffer.alloc(0);
    this.complaints = '';
    node.stdout.on('data', (data: Buffer) => this.receive(data));
    node.stderr.on('data', (data: Buffer) => (this.complaints = (this.complaints + data.toString()).slice(-500)));
    // The end of the process says why; a broken pipe says only that.
    node.stdin.on('error', () => undefined);
    node.on('close', (code, signal) => {
      if (this.process === node) this.died(signal ?? `status ${code}`);
    });
    for (const { packet } of this.jobs) node.stdin.write(packet);
  }

  private receive(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    while (this.received.length >= 4) {
      const length = this.received.readUInt32BE(0);
      if (this.received.length < 4 + length) return;
      const lines = this.received.toString('utf8', 4, 4 + length).split('\n');
      this.received = this.received.subarray(4 + length);
      this.answerFirst(lines);
    }
  }

  private answerFirst(lines: string[]): void {
    this.jobs.shift()!.answer(lines);
    this.expectAnswer();
  }

  private expectAnswer(): void {
    clearTimeout(this.silence);
    if (this.jobs.length === 0) return;
    this.silence = setTimeout(() => this.process?.kill('SIGKILL'), SILENCE_MS);
  }

  /** The first job is to blame; the others go to a new node. */
  private died(how: string): void {
    this.process = undefined;
    this.restarts++;
    const words = this.complaints.trim().replace(/\s+/g, ' ');
    const first = this.jobs.shift();
    if (this.jobs.length > 0) this.start();
    this.expectAnswer();
    first?.answer([`the node died: ${how} ${words}`]);
  }
}
