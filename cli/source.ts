// Input files: modules in binary or text, and their errors in terms of the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { formatTextError, parseWat, WasmError } from '../compiler.ts';
import { CommandFailure } from './failure.ts';

const MAGIC = Buffer.from('\0asm', 'latin1');

export interface SourceModule {
  readonly file: string;
  /** The binary module. */
  readonly bytes: Uint8Array;
  /** An error of the front end as a message: `FILE: text (at offset 0x1f)`, or with line, column and source line. */
  describe(error: WasmError): string;
  /** A byte offset of the module as a place in the file. */
  locate(offset: number): string;
}

/** The content of a file. Throws CommandFailure. */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandFailure(`${file}: ${reason(error)}`);
  }
}

/** Throws CommandFailure. */
export function writeOutput(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new CommandFailure(`${file}: ${reason(error)}`);
  }
}

/** A module; a file named .wat, or .wast, is text unless it begins like a binary. Throws CommandFailure. */
export function readModule(file: string): SourceModule {
  const bytes = readInput(file);
  const isText = ['.wat', '.wast'].includes(extname(file)) && !bytes.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isText) {
    const locate = (offset: number) => `${file}, offset 0x${offset.toString(16)}`;
    return { file, bytes, describe: (error) => `${file}: ${error.message}`, locate };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandFailure(`${file}: malformed UTF-8 encoding`);
  }
  try {
    const parsed = parseWat(text);
    const describe = (error: WasmError) => formatTextError(parsed.positions.locate(error), text, file);
    const locate = (offset: number) => {
      const position = parsed.positions.lookup(offset);
      return position === undefined ? file : `${file}:${position.line}:${position.column}`;
    };
    return { file, bytes: parsed.bytes, describe, locate };
  } catch (error) {
    if (error instanceof WasmError) throw new CommandFailure(formatTextError(error, text, file));
    throw error;
  }
}

/** Calls `use`; a WasmError becomes a CommandFailure with a message about the file. */
export async function withSource<T>(module: SourceModule, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (error instanceof WasmError) throw new CommandFailure(module.describe(error));
    throw error;
  }
}

/** The name of a file without folder and extension. */
export const stem = (file: string): string => basename(file, extname(file));

/** Why a file could not be read or written, in a few words. */
export function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'is a folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
