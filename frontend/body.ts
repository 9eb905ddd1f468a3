// Checks that function bodies are well-formed: a sequence of known instructions, blocks closed, nothing behind the end.
//
// Consumes bodies that validation has found, or not yet found, invalid; throws WasmError 'malformed' or 'unsupported'.
// Validation sees the same in passing, so this runs only where it stops early: a module that is malformed anywhere is
// malformed, whatever rule it breaks besides.
//
// spec: binary/modules#code-section, binary/instructions
import type { WasmError } from './errors.ts';
import { type Instruction, readInstruction } from './instruction-reader.ts';
import { type Code, countImports, type Module } from './module.ts';
import { Reader } from './reader.ts';

const END = 0x0b;

/** The error for a body that stops before its last `end`, by what stands behind it. */
export function missingEnd(reader: Reader): WasmError {
  const { bytes, end } = reader;
  if (end === bytes.length) return reader.malformed('unexpected end of section or function');
  return reader.malformed(bytes[end] === END ? 'section size mismatch' : 'END opcode expected');
}

/** The error for bytes behind the last `end`. */
export function trailingBytes(reader: Reader): WasmError {
  return reader.malformed('section size mismatch');
}

/** The error for an `else` that no `if` precedes. */
export function strayElse(reader: Reader, offset: number): WasmError {
  return reader.malformed('END opcode expected, found else', offset);
}

/** Refuses a segment instruction in a module that does not say how many segments will follow. */
export function requireDataCount({ dataCount }: Module, reader: Reader, { op, offset }: Instruction): void {
  if (dataCount === undefined && (op.immediates === 'data' || op.immediates === 'data_memory')) {
    throw reader.malformed('data count section required', offset);
  }
}

function checkBody(module: Module, { body }: Code, functionIndex: number): void {
  const reader = new Reader(module.bytes, body.start, body.end, functionIndex);
  // Of each open block whether it is an `if` that waits for its `else`.
  const open = [false];
  while (open.length > 0) {
    if (reader.position >= body.end) throw missingEnd(reader);
    const instruction = readInstruction(reader);
    const { op, offset } = instruction;
    requireDataCount(module, reader, instruction);
    if (op.immediates === 'block') open.push(op.mnemonic === 'if');
    else if (op.mnemonic === 'end') open.pop();
    else if (op.mnemonic === 'else') {
      if (!open[open.length - 1]) throw strayElse(reader, offset);
      open[open.length - 1] = false;
    }
  }
  if (reader.position < body.end) throw trailingBytes(reader);
}

/** Throws for the first body that is malformed or needs an unsupported proposal. */
export function checkBodies(module: Module): void {
  const imported = countImports(module, 'func');
  module.code.forEach((code, position) => checkBody(module, code, imported + position));
}
