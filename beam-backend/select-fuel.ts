// What charges of fuel become: a comparison, a subtraction and a store in place.
//
// The fuel at hand has a register and a cell, and both hold the same after every charge: whatever happens next, a call, a
// trap or an exception of the embedder, finds the cell right.
import type { Instruction } from '../ir/ir.ts';
import { FUEL_CELL } from '../ir/shape.ts';
import { emitInt } from './bifs.ts';
import { untyped } from './operand-types.ts';
import type { CodeWriter } from './writer.ts';

export function chargeFuel(e: CodeWriter, { args: [fuel, cells, state, units], offset }: Instruction): void {
  const price = e.source(units);
  const path = e.slowPath(() => {
    e.loadArguments([e.source(state), untyped(price)]);
    e.line(offset);
    e.out.push({ op: 'call_ext', arity: 2, module: 'wasm2beam_fuel', name: 'charge' });
  }, [fuel]);
  const left = e.register(fuel);
  e.out.push({ op: 'test', name: 'is_ge', fail: path.label, args: [left, price] });
  emitInt(e, '-', [left, price], left);
  const tuple = untyped(e.register(cells));
  e.out.push({ op: 'set_tuple_element', value: untyped(left), tuple, index: FUEL_CELL - 1 });
  e.resume(path);
}
