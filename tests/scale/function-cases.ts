// Single functions beyond what BEAM registers, arguments and most compilers hold.
import type { ValueType } from '../../ir/instructions.ts';
import { Random } from '../fuzz/random.ts';
import { convert, fold, mixed, mixedTypes, type Case } from './case.ts';
import { Code, EMPTY, ModuleWriter, typeOperand } from './module-writer.ts';

/** A body of 400 KB: arithmetic, memory, locals, branches and loops in no order. */
export function longBody(): Case {
  const random = new Random(1);
  const writer = new ModuleWriter();
  const callee = writer.function(
    writer.type(['i32'], ['i32']),
    [],
    new Code().op('local.get', 0).op('i32.const', 17).op('i32.mul'),
  );
  const code = new Code();
  const local = (): number => random.below(24);
  const operators = ['i32.add', 'i32.sub', 'i32.mul', 'i32.xor', 'i32.shr_u', 'i32.rotl', 'i32.lt_s'] as const;
  let open = 0;
  while (code.bytes.length < 410_000) {
    const choice = random.below(12);
    const value = (): Code => code.op('local.get', local());
    if (choice < 5) {
      value().op('local.get', local()).op(operators[random.below(operators.length)]).op('local.set', local());
    } else if (choice < 7) {
      value().op('i32.const', 0xfffc).op('i32.and').op('i32.load', 2, random.below(64)).op('local.set', local());
    } else if (choice < 9) {
      value().op('i32.const', 0xffff).op('i32.and').op('local.get', local());
      code.op(random.chance(50) ? 'i32.store8' : 'i32.store', 0, 0);
    } else if (choice === 9) {
      value().op('call', callee).op('local.set', local());
    } else if (choice === 10 && open < 40) {
      value().op('i32.const', 3).op('i32.and').op('if', EMPTY);
      open++;
    } else if (open > 0) {
      if (random.chance(30)) value().op('br_if', random.below(open));
      code.op('end');
      open--;
    }
  }
  for (; open > 0; open--) code.op('end');
  code.op('local.get', 0);
  for (let i = 1; i < 24; i++) code.op('local.get', i).op('i32.xor');
  writer.memory(2, 2);
  writer.export('memory', 2, 0);
  writer.function(writer.type(['i32', 'i32'], ['i32']), [[22, 'i32']], code, 'run');
  return {
    name: 'a body of 400 KB',
    bytes: writer.finish(),
    calls: [
      ['run', 12345, -7],
      ['run', 1, 2],
    ],
  };
}

/** One block of 200 KB, without a branch: its locals, all of which live to the end, the memory, calls. */
export function straightLine(locals: number): Case {
  const random = new Random(2);
  const writer = new ModuleWriter();
  const callee = writer.function(writer.type(['i32'], ['i32']), [], new Code().op('local.get', 0).op('i32.popcnt'));
  const code = new Code();
  const local = (): number => 1 + random.below(locals);
  const operators = ['i32.add', 'i32.sub', 'i32.mul', 'i32.xor', 'i32.rotl', 'i32.div_u'] as const;
  for (let i = 1; i <= locals; i++) code.op('local.get', 0).op('i32.const', i).op('i32.mul').op('local.set', i);
  while (code.bytes.length < 200_000) {
    const choice = random.below(20);
    if (choice === 0) code.op('local.get', local()).op('call', callee).op('local.set', local());
    else if (choice < 4) {
      code.op('local.get', local()).op('i32.const', 0xfffc).op('i32.and').op('local.get', local());
      code.op('i32.store', 2, 0);
    } else if (choice < 7) {
      code.op('local.get', local()).op('i32.const', 0xffff).op('i32.and').op('i32.load', 2, 0).op('local.set', local());
    } else {
      code.op('local.get', local()).op('local.get', local()).op('i32.const', 1).op('i32.or');
      code.op(operators[random.below(operators.length)]).op('local.set', local());
    }
  }
  code.op('local.get', 1);
  for (let i = 2; i <= locals; i++) code.op('local.get', i).op('i32.xor');
  writer.memory(2, 2);
  writer.export('memory', 2, 0);
  writer.function(writer.type(['i32'], ['i32']), [[locals, 'i32']], code, 'run');
  return {
    name: `a block of 200 KB with ${locals} locals`,
    bytes: writer.finish(),
    calls: [
      ['run', 12345],
      ['run', -1],
    ],
  };
}

