// Validates the body of one function: a rule for each instruction whose types depend on context, the signature of its
// row for every other.
//
// Consumes a body's bytes by readInstruction; throws WasmError 'invalid' (or 'malformed', 'unsupported') with the offset
// of the instruction and the index of the function. One object serves all functions of a module in turn.
//
// spec: valid/instructions, appendix/algorithm
import type { INSTRUCTIONS, Mnemonic, Proposal, ReferenceType, ValueType } from '../ir/instructions.ts';
import { missingEnd, requireDataCount, strayElse, trailingBytes } from './body.ts';
import { blockType, type Instruction, readInstruction } from './instruction-reader.ts';
import { exceeds, LIMITS } from './limits.ts';
import type { Code, FunctionType, GlobalType, Module } from './module.ts';
import { Reader } from './reader.ts';
import { isReference, labelTypes, TypeStack } from './validate-stack.ts';

/** Instructions whose row has no signature. */
type ContextualMnemonic = {
  [M in Mnemonic]: (typeof INSTRUCTIONS)[M] extends { signature: string } ? never : M;
}[Mnemonic];

type Rule = (validation: FunctionValidation, instruction: Instruction) => void;

const sameTypes = (left: readonly ValueType[], right: readonly ValueType[]): boolean =>
  left === right || (left.length === right.length && left.every((type, i) => type === right[i]));

const listed = (types: readonly ValueType[]): string => `[${types.join(' ')}]`;

export class FunctionValidation extends TypeStack {
  readonly module: Module;
  /** Functions that `ref.func` may name: C.refs. */
  readonly references: ReadonlySet<number>;
  /** Filled with the proposals whose instructions occur. */
  readonly proposals: Set<Proposal>;
  readonly immutable: string;
  /** Of the body that is being validated. */
  reader: Reader;
  #type: FunctionType = { parameters: [], results: [] };
  // Locals are looked up by runs: a few bytes declare 50,000 of them, in each of a million functions.
  #runEnds: number[] = [];
  #runTypes: ValueType[] = [];
  #localCount = 0;

  /** @param immutable what is said of a global that is set though it is immutable: the text differs between versions */
  constructor(module: Module, references: ReadonlySet<number>, proposals: Set<Proposal>, immutable: string) {
    super();
    this.module = module;
    this.references = references;
    this.proposals = proposals;
    this.immutable = immutable;
    this.reader = new Reader(module.bytes, 0, 0);
  }

  /** Result types of the function that is being validated. */
  get results(): readonly ValueType[] {
    return this.#type.results;
  }

  local(index: number): ValueType {
    if (index >= this.#localCount) throw this.invalid(`unknown local ${index}`);
    const { parameters } = this.#type;
    if (index < parameters.length) return parameters[index];
    let low = 0;
    let high = this.#runEnds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < this.#runEnds[middle]) high = middle;
      else low = middle + 1;
    }
    return this.#runTypes[low];
  }

  functionType(index: number): FunctionType {
    const type = this.module.functions[index];
    if (type === undefined) throw this.invalid(`unknown function ${index}`);
    return this.module.types[type];
  }

  typeAt(index: number): FunctionType {
    const type = this.module.types[index];
    if (type === undefined) throw this.invalid(`unknown type ${index}`);
    return type;
  }

  blockType(block: number): FunctionType {
    return block >= 0 ? this.typeAt(block) : blockType(this.module, block);
  }

  global(index: number): GlobalType {
    const global = this.module.globals[index];
    if (global === undefined) throw this.invalid(`unknown global ${index}`);
    return global;
  }

  tableElement(index: number): ReferenceType {
    const table = this.module.tables[index];
    if (table === undefined) throw this.invalid(`unknown table ${index}`);
    return table.element;
  }

  segmentType(index: number): ReferenceType {
    const segment = this.module.elements[index];
    if (segment === undefined) throw this.invalid(`unknown elem segment ${index}`);
    return segment.type;
  }

  /** The results of a function that takes this one's place. spec: valid/instructions#valid-return-call */
  tailCall({ parameters, results }: FunctionType): void {
    if (!sameTypes(results, this.results)) throw this.mismatch(listed(this.results), listed(results));
    this.popOperands(parameters);
    this.unreachable();
  }

