// Floats without their fraction, as floats and as integers: guard functions of Erlang's, with the runtime behind them.
//
// `floor/1` and the others fail where there is no finite float; what they give may be an integer of any size.
import { MASK } from '../ir/words.ts';
import type { Register, Source } from './assembly.ts';
import { emitInt, int, range, x } from './bifs.ts';
import { untyped } from './operand-types.ts';
import { operationOf, slowPath, ZERO, type Select } from './select-float.ts';

/** The same as a float. A zero has the sign of what it comes from: what is not above zero is left to the runtime. */
export const floatRounding: Select = (e, at) => {
  const path = slowPath(e, at);
  const [temporary] = e.allocation.temporaries.get(at)!;
  const whole = x(temporary);
  const from = untyped(e.source(at.args[0]));
  const to = untyped(e.register(at.results[0]));
  const zero = e.newLabel();
  const name = operationOf(at) === 'ceil' ? 'ceil' : operationOf(at) === 'floor' ? 'floor' : 'trunc';
  const live = e.live.count(e.position, 0, e.out);
  e.out.push({ op: 'gc_bif', name, fail: path.label, live, args: [from], to: whole });
  e.live.write(temporary);
  const behind = e.live.count(e.position, temporary + 1, e.out);
  e.out.push(
    { op: 'test', name: 'is_ne_exact', fail: zero, args: [whole, int(0)] },
    { op: 'gc_bif', name: 'float', fail: 0, live: behind, args: [whole], to },
  );
  e.defer(zero, () => {
    e.out.push(
      { op: 'test', name: 'is_lt', fail: path.label, args: [ZERO, from] },
      { op: 'move', from: ZERO, to },
      { op: 'jump', label: path.back },
    );
  });
  e.resume(path);
};

/** Of the result's type what a number of JavaScript holds exactly. */
function boundsOf(name: string, words: number): { min: number; max: number } {
  const bits = words === 1 ? 32 : 53;
  return name.endsWith('u') ? { min: 0, max: 2 ** bits - 1 } : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

/** The same as an integer; the runtime traps, saturates, or finds the words of a large one. */
export const floatToInt: Select = (e, at) => {
  const path = slowPath(e, at);
  const [temporary] = e.allocation.temporaries.get(at)!;
  const { min, max } = boundsOf(at.name, at.results.length);
  const from = untyped(e.source(at.args[0]));
  const live = e.live.count(e.position, 0, e.out);
  e.out.push(
    { op: 'gc_bif', name: 'trunc', fail: path.label, live, args: [from], to: x(temporary) },
    { op: 'test', name: 'is_ge', fail: path.label, args: [x(temporary), int(min)] },
    { op: 'test', name: 'is_ge', fail: path.label, args: [int(max), x(temporary)] },
  );
  e.live.write(temporary);
  let behind = temporary + 1;
  const step = (name: string, from: Source, by: number, to: Register): void => {
    emitInt(e, name, [from, int(by)], to, behind);
    if (to.kind !== 'x') return;
    e.live.write(to.index);
    behind = Math.max(behind, to.index + 1);
  };
  const whole = x(temporary, range(min, max));
  const [low, high] = at.results.toReversed();
  step('band', whole, MASK, untyped(e.register(low)));
  if (high) {
    step('bsr', whole, 32, x(temporary));
    const upper = x(temporary, range(Math.floor(min / 2 ** 32), Math.floor(max / 2 ** 32)));
    step('band', upper, MASK, untyped(e.register(high)));
  }
  e.resume(path);
};
