// From the operand stack to the register IR, one function at a time.
//
// Consumes a validated body; produces the first level of the IR. Labels become blocks, operands and locals become
// values. The operand stack is simulated; its upper entries live in the frame, so that a deep stack never outgrows
// the registers. Code that cannot be reached is skipped.
//
// spec: exec/instructions#control-instructions
import type { ValueType } from '../ir/instructions.ts';
import { Instruction, IrFunction, type Edge, type Operator, type Value } from '../ir/ir.ts';
import type { Control } from './control.ts';
import { growthOf, type Inlinable, inlinedOffset, MOST_ACCESSES, MOST_INSTRUCTIONS } from './inline.ts';
import { blockType, readInstruction, type Instruction as WasmInstruction } from './instruction-reader.ts';
import { Labels } from './labels.ts';
import { isFree } from './meter.ts';
import type { Code, FunctionType, Module } from './module.ts';
import { Reader } from './reader.ts';
import { chunksOf } from '../ir/shape.ts';
import type { LoweringOptions } from './operands.ts';
import { signatureOf } from './signature.ts';

/**
 * Lowers a function's body.
 *
 * @param module a validated module
 * @param type the function's type
 * @param code its body
 * @param name its name in stack traces
 * @returns the function in the first level of the IR
 */
export function lowerFunction(
  module: Module,
  type: FunctionType,
  code: Code,
  name: string,
  options: LoweringOptions = {},
): IrFunction {
  return new Lowering(module, type, code, name, options).run();
}

class Lowering extends Labels {
  private readonly module: Module;
  private readonly type: FunctionType;
  private readonly code: Code;
  private loops = 0;
  private openLoops = 0;
  private readonly prices: readonly number[] | undefined;
  private readonly inlinable: ReadonlyMap<number, Inlinable> | undefined;
  /** Bytes of other bodies that may still stand in this one. */
  private growth: number;
  /** Of the memory, inlined ones included. */
  private accesses: number;
  /** The body that stands in place of a call, if one is being lowered, and the place of its label among the controls. */
  private inlined: { readonly call: number; readonly start: number; readonly label: number } | undefined;

  constructor(module: Module, type: FunctionType, code: Code, name: string, options: LoweringOptions) {
    super(module, type.parameters, code, new IrFunction(name, type.results.length), options);
    this.prices = options.prices;
    this.inlinable = options.inlinable;
    this.growth = growthOf(code);
    this.accesses = this.homes.accesses;
    this.module = module;
    this.type = type;
    this.code = code;
  }

  run(): IrFunction {
    this.startBlock(this.block);
    this.receive(this.type.parameters);
    this.pushControl('function', this.type, 0);
    this.lowerBody(this.code);
    this.finish();
    return this.fn;
  }

  private lowerBody({ body }: Code): void {
    const reader = new Reader(this.module.bytes, body.start, body.end);
    while (reader.position < reader.end) {
      const instruction = readInstruction(reader);
      if (this.reachable) this.lowerInstruction(instruction);
      else this.skipInstruction(instruction, reader);
    }
  }

  // Code behind an unconditional branch: only the end of the enclosing construct matters.
  private skipInstruction(first: WasmInstruction, reader: Reader): void {
    let depth = 0;
    for (let instruction = first; ; instruction = readInstruction(reader)) {
      switch (instruction.op.mnemonic) {
        case 'loop':
          this.loops++;
          depth++;
          break;
        case 'block':
        case 'if':
          depth++;
          break;
        case 'else':
          if (depth === 0) return this.lowerElse();
          break;
        case 'end':
          if (depth === 0) return this.lowerEnd();
          depth--;
          break;
      }
    }
  }