/** 2,500 locals of all number types, set and read in a loop. */
export function manyLocals(): Case {
  const count = 2_500;
  const writer = new ModuleWriter();
  const code = new Code();
  const first = 3; // behind the parameter, the hash and the rounds
  code.op('loop', EMPTY);
  for (let i = 0; i < count; i++) {
    const other = (i * 7) % count;
    code.op('local.get', 0).op('local.get', 2).op('i32.mul').op('i32.const', i).op('i32.add');
    convert(code, mixed(i));
    if (mixed(other) === 'i32' && mixed(i) === 'i32') code.op('local.get', first + other).op('i32.xor');
    code.op('local.set', first + i);
  }
  for (let i = 0; i < count; i += 3) {
    code.op('local.get', first + i);
    fold(code, mixed(i), 1);
  }
  code.op('local.get', 2).op('i32.const', 1).op('i32.add').op('local.tee', 2);
  code.op('i32.const', 3).op('i32.lt_u').op('br_if', 0).op('end').op('local.get', 1);
  const locals = mixedTypes(count).map((type) => [1, type] as const);
  writer.function(writer.type(['i32'], ['i64']), [[1, 'i64'], [1, 'i32'], ...locals], code, 'run');
  return {
    name: '2,500 locals',
    bytes: writer.finish(),
    calls: [
      ['run', 77],
      ['run', -1],
    ],
  };
}

/** Two nested loops over 600 locals, all alive at both headers, with 100 operands below. */
export function crowdedLoops(): Case {
  const count = 600;
  const operands = 100;
  const writer = new ModuleWriter();
  const code = new Code();
  const first = 4; // parameter, hash, and the counts of both loops
  for (let i = 0; i < operands; i++) {
    code.op('local.get', 0).op('i32.const', i).op('i32.add');
    convert(code, mixed(i));
  }
  const step = (counter: number, most: number): void => {
    code.op('local.get', counter).op('i32.const', 1).op('i32.add').op('local.tee', counter);
    code.op('i32.const', most).op('i32.lt_u').op('br_if', 0).op('end');
  };
  const turn = (): void => {
    for (let i = 0; i < count; i++) {
      code
        .op('local.get', first + ((i + 1) % count))
        .op('i32.const', i)
        .op('i32.add');
      code
        .op('local.get', 0)
        .op('i32.xor')
        .op('local.set', first + i);
    }
  };
  code.op('loop', EMPTY).op('i32.const', 0).op('local.set', 3);
  turn();
  code.op('loop', EMPTY);
  turn();
  step(3, 3);
  step(2, 4);
  for (let i = operands - 1; i >= 0; i--) fold(code, mixed(i), 1);
  for (let i = 0; i < count; i++) {
    code.op('local.get', first + i);
    fold(code, 'i32', 1);
  }
  code.op('local.get', 1);
  writer.function(
    writer.type(['i32'], ['i64']),
    [
      [1, 'i64'],
      [2, 'i32'],
      [count, 'i32'],
    ],
    code,
    'run',
  );
  return {
    name: '600 live locals at loop headers',
    bytes: writer.finish(),
    validated: true,
    calls: [['run', 99]],
  };
}