  /** spec: valid/instructions#valid-call-indirect */
  indirectType({ index, index2 }: Instruction): FunctionType {
    const element = this.tableElement(index2);
    const type = this.typeAt(index);
    if (element !== 'funcref') throw this.mismatch('a table of funcref', element);
    this.popExpected('i32');
    return type;
  }

  #declareLocals({ parameters }: FunctionType, { locals, offset }: Code): void {
    this.#runEnds = [];
    this.#runTypes = [];
    let count = parameters.length;
    for (const run of locals) {
      count += run.count;
      this.#runEnds.push(count);
      this.#runTypes.push(run.type);
    }
    if (count > LIMITS.locals.most) throw exceeds(LIMITS.locals, count, offset, this.functionIndex);
    this.#localCount = count;
  }

  /** What every memory access and bulk operation asks of the module. spec: valid/instructions#memory-instructions */
  #checkImmediates({ op, index, align }: Instruction): void {
    const { module } = this;
    if (op.immediates === 'memarg') {
      if (module.memories.length === 0) throw this.invalid('unknown memory 0');
      if (2 ** align > (op.width as number)) throw this.invalid('alignment must not be larger than natural');
      return;
    }
    if (op.immediates !== 'data' && module.memories.length === 0) throw this.invalid('unknown memory 0');
    if (op.immediates === 'data' || op.immediates === 'data_memory') {
      if (index >= (module.dataCount ?? 0)) throw this.invalid(`unknown data segment ${index}`);
    }
  }

  #step(instruction: Instruction): void {
    const { op } = instruction;
    if (op.proposal !== undefined) this.proposals.add(op.proposal);
    if (op.parameters === undefined || op.results === undefined) {
      RULES[op.mnemonic as ContextualMnemonic](this, instruction);
      return;
    }
    switch (op.immediates) {
      case 'memarg':
      case 'memory':
      case 'memory_memory':
      case 'data':
      case 'data_memory':
        requireDataCount(this.module, this.reader, instruction);
        this.#checkImmediates(instruction);
    }
    this.popOperands(op.parameters);
    this.pushOperands(op.results);
  }

  /**
   * Validates one body.
   *
   * @param functionIndex among all functions, imported ones first; its type index must be valid
   */
  validate(functionIndex: number, code: Code): void {
    const { start, end } = code.body;
    const type = this.functionType(functionIndex);
    const reader = new Reader(this.module.bytes, start, end, functionIndex);
    this.reader = reader;
    this.#type = type;
    this.functionIndex = functionIndex;
    this.offset = code.offset;
    this.clear();
    this.#declareLocals(type, code);
    this.pushControl('function', { parameters: [], results: type.results });
    while (this.controls.length > 0) {
      this.offset = reader.position;
      if (reader.position >= end) throw missingEnd(reader);
      this.#step(readInstruction(reader));
    }
    if (reader.position < end) throw trailingBytes(reader);
  }
}

const enterBlock: Rule = (v, { op, block }) => {
  const type = v.blockType(block);
  if (block >= 0) v.proposals.add('multi-value');
  if (op.mnemonic === 'if') v.popExpected('i32');
  v.popOperands(type.parameters);
  v.pushControl(op.mnemonic as 'block' | 'loop' | 'if', type);
};