  private lowerInstruction(instruction: WasmInstruction): void {
    const { op, index } = instruction;
    const offset = (this.offset = this.placeOf(instruction));
    if (this.charge && !isFree(op.mnemonic)) this.charge.index++;
    switch (op.mnemonic) {
      case 'nop':
        return;
      case 'unreachable':
        return this.terminate({ kind: 'trap', reason: 'unreachable', offset });
      case 'block':
        return this.pushControl('block', blockType(this.module, instruction.block));
      case 'loop':
        return this.lowerLoop(blockType(this.module, instruction.block));
      case 'if':
        return this.lowerIf(blockType(this.module, instruction.block));
      case 'else':
        return this.lowerElse();
      case 'end':
        return this.lowerEnd();
      case 'br':
        return this.lowerBranch(index);
      case 'br_if':
        return this.lowerBranchIf(index);
      case 'br_table':
        return this.lowerBranchTable(instruction.labels, instruction.index2);
      case 'return':
        return this.lowerBranch(this.controls.length - 1 - (this.inlined?.label ?? 0));
      case 'call':
      case 'return_call': {
        const callee = op.mnemonic === 'call' ? this.toInline(index) : undefined;
        if (callee) return this.lowerInlined(callee, offset);
        if (this.charge) this.charge.index += this.prices![index] ?? 0;
        return this.lowerCall(
          op.mnemonic === 'call',
          'call',
          this.module.types[this.module.functions[index]],
          instruction,
        );
      }
      case 'call_indirect':
      case 'return_call_indirect':
        return this.lowerCall(op.mnemonic === 'call_indirect', 'call_indirect', this.module.types[index], instruction);
      case 'drop':
        this.drop();
        return;
      case 'select':
      case 'select t': {
        const [a, b, condition] = this.pops(3);
        this.push(this.emit('select', [condition, a, b], a.type as ValueType, offset));
        return;
      }
      case 'local.get':
        return this.push(this.getLocal(index));
      case 'local.set':
        return this.setLocal(index, this.pop());
      case 'local.tee': {
        const value = this.pop();
        this.setLocal(index, value);
        return this.push(value);
      }
      case 'i32.const':
        return this.push(this.fn.constant('i32', (instruction.value as number) >>> 0));
      case 'i64.const':
        return this.push(this.fn.constant('i64', BigInt.asUintN(64, instruction.value as bigint)));
      case 'f32.const':
        return this.push(this.fn.constant('f32', instruction.value));
      case 'f64.const':
        return this.push(this.fn.constant('f64', instruction.value));
      case 'ref.null':
        return this.push(this.nullOf(instruction.types[0]));
      default:
        return this.lowerPlain(instruction);
    }
  }

  /** Instructions without influence on control: arguments off the stack, one instruction, results on the stack. */
  private lowerPlain({ op, index, index2, displacement }: WasmInstruction): void {
    const { parameters = [], results = [] } = signatureOf(this.module, op, index);
    const values: Value[] = [];
    for (const type of results) values.push(this.fn.value(type));
    const instruction = new Instruction(op.mnemonic as Operator, this.pops(parameters.length), values, this.offset);
    instruction.index = index;
    instruction.index2 = index2;
    instruction.displacement = displacement;
    instruction.bytes = op.width ?? 0;
    this.append(instruction);
    for (const value of values) this.push(value);
  }

  private lowerCall(
    returns: boolean,
    operator: 'call' | 'call_indirect',
    type: FunctionType,
    at: WasmInstruction,
  ): void {
    // call_indirect: the index of the element is the last argument
    const trailing = operator === 'call_indirect' ? [this.pop()] : [];
    const args = [...this.popsPassed(type.parameters), ...trailing];
    const chunks = chunksOf(type.results);
    let results: Value[] = [];
    if (returns)
      results = chunks
        ? chunks.map(({ slots }) => this.chunk(undefined, slots))
        : type.results.map((result) => this.fn.value(result));
    const call = new Instruction(operator, args, results, this.offset);
    call.index = at.index;
    call.index2 = at.index2;
    if (!returns) {
      this.branchesTo(0);
      return this.terminate({ kind: 'tail_call', call });
    }
    this.append(call);
    if (!chunks) for (const value of results) this.push(value);
    chunks?.forEach(({ from, to }, i) => {
      this.unpack(results[i], type.results.slice(from, to), (value) => this.push(value));
    });
  }

  /** What stands for an instruction in stack traces. */
  private placeOf({ offset }: WasmInstruction): number {
    const { inlined } = this;
    return inlined ? inlinedOffset(this.module, inlined.call, offset - inlined.start) : offset;
  }

  /**
   * The function, if its body is to stand in place of a call here. All its operands have to find registers. Accesses of
   * the memory go to loops only, and not to where there are many: else all of the procedure would no longer be inline.
   */
  private toInline(index: number): Inlinable | undefined {
    const callee = this.inlinable?.get(index);
    if (!callee || this.stack.length + MOST_INSTRUCTIONS > this.homes.operands) return undefined;
    const { accesses } = callee.homes;
    if (accesses > 0 && (this.openLoops === 0 || this.accesses + accesses > MOST_ACCESSES)) return undefined;
    const { start, end } = callee.code.body;
    if (end - start > this.growth) return undefined;
    this.growth -= end - start;
    this.accesses += accesses;
    return callee;
  }

  /** A body in place of a call: a block, with locals of its own. */
  private lowerInlined({ type, code, homes }: Inlinable, call: number): void {
    const args = this.pops(type.parameters.length);
    const { homes: ownHomes, boxesLocal: ownBoxes, locals: ownLocals, localsShared: ownShared } = this;
    this.homes = homes;
    this.boxesLocal = homes.registers.length;
    this.locals = [...homes.registers.map((local) => this.zero(local)), ownLocals[ownBoxes]];
    this.localsShared = false;
    args.forEach((value, index) => this.setLocal(index, value));
    this.pushControl('block', type, 0);
    this.inlined = { call, start: code.body.start, label: this.controls.length - 1 };
    this.lowerBody(code);
    this.inlined = undefined;
    this.offset = call;
    [this.homes, this.boxesLocal, this.locals, this.localsShared] = [ownHomes, ownBoxes, ownLocals, ownShared];
  }

