// Modules with very many of one thing.
import { fold, type Case } from './case.ts';
import { Code, EMPTY, ModuleWriter } from './module-writer.ts';

/** 8,000 exported functions that call each other, directly and through a table that holds them all. */
export function manyFunctions(): Case {
  const count = 8_000;
  const writer = new ModuleWriter();
  const type = writer.type(['i32', 'i32'], ['i32']);
  for (let i = 0; i < count; i++) {
    const code = new Code().op('local.get', 1).op('i32.eqz').op('if', EMPTY).op('local.get', 0).op('return').op('end');
    code.op('local.get', 0).op('i32.const', i).op('i32.add').op('i32.const', 5).op('i32.rotl');
    code.op('local.get', 1).op('i32.const', 1).op('i32.sub');
    if (i % 2 === 0) code.op('call', (i * 31 + 7) % count);
    else code.op('local.get', 0).op('i32.const', count).op('i32.rem_u').op('call_indirect', type, 0);
    writer.function(type, [], code, `f${i}`);
  }
  writer.table('funcref', count);
  writer.elements(
    0,
    Array.from({ length: count }, (_, i) => (i * 17) % count),
  );
  const calls = [0, 1, 4_095, 7_999].map((i) => [`f${i}`, i, 1_000] as const);
  return { name: '8,000 functions', bytes: writer.finish(), calls };
}

/** A memory of 4,000 pages, touched at both ends and here and there between, then grown. */
export function largeMemory(): Case {
  const writer = new ModuleWriter();
  writer.memory(4_000, 4_100);
  const code = new Code().op('loop', EMPTY);
  code.op('local.get', 1).op('local.get', 0).op('local.get', 1).op('i32.add').op('i32.store', 2, 0);
  code.op('local.get', 1).op('i32.const', 3).op('i32.add').op('i64.load', 0, 0);
  fold(code, 'i64', 2);
  code
    .op('local.get', 1)
    .op('i32.const', 65_536 * 37 + 4)
    .op('i32.add')
    .op('local.tee', 1);
  code
    .op('i32.const', 65_536 * 3_960)
    .op('i32.lt_u')
    .op('br_if', 0)
    .op('end');
  code.op('i32.const', 65_536 * 4_000 - 4).op('i32.load', 2, 0);
  fold(code, 'i32', 2);
  code.op('i32.const', 100).op('memory.grow', 0);
  fold(code, 'i32', 2);
  code
    .op('i32.const', 65_536 * 4_100 - 8)
    .op('local.get', 2)
    .op('i64.store', 3, 0);
  code.op('i32.const', 65_536 * 4_100 - 7).op('i32.load', 0, 0);
  fold(code, 'i32', 2);
  writer.function(
    writer.type(['i32'], ['i64']),
    [
      [1, 'i32'],
      [1, 'i64'],
    ],
    code.op('local.get', 2),
    'run',
  );
  const outside = new Code().op('local.get', 0).op('i32.load', 2, 0);
  writer.function(writer.type(['i32'], ['i32']), [], outside, 'load');
  const calls = [
    ['load', 65_536 * 4_000],
    ['run', 5],
    ['load', 65_536 * 4_000],
    ['load', 65_536 * 4_100 - 3],
    ['run', 6],
  ] as const;
  return { name: 'a memory of 4,000 pages', bytes: writer.finish(), validated: true, calls };
}

/** 8,000 passive data segments, copied in part to memory and dropped. */
export function manySegments(): Case {
  const count = 8_000;
  const writer = new ModuleWriter();
  writer.memory(4, 4);
  writer.export('memory', 2, 0);
  const code = new Code();
  for (let i = 0; i < count; i++) {
    writer.passiveData(Uint8Array.from({ length: 1 + (i % 40) }, (_, at) => (i * 7 + at) & 0xff));
    if (i % 2 === 0) {
      code
        .op('i32.const', i * 31)
        .op('i32.const', 0)
        .op('i32.const', 1 + (i % 40))
        .op('memory.init', i, 0);
    }
    if (i % 4 === 0) code.op('data.drop', i);
  }
  writer.function(writer.type([], []), [], code, 'run');
  const init = (segment: number): Code =>
    new Code().op('i32.const', 0).op('i32.const', 0).op('i32.const', 1).op('memory.init', segment, 0);
  for (const segment of [4, 5, 7_999]) writer.function(writer.type([], []), [], init(segment), `init${segment}`);
  const calls = ['init4', 'run', 'init4', 'init5', 'init7999'].map((name) => [name] as const);
  return { name: '8,000 passive data segments', bytes: writer.finish(), validated: true, calls };
}

/** 4,000 mutable globals, all read and written. */
export function manyGlobals(): Case {
  const count = 4_000;
  const writer = new ModuleWriter();
  const code = new Code();
  for (let i = 0; i < count; i++) {
    const wide = i % 2 === 0;
    writer.global(wide ? 'i64' : 'i32', new Code().op(wide ? 'i64.const' : 'i32.const', i));
    code.op('global.get', i).op('local.get', 0);
    if (wide) code.op('i64.extend_i32_s');
    code
      .op(wide ? 'i64.add' : 'i32.mul')
      .op('global.set', i)
      .op('global.get', i);
    fold(code, wide ? 'i64' : 'i32', 1);
  }
  writer.function(writer.type(['i32'], ['i64']), [[1, 'i64']], code.op('local.get', 1), 'run');
  return {
    name: '4,000 globals',
    bytes: writer.finish(),
    calls: [
      ['run', 3],
      ['run', -9],
    ],
  };
}
