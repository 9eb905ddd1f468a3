// What the allocator must know of each operator of the second level before code is selected for it: which are calls, and
// how many X registers they need in between.
import type { Instruction } from '../ir/ir.ts';
import type { Demand } from './allocate.ts';
import { inlineTemporaries } from './select-memory.ts';
import { neighbourTemporaries } from './select-neighbours.ts';
import { runTemporaries } from './select-run.ts';

/** Whether an instruction is a call, what it needs in between, whether it has a call off the way. */
export interface OperatorDemand extends Demand {
  readonly slowPath: boolean;
}

const NOTHING: OperatorDemand = { call: false, temporaries: 0, readsBehind: 0, slowPath: false };
const CALL: OperatorDemand = { ...NOTHING, call: true };
const SLOW_PATH: OperatorDemand = { ...NOTHING, slowPath: true };
const PROTECTED: OperatorDemand = { ...CALL, readsBehind: 2 };
const ACCESS: OperatorDemand = { ...SLOW_PATH, temporaries: 2 };
const MERGE: OperatorDemand = { ...SLOW_PATH, temporaries: 4 };
const RUNS: readonly OperatorDemand[] = [SLOW_PATH, { ...SLOW_PATH, temporaries: 1 }, ACCESS];
const APART: OperatorDemand = { ...SLOW_PATH, temporaries: 1, apart: true };
const LIST: OperatorDemand = { ...NOTHING, temporaries: 1 };

/** `inline`: accesses of the memory are no calls where that is possible. */
export function demandOf(at: Instruction, inline: boolean): OperatorDemand {
  switch (at.operator) {
    case 'call':
    case 'runtime':
    case 'call_fun':
      return CALL;
    case 'call_protected':
      return PROTECTED;
    case 'mem.load':
    case 'mem.load64':
    case 'mem.store':
    case 'mem.store64': {
      const temporaries = inline ? inlineTemporaries(at) : undefined;
      return temporaries === undefined ? CALL : temporaries > 2 ? MERGE : ACCESS;
    }
    case 'mem.loads':
    case 'mem.stores':
      return { ...SLOW_PATH, temporaries: neighbourTemporaries(at) };
    case 'root.refresh':
    case 'table.element':
      return ACCESS;
    case 'float.arith':
    case 'float.test':
    case 'float.choice':
    case 'float.magnitude':
    case 'float.sign':
    case 'fuel.charge':
      return SLOW_PATH;
    case 'float.run':
      return RUNS[runTemporaries(at)];
    case 'float.rounding':
    case 'truncate':
    case 'float.bits':
      return APART;
    case 'list':
      return LIST;
    default:
      return NOTHING;
  }
}