  private lowerLoop(type: FunctionType): void {
    const carried = [...this.homes.assigned[this.loops++], this.boxesLocal];
    this.openLoops++;
    const { charge } = this;
    const header = this.fn.block(true);
    const height = this.stack.length - type.parameters.length;
    const values = this.registerOperands(height, type.parameters.length);
    this.terminate({
      kind: 'jump',
      edge: { target: header, args: [...values, ...carried.map((local) => this.locals[local])] },
    });
    this.startBlock(header);
    values.forEach((value, position) => {
      this.stack[height + position] = this.parameter(header, value.type);
    });
    for (const local of carried) this.replaceLocal(local, this.parameter(header, this.typeOfLocal(local)));
    this.pushControl('loop', type, type.parameters.length, charge, { header, carried });
  }

  private lowerIf(type: FunctionType): void {
    const condition = this.pop();
    const { charge } = this;
    const then = this.fn.block();
    const otherwise: Edge = { target: then, args: [] };
    const operands = this.stack.slice(this.stack.length - type.parameters.length);
    const incoming = { edge: otherwise, values: [], locals: this.snapshot(), operands };
    this.terminate({
      kind: 'branch',
      test: 'ne',
      args: [condition],
      then: { target: then, args: [] },
      else: otherwise,
    });
    this.startBlock(then);
    this.pushControl('if', type, type.parameters.length, charge);
    this.controls.at(-1)!.otherwise = incoming;
  }

  private lowerElse(): void {
    const control = this.controls.at(-1)!;
    if (this.reachable) this.branchTo(control);
    this.startOtherwise(control);
  }

  private startOtherwise(control: Control): void {
    const { edge, locals, operands } = control.otherwise!;
    control.otherwise = undefined;
    const block = this.fn.block();
    edge.target = block;
    this.startBlock(block);
    this.stack.length = control.height;
    this.stack.push(...operands);
    this.locals = locals as Value[];
    this.localsShared = true;
  }

  private lowerEnd(): void {
    const control = this.controls.at(-1)!;
    if (control.otherwise) {
      // An if without else: its parameters are its results.
      if (this.reachable) this.branchTo(control);
      this.startOtherwise(control);
    }
    if (control.kind === 'loop') {
      // Falling out of a loop's end goes to no label.
      this.openLoops--;
      this.popControl();
      return;
    }
    if (this.reachable && control.incoming.length > 0) this.branchTo(control);
    if (!this.reachable) this.join(control);
    this.popControl();
    if (control.kind === 'function' && this.reachable) {
      this.terminate({ kind: 'return', values: this.popsPassed(this.type.results) });
    }
  }

  private lowerBranch(label: number): void {
    const control = this.controls.at(-1 - label)!;
    this.branchesTo(this.controls.length - 1 - label);
    if (control.kind === 'function') {
      this.terminate({ kind: 'return', values: this.popsPassed(this.type.results) });
    } else this.branchTo(control);
  }

  private lowerBranchIf(label: number): void {
    const condition = this.pop();
    this.branchesTo(this.controls.length - 1 - label);
    const next = this.fn.block();
    const { edge, copies } = this.edgeTo(this.controls.at(-1 - label)!);
    const then = copies.length === 0 ? edge : { target: this.trampoline(edge, copies), args: [] };
    this.terminate({ kind: 'branch', test: 'ne', args: [condition], then, else: { target: next, args: [] } });
    this.startBlock(next);
  }

  private lowerBranchTable(labels: readonly number[], otherwise: number): void {
    const index = this.pop();
    const trampolines: (() => void)[] = [];
    const known = new Map<number, Edge>();
    const edgeOf = (label: number): Edge => {
      let edge = known.get(label);
      if (!edge) {
        this.branchesTo(this.controls.length - 1 - label);
        const to = this.edgeTo(this.controls.at(-1 - label)!);
        edge = to.edge;
        if (to.copies.length > 0) {
          const block = this.fn.block();
          trampolines.push(() => this.fillTrampoline(block, to.edge, to.copies));
          edge = { target: block, args: [] };
        }
        known.set(label, edge);
      }
      return edge;
    };
    const cases = labels.map((label, value) => ({ value, edge: edgeOf(label) }));
    this.terminate({ kind: 'switch', index, cases, otherwise: edgeOf(otherwise) });
    for (const fill of trampolines) fill();
  }
}
