// A module of any size whose functions are of the ordinary kind, for measuring and for comparing.
import { Code, EMPTY, ModuleWriter } from './module-writer.ts';

/** About 650 KB for each 1,000 functions: arithmetic, loops, memory, branches and calls. */
export function ordinaryModule(functions: number): Uint8Array {
  const writer = new ModuleWriter();
  const type = writer.type(['i32', 'i32'], ['i32']);
  writer.memory(2, 2);
  for (let f = 0; f < functions; f++) {
    const code = new Code().op('loop', EMPTY);
    for (let i = 0; i < 16; i++) {
      code
        .op('local.get', i % 4)
        .op('i32.const', 0xfffc)
        .op('i32.and')
        .op('i32.load', 2, i * 4);
      code
        .op('local.get', (i + 1) % 4)
        .op('i32.add')
        .op('i32.const', f + i)
        .op('i32.xor')
        .op('local.set', i % 4);
      code
        .op('local.get', i % 4)
        .op('i32.const', 7)
        .op('i32.and')
        .op('if', EMPTY);
      code.op('local.get', 0).op('i32.const', 0xfffc).op('i32.and').op('local.get', 1).op('i32.store', 2, i).op('end');
    }
    code
      .op('local.get', 0)
      .op('local.get', 1)
      .op('call', (f * 7 + 1) % functions)
      .op('local.set', 2);
    code.op('local.get', 2).op('i32.const', 1).op('i32.and').op('br_if', 0).op('end').op('local.get', 2);
    writer.function(type, [[2, 'i32']], code, f === 0 ? 'run' : undefined);
  }
  return writer.finish();
}
