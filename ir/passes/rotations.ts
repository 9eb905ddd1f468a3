// What a block rotates, or shifts right, more than once.
//
// Consumes one block of the first level; answers for its values.
import type { Block, Value } from '../ir.ts';
import { Windows } from '../windows.ts';

/** Instructions that cut words from two, and whether by their amount to the right or to the left. */
const DIRECTION: ReadonlyMap<string, 1 | -1> = new Map([
  ['i32.rotl', -1],
  ['i32.rotr', 1],
  ['i64.rotl', -1],
  ['i64.rotr', 1],
  ['i64.shr_u', 1],
]);

export class Rotations {
  private readonly found = new Map<Value, boolean>();

  /** Forgets the last block. Only constant amounts that windows are of use for count. */
  count({ instructions }: Block): void {
    if (this.found.size > 0) this.found.clear();
    for (const { operator, args } of instructions) {
      const direction = DIRECTION.get(operator);
      if (direction === undefined || args[1].constant === undefined) continue;
      const right = (direction * (Number(args[1].constant) & 31)) & 31;
      if (right > 0 && right <= Windows.REACH) this.found.set(args[0], this.found.has(args[0]));
    }
  }

  several(value: Value): boolean {
    return this.found.get(value) === true;
  }
}
