// A program as a script in the format of the official tests: what V8 answered is what the script asserts.
//
// Consumes a program; produces text. Its host functions become a module that is registered as `fuzz` and gives their
// first row of results only; a program that needs more is not shown fully.
import type { FunctionType } from '../../frontend/module.ts';
import { INSTRUCTIONS, type Immediates, type NumberType, type ValueType } from '../../ir/instructions.ts';
import {
  FUEL,
  functionTypeOf,
  type FunctionNode,
  type GlobalNode,
  type LimitsNode,
  type Program,
  type Tree,
} from './program.ts';
import type { Observation } from './v8.ts';
import { isNan, isNumberType } from './values.ts';

const MOST_BYTES = 64;
const view = new DataView(new ArrayBuffer(8));

function floatText(type: 'f32' | 'f64', bits: bigint): string {
  const sign = bits >> (type === 'f32' ? 31n : 63n) ? '-' : '';
  if (isNan(type, bits)) return `${sign}nan:0x${(bits & (type === 'f32' ? 0x7fffffn : 0xfffffffffffffn)).toString(16)}`;
  if (type === 'f32') view.setUint32(0, Number(bits));
  else view.setBigUint64(0, bits);
  const value = Math.abs(type === 'f32' ? view.getFloat32(0) : view.getFloat64(0));
  return sign + (value === Infinity ? 'inf' : value.toString());
}

function numberText(type: NumberType, bits: bigint): string {
  if (type === 'i32') return BigInt.asIntN(32, bits).toString();
  if (type === 'i64') return BigInt.asIntN(64, bits).toString();
  return floatText(type, bits);
}

const heapType = (type: ValueType): string => type.replace('ref', '');

function constantText(type: ValueType, bits: bigint | null): string {
  if (isNumberType(type)) return `(${type}.const ${numberText(type, bits ?? 0n)})`;
  return bits === null ? `(ref.null ${heapType(type)})` : `(ref.extern ${bits})`;
}

const typeText = ({ parameters, results }: FunctionType): string =>
  (parameters.length > 0 ? ` (param ${parameters.join(' ')})` : '') +
  (results.length > 0 ? ` (result ${results.join(' ')})` : '');

const limitsText = ({ minimum, maximum }: LimitsNode): string =>
  `${minimum}${maximum === undefined ? '' : ` ${maximum}`}`;

class Printer {
  private readonly lines: string[] = [];
  private readonly labels: number[] = [0];

  function({ body }: FunctionNode): string[] {
    this.trees(body);
    return this.lines;
  }

  private trees(trees: readonly Tree[]): void {
    for (const each of trees) this.tree(each);
  }

  private put(text: string): void {
    this.lines.push(' '.repeat(2 + 2 * this.labels.length) + text);
  }

  private tree(node: Tree): void {
    this.trees(node.operands);
    if (node.op === 'sequence') return;
    const { immediates }: { immediates: Immediates } = INSTRUCTIONS[node.op];
    const mnemonic = node.op === 'select t' ? 'select' : node.op;
    this.put(`${mnemonic}${this.immediates(immediates, node)}`);
    if (!node.bodies) return;
    this.labels.push(node.label!);
    this.trees(node.bodies[0]);
    this.labels.pop();
    if (node.op === 'if' && node.bodies[1].length > 0) {
      this.put('else');
      this.labels.push(node.label!);
      this.trees(node.bodies[1]);
      this.labels.pop();
    }
    this.put('end');
  }

  private immediates(kind: Immediates, node: Tree): string {
    switch (kind) {
      case 'none':
      case 'memory':
      case 'memory_memory':
        return '';
      case 'block':
        return typeText(node.type!);
      case 'label':
      case 'labels':
        return node.targets!.map((label) => ` ${this.labels.length - 1 - this.labels.lastIndexOf(label)}`).join('');
      case 'call_indirect':
        return ` ${node.table!}${typeText(node.type!)}`;
      case 'types':
        return ` (result ${node.valueType!})`;
      case 'function':
      case 'local':
      case 'global':
      case 'table':
      case 'elem':
      case 'data':
      case 'data_memory':
        return ` ${node.index!}`;
      case 'table_table':
        return ` ${node.index!} ${node.table!}`;
      case 'table_elem':
        return ` ${node.table!} ${node.index!}`;
      case 'memarg':
        return `${node.offset ? ` offset=${node.offset}` : ''} align=${2 ** node.align!}`;
      case 'i32':
      case 'i64':
      case 'f32':
      case 'f64':
        return ` ${numberText(kind, node.bits!)}`;
      case 'reftype':
        return ` ${heapType(node.valueType!)}`;
    }
  }
}

/** A constant expression. */
function expressionText({ op, index, bits, results }: Tree): string {
  return op === 'ref.func' ? `(ref.func ${index!})` : constantText(results[0], op === 'ref.null' ? null : bits!);
}

const bytesText = (bytes: readonly number[]): string =>
  bytes.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

const globalType = ({ type, mutable }: GlobalNode): string => (mutable ? `(mut ${type})` : type);

