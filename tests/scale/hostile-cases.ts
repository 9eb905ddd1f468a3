// Small or cheap inputs made to cost a compiler much: each is valid, so that it comes as far as the file.
import { Code, EMPTY, ModuleWriter, typeOperand } from './module-writer.ts';

function oneFunction(code: Code, locals: readonly (readonly [number, 'i32' | 'i64'])[] = []): Uint8Array {
  const writer = new ModuleWriter();
  writer.function(writer.type([], []), locals, code, 'run');
  return writer.finish();
}

const repeat = (times: number, make: (code: Code, i: number) => void): Code => {
  const code = new Code();
  for (let i = 0; i < times; i++) make(code, i);
  return code;
};

/** Each loop header carries every local that something within it sets. */
function nestedLoops(depth: number, locals: number): Uint8Array {
  const code = repeat(depth, (to) => to.op('loop', EMPTY));
  for (let i = 0; i < locals; i++) code.op('local.get', i).op('i32.const', 1).op('i32.add').op('local.set', i);
  for (let i = 0; i < depth; i++) code.op('end');
  return oneFunction(code, [[locals, 'i32']]);
}

/** Each branch brings other locals to the end of its block. */
function manyJoins(blocks: number, locals: number): Uint8Array {
  const code = repeat(blocks, (to, i) => {
    to.op('block', EMPTY)
      .op('local.get', i % locals)
      .op('br_if', 0);
    to.op('i32.const', i)
      .op('local.set', (i * 7) % locals)
      .op('end');
  });
  return oneFunction(code, [[locals, 'i32']]);
}

function nestedIfs(depth: number): Uint8Array {
  const code = repeat(depth, (to) => to.op('local.get', 0).op('if', EMPTY));
  for (let i = 0; i < depth; i++)
    code
      .op('else')
      .op('i32.const', i)
      .op('local.set', i % 100)
      .op('end');
  return oneFunction(code, [[100, 'i32']]);
}

/** Every label of the table leads out of another number of blocks. */
function branchTables(depth: number, tables: number, labels: number): Uint8Array {
  const code = repeat(depth, (to) => to.op('block', EMPTY));
  for (let i = 0; i < tables; i++) {
    code.op('block', EMPTY).op('local.get', 0);
    code.op('br_table', ...Array.from({ length: labels }, (_, label) => (label * 31 + i) % depth), 0).op('end');
  }
  for (let i = 0; i < depth; i++) code.op('end');
  return oneFunction(code, [[1, 'i32']]);
}

function manyLocals(functions: number): Uint8Array {
  const writer = new ModuleWriter();
  const type = writer.type([], []);
  const code = new Code().op('local.get', 49_999).op('drop');
  for (let i = 0; i < functions; i++) writer.function(type, [[50_000, 'i64']], code);
  return writer.finish();
}

function namedLocals(locals: number): Uint8Array {
  const code = repeat(locals, (to, i) => to.op('local.get', (i * 7) % locals).op('local.set', i));
  return oneFunction(code, [[locals, 'i64']]);
}

function deepOperands(count: number): Uint8Array {
  const code = repeat(count, (to, i) => to.op('local.get', i % 3));
  for (let i = 0; i < count; i++) code.op('drop');
  return oneFunction(code, [[3, 'i64']]);
}

/** Calls with so many values in and out. */
export function wideCalls(calls: number, values: number): Uint8Array {
  const writer = new ModuleWriter();
  const types = Array.from({ length: values }, () => 'i64' as const);
  const wide = writer.type(types, types);
  const body = new Code();
  for (let i = 0; i < values; i++) body.op('local.get', i);
  const callee = writer.function(wide, [], body);
  const code = repeat(values, (to) => to.op('i64.const', 1));
  for (let i = 0; i < calls; i++) code.op('call', callee);
  for (let i = 0; i < values; i++) code.op('drop');
  writer.function(writer.type([], []), [], code, 'run');
  return writer.finish();
}

function manyTypes(types: number): Uint8Array {
  const writer = new ModuleWriter();
  // Different ones, each with a dispatcher.
  for (let i = 0; i < types; i++) {
    const bits = Array.from({ length: 17 }, (_, bit) => ((i >> bit) & 1 ? ('i32' as const) : ('i64' as const)));
    writer.type(bits, []);
  }
  writer.function(0, [], new Code(), 'run');
  return writer.finish();
}

function manyExports(exports: number): Uint8Array {
  const writer = new ModuleWriter();
  const index = writer.function(writer.type([], []), [], new Code());
  for (let i = 0; i < exports; i++) writer.export(`e${i}`, 0, index);
  return writer.finish();
}

function manyElements(functions: number, items: number): Uint8Array {
  const writer = new ModuleWriter();
  const type = writer.type([], []);
  for (let i = 0; i < functions; i++) writer.function(type, [], new Code());
  writer.table('funcref', items);
  writer.elements(
    0,
    Array.from({ length: items }, (_, i) => i % functions),
  );
  writer.function(type, [], new Code().op('i32.const', 0).op('call_indirect', type, 0), 'run');
  return writer.finish();
}

function nestedBlocks(depth: number): Uint8Array {
  const code = repeat(depth, (to) => to.op('block', typeOperand('i32')));
  code.op('i32.const', 1);
  for (let i = 0; i < depth; i++) code.op('end').op('i32.const', 1).op('i32.add');
  return oneFunction(code.op('drop'));
}

export const HOSTILE: readonly { readonly name: string; readonly make: () => Uint8Array }[] = [
  { name: '250,000 nested loops over 16 locals', make: () => nestedLoops(250_000, 16) },
  { name: '50,000 nested loops over 110 locals', make: () => nestedLoops(50_000, 110) },
  { name: '200,000 joins of 100 locals', make: () => manyJoins(200_000, 100) },
  { name: '100,000 nested ifs with else', make: () => nestedIfs(100_000) },
  { name: '250,000 nested blocks with a value', make: () => nestedBlocks(250_000) },
  { name: '20 branch tables of 50,000 labels', make: () => branchTables(1_000, 20, 50_000) },
  { name: '50,000 functions of 50,000 locals', make: () => manyLocals(50_000) },
  { name: '50,000 locals, all named', make: () => namedLocals(50_000) },
  { name: '500,000 operands', make: () => deepOperands(500_000) },
  { name: '98 calls with 1,000 values in and out', make: () => wideCalls(98, 1_000) },
  { name: '50,000 types', make: () => manyTypes(50_000) },
  { name: '20,000 exports', make: () => manyExports(20_000) },
  { name: '500,000 elements of 10,000 functions', make: () => manyElements(10_000, 500_000) },
];
