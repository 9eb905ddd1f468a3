// Each instruction of the assembly in the order of operands that the loader reads.
//
// Consumes one instruction; appends its opcode and operands. Where an instruction's symbolic form has its operands in
// another order than its encoding, the encoding is what stands here.
import type { Instruction } from './assembly.ts';
import { OPCODE, SIZE_TESTS, TEST_OPCODE } from './opcodes.ts';
import type { OperandWriter } from './operands.ts';

/** Instructions that do not refer to the module's name or its lines. */
export type PlainInstruction = Exclude<Instruction, { readonly op: 'func_info' | 'line' }>;

const GC_BIF = [undefined, OPCODE.gc_bif1, OPCODE.gc_bif2, OPCODE.gc_bif3] as const;
/** A flag of what is matched. */
const LITTLE = 2;
const BIF = [OPCODE.bif0, OPCODE.bif1, OPCODE.bif2] as const;

/** Throws RangeError for an operand that the machine has no code for. */
export function encodeInstruction(operands: OperandWriter, instruction: PlainInstruction): void {
  switch (instruction.op) {
    case 'test':
      return encodeTest(operands, instruction);
    case 'gc_bif': {
      const code = GC_BIF[instruction.args.length];
      if (code === undefined) throw new RangeError(`gc_bif with ${instruction.args.length} arguments`);
      operands.opcode(code);
      operands.label(instruction.fail);
      operands.unsigned(instruction.live);
      operands.import('erlang', instruction.name, instruction.args.length);
      for (const source of instruction.args) operands.typed(source);
      return operands.register(instruction.to);
    }
    case 'bif': {
      const code = BIF[instruction.args.length];
      if (code === undefined) throw new RangeError(`bif with ${instruction.args.length} arguments`);
      operands.opcode(code);
      if (code !== OPCODE.bif0) operands.label(instruction.fail); // without arguments it cannot fail
      operands.import('erlang', instruction.name, instruction.args.length);
      for (const source of instruction.args) operands.typed(source);
      return operands.register(instruction.to);
    }
    case 'label':
      operands.opcode(OPCODE.label);
      return operands.labelHere(instruction.label);
    case 'fconv':
      operands.opcode(OPCODE.fconv);
      operands.typed(instruction.from);
      return operands.register(instruction.to);
    case 'move':
    case 'fmove':
      operands.opcode(OPCODE[instruction.op]);
      operands.source(instruction.from);
      return operands.register(instruction.to);
    case 'select_val':
      operands.opcode(OPCODE.select_val);
      operands.typed(instruction.value);
      operands.label(instruction.fail);
      operands.list(2 * instruction.cases.length);
      for (const [value, label] of instruction.cases) {
        operands.term(value);
        operands.label(label);
      }
      return;
    case 'jump':
      operands.opcode(OPCODE.jump);
      return operands.label(instruction.label);
    case 'call':
    case 'call_only':
    case 'call_last':
      operands.opcode(OPCODE[instruction.op]);
      operands.arity(instruction.arity);
      operands.label(instruction.label);
      if (instruction.op === 'call_last') operands.unsigned(instruction.deallocate);
      return;
    case 'call_ext':
    case 'call_ext_only':
    case 'call_ext_last':
      operands.opcode(OPCODE[instruction.op]);
      operands.arity(instruction.arity);
      operands.import(instruction.module, instruction.name, instruction.arity);
      if (instruction.op === 'call_ext_last') operands.unsigned(instruction.deallocate);
      return;
    case 'call_fun':
      operands.opcode(OPCODE.call_fun);
      return operands.arity(instruction.arity);
    case 'allocate':
      operands.opcode(OPCODE.allocate);
      operands.unsigned(instruction.slots);
      return operands.unsigned(instruction.live);
    case 'allocate_heap':
      operands.opcode(OPCODE.allocate_heap);
      operands.unsigned(instruction.slots);
      operands.heap(instruction.heap);
      return operands.unsigned(instruction.live);
    case 'test_heap':
      operands.opcode(OPCODE.test_heap);
      operands.heap(instruction.heap);
      return operands.unsigned(instruction.live);
    case 'deallocate':
      operands.opcode(OPCODE.deallocate);
      return operands.unsigned(instruction.slots);
    case 'init_yregs':
      operands.opcode(OPCODE.init_yregs);
      operands.list(instruction.registers.length);
      for (const register of instruction.registers) operands.register(register);
      return;
    case 'trim':
      operands.opcode(OPCODE.trim);
      operands.unsigned(instruction.slots);
      return operands.unsigned(instruction.remaining);
    case 'put_tuple':
      operands.opcode(OPCODE.put_tuple2);
      operands.register(instruction.to);
      operands.list(instruction.args.length);
      for (const source of instruction.args) operands.source(source);
      return;
    case 'put_list':
      operands.opcode(OPCODE.put_list);
      operands.source(instruction.head);
      operands.source(instruction.tail);
      return operands.register(instruction.to);
    case 'get_tuple_element':
      operands.opcode(OPCODE.get_tuple_element);
      operands.source(instruction.from);
      operands.unsigned(instruction.index);
      return operands.register(instruction.to);
    case 'set_tuple_element':
      operands.opcode(OPCODE.set_tuple_element);
      operands.source(instruction.value);
      operands.source(instruction.tuple);
      return operands.unsigned(instruction.index);
    case 'get_list':
      operands.opcode(OPCODE.get_list);
      operands.source(instruction.from);
      operands.register(instruction.head);
      return operands.register(instruction.tail);
    case 'get_hd':
    case 'get_tl':
      operands.opcode(OPCODE[instruction.op]);
      operands.source(instruction.from);
      return operands.register(instruction.to);
    case 'known_tuple':
    case 'takes_match':
      return; // for the validator alone
    case 'return':
    case 'raw_raise':
    case 'build_stacktrace':
      return operands.opcode(OPCODE[instruction.op]);
    case 'badmatch':
      operands.opcode(OPCODE.badmatch);
      return operands.source(instruction.value);
    case 'try':
      operands.opcode(OPCODE.try);
      operands.register(instruction.tag);
      return operands.label(instruction.label);
    case 'try_end':
    case 'try_case':
      operands.opcode(OPCODE[instruction.op]);
      return operands.register(instruction.tag);
    case 'fadd':
    case 'fsub':
    case 'fmul':
    case 'fdiv':
      operands.opcode(OPCODE[instruction.op]);
      operands.label(0);
      for (const register of instruction.args) operands.register(register);
      return operands.register(instruction.to);
    case 'fnegate':
      operands.opcode(OPCODE.fnegate);
      operands.label(0);
      operands.register(instruction.from);
      return operands.register(instruction.to);
    case 'bs_start_match':
      operands.opcode(OPCODE.bs_start_match3);
      operands.label(instruction.fail);
      operands.register(instruction.from);
      operands.unsigned(instruction.live);
      return operands.register(instruction.to);
    case 'bs_get_integer':
      operands.opcode(OPCODE.bs_get_integer2);
      operands.label(instruction.fail);
      operands.register(instruction.context);
      operands.unsigned(instruction.live);
      operands.integer(instruction.bits);
      operands.unsigned(1); // unit
      operands.unsigned(instruction.little ? LITTLE : 0); // flags
      return operands.register(instruction.to);
    case 'bs_create_bin':
      return encodeCreateBinary(operands, instruction);
    default:
      instruction satisfies never;
  }
}

