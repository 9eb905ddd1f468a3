// DWARF is untrusted and serves debugging only: whatever is wrong with it, a module compiles, to the same functions, in
// time that grows with its size.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler.ts';
import { decodeModule } from '../../frontend/decode.ts';
import { type Dwarf, readDwarf } from '../../frontend/dwarf.ts';
import { withFolder } from '../harness/erlang.ts';

const build = (flags: readonly string[]): Promise<Uint8Array> =>
  withFolder(async (folder) => {
    const output = join(folder, 'guest.wasm');
    const link = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-o', output];
    await execa('clang', [...link, ...flags, 'inlined.c'], { cwd: import.meta.dirname });
    return readFileSync(output);
  });

const uleb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)]);
const u16 = (value: number): number[] => [value & 0xff, value >>> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];

const custom = (name: string, contents: readonly number[]): number[] => {
  const body = [...uleb(name.length), ...Buffer.from(name), ...contents];
  return [0, ...uleb(body.length), ...body];
};

/** A module with one function, at address 3 of its code section, and sections of DWARF. */
const moduleWith = (sections: Readonly<Record<string, readonly number[]>>): Uint8Array =>
  Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0], // type () -> ()
    ...[3, 2, 1, 0],
    ...[7, 5, 1, 1, 0x66, 0, 0], // export "f"
    ...[10, 5, 1, 3, 0, 0, 0x0b], // unreachable
    ...Object.entries(sections).flatMap(([name, contents]) => custom(`.debug_${name}`, contents)),
  ]);

const read = (sections: Readonly<Record<string, readonly number[]>>): Dwarf => {
  const bytes = moduleWith(sections);
  const module = decodeModule(bytes);
  expect(compile(bytes, { name: 'guest' }).length).toBeGreaterThan(0);
  return readDwarf(module)!;
};

/** A line table of version 4 with one file. */
const lineTable = (program: readonly number[]): number[] => {
  const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, ...Buffer.from('f.c'), 0, 0, 0, 0, 0];
  return [...u32(2 + 4 + header.length + program.length), ...u16(4), ...u32(header.length), ...header, ...program];
};
const setAddress = (address: number): number[] => [0, 5, 2, ...u32(address)];
const END = [2, 100, 0, 1, 1]; // advance_pc 100, end_sequence

describe('line tables', () => {
  const unreachable = decodeModule(moduleWith({})).code[0].body.start;

  test('tell file and line', () => {
    const dwarf = read({ line: lineTable([...setAddress(2), 3, 41, 1, ...END]) });
    expect(dwarf.find(unreachable)).toEqual({ file: 'f.c', line: 42, inlined: undefined });
  });

  test.each([
    ['that end in their middle', lineTable([...setAddress(2), 3, 41, 1, ...END]).slice(0, 50)],
    ['without an end of the sequence', lineTable([...setAddress(2), 3, 41, 1])],
    ['whose addresses descend', lineTable([...setAddress(3), 1, ...setAddress(2), 1, ...END])],
    ['of code that the linker dropped', lineTable([...setAddress(0), 3, 41, 1, ...END])],
    ['of code beyond everything', lineTable([...setAddress(0xffffffff), 3, 41, 1, ...END])],
    ['of line 0', lineTable([...setAddress(2), 3, 0x7f, 1, ...END])],
    ['of a file that there is not', lineTable([...setAddress(2), 4, 9, 1, ...END])],
    ['of an unknown version', [...u32(4), ...u16(9), 0, 0]],
    ['of a reserved length', [0xf5, 0xff, 0xff, 0xff]],
    ['that are empty', []],
  ])('%s tell nothing', (_, line) => {
    expect(read({ line }).find(unreachable)).toBeUndefined();
  });

  test('after one that is broken still tell', () => {
    const broken = lineTable([0, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    const dwarf = read({ line: [...broken, ...lineTable([...setAddress(2), 3, 41, 1, ...END])] });
    expect(dwarf.find(unreachable)?.line).toBe(42);
  });
});

describe('what would take long', () => {
  const line = lineTable([...setAddress(2), 3, 41, 1, ...END]);
  const unit = (body: readonly number[]): number[] => [...u32(body.length + 7), ...u16(4), ...u32(0), 4, ...body];

  test('is given up: entries of one byte that stand for many attributes, and one table for many units', () => {
    const flags = Array.from({ length: 199 }, () => [0x3f, 0x19]).flat();
    const abbrev = [1, 0x11, 1, ...flags, 0, 0, 0];
    const info = unit(Array.from({ length: 200_000 }, () => 1));
    expect(read({ line, abbrev, info }).find(0)).toBeUndefined();
    const many = Array.from({ length: 20_000 }, () => unit([1])).flat();
    expect(read({ line, abbrev: [...flags.map(() => 1), ...abbrev], info: many }).find(0)).toBeUndefined();
  });

  test('is given up: references that lead back', () => {
    // A subprogram and what is inlined into it, whose origin is itself.
    const abbrev = [
      ...[1, 0x11, 1, 0, 0],
      ...[2, 0x2e, 1, 0x11, 0x01, 0x12, 0x06, 0, 0],
      ...[3, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x06, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
      0,
    ];
    const at = 11 + 1 + 9;
    const info = unit([1, 2, ...u32(2), ...u32(50), 3, ...u32(at), ...u32(2), ...u32(50), 1, 7, 0, 0]);
    const dwarf = read({ line, abbrev, info });
    const { start } = decodeModule(moduleWith({ line, abbrev, info })).code[0].body;
    expect(dwarf.find(start)?.inlined).toEqual({ name: '?', caller: { file: '?', line: 7 }, outer: undefined });
  });

  test('is given up: entries nested without an end', () => {
    const abbrev = [1, 0x2e, 1, 0, 0, 0];
    expect(read({ line, abbrev, info: unit(Array.from({ length: 100_000 }, () => 1)) }).find(0)).toBeUndefined();
  });
});

test('damage of any kind leaves the functions as they are', { timeout: 120_000 }, async () => {
  let seed = 1;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * limit);
  };
  for (const flags of [
    ['-O0', '-g', '-gdwarf-4'],
    ['-O2', '-g', '-gdwarf-5'],
  ]) {
    const original = await build(flags);
    const customs = decodeModule(original).customs.filter(({ name }) => name.startsWith('.debug_'));
    expect(customs.length).toBeGreaterThan(4);
    for (let round = 0; round < 400; round++) {
      const bytes = original.slice();
      for (let i = random(20); i >= 0; i--) {
        const { name, start, end } = customs[random(customs.length)];
        const contents = start + 1 + name.length; // where the name is not part of it
        const at = contents + random(Math.max(1, end - contents));
        if (at < end) bytes[at] = random(3) === 0 ? 0xff : random(256);
      }
      const module = decodeModule(bytes);
      const dwarf = readDwarf(module);
      for (const { body } of module.code) for (let at = body.start; at < body.end; at++) dwarf?.find(at);
      if (round % 10 === 0) expect(compile(bytes, { name: 'guest' }).length).toBeGreaterThan(500);
    }
  }
});
