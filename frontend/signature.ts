// What an instruction without influence on control takes and gives, also where that depends on the module.
//
// spec: valid/instructions
import type { Operation, ValueType } from '../ir/instructions.ts';
import type { Module } from './module.ts';

interface Signature {
  readonly parameters?: readonly ValueType[];
  readonly results?: readonly ValueType[];
}

/**
 * The types of a valid instruction's operands and results.
 *
 * @param index its first immediate: of a global or a table
 */
export function signatureOf(module: Module, op: Operation, index: number): Signature {
  let parameters = op.parameters;
  let results = op.results;
  switch (op.mnemonic) {
    case 'global.get':
      results = [module.globals[index].type];
      break;
    case 'global.set':
      parameters = [module.globals[index].type];
      break;
    case 'ref.func':
      results = ['funcref'];
      break;
    case 'ref.is_null':
      [parameters, results] = [['funcref'], ['i32']];
      break;
    case 'table.get':
      [parameters, results] = [['i32'], [module.tables[index].element]];
      break;
    case 'table.set':
      [parameters, results] = [['i32', module.tables[index].element], []];
      break;
    case 'table.size':
      results = ['i32'];
      break;
    case 'table.grow':
      [parameters, results] = [[module.tables[index].element, 'i32'], ['i32']];
      break;
    case 'table.fill':
      [parameters, results] = [['i32', module.tables[index].element, 'i32'], []];
      break;
    case 'table.copy':
    case 'table.init':
      [parameters, results] = [['i32', 'i32', 'i32'], []];
      break;
  }
  return { parameters, results };
}