/** One rule an instruction; the type checker names a row that has neither a signature nor a rule. */
const RULES: Readonly<Record<ContextualMnemonic, Rule>> = {
  // spec: valid/instructions#control-instructions
  unreachable: (v) => v.unreachable(),
  nop: () => undefined,
  block: enterBlock,
  loop: enterBlock,
  if: enterBlock,
  else: (v, { offset }) => {
    if (v.controls[v.controls.length - 1].kind !== 'if') throw strayElse(v.reader, offset);
    v.pushControl('else', v.popControl().type);
  },
  end: (v) => {
    let frame = v.popControl();
    if (frame.kind === 'if') {
      // An absent `else` stands for one that passes the parameters on.
      v.pushControl('else', frame.type);
      frame = v.popControl();
    }
    v.pushOperands(frame.type.results);
  },
  br: (v, { index }) => {
    v.popOperands(labelTypes(v.label(index)));
    v.unreachable();
  },
  br_if: (v, { index }) => {
    const types = labelTypes(v.label(index));
    v.popExpected('i32');
    v.popOperands(types);
    v.pushOperands(types);
  },
  br_table: (v, { labels, index2 }) => {
    v.popExpected('i32');
    const types = labelTypes(v.label(index2));
    // Long tables repeat few labels: each list of types is compared with the stack once.
    const checked = new Set([types]);
    for (const label of labels) {
      const other = labelTypes(v.label(label));
      if (other.length !== types.length) throw v.mismatch(listed(types), listed(other));
      v.pass(other);
      if (checked.has(other)) continue;
      v.peekOperands(other);
      checked.add(other);
    }
    v.popOperands(types);
    v.unreachable();
  },
  return: (v) => {
    v.popOperands(v.results);
    v.unreachable();
  },
  call: (v, { index }) => {
    const type = v.functionType(index);
    v.popOperands(type.parameters);
    v.pushOperands(type.results);
  },
  call_indirect: (v, instruction) => {
    const type = v.indirectType(instruction);
    v.popOperands(type.parameters);
    v.pushOperands(type.results);
  },
  return_call: (v, { index }) => v.tailCall(v.functionType(index)),
  return_call_indirect: (v, instruction) => v.tailCall(v.indirectType(instruction)),

  // spec: valid/instructions#parametric-instructions
  drop: (v) => void v.popOperand(),
  select: (v) => {
    v.popExpected('i32');
    const second = v.popOperand();
    const first = v.popOperand();
    if (isReference(first) || isReference(second)) throw v.mismatch('a number', isReference(first) ? first : second);
    if (first !== second && first !== 'unknown' && second !== 'unknown') throw v.mismatch(first, second);
    v.pushOperand(first === 'unknown' ? second : first);
  },
  'select t': (v, { types }) => {
    if (types.length !== 1) throw v.invalid('invalid result arity');
    v.popExpected('i32');
    v.popExpected(types[0]);
    v.popExpected(types[0]);
    v.pushOperand(types[0]);
  },

  // spec: valid/instructions#reference-instructions
  'ref.null': (v, { types }) => v.pushOperand(types[0]),
  'ref.is_null': (v) => {
    const found = v.popOperand('a reference');
    if (found !== 'unknown' && !isReference(found)) throw v.mismatch('a reference', found);
    v.pushOperand('i32');
  },
  'ref.func': (v, { index }) => {
    v.functionType(index);
    if (!v.references.has(index)) throw v.invalid(`undeclared function reference ${index}`);
    v.pushOperand('funcref');
  },

  // spec: valid/instructions#variable-instructions
  'local.get': (v, { index }) => v.pushOperand(v.local(index)),
  'local.set': (v, { index }) => v.popExpected(v.local(index)),
  'local.tee': (v, { index }) => {
    const type = v.local(index);
    v.popExpected(type);
    v.pushOperand(type);
  },
  'global.get': (v, { index }) => v.pushOperand(v.global(index).type),
  'global.set': (v, { index }) => {
    const { type, mutable } = v.global(index);
    if (!mutable) throw v.invalid(v.immutable);
    v.popExpected(type);
  },

  // spec: valid/instructions#table-instructions
  'table.get': (v, { index }) => {
    const element = v.tableElement(index);
    v.popExpected('i32');
    v.pushOperand(element);
  },
  'table.set': (v, { index }) => {
    v.popExpected(v.tableElement(index));
    v.popExpected('i32');
  },
  'table.size': (v, { index }) => {
    v.tableElement(index);
    v.pushOperand('i32');
  },
  'table.grow': (v, { index }) => {
    const element = v.tableElement(index);
    v.popExpected('i32');
    v.popExpected(element);
    v.pushOperand('i32');
  },
  'table.fill': (v, { index }) => {
    const element = v.tableElement(index);
    v.popExpected('i32');
    v.popExpected(element);
    v.popExpected('i32');
  },
  'table.copy': (v, { index, index2 }) => {
    const to = v.tableElement(index);
    const from = v.tableElement(index2);
    if (to !== from) throw v.mismatch(to, from);
    v.popOperands(['i32', 'i32', 'i32']);
  },
  'table.init': (v, { index, index2 }) => {
    const to = v.tableElement(index2);
    const from = v.segmentType(index);
    if (to !== from) throw v.mismatch(to, from);
    v.popOperands(['i32', 'i32', 'i32']);
  },
  'elem.drop': (v, { index }) => void v.segmentType(index),
};
