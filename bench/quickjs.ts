// Gives the module of quickjs-wasi an exported `run(n)` and takes its imports away, so that every engine runs a program in
// JavaScript in the way of the C kernels.
//
// What was imported becomes a function that does nothing and returns 0: the programs ask for no time and print nothing.
// `run` starts the engine when it is called first, evaluates the program, and then calls its `step()` n times.
import { ByteBuffer } from '../frontend/byte-buffer.ts';
import type { FunctionType } from '../frontend/module.ts';
import { CODE, entry, FUNCTION, GLOBAL, IMPORT, number, Sections } from './sections.ts';

const CALL = 'step()';

/** The programs by kernel. Each defines `step`, which returns an integer of 0 to 2^32-1. */
export const PROGRAMS = {
  // 50 records, 4.8 KB of text.
  json: `
    const text = JSON.stringify(Array.from({ length: 50 }, (_, i) => ({
      id: i * 7919, name: 'item ' + i, price: i * 1.25, tags: ['a', 'b' + i, null, true], at: { x: i - 25, y: -i / 8 },
    })));
    function step() {
      let sum = 0;
      for (const { id, name, price, tags, at } of JSON.parse(text))
        sum = (sum * 31 + id + name.length + price * 8 + tags.length + at.x + at.y * 8) | 0;
      return sum >>> 0;
    }`,
  // 40 lines of a log, of which each is taken apart.
  regex: `
    const log = Array.from({ length: 40 }, (_, i) =>
      '2026-01-' + (10 + i % 20) + 'T12:' + (10 + i) + ' user' + i * 37 + '@host' + i + '.example GET /a/b?c=' + i).join('\\n');
    const line = /^(\\d+)-(\\d\\d)-(\\d\\d)T(\\d\\d:\\d\\d) (\\w+)@([a-z]+)(\\d+)\\.(?:com|example) (GET|POST) (\\S+)$/gm;
    function step() {
      let sum = 0;
      for (const [, year, month, day, time, user, host, number, verb, path] of log.matchAll(line))
        sum = (sum * 31 + +year + +month + +day + time.length + user.length + host.length + +number + verb.length + path.length) | 0;
      return sum >>> 0;
    }`,
} as const;

/**
 * The module with `run`.
 *
 * @param bytes the module of quickjs-wasi
 * @param program in JavaScript, see PROGRAMS
 * @throws Error for another module
 */
export function addQuickjsRun(bytes: Uint8Array, program: string): Uint8Array {
  const sections = new Sections(bytes);
  replaceImports(sections);
  // A global that is the address of CALL once the engine was started.
  const ready = sections.module.globals.length;
  sections.append(GLOBAL, entry(0x7f, 1, 0x41, 0, 0x0b));
  sections.addRun(runBody(sections, program, ready));
  return sections.bytes();
}

function replaceImports(sections: Sections): void {
  const { types, imports } = sections.module;
  sections.empty(IMPORT);
  for (const { name, description } of imports) {
    if (description.kind !== 'func') throw new Error(`the module imports ${name}, which is no function`);
    sections.prepend(FUNCTION, number(description.type));
    sections.prepend(CODE, idleBody(types[description.type]));
  }
}

/** Returns nothing, or the i32 0. */
function idleBody({ results }: FunctionType): Uint8Array {
  if (results.length === 0) return entry(2, 0, 0x0b);
  if (results.join() !== 'i32') throw new Error('the module imports a function whose result is no i32');
  return entry(4, 0, 0x41, 0, 0x0b);
}

/** Parameter 0 is n; local 1 an address, then the value that a step gave; local 2 the checksum. */
function runBody(sections: Sections, program: string, ready: number): ByteBuffer {
  const body = new ByteBuffer();
  const write = (...code: number[]): void => body.raw(entry(...code));
  const call = (name: string): void => {
    write(0x10);
    body.u32(sections.function(name));
  };
  const constant = (value: number): void => {
    write(0x41);
    body.s32(value);
  };
  const callBytes = Buffer.byteLength(CALL);
  /** Pushes what qjs_eval gives for a text at an address that is on the stack; it is no file of any name. */
  const evaluate = (length: number): void => {
    constant(length);
    constant(0);
    constant(0);
    call('qjs_eval');
  };
  write(1, 2, 0x7f);
  // if it has not been started
  write(0x23, ready, 0x45, 0x04, 0x40);
  call('_initialize');
  call('qjs_init');
  write(0x1a);
  writeText(body, program, call);
  write(0x20, 1);
  evaluate(Buffer.byteLength(program));
  call('qjs_free_value');
  writeText(body, CALL, call);
  write(0x20, 1, 0x24, ready, 0x0b);
  // loop: value = eval; checksum = checksum * 31 + value; free value; n -= 1; again unless n = 0
  write(0x03, 0x40, 0x23, ready);
  evaluate(callBytes);
  write(0x21, 1, 0x20, 2, 0x41, 31, 0x6c, 0x20, 1);
  call('qjs_get_float64');
  write(0xfc, 3, 0x6a, 0x21, 2, 0x20, 1);
  call('qjs_free_value');
  write(0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 2, 0x0b);
  return body;
}

/** Allocates a text that ends with a zero, and leaves its address in local 1. */
function writeText(body: ByteBuffer, text: string, call: (name: string) => void): void {
  const bytes = Buffer.alloc(8 * Math.ceil((Buffer.byteLength(text) + 1) / 8));
  bytes.write(text);
  body.byte(0x41);
  body.s32(bytes.length);
  call('malloc');
  body.raw(entry(0x21, 1));
  for (let at = 0; at < bytes.length; at += 8) {
    body.raw(entry(0x20, 1, 0x42));
    body.s64(bytes.readBigInt64LE(at));
    body.raw(entry(0x37, 3, ...number(at)));
  }
}
