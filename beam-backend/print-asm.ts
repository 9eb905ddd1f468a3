// BEAM assembly as `.S` text, which `erlc +from_asm` and OTP's validator read.
//
// Consumes the same calls as the assembler; produces text in the symbolic form of OTP 25. What is printed is the very
// list of instructions that is assembled, module_info included.
import { byteLocations, type Location } from '../ir/locations.ts';
import type {
  AssemblyFunction,
  AssemblyModule,
  AssemblyTarget,
  FRegister,
  HeapNeed,
  Instruction,
  Label,
  OperandType,
  Source,
  Term,
} from './assembly.ts';
import { moduleInfoFunctions } from './module-info.ts';
import { SIZE_TESTS } from './opcodes.ts';
import { printAtom, printFloat, printTerm } from './print-term.ts';

export class AssemblyPrinter implements AssemblyTarget {
  private readonly module: Omit<AssemblyModule, 'exports'>;
  private readonly exports: string[] = [];
  private readonly functions: string[] = [];
  private lastLabel = 0;

  constructor(module: Omit<AssemblyModule, 'exports'>) {
    this.module = module;
  }

  newLabel(): Label {
    return ++this.lastLabel;
  }

  addFunction(fn: AssemblyFunction): void {
    this.functions.push(printFunction(this.module, fn));
  }

  export(name: string, arity: number): void {
    this.exports.push(`{${printAtom(name)},${arity}}`);
  }

  /** Adds module_info and gives the text in pieces; nothing may be added afterwards. */
  finish(): string[] {
    const labels = [0, 1].map(() => [this.newLabel(), this.newLabel()] as const);
    for (const fn of moduleInfoFunctions(this.module.name, labels)) {
      this.addFunction(fn);
      this.export(fn.name, fn.arity);
    }
    const attributes = this.module.attributes.map(([name, term]) => `{${printAtom(name)},${printTerm(term)}}`);
    const header =
      `{module, ${printAtom(this.module.name)}}.\n\n{exports, [${this.exports.join(',')}]}.\n\n` +
      `{attributes, [${attributes.join(',')}]}.\n\n{labels, ${this.lastLabel + 1}}.\n`;
    return [header, ...this.functions];
  }
}

/** One function: a head line, its labels at the margin, its instructions indented. */
export function printFunction(module: Omit<AssemblyModule, 'exports'>, fn: AssemblyFunction): string {
  const lines = fn.instructions.map((instruction) =>
    instruction.op === 'label' ? `  {label,${instruction.label}}.` : `    ${printInstruction(module, instruction)}.`,
  );
  return `\n\n{function, ${printAtom(fn.name)}, ${fn.arity}, ${fn.entry}}.\n${lines.join('\n')}\n`;
}

const printLine = (location: Location | undefined): string =>
  location === undefined ? '{line,[]}' : `{line,[{location,${printString(location.file)},${location.line}}]}`;

