// Random valid modules in the text format: nested control, numeric instructions, accesses, calls. They are for passes and
// back ends to be checked on, not to be run: a loop may have no end.
//
// Consumes a seed; produces text. Same seed, same text.
import { OPERATIONS, type NumberType, type Operation } from '../../ir/instructions.ts';

const TYPES: readonly NumberType[] = ['i32', 'i64', 'f32', 'f64'];
const ACCESS = /^(load|store)/;
const isAccess = ({ mnemonic }: Operation): boolean => ACCESS.test(mnemonic.slice(4));
/** By the type of their one result: numeric instructions and loads. */
const PRODUCERS = new Map(
  TYPES.map((type) => [
    type,
    OPERATIONS.filter((op) => (op.numeric || isAccess(op)) && op.results?.length === 1 && op.results[0] === type),
  ]),
);
const STORES = OPERATIONS.filter((op) => isAccess(op) && op.results?.length === 0);

const INTERESTING = [0, 1, -1, 2, 31, 32, 63, 64, 255, 32767, -32768, 65536, 2147483647, -2147483648];
const FLOATS = ['0', '-0', '1', '-1.5', '0x1p-149', '0x1.fffffep127', 'inf', '-inf', 'nan', 'nan:0x1234', '4294967296'];

class Generator {
  private state: number;
  /** Types of the locals at hand, parameters first. */
  private locals: NumberType[] = [];
  /** By depth: the type that a branch to the label takes, innermost last. */
  private labels: (NumberType | undefined)[] = [];
  private signatures: { parameters: NumberType[]; results: NumberType[] }[] = [];
  private budget = 0;

  constructor(seed: number) {
    this.state = (seed * 2654435761) >>> 0;
  }

  module(): string {
    const functions = 1 + this.below(4);
    for (let i = 0; i < functions; i++) {
      this.signatures.push({ parameters: this.types(4), results: this.types(3) });
    }
    const bodies = this.signatures.map((signature, index) => this.function(signature, index));
    const globals = TYPES.map((type) => `(global $${type} (mut ${type}) (${type}.const 0))`);
    const elements = this.signatures.map((_, index) => `$f${index}`).join(' ');
    const table = `(table 8 funcref) (elem (i32.const 0) ${elements})`;
    return `(module (memory 1 2) ${globals.join(' ')} ${table}\n${bodies.join('\n')})`;
  }

  private function(
    { parameters, results }: { parameters: NumberType[]; results: NumberType[] },
    index: number,
  ): string {
    this.locals = [...parameters, ...this.types(5)];
    this.labels = [];
    this.budget = 120;
    const declared = this.locals.slice(parameters.length);
    const statements = Array.from({ length: 1 + this.below(6) }, () => this.statement());
    const values = results.map((type) => this.expression(type));
    const [takes, gives] = [list('param', parameters), list('result', results)];
    return `(func $f${index} (export "f${index}") ${takes} ${gives} ${list('local', declared)}
  ${[...statements, ...values].join('\n  ')})`;
  }

  private statement(): string {
    this.budget -= 1;
    const choice = this.budget > 0 ? this.below(10) : 9;
    switch (choice) {
      case 0:
        return `(if ${this.expression('i32')} (then ${this.nested(undefined)}) (else ${this.nested(undefined)}))`;
      case 1:
        return `(block ${this.nested(undefined)})`;
      case 2:
        return `(loop ${this.nested(undefined)})`;
      case 3: {
        const label = this.label(undefined);
        return label === undefined ? '(nop)' : `(br_if ${label} ${this.expression('i32')})`;
      }
      case 4: {
        const store = this.pick(STORES);
        const value = store.parameters![1] as NumberType;
        return `(${store.mnemonic} ${this.offset()} ${this.expression('i32')} ${this.expression(value)})`;
      }
      case 5: {
        const type = this.pick(TYPES);
        return `(global.set $${type} ${this.expression(type)})`;
      }
      case 6: {
        const index = this.below(this.signatures.length);
        const { parameters, results } = this.signatures[index];
        const args = parameters.map((type) => this.expression(type)).join(' ');
        return `(call $f${index} ${args})${' (drop)'.repeat(results.length)}`;
      }
      case 7: {
        this.labels.push(undefined);
        const labels = Array.from({ length: 4 }, () => this.label(undefined)!).join(' ');
        const branch = `(br_table ${labels} ${this.expression('i32')})`;
        this.labels.pop();
        return `(block ${branch})`;
      }
      default: {
        if (this.locals.length === 0) return `(drop ${this.expression(this.pick(TYPES))})`;
        const local = this.below(this.locals.length);
        return `(local.set ${local} ${this.expression(this.locals[local])})`;
      }
    }
  }

  /** Statements within a new label, and where it has a type an expression of that type. */
  private nested(type: NumberType | undefined): string {
    this.labels.push(type);
    const statements = Array.from({ length: this.below(3) }, () => this.statement());
    if (type) statements.push(this.expression(type));
    this.labels.pop();
    return statements.join(' ');
  }

  private expression(type: NumberType): string {
    this.budget -= 1;
    const choice = this.budget > 0 ? this.below(12) : 11;
    switch (choice) {
      case 0:
        return `(if (result ${type}) ${this.expression('i32')} (then ${this.nested(type)}) (else ${this.nested(type)}))`;
      case 1:
        return `(block (result ${type}) ${this.nested(type)})`;
      case 2:
        return `(select ${this.expression(type)} ${this.expression(type)} ${this.expression('i32')})`;
      case 3:
        return `(global.get $${type})`;
      case 10:
      case 11: {
        const local = this.locals.findIndex((other, index) => other === type && (choice === 11 || index > 2));
        return local >= 0 && this.below(3) > 0 ? `(local.get ${local})` : this.constant(type);
      }
      default: {
        const op = this.pick(PRODUCERS.get(type)!);
        const args = op.parameters!.map((parameter) => this.expression(parameter as NumberType)).join(' ');
        return `(${op.mnemonic} ${isAccess(op) ? this.offset() : ''} ${args})`;
      }
    }
  }

  private constant(type: NumberType): string {
    if (type === 'f32' || type === 'f64') return `(${type}.const ${this.pick(FLOATS)})`;
    const wide =
      type === 'i64' && this.below(2) > 0 ? `${this.below(2) > 0 ? '-' : ''}0x7${this.hex()}${this.hex()}` : '';
    return `(${type}.const ${wide || this.pick(INTERESTING)})`;
  }

  /** The depth of some label of a type. */
  private label(type: NumberType | undefined): number | undefined {
    const depths = this.labels.map((label, at) => (label === type ? this.labels.length - 1 - at : -1));
    const fitting = depths.filter((depth) => depth >= 0);
    return fitting.length > 0 ? this.pick(fitting) : undefined;
  }

  private offset(): string {
    return this.below(4) > 0 ? '' : `offset=${this.pick([1, 4, 65535, 4294967295])}`;
  }

  private types(most: number): NumberType[] {
    return Array.from({ length: this.below(most + 1) }, () => this.pick(TYPES));
  }

  private hex(): string {
    return this.next().toString(16).padStart(8, '0').slice(1);
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  private below(limit: number): number {
    return this.next() % limit;
  }

  /** xorshift32 */
  private next(): number {
    let x = this.state || 1;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (this.state = x >>> 0);
  }
}

const list = (keyword: string, types: readonly NumberType[]): string =>
  types.length > 0 ? `(${keyword} ${types.join(' ')})` : '';

/** The text of a module made from a seed. */
export const randomModule = (seed: number): string => new Generator(seed + 1).module();
