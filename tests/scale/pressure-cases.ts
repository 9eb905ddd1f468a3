// Functions made to hold more values at once than registers and arguments, in ways that a budget of locals and operands
// does not see.
import { fold, type Case } from './case.ts';
import { Code, EMPTY, ModuleWriter } from './module-writer.ts';

/** Ifs 2,000 deep that each set locals first: what the `else` wants waits while the other way is walked. */
export function waitingElses(): Case {
  const depth = 2_000;
  const writer = new ModuleWriter();
  const code = new Code();
  for (let i = 0; i < depth; i++) {
    for (const local of [1, 2, 3]) {
      code
        .op('local.get', local)
        .op('i32.const', i + local)
        .op('i32.mul')
        .op('local.get', 0)
        .op('i32.xor');
      code.op('local.set', local);
    }
    code.op('local.get', 0).op('i32.const', i).op('i32.rotl').op('i32.const', 3).op('i32.and').op('if', EMPTY);
  }
  for (let i = 0; i < depth; i++) {
    code.op('else').op('local.get', 1).op('local.get', 2).op('i32.sub').op('local.get', 3).op('i32.xor');
    code.op('local.set', 1).op('end').op('local.get', 1).op('i32.const', 1).op('i32.rotl').op('local.set', 1);
  }
  code.op('local.get', 1).op('local.get', 2).op('i32.add').op('local.get', 3).op('i32.add');
  writer.function(writer.type(['i32'], ['i32']), [[3, 'i32']], code, 'run');
  const calls = [-1, 0, 0x5555, 12345, 0x33333333].map((argument) => ['run', argument] as const);
  return { name: '2,000 nested ifs with else', bytes: writer.finish(), validated: true, calls };
}

/** 110 locals that are wanted with their masks, without, and what they were made from, within loops. */
export function threefoldValues(): Case {
  const count = 110;
  const writer = new ModuleWriter();
  writer.memory(1, 1);
  const code = new Code();
  const [x, counter, hash, first] = [0, 1, 2, 3];
  for (let i = 0; i < count; i++) {
    code
      .op('i32.const', 4 * i)
      .op('local.get', x)
      .op('i32.const', i)
      .op('i32.mul')
      .op('i32.store', 2, 0);
    code
      .op('i32.const', 4 * i)
      .op('i32.load', 2, 0)
      .op('i32.const', 7 * i + 1)
      .op('i32.add');
    code.op('local.set', first + i);
  }
  for (let i = 0; i < 40; i++)
    code
      .op('local.get', first + i)
      .op('i32.const', 100)
      .op('i32.add');
  code.op('loop', EMPTY);
  for (let i = 0; i < count; i++) {
    code
      .op('local.get', first + i)
      .op('i32.const', 5)
      .op('i32.add')
      .op('local.get', counter)
      .op('i32.mul');
    code
      .op('local.get', first + i)
      .op('local.get', counter)
      .op('i32.lt_u')
      .op('i32.add');
    code
      .op('local.get', first + i)
      .op('i32.const', 3)
      .op('i32.and')
      .op('i32.add');
    fold(code, 'i32', hash);
  }
  code.op('local.get', counter).op('i32.const', 1).op('i32.add').op('local.tee', counter);
  code.op('i32.const', 3).op('i32.lt_u').op('br_if', 0).op('end');
  for (let i = 0; i < 40; i++) fold(code, 'i32', hash);
  code.op('local.get', hash);
  const locals = [
    [1, 'i32'],
    [1, 'i64'],
    [count, 'i32'],
  ] as const;
  writer.function(writer.type(['i32'], ['i64']), locals, code, 'run');
  return {
    name: 'values in three forms in a loop',
    bytes: writer.finish(),
    validated: true,
    calls: [
      ['run', 3],
      ['run', -5],
    ],
  };
}
