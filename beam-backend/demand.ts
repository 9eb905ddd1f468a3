// What the allocator must know of each operator of the second level before code is selected for it: which are calls, and
// how many X registers they need in between.
import type { Instruction } from '../ir/ir.ts';
import type { Demand } from './allocate.ts';

/** Whether an instruction is a call, what it needs in between, whether it has a call off the way. */
export interface OperatorDemand extends Demand {
  readonly slowPath: boolean;
}

const NOTHING: OperatorDemand = { call: false, temporaries: 0, readsBehind: 0, slowPath: false };
const CALL: OperatorDemand = { ...NOTHING, call: true };
const SLOW_PATH: OperatorDemand = { ...NOTHING, slowPath: true };
const PROTECTED: OperatorDemand = { ...CALL, readsBehind: 2 };
const LOAD: OperatorDemand = { ...SLOW_PATH, temporaries: 3 };
const REFRESH: OperatorDemand = { ...SLOW_PATH, temporaries: 2 };
const LIST: OperatorDemand = { ...NOTHING, temporaries: 1 };

export function demandOf({ operator }: Instruction, inlineLoads: boolean): OperatorDemand {
  switch (operator) {
    case 'call':
    case 'runtime':
    case 'call_fun':
    case 'mem.store':
    case 'mem.store64':
    case 'mem.load_f64':
      return CALL;
    case 'call_protected':
      return PROTECTED;
    case 'mem.load':
      return inlineLoads ? LOAD : CALL;
    case 'root.refresh':
    case 'table.element':
      return REFRESH;
    case 'float.arith':
    case 'float.test':
      return SLOW_PATH;
    case 'list':
      return LIST;
    default:
      return NOTHING;
  }
}
