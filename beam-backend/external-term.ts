// The external term format: literals, attributes and compile information of a BEAM file.
//
// Consumes a Term; produces its bytes, version byte included. The format is in preorder, so a stack of terms yet to be
// written takes the place of recursion: a term of any depth is encoded. Equal terms give equal bytes.
import type { Term } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';

const VERSION = 131;
const EXT = {
  newFloat: 70,
  smallInteger: 97,
  integer: 98,
  smallTuple: 104,
  largeTuple: 105,
  nil: 106,
  list: 108,
  binary: 109,
  smallBig: 110,
  largeBig: 111,
  map: 116,
  atomUtf8: 118,
  smallAtomUtf8: 119,
} as const;

/** Encodes a term. Throws RangeError for a float that is not finite and a number that is not an exact integer. */
export function encodeTerm(term: Term): Uint8Array {
  const buffer = new ByteBuffer(64);
  buffer.writeByte(VERSION);
  const pending: Term[] = [term];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) writeHead(buffer, next, pending);
  return buffer.view();
}

const NIL: Term = { list: [] };

/** Writes what precedes the parts of a term and pushes the parts, first one on top. */
function writeHead(buffer: ByteBuffer, term: Term, pending: Term[]): void {
  if (typeof term === 'number' || typeof term === 'bigint') {
    writeInteger(buffer, term);
  } else if ('atom' in term) {
    const name = new TextEncoder().encode(term.atom);
    if (name.length < 256) {
      buffer.writeByte(EXT.smallAtomUtf8);
      buffer.writeByte(name.length);
    } else {
      buffer.writeByte(EXT.atomUtf8);
      buffer.writeUint16(name.length);
    }
    buffer.writeBytes(name);
  } else if ('float' in term) {
    if (!Number.isFinite(term.float)) throw new RangeError(`no Erlang float: ${term.float}`);
    buffer.writeByte(EXT.newFloat);
    buffer.writeFloat64(term.float);
  } else if ('binary' in term) {
    buffer.writeByte(EXT.binary);
    buffer.writeUint32(term.binary.length);
    buffer.writeBytes(term.binary);
  } else if ('tuple' in term) {
    if (term.tuple.length < 256) {
      buffer.writeByte(EXT.smallTuple);
      buffer.writeByte(term.tuple.length);
    } else {
      buffer.writeByte(EXT.largeTuple);
      buffer.writeUint32(term.tuple.length);
    }
    pushReversed(pending, term.tuple);
  } else if ('list' in term) {
    if (term.list.length === 0) {
      buffer.writeByte(EXT.nil);
    } else {
      buffer.writeByte(EXT.list);
      buffer.writeUint32(term.list.length);
      pending.push(NIL);
      pushReversed(pending, term.list);
    }
  } else {
    buffer.writeByte(EXT.map);
    buffer.writeUint32(term.map.length);
    for (let i = term.map.length - 1; i >= 0; i--) pending.push(term.map[i][1], term.map[i][0]);
  }
}

function pushReversed(pending: Term[], terms: readonly Term[]): void {
  for (let i = terms.length - 1; i >= 0; i--) pending.push(terms[i]);
}

function writeInteger(buffer: ByteBuffer, value: number | bigint): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`no exact integer: ${value}`);
  if (value >= 0 && value < 256) {
    buffer.writeByte(EXT.smallInteger);
    buffer.writeByte(Number(value));
  } else if (value >= -0x8000_0000 && value < 0x8000_0000) {
    buffer.writeByte(EXT.integer);
    buffer.writeUint32(Number(value));
  } else {
    writeBig(buffer, BigInt(value));
  }
}

/** Sign and magnitude, least significant byte first. */
function writeBig(buffer: ByteBuffer, value: bigint): void {
  const digits = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').reverse();
  if (magnitude.length < 256) {
    buffer.writeByte(EXT.smallBig);
    buffer.writeByte(magnitude.length);
  } else {
    buffer.writeByte(EXT.largeBig);
    buffer.writeUint32(magnitude.length);
  }
  buffer.writeByte(value < 0n ? 1 : 0);
  buffer.writeBytes(magnitude);
}
