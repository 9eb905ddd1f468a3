// A module that counts its own instructions: what an engine that knows nothing of fuel counts, ours has to charge.
//
// Consumes a binary module; produces one that adds to an exported global before every instruction. docs/fuel.md says what
// counts as one, and what instructions that work on many bytes or elements count. Counts are exact for calls that end.
import { decodeModule } from '../../frontend/decode.ts';
import { readInstruction } from '../../frontend/instruction-reader.ts';
import type { Code, Module } from '../../frontend/module.ts';
import { Reader } from '../../frontend/reader.ts';
import { binary, type Bytes, name, section, signed, TYPE_CODE, unsigned, vector } from '../frontend/binary.ts';

/** The export that holds the count, an i64. */
export const COUNT = '#count';

const SECTION = { global: 6, export: 7, code: 10 } as const;
/** Sections before which the one of globals stands; the others follow it. */
const BEFORE_GLOBALS: readonly number[] = [1, 2, 3, 4, 5];
const BEFORE_EXPORTS: readonly number[] = [...BEFORE_GLOBALS, SECTION.global];
const FREE: readonly string[] = ['block', 'loop', 'else', 'end'];

export function countInstructions(bytes: Uint8Array): Uint8Array {
  const module = decodeModule(bytes);
  const globals = new Globals(module.globals.length);
  const contents = ({ start, end }: { start: number; end: number }): Bytes => [...bytes.subarray(start, end)];
  const own = (id: number): Bytes => {
    const found = module.sections.find((one) => one.id === id);
    return found ? contents(found) : [0];
  };
  const extended = (id: number, entries: readonly Bytes[]): Bytes => {
    const reader = new Reader(Uint8Array.from(own(id)));
    const count = reader.readU32();
    return section(id, [...unsigned(count + entries.length), ...own(id).slice(reader.position), ...entries.flat()]);
  };
  const kept = (wanted: (id: number) => boolean): Bytes[] =>
    module.sections.filter(({ id }) => wanted(id)).map((one) => section(one.id, contents(one)));
  const body = section(SECTION.code, vector(module.code.map((code) => countBody(module, code, globals))));
  return binary(
    ...kept((id) => BEFORE_GLOBALS.includes(id)),
    extended(SECTION.global, [
      [TYPE_CODE.i64, 1, 0x42, 0, 0x0b],
      [TYPE_CODE.i32, 1, 0x41, 0, 0x0b],
      [TYPE_CODE.i32, 1, 0x41, 0, 0x0b],
    ]),
    extended(SECTION.export, [[...name(COUNT), 3, ...unsigned(globals.count)]]),
    ...kept((id) => !BEFORE_EXPORTS.includes(id) && id !== SECTION.export && id !== SECTION.code && id !== 11),
    ...(module.code.length > 0 ? [body] : []),
    ...kept((id) => id === 11),
  );
}

/** Indices of the count and of two numbers that are looked at on their way. */
class Globals {
  readonly count: number;
  readonly length: number;
  readonly result: number;

  constructor(first: number) {
    this.count = first;
    this.length = first + 1;
    this.result = first + 2;
  }
}

const get = (index: number): Bytes => [0x23, ...unsigned(index)];
const set = (index: number): Bytes => [0x24, ...unsigned(index)];
/** Keeps what lies on the stack, and leaves it there. */
const keep = (index: number): Bytes => [...set(index), ...get(index)];
/** Adds the i64 that some code leaves on the stack. */
const add = (count: number, units: Bytes): Bytes => [...get(count), ...units, 0x7c, ...set(count)];
const one: Bytes = [0x42, 1];
/** The global shifted right, as an i64. */
const shifted = (index: number, by: number): Bytes => [...get(index), 0x41, ...signed(by), 0x76, 0xad];

function countBody(module: Module, { body, offset }: Code, globals: Globals): Bytes {
  const { bytes } = module;
  const head = new Reader(bytes, offset);
  head.readU32();
  const out: number[] = [...bytes.subarray(head.position, body.start)];
  const reader = new Reader(bytes, body.start, body.end);
  while (reader.position < reader.end) {
    const start = reader.position;
    const { op } = readInstruction(reader);
    const { mnemonic } = op;
    if (!FREE.includes(mnemonic)) out.push(...add(globals.count, one));
    const isBulk = /^(memory|table)\.(fill|copy|init)$/.test(mnemonic);
    if (isBulk || mnemonic === 'table.grow') out.push(...keep(globals.length));
    if (isBulk) out.push(...add(globals.count, shifted(globals.length, mnemonic.startsWith('memory') ? 2 : 0)));
    out.push(...bytes.subarray(start, reader.position));
    if (mnemonic === 'table.grow') {
      // Nothing where it failed: select(length, 0, result != -1).
      const units = [...shifted(globals.length, 0), 0x42, 0, ...get(globals.result), 0x41, ...signed(-1), 0x47, 0x1b];
      out.push(...keep(globals.result), ...add(globals.count, units));
    }
  }
  return [...unsigned(out.length), ...out];
}