/** The fields of the module, one a line. */
export function moduleText(program: Program): string[] {
  const { hosts, functions, tables, memory, globals, importedGlobals, importsMemory, elements, data, start } = program;
  return [
    '(module',
    ...hosts.map(({ type }, i) => `  (import "fuzz" "h${i}" (func${typeText(type)}))`),
    ...globals.slice(0, importedGlobals).map((each, i) => `  (import "fuzz" "g${i}" (global ${globalType(each)}))`),
    ...(importsMemory ? [`  (import "fuzz" "m" (memory ${limitsText(memory!)}))`] : []),
    ...tables.map((table) => `  (table ${limitsText(table)} ${table.type})`),
    ...(memory && !importsMemory ? [`  (memory (export "m") ${limitsText(memory)})`] : []),
    ...globals.slice(importedGlobals).map((each) => `  (global ${globalType(each)} ${expressionText(each.initial)})`),
    ...globals.map((_, i) => `  (export "g${i}" (global ${i}))`),
    ...functions.flatMap((fn, i) => [
      `  (func (export "f${i}")${typeText(fn.type)}`,
      ...(fn.locals.length > 0 ? [`    (local ${fn.locals.join(' ')})`] : []),
      ...new Printer().function(fn),
      '  )',
    ]),
    `  (func (export "refuel") (global.set 0 (i32.const ${FUEL})))`,
    ...(memory ? ['  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))'] : []),
    ...elements.map(({ mode, type, table, at, items }) => {
      const where =
        mode === 'active' ? `(table ${table}) ${expressionText(at!)} ` : mode === 'passive' ? '' : 'declare ';
      return `  (elem ${where}${type} ${items.map((item) => `(item ${expressionText(item)})`).join(' ')})`;
    }),
    // References to any function are allowed where it is exported.
    ...hosts.map((_, i) => `  (export "x${i}" (func ${i}))`),
    ...data.map(({ at, bytes }) => `  (data ${at ? `${expressionText(at)} ` : ''}"${bytesText(bytes)}")`),
    ...(start === undefined ? [] : [`  (start ${start})`]),
    ')',
  ];
}

const TEXTS: Readonly<Record<string, string>> = {
  integer_divide_by_zero: 'integer divide by zero',
  out_of_bounds_memory_access: 'out of bounds memory access',
  out_of_bounds_table_access: 'out of bounds table access',
};

/** What an observed value has to look like in a script. */
function expectedText(type: ValueType, text: string): string {
  if (text === 'nan') return `(${type}.const nan:arithmetic)`;
  if (text === 'null') return `(ref.null ${heapType(type)})`;
  if (text === 'func') return '(ref.func)';
  return constantText(type, BigInt(`0x${text}`));
}

function assertion(action: string, types: readonly ValueType[], line: string): string {
  const answer = line.slice(line.indexOf(': ') + 2);
  if (answer.startsWith('trap ')) {
    const reasons = answer.slice(5).split('|');
    const text = reasons.length > 1 ? '' : (TEXTS[reasons[0]] ?? reasons[0].replaceAll('_', ' '));
    return `(assert_trap ${action} "${text}")`;
  }
  const values = answer === '' ? [] : answer.split(' ');
  return `(assert_return ${[action, ...values.map((value, i) => expectedText(types[i], value))].join(' ')})`;
}

/** Module, calls with the answers of V8, globals and the first bytes of the memory that are not zero. */
export function scriptText(program: Program, { lines, memory }: Observation, remark: string): string {
  const { hosts, calls, globals, importedGlobals, importsMemory } = program;
  const host = hosts.map(({ type, rows }, i) => {
    const values = rows[0].map((bits, at) =>
      constantText(type.results[at], isNumberType(type.results[at]) ? bits : null),
    );
    return `  (func (export "h${i}")${typeText(type)} ${values.join(' ')})`;
  });
  const values = globals
    .slice(0, importedGlobals)
    .map((each, i) => `  (global (export "g${i}") ${globalType(each)} ${expressionText(each.initial)})`);
  const shared = importsMemory ? [`  (memory (export "m") ${limitsText(program.memory!)})`] : [];
  const given = [...host, ...values, ...shared];
  const answer = (what: string): string => lines.find((line) => line.startsWith(`${what}:`)) ?? `${what}: `;
  const hasStarted = !lines.some((line) => line.startsWith('instantiate:'));
  const callTexts = calls.flatMap((call, i) => {
    const { parameters, results } = functionTypeOf(program, hosts.length + call.function);
    const args = call.args.map((bits, at) => constantText(parameters[at], bits));
    return [
      '(invoke "refuel")',
      assertion(`(invoke ${[`"f${call.function}"`, ...args].join(' ')})`, results, answer(`call ${i}`)),
    ];
  });
  const globalTexts = globals.map(({ type }, i) => assertion(`(get "g${i}")`, [type], answer(`global ${i}`)));
  const bytes = [...memory.keys()].filter((at) => memory[at] !== 0).slice(0, MOST_BYTES);
  const byteTexts = bytes.map((at) => `(assert_return (invoke "peek" (i32.const ${at})) (i32.const ${memory[at]}))`);
  return [
    `;; ${remark}`,
    ...(given.length > 0 ? ['(module', ...given, ')', '(register "fuzz")'] : []),
    ...moduleText(program),
    ...(hasStarted ? [...callTexts, ...globalTexts, ...byteTexts] : []),
    '',
  ].join('\n');
}
