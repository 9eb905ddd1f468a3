// The Erlang node of a run of scripts: started when first needed, started again after it died, with the module
// `spectest` at hand.
//
// Modules are compiled under pooled names, wast_1, wast_2, ..., which every script uses anew, so that the node's atoms
// do not grow with the number of scripts.
import { compile, type CompileOptions, type OtpRelease, parseWat, type ValidationOptions } from '../compiler.ts';
import { type Answer, decodeText, encodeText, ErlangNode, NodeFailure } from './node.ts';
import { SPECTEST } from './spectest.ts';

const SPECTEST_NAME = 'wast_spectest';
const SPECTEST_INSTANCE = 0;

/** Chunks of which release the node reads. */
export const releaseOf = (otp: number): OtpRelease => (otp >= 27 ? 27 : otp === 26 ? 26 : 25);

export interface SessionOptions {
  /** Milliseconds after which an answer is given up and the node ended; default 60,000. */
  readonly timeout?: number;
  /** Whether every annotated type is tested at run time; default: no. */
  readonly checked?: boolean;
  /** Whether modules count their instructions; default: no. */
  readonly fuel?: boolean;
  /** How modules become BEAM files; default: the direct back end. */
  readonly compile?: (bytes: Uint8Array, options: CompileOptions) => Uint8Array | Promise<Uint8Array>;
}

export class Session {
  readonly #timeout: number;
  readonly #compile: NonNullable<SessionOptions['compile']>;
  #node: ErlangNode | undefined;
  #epoch = 0;
  #modules = 0;

  constructor(options: SessionOptions = {}) {
    this.#timeout = options.timeout ?? 60_000;
    const { checked, fuel, compile: compiler = compile } = options;
    this.#compile = (bytes, more) => compiler(bytes, { ...more, checked, fuel });
  }

  /** Changes when all instances are lost: with a new script, or a new node after the death of the last. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Forgets all instances and registered names, but `spectest`. Rejects where no node can be had. */
  async beginScript(): Promise<void> {
    this.#modules = 0;
    this.#epoch++;
    if (this.#node === undefined) {
      await this.#ready();
    } else {
      await this.request(['reset']);
      await this.#instantiateSpectest();
    }
  }

  /** Compiles a module and loads it; gives the name it got. Throws WasmError, or Error where it does not load. */
  async load(bytes: Uint8Array, source: string, options: ValidationOptions): Promise<string> {
    const node = await this.#ready();
    const name = `wast_${++this.#modules}`;
    const beam = await this.#compile(bytes, { ...options, name, source, otp: releaseOf(node.release) });
    const { verb, fields } = await this.request(['load', name], beam);
    if (verb !== 'ok') throw new Error(decodeText(fields[0]));
    return name;
  }

  /** Sends a request. Rejects with NodeFailure where the node died of it; the next request finds a new one. */
  async request(fields: readonly string[], bytes?: Uint8Array): Promise<Answer> {
    const node = await this.#ready();
    try {
      const answer = await node.request(fields, bytes);
      if (answer.verb === 'lost')
        throw new NodeFailure(`the Erlang process ended with ${decodeText(answer.fields[0])}`);
      return answer;
    } catch (error) {
      this.close();
      this.#epoch++;
      throw error;
    }
  }

  close(): void {
    this.#node?.close();
    this.#node = undefined;
  }

  async #ready(): Promise<ErlangNode> {
    if (this.#node !== undefined) return this.#node;
    const node = await ErlangNode.start({ timeout: this.#timeout });
    this.#node = node;
    const { bytes } = parseWat(SPECTEST);
    const beam = await this.#compile(bytes, { name: SPECTEST_NAME, otp: releaseOf(node.release) });
    await this.#expectOk(['load', SPECTEST_NAME], beam);
    await this.#instantiateSpectest();
    return node;
  }

  async #instantiateSpectest(): Promise<void> {
    await this.#expectOk(['instantiate', SPECTEST_NAME, String(SPECTEST_INSTANCE)]);
    await this.#expectOk(['register', String(SPECTEST_INSTANCE), encodeText('spectest')]);
  }

  async #expectOk(fields: readonly string[], bytes?: Uint8Array): Promise<void> {
    const { verb } = await this.request(fields, bytes);
    if (verb !== 'ok') throw new NodeFailure(`the module spectest was not accepted: ${verb}`);
  }
}
