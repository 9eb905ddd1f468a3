// Damaged modules: the compiler has to agree with V8 on what is a valid module, and must neither crash nor take long.
//
// Consumes a seed; flips, replaces, inserts and removes bytes of generated modules. 'unsupported' is no opinion; nor is
// what V8 accepts or refuses for reasons of its own (proposals that Node 20 has and this compiler has not, custom
// sections that V8 looks into, element segments of numbers).
import { compile, validate } from '../../compiler.ts';
import { WasmError } from '../../frontend/errors.ts';
import { encode } from './encode.ts';
import { generate } from './generate.ts';
import { Random } from './random.ts';
import { MODULE_NAME } from './ways.ts';

const SLOW_MS = 2_000;
const VARIANTS = 150;
const MOST_BYTES = 900;
/** One in so many is compiled if it is valid; the others are only validated. */
const COMPILED = 8;
/** Bytes that mean something: section ids, types, opcodes, the ends of LEB128 ranges. */
const TELLING = [0, 1, 2, 3, 4, 5, 0x0b, 0x0f, 0x10, 0x40, 0x60, 0x6f, 0x70, 0x7b, 0x7f, 0x80, 0xfc, 0xfd, 0xff];

export interface ValidityFinding {
  readonly what: string;
  /** The module. */
  readonly hex: string;
}

export interface MutationReport {
  readonly modules: number;
  readonly valid: number;
  readonly unsupported: number;
  readonly findings: readonly ValidityFinding[];
}

/** A copy with bytes changed, put in or left out, in one place or a few. */
export function mutate(random: Random, original: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = [...original];
  for (
    let count = random.weighted([
      [6, 1],
      [3, 2],
      [1, 6],
    ]);
    count > 0;
    count--
  ) {
    const at = random.below(bytes.length);
    const byte = random.chance(50) ? random.pick(TELLING) : random.below(256);
    random.weighted<() => unknown>([
      [4, () => (bytes[at] = byte)],
      [3, () => (bytes[at] ^= 1 << random.below(8))],
      [2, () => (bytes[at] = (bytes[at] + random.pick([1, 255])) & 0xff)],
      [1, () => bytes.splice(at, 0, byte)],
      [1, () => bytes.splice(at, random.between(1, 3))],
      [0.5, () => bytes.splice(at)],
    ])();
    if (bytes.length === 0) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

type Verdict = 'valid' | 'invalid' | 'unsupported' | { readonly crash: string };

/**
 * V8 takes an element segment of expressions whose type is a number's while it is empty; the specification has no such
 * type. spec: binary/modules#element-section
 */
const isLeniency = ({ text, offset = 0 }: WasmError, bytes: Uint8Array): boolean =>
  text === 'malformed reference type' && bytes[offset] >= 0x7b && bytes[offset] <= 0x7f;

/** @param whole whether a valid module is compiled, too: this takes far longer */
export function verdictOf(bytes: Uint8Array, whole: boolean): Verdict {
  try {
    if (whole) compile(bytes, { name: MODULE_NAME });
    else validate(bytes);
    return 'valid';
  } catch (error) {
    if (error instanceof WasmError) {
      return error.kind === 'unsupported' || isLeniency(error, bytes) ? 'unsupported' : 'invalid';
    }
    return { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** A small module, since in a large one most damage is to constants. */
function smallModule(random: Random): Uint8Array {
  for (;;) {
    const bytes = encode(generate(random.word()));
    if (bytes.length < MOST_BYTES) return bytes;
  }
}

/** Mutates modules for so many seconds, or until so many findings. */
export function mutateModules(seed: number, seconds: number, most: number): MutationReport {
  const random = new Random(seed);
  const end = Date.now() + seconds * 1000;
  const findings: ValidityFinding[] = [];
  let [modules, valid, unsupported] = [0, 0, 0];
  while (Date.now() < end && findings.length < most) {
    const original = smallModule(random);
    for (let i = 0; i < VARIANTS && Date.now() < end && findings.length < most; i++) {
      const bytes = mutate(random, original);
      const start = Date.now();
      const verdict = verdictOf(bytes, i % COMPILED === 0);
      const took = Date.now() - start;
      modules++;
      if (verdict === 'valid') valid++;
      const report = (what: string): number => findings.push({ what, hex: Buffer.from(bytes).toString('hex') });
      if (took > SLOW_MS) report(`compilation took ${took} ms`);
      if (typeof verdict === 'object') report(`the compiler crashed: ${verdict.crash.slice(0, 300)}`);
      else if (verdict === 'unsupported') unsupported++;
      else if (WebAssembly.validate(bytes) !== (verdict === 'valid')) report(`the compiler says ${verdict}`);
    }
  }
  return { modules, valid, unsupported, findings };
}