/** An operand stack of 3,000 values of all types, across a branch, a loop and calls. */
export function deepOperands(): Case {
  const count = 3_000;
  const writer = new ModuleWriter();
  const twice = writer.function(
    writer.type(['i32'], ['i32']),
    [],
    new Code().op('local.get', 0).op('local.get', 0).op('i32.add'),
  );
  const code = new Code();
  for (let i = 0; i < count; i++) {
    code.op('local.get', 0).op('i32.const', i).op('i32.mul');
    if (i % 100 === 0) code.op('call', twice);
    if (i % 250 === 0) {
      code.op('local.get', 0).op('if', writer.type(['i32'], ['i32']));
      code.op('i32.const', 5).op('i32.add').op('else').op('i32.const', 9).op('i32.xor').op('end');
    }
    convert(code, mixed(i));
  }
  for (let i = count - 1; i >= 0; i--) fold(code, mixed(i), 1);
  code.op('local.get', 1);
  writer.function(writer.type(['i32'], ['i64']), [[1, 'i64']], code, 'run');
  return {
    name: '3,000 operands',
    bytes: writer.finish(),
    calls: [
      ['run', 3],
      ['run', 0],
    ],
  };
}

/** More values alive at once than BEAM has registers of both kinds: 1,200 locals and 1,200 operands in one expression. */
export function manyValues(): Case {
  const count = 1_200;
  const writer = new ModuleWriter();
  const code = new Code();
  for (let i = 0; i < count; i++) {
    code
      .op('local.get', 0)
      .op('i64.const', i)
      .op('i64.add')
      .op('local.tee', 1 + i);
  }
  for (let i = 0; i < count; i++) code.op('local.get', 1 + ((i * 11) % count));
  for (let i = 1; i < 2 * count; i++) code.op(i % 2 === 0 ? 'i64.add' : 'i64.xor');
  writer.function(writer.type(['i64'], ['i64']), [[count, 'i64']], code, 'run');
  return {
    name: 'more values than registers',
    bytes: writer.finish(),
    validated: true,
    calls: [['run', 0x123456789abcdefn]],
  };
}

/** A branch table of 10,000 targets into 5,000 nested blocks, each with a value. */
export function branchTable(): Case {
  const depth = 5_000;
  const labels = 10_000;
  const writer = new ModuleWriter();
  const code = new Code();
  for (let i = 0; i < depth; i++) code.op('block', typeOperand('i32'));
  code.op('i32.const', 1_000_000).op('local.get', 0);
  code.op('br_table', ...Array.from({ length: labels }, (_, i) => (i * 7_919) % depth), depth);
  for (let i = 0; i < depth; i++) code.op('end').op('i32.const', i).op('i32.add');
  writer.function(writer.type(['i32'], ['i32']), [], code, 'run');
  const calls = [0, 1, 2, 4_999, 5_000, 9_999, 10_000, -1].map((label) => ['run', label] as const);
  return { name: 'a branch table of 10,000 targets', bytes: writer.finish(), validated: true, calls };
}

/** Blocks, loops and ifs 50,000 deep, left from the middle and from the innermost. */
export function nesting(kind: 'block' | 'loop' | 'if'): Case {
  const depth = 50_000;
  const writer = new ModuleWriter();
  const code = new Code();
  for (let i = 0; i < depth; i++) {
    if (kind === 'if') code.op('local.get', 0);
    code.op(kind, EMPTY);
    code.op('local.get', 1).op('i32.const', 1).op('i32.add').op('local.set', 1);
    if (i % 1_000 === 999 && kind !== 'loop') {
      code
        .op('local.get', 1)
        .op('local.get', 0)
        .op('i32.eq')
        .op('br_if', i % 2_000 === 999 ? 500 : i);
    }
  }
  for (let i = 0; i < depth; i++) code.op('end');
  code.op('local.get', 1);
  writer.function(writer.type(['i32', 'i32'], ['i32']), [], code, 'run');
  const calls = [1, 1_000, 2_000, 50_000, 0].map((argument) => ['run', argument, 0] as const);
  return { name: `50,000 nested ${kind}s`, bytes: writer.finish(), calls };
}