function encodeTest(operands: OperandWriter, { name, fail, args }: Extract<Instruction, { op: 'test' }>): void {
  const code = TEST_OPCODE.get(name);
  if (code === undefined) throw new RangeError(`no test ${name}`);
  operands.opcode(code);
  operands.label(fail);
  for (let i = 0; i < args.length; i++) {
    const source = args[i];
    if (i === 1 && SIZE_TESTS.has(name) && source.kind === 'integer') operands.unsigned(source.value);
    else operands.typed(source);
  }
}

/** Six operands a segment: type, sequence number, unit, flags, value, size. */
function encodeCreateBinary(operands: OperandWriter, instruction: Extract<Instruction, { op: 'bs_create_bin' }>): void {
  operands.opcode(OPCODE.bs_create_bin);
  operands.label(instruction.fail);
  operands.unsigned(0); // extra heap words
  operands.unsigned(instruction.live);
  operands.unsigned(1); // unit
  operands.register(instruction.to);
  operands.list(6 * instruction.segments.length);
  instruction.segments.forEach((segment, i) => {
    operands.atom(segment.type);
    operands.unsigned(i + 1);
    operands.unsigned(1);
    operands.term({ list: segment.little ? [{ atom: 'little' }] : [] });
    operands.typed(segment.value);
    operands.integer(segment.bits);
  });
}