/** One instruction as a term, without the final point. */
export function printInstruction(module: Omit<AssemblyModule, 'exports'>, instruction: Instruction): string {
  const i = instruction;
  switch (i.op) {
    case 'label':
    case 'call_fun':
    case 'deallocate':
      return `{${i.op},${i.op === 'label' ? i.label : i.op === 'call_fun' ? i.arity : i.slots}}`;
    case 'line':
      return printLine((module.locations ?? byteLocations(module.source))(i.line));
    case 'func_info':
      return `{func_info,{atom,${printAtom(module.name)}},{atom,${printAtom(i.name)}},${i.arity}}`;
    case 'move':
    case 'fmove':
    case 'get_hd':
    case 'get_tl':
      return `{${i.op},${source(i.from)},${target(i.to)}}`;
    case 'fconv':
      return `{fconv,${typed(i.from)},${target(i.to)}}`;
    case 'gc_bif':
      return `{gc_bif,${printAtom(i.name)},{f,${i.fail}},${i.live},[${i.args.map(typed).join(',')}],${target(i.to)}}`;
    case 'bif':
      return `{bif,${printAtom(i.name)},{f,${i.fail}},[${i.args.map(typed).join(',')}],${target(i.to)}}`;
    case 'test': {
      const args = i.args.map((arg, position) =>
        position === 1 && SIZE_TESTS.has(i.name) && arg.kind === 'integer' ? String(arg.value) : typed(arg),
      );
      return `{test,${i.name},{f,${i.fail}},[${args.join(',')}]}`;
    }
    case 'select_val': {
      // The type is in the file only: the loader makes use of it, the validator knows none here.
      const cases = i.cases.map(([value, label]) => `${constant(value)},{f,${label}}`);
      return `{select_val,${source(i.value)},{f,${i.fail}},{list,[${cases.join(',')}]}}`;
    }
    case 'jump':
      return `{jump,{f,${i.label}}}`;
    case 'call':
    case 'call_only':
      return `{${i.op},${i.arity},{f,${i.label}}}`;
    case 'call_last':
      return `{call_last,${i.arity},{f,${i.label}},${i.deallocate}}`;
    case 'call_ext':
    case 'call_ext_only':
    case 'call_ext_last': {
      const callee = `{extfunc,${printAtom(i.module)},${printAtom(i.name)},${i.arity}}`;
      return `{${i.op},${i.arity},${callee}${i.op === 'call_ext_last' ? `,${i.deallocate}` : ''}}`;
    }
    case 'allocate':
      return `{allocate,${i.slots},${i.live}}`;
    case 'allocate_heap':
      return `{allocate_heap,${i.slots},${heap(i.heap)},${i.live}}`;
    case 'test_heap':
      return `{test_heap,${heap(i.heap)},${i.live}}`;
    case 'init_yregs':
      return `{init_yregs,{list,[${i.registers.map(target).join(',')}]}}`;
    case 'trim':
      return `{trim,${i.slots},${i.remaining}}`;
    case 'put_tuple':
      return `{put_tuple2,${target(i.to)},{list,[${sources(i.args)}]}}`;
    case 'put_list':
      return `{put_list,${source(i.head)},${source(i.tail)},${target(i.to)}}`;
    case 'get_tuple_element':
      return `{get_tuple_element,${source(i.from)},${i.index},${target(i.to)}}`;
    case 'set_tuple_element':
      return `{set_tuple_element,${source(i.value)},${source(i.tuple)},${i.index}}`;
    case 'get_list':
      return `{get_list,${source(i.from)},${target(i.head)},${target(i.tail)}}`;
    case 'known_tuple':
      return `{'%',{var_info,${target(i.register)},[{type,{t_tuple,${i.size},false,#{}}}]}}`;
    case 'takes_match':
      return `{'%',{var_info,${target(i.register)},[accepts_match_context]}}`;
    case 'return':
    case 'raw_raise':
    case 'build_stacktrace':
      return i.op;
    case 'badmatch':
      return `{badmatch,${source(i.value)}}`;
    case 'try':
      return `{'try',${target(i.tag)},{f,${i.label}}}`;
    case 'try_end':
    case 'try_case':
      return `{${i.op},${target(i.tag)}}`;
    case 'fadd':
    case 'fsub':
    case 'fmul':
    case 'fdiv':
      return `{bif,${i.op},{f,0},[${i.args.map(target).join(',')}],${target(i.to)}}`;
    case 'fnegate':
      return `{bif,fnegate,{f,0},[${target(i.from)}],${target(i.to)}}`;
    case 'bs_start_match':
      return `{test,bs_start_match3,{f,${i.fail}},${i.live},[${target(i.from)}],${target(i.to)}}`;
    case 'bs_get_integer': {
      const operands = `[${target(i.context)},{integer,${i.bits}},1,{field_flags,[unsigned,${i.little ? 'little' : 'big'}]}]`;
      return `{test,bs_get_integer2,{f,${i.fail}},${i.live},${operands},${target(i.to)}}`;
    }
    case 'bs_create_bin': {
      const segments = i.segments.map(
        ({ type, bits, little, value }, position) =>
          `{atom,${type}},${position + 1},1,${little ? '{literal,[little]}' : 'nil'},${typed(value)},{integer,${bits}}`,
      );
      return `{bs_create_bin,{f,${i.fail}},0,${i.live},1,${target(i.to)},{list,[${segments.join(',')}]}}`;
    }
  }
}

/** A source with its type, where the instruction takes one. */
function typed(operand: Source): string {
  if ((operand.kind !== 'x' && operand.kind !== 'y') || operand.type === undefined) return source(operand);
  return `{tr,${target(operand)},${type(operand.type)}}`;
}

function source(operand: Source | FRegister): string {
  switch (operand.kind) {
    case 'x':
    case 'y':
    case 'fr':
      return target(operand);
    case 'integer':
      return `{integer,${operand.value}}`;
    case 'atom':
      return `{atom,${printAtom(operand.name)}}`;
    case 'literal':
      return constant(operand.term);
  }
}

function sources(operands: readonly Source[]): string {
  return operands.map(source).join(',');
}

function target(register: { readonly kind: 'x' | 'y' | 'fr'; readonly index: number }): string {
  return `{${register.kind},${register.index}}`;
}

function constant(term: Term): string {
  if (typeof term !== 'object') return `{integer,${term}}`;
  if ('atom' in term) return `{atom,${printAtom(term.atom)}}`;
  if ('float' in term) return `{float,${printFloat(term.float)}}`;
  if ('list' in term && term.list.length === 0) return 'nil';
  return `{literal,${printTerm(term)}}`;
}

function type(operandType: OperandType): string {
  switch (operandType.kind) {
    case 'integer':
      return `{t_integer,{${BigInt(operandType.min)},${BigInt(operandType.max)}}}`; // all digits, beyond 2^53 too
    case 'float':
      return '{t_float,any}';
    case 'tuple':
      return '{t_tuple,0,false,#{}}';
  }
}

function heap({ words, floats }: HeapNeed): string {
  return floats === 0 ? String(words) : `{alloc,[{words,${words}},{floats,${floats}}]}`;
}

function printString(text: string): string {
  return `"${[...text].map((c) => (/[ !#-[\]-~]/.test(c) ? c : `\\x{${(c.codePointAt(0) ?? 0).toString(16)}}`)).join('')}"`;
}
