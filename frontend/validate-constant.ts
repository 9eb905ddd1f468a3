// Validates constant expressions: initial values of globals, offsets and items of segments.
//
// Consumes the bytes of an expression; throws WasmError 'invalid' with the offset of the instruction. Produces nothing,
// but reports each function that the expression refers to.
//
// spec: valid/instructions#constant-expressions
import type { Mnemonic, ValueType } from '../ir/instructions.ts';
import { type Instruction, readInstruction } from './instruction-reader.ts';
import type { Expression, Module } from './module.ts';
import { Reader } from './reader.ts';
import { TypeStack } from './validate-stack.ts';

/** Numeric instructions that the extended constant expressions add. */
const EXTENDED: ReadonlySet<Mnemonic> = new Set<Mnemonic>([
  'i32.add',
  'i32.sub',
  'i32.mul',
  'i64.add',
  'i64.sub',
  'i64.mul',
]);

export class ConstantValidation extends TypeStack {
  readonly #module: Module;
  readonly #allowExtended: boolean;
  readonly #onReference: (functionIndex: number) => void;
  /** Whether an instruction of {@link EXTENDED} occurred so far. */
  extended = false;

  /**
   * @param allowExtended whether integers may be added, subtracted and multiplied
   * @param onReference is told each function index under `ref.func`
   */
  constructor(module: Module, allowExtended: boolean, onReference: (functionIndex: number) => void) {
    super();
    this.#module = module;
    this.#allowExtended = allowExtended;
    this.#onReference = onReference;
  }

  /** @param visibleGlobals how many globals, from the first, the expression may read */
  validate({ start, end }: Expression, expected: ValueType, visibleGlobals: number): void {
    const reader = new Reader(this.#module.bytes, start, end);
    this.clear();
    this.pushControl('function', { parameters: [], results: [expected] });
    while (this.controls.length > 0) {
      this.offset = reader.position;
      this.#step(readInstruction(reader), visibleGlobals);
    }
  }

  #step({ op, index, types }: Instruction, visibleGlobals: number): void {
    switch (op.mnemonic) {
      case 'end':
        this.popControl();
        return;
      case 'i32.const':
      case 'i64.const':
      case 'f32.const':
      case 'f64.const':
        break;
      case 'ref.null':
        this.pushOperand(types[0]);
        return;
      case 'ref.func':
        if (index >= this.#module.functions.length) throw this.invalid(`unknown function ${index}`);
        this.#onReference(index);
        this.pushOperand('funcref');
        return;
      case 'global.get':
        if (index >= visibleGlobals) throw this.invalid(`unknown global ${index}`);
        if (this.#module.globals[index].mutable) {
          throw this.invalid(`constant expression required, global ${index} is mutable`);
        }
        this.pushOperand(this.#module.globals[index].type);
        return;
      default:
        if (!this.#allowExtended || !EXTENDED.has(op.mnemonic)) {
          throw this.invalid(`constant expression required, found ${op.mnemonic}`);
        }
        this.extended = true;
    }
    this.popOperands(op.parameters ?? []);
    this.pushOperands(op.results ?? []);
  }
}