/** 1,500 locals and 1,500 operands that hold terms of the host. */
export function externrefs(): Case {
  const count = 1_500;
  const objects = Array.from({ length: 10 }, (_, i) => ({ i }));
  const writer = new ModuleWriter();
  const make = writer.importFunction('host', 'make', writer.type(['i32'], ['externref']));
  const take = writer.importFunction('host', 'take', writer.type(['i32', 'externref'], ['i32']));
  const code = new Code();
  const first = 3;
  for (let i = 0; i < count; i++) {
    if (i % 50 === 0) code.op('i32.const', i).op('call', make);
    else code.op('local.get', i % 3 === 0 ? first + i - 1 : 0);
    code.op('local.set', first + i);
  }
  code.op('loop', EMPTY);
  for (let i = 0; i < count; i++) code.op('local.get', first + ((i * 7) % count));
  for (let i = 0; i < count; i++) code.op('local.set', first + i);
  code.op('local.get', 1).op('i32.const', 1).op('i32.add').op('local.tee', 1);
  code.op('i32.const', 2).op('i32.lt_u').op('br_if', 0).op('end');
  for (let i = 0; i < count; i += 20) {
    code
      .op('local.get', 2)
      .op('local.get', first + i)
      .op('call', take)
      .op('local.set', 2);
  }
  for (let i = 0; i < count; i++) {
    code
      .op('local.get', 2)
      .op('local.get', first + i)
      .op('ref.is_null')
      .op('i32.add')
      .op('local.set', 2);
  }
  code.op('local.get', 2);
  const type = writer.type(['externref'], ['i32']);
  writer.function(
    type,
    [
      [2, 'i32'],
      [count, 'externref'],
    ],
    code,
    'run',
  );
  const host = {
    make: (i: number) => (i % 100 === 0 ? null : objects[i % 10]),
    take: (sum: number, object: unknown) => sum * 3 + objects.indexOf(object as { i: number }),
  };
  return { name: '1,500 externrefs', bytes: writer.finish(), imports: { host }, calls: [['run', objects[3]]] };
}

/** A function of 1,000 parameters and results of all types: called directly, through a table, by and from the host. */
export function wideFunction(): Case {
  const types = mixedTypes(1_000);
  const writer = new ModuleWriter();
  const wide = writer.type(types, types);
  const host = writer.importFunction('host', 'swap', wide);
  const rotated = types.map((type, i) => {
    // The next parameter of the same type.
    let from = (i + 1) % types.length;
    while (types[from] !== type) from = (from + 1) % types.length;
    return from;
  });
  const body = new Code();
  for (const from of rotated) body.op('local.get', from);
  const own = writer.function(wide, [], body, 'rotate');
  const tail = new Code();
  for (let i = 0; i < types.length; i++) tail.op('local.get', i);
  const tailCall = writer.function(wide, [], tail.op('return_call', own), 'tail');
  writer.table('funcref', 3);
  writer.elements(0, [own, host, tailCall]);
  const call = (name: string, make: (code: Code) => void): void => {
    const code = new Code();
    for (let i = 0; i < types.length; i++) {
      code.op('local.get', 0).op('i32.const', i).op('i32.add');
      convert(code, mixed(i));
    }
    make(code);
    for (let i = types.length - 1; i >= 0; i--) fold(code, mixed(i), 1);
    writer.function(writer.type(['i32'], ['i64']), [[1, 'i64']], code.op('local.get', 1), name);
  };
  call('direct', (code) => code.op('call', own));
  call('host', (code) => code.op('call', host));
  for (let i = 0; i < 3; i++) call(`indirect${i}`, (code) => code.op('i32.const', i).op('call_indirect', wide, 0));
  const imports = { host: { swap: (...values: (number | bigint)[]) => rotated.map((from) => values[from]) } };
  const args = types.map((type: ValueType, i) => (type === 'i64' ? BigInt(i) * -12_345_678_901n : i * 3));
  const names = ['direct', 'host', 'indirect0', 'indirect1', 'indirect2'];
  return {
    name: '1,000 parameters and results',
    bytes: writer.finish(),
    imports,
    calls: [...names.map((name) => [name, 41] as const), ['rotate', ...args], ['tail', ...args]],
  };
}
