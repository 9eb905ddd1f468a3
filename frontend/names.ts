// Reads the name section, which serves debugging only: whatever is wrong with it, it is never an error.
//
// Consumes the bytes of custom sections called 'name'; produces Names. An entry that cannot be read ends its section;
// a name that is not UTF-8, or of a function that does not exist, is left out.
//
// spec: appendix/custom#name-section
import { WasmError } from './errors.ts';
import type { CustomSection, Names } from './module.ts';
import { decodeUtf8, Reader } from './reader.ts';

const MODULE_NAME = 0;
const FUNCTION_NAMES = 1;

function readLenientName(reader: Reader): string | undefined {
  const length = reader.readLength();
  const start = reader.skip(length);
  return decodeUtf8(reader.bytes, start, start + length);
}

function readFunctionNames(reader: Reader, functionCount: number, functions: Map<number, string>): void {
  const count = reader.readLength();
  for (let i = 0; i < count; i++) {
    const index = reader.readU32();
    const name = readLenientName(reader);
    if (name !== undefined && index < functionCount) functions.set(index, name);
  }
}

/** Reads all sections called 'name'; where they differ the later one holds. */
export function readNames(bytes: Uint8Array, customs: readonly CustomSection[], functionCount: number): Names {
  const functions = new Map<number, string>();
  let module: string | undefined;
  for (const { name, start, end } of customs) {
    if (name !== 'name') continue;
    const reader = new Reader(bytes, start, end);
    try {
      while (reader.position < end) {
        const id = reader.readByte();
        const size = reader.readU32();
        const from = reader.skip(size);
        const part = new Reader(bytes, from, from + size);
        if (id === MODULE_NAME) module = readLenientName(part);
        else if (id === FUNCTION_NAMES) readFunctionNames(part, functionCount, functions);
      }
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
  }
  return module === undefined ? { functions } : { module, functions };
}
