// The functions module_info/0 and /1 that each module exports, as erlc makes them.
//
// Consumes the module's name and two labels a function; produces assembly functions.
import type { AssemblyFunction, Instruction, Label } from './assembly.ts';

/** `labels`: the one before and the one behind func_info, for arity 0 and then for arity 1. */
export function moduleInfoFunctions(module: string, labels: readonly (readonly [Label, Label])[]): AssemblyFunction[] {
  return labels.map(([start, entry], arity) => {
    const argument: Instruction[] =
      arity === 0 ? [] : [{ op: 'move', from: { kind: 'x', index: 0 }, to: { kind: 'x', index: 1 } }];
    return {
      name: 'module_info',
      arity,
      entry,
      instructions: [
        { op: 'label', label: start },
        { op: 'line', line: 0 },
        { op: 'func_info', name: 'module_info', arity },
        { op: 'label', label: entry },
        ...argument,
        { op: 'move', from: { kind: 'atom', name: module }, to: { kind: 'x', index: 0 } },
        { op: 'call_ext_only', arity: arity + 1, module: 'erlang', name: 'get_module_info' },
      ],
    };
  });
}
