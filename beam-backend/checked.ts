// A build that believes no type: every typed operand is tested at run time before the instruction that relies on it, and
// a typed result where it is made.
//
// Consumes the same calls as the assembler and passes them on with tests put in. A test that fails leaves for a
// badmatch behind the function's code, which needs no register and is right in any frame; each place has one of its
// own, for the stack may differ from place to place. Registers and frames stay as they are.
import type {
  AssemblyFunction,
  AssemblyTarget,
  Instruction,
  Label,
  OperandType,
  Register,
  Source,
} from './assembly.ts';

/** Wraps a target; a false type raises `{badmatch, {wasm2beam_false_type, Function}}` in the function that claims it. */
export class CheckedTarget implements AssemblyTarget {
  private readonly target: AssemblyTarget;

  constructor(target: AssemblyTarget) {
    this.target = target;
  }

  newLabel(): Label {
    return this.target.newLabel();
  }

  export(name: string, arity: number, label: Label): void {
    this.target.export(name, arity, label);
  }

  addFunction(fn: AssemblyFunction): void {
    const instructions: Instruction[] = [];
    const exits: Instruction[] = [];
    const value: Source = { kind: 'literal', term: { tuple: [{ atom: 'wasm2beam_false_type' }, { atom: fn.name }] } };
    for (const instruction of fn.instructions) {
      const test = (claims: readonly Claim[]): void => {
        if (claims.length === 0) return;
        const fail = this.newLabel();
        for (const { register, type } of claims) instructions.push(...testsOf(register, type, fail));
        exits.push({ op: 'label', label: fail }, { op: 'badmatch', value });
      };
      test(typedRegisters(instruction));
      instructions.push(instruction);
      test(typedResult(instruction));
    }
    this.target.addFunction({ ...fn, instructions: [...instructions, ...exits] });
  }
}

interface Claim {
  readonly register: Register;
  readonly type: OperandType;
}

/** Which registers an instruction reads with a type. What is known of a tuple's size is tested as far as it is a tuple. */
function typedRegisters(instruction: Instruction): Claim[] {
  switch (instruction.op) {
    case 'test':
    case 'bif':
    case 'gc_bif':
      return instruction.args.flatMap(claims);
    case 'select_val':
      return claims(instruction.value);
    case 'fconv':
      return claims(instruction.from);
    case 'bs_create_bin':
      return instruction.segments.flatMap(({ value }) => claims(value));
    case 'known_tuple':
      return [{ register: instruction.register, type: { kind: 'tuple' } }];
    default:
      return [];
  }
}

/** Results whose type the verifier of stores believes. */
function typedResult(instruction: Instruction): Claim[] {
  return instruction.op === 'gc_bif' || instruction.op === 'get_tuple_element' ? claims(instruction.to) : [];
}

function claims(source: Source): Claim[] {
  if ((source.kind !== 'x' && source.kind !== 'y') || source.type === undefined) return [];
  return [{ register: { kind: source.kind, index: source.index }, type: source.type }];
}

function testsOf(register: Register, type: OperandType, fail: Label): Instruction[] {
  const test = (name: string, ...args: Source[]): Instruction => ({ op: 'test', name, fail, args });
  switch (type.kind) {
    case 'float':
      return [test('is_float', register)];
    case 'tuple':
      return [test('is_tuple', register)];
    case 'integer':
      return [
        test('is_integer', register),
        test('is_ge', register, bound(type.min)),
        test('is_ge', bound(type.max), register),
      ];
  }
}

/** Where a double is not exact, an operand cannot stand by itself. */
const bound = (value: number): Source =>
  Number.isSafeInteger(value) ? { kind: 'integer', value } : { kind: 'literal', term: BigInt(value) };
