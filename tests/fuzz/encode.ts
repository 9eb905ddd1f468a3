// A generated program as a binary module.
//
// Consumes a Program; produces bytes. Types are numbered in the order of their first use. Functions are exported as
// `f0`, `f1`, ..., imported ones as `x0`, ..., globals as `g0`, ..., the memory as `m`; imports come from the module `fuzz`. With `marks`, a host
// function `mark` is told of each instruction that is about to be executed.
//
// spec: binary/modules
import type { FunctionType } from '../../frontend/module.ts';
import { INSTRUCTIONS, type Immediates, type Mnemonic } from '../../ir/instructions.ts';
import { HEADER, TYPE_CODE, name, section, signed, unsigned, vector, type Bytes } from '../frontend/binary.ts';
import {
  walk,
  type ElementNode,
  type FunctionNode,
  type GlobalNode,
  type LimitsNode,
  type Program,
  type Tree,
} from './program.ts';

const END = 0x0b;
const ELSE = 0x05;

/** Numbers function types by structure. */
class Types {
  readonly entries: number[][] = [];
  private readonly numbers = new Map<string, number>();

  index({ parameters, results }: FunctionType): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    const codes = [parameters, results].map((types) => vector(types.map((type) => [TYPE_CODE[type]])));
    this.numbers.set(key, this.entries.length);
    return this.entries.push([0x60, ...codes[0], ...codes[1]]) - 1;
  }
}

/** Little-endian bytes of a number's bits. */
const littleEndian = (bits: bigint, length: number): number[] =>
  Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));

const MARK: FunctionType = { parameters: ['i32'], results: [] };

class Encoder {
  readonly types = new Types();
  private readonly marks: ReadonlyMap<Mnemonic, number> | undefined;
  private readonly shift: number;
  private labels: number[] = [];
  private code: number[] = [];

  constructor(marks: ReadonlyMap<Mnemonic, number> | undefined) {
    this.marks = marks;
    this.shift = marks ? 1 : 0;
  }

  functionIndex(index: number): number[] {
    return unsigned(index + this.shift);
  }

  /** A constant expression, which has no room for marks. */
  expression({ op, index, bits, valueType }: Tree): number[] {
    if (op === 'ref.func') return [INSTRUCTIONS[op].code, ...this.functionIndex(index!), END];
    const { code, immediates }: { code: number; immediates: Immediates } = INSTRUCTIONS[op as Mnemonic];
    return [code, ...this.immediates(immediates, { op, bits, valueType, operands: [], results: [] }), END];
  }

  function({ locals, body }: FunctionNode): number[] {
    this.code = [];
    this.labels = [0];
    this.trees(body);
    const runs = vector(locals.map((type) => [1, TYPE_CODE[type]]));
    return [...unsigned(runs.length + this.code.length + 1), ...runs, ...this.code, END];
  }

  private trees(trees: readonly Tree[]): void {
    for (const each of trees) this.tree(each);
  }

  private tree(node: Tree): void {
    this.trees(node.operands);
    if (node.op === 'sequence') return;
    const { code, immediates }: { code: number; immediates: Immediates } = INSTRUCTIONS[node.op];
    this.mark(node.op);
    this.put(code > 0xff ? [code >> 8, ...unsigned(code & 0xff)] : [code]);
    this.put(this.immediates(immediates, node));
    if (node.bodies) this.blocks(node, node.bodies);
  }

  /** For the bodies of an `if` the else part is written where it does something or must give values. */
  private blocks({ op, label, type }: Tree, bodies: readonly (readonly Tree[])[]): void {
    this.labels.push(label!);
    this.trees(bodies[0]);
    if (op === 'if' && (bodies[1].length > 0 || type!.results.length > 0)) {
      this.mark('end');
      this.put([ELSE]);
      this.mark('else');
      this.trees(bodies[1]);
    }
    this.labels.pop();
    this.mark('end');
    this.put([END]);
  }

  private put(bytes: Bytes): void {
    for (const byte of bytes) this.code.push(byte);
  }

  private mark(op: Mnemonic): void {
    const number = this.marks?.get(op);
    if (number !== undefined) this.put([0x41, ...signed(number), 0x10, 0]);
  }

  private depth(label: number): number[] {
    const at = this.labels.lastIndexOf(label);
    if (at < 0) throw new RangeError('a branch to a label that is not around it');
    return unsigned(this.labels.length - 1 - at);
  }

  private blockType({ parameters, results }: FunctionType): number[] {
    if (parameters.length === 0 && results.length === 0) return [0x40];
    if (parameters.length === 0 && results.length === 1) return [TYPE_CODE[results[0]]];
    return signed(this.types.index({ parameters, results }));
  }

  private immediates(kind: Immediates, node: Tree): number[] {
    switch (kind) {
      case 'none':
        return [];
      case 'block':
        return this.blockType(node.type!);
      case 'label':
        return this.depth(node.targets![0]);
      case 'labels': {
        const depths = node.targets!.map((label) => this.depth(label));
        return [...vector(depths.slice(0, -1)), ...depths.at(-1)!];
      }
      case 'function':
        return this.functionIndex(node.index!);
      case 'call_indirect':
        return [...unsigned(this.types.index(node.type!)), ...unsigned(node.table!)];
      case 'types':
        return vector([[TYPE_CODE[node.valueType!]]]);
      case 'local':
      case 'global':
      case 'table':
      case 'elem':
      case 'data':
        return unsigned(node.index!);
      case 'table_table':
      case 'table_elem':
        return [...unsigned(node.index!), ...unsigned(node.table!)];
      case 'memarg':
        return [...unsigned(node.align!), ...unsigned(node.offset!)];
      case 'memory':
        return [0];
      case 'memory_memory':
        return [0, 0];
      case 'data_memory':
        return [...unsigned(node.index!), 0];
      case 'i32':
        return signed(BigInt.asIntN(32, node.bits!));
      case 'i64':
        return signed(BigInt.asIntN(64, node.bits!));
      case 'f32':
        return littleEndian(node.bits!, 4);
      case 'f64':
        return littleEndian(node.bits!, 8);
      case 'reftype':
        return [TYPE_CODE[node.valueType!]];
    }
  }
}

const limits = ({ minimum, maximum }: LimitsNode): number[] =>
  maximum === undefined ? [0, ...unsigned(minimum)] : [1, ...unsigned(minimum), ...unsigned(maximum)];

/** spec: binary/modules#element-section */
function element(encoder: Encoder, { mode, type, table, at, items, plain }: ElementNode): number[] {
  const explicit = mode === 'active' && (table !== 0 || type !== 'funcref');
  const flags = (mode === 'active' ? (explicit ? 2 : 0) : mode === 'passive' ? 1 : 3) | (plain ? 0 : 4);
  const head = [...unsigned(flags), ...(explicit ? unsigned(table) : []), ...(at ? encoder.expression(at) : [])];
  const kind = flags === 0 || flags === 4 ? [] : plain ? [0] : [TYPE_CODE[type]];
  const list = items.map((item) => (plain ? encoder.functionIndex(item.index!) : encoder.expression(item)));
  return [...head, ...kind, ...vector(list)];
}

/**
 * Encodes a program.
 *
 * @param marks numbers by mnemonic: the module then imports `fuzz.mark` and calls it with the number of each such
 *   instruction, its operands being evaluated
 * @throws RangeError where a branch has no label around it (a reducer's attempt)
 */
export function encode(program: Program, marks?: ReadonlyMap<Mnemonic, number>): Uint8Array<ArrayBuffer> {
  const encoder = new Encoder(marks);
  const { types } = encoder;
  const { hosts, functions, tables, memory, globals, importedGlobals, importsMemory, elements, data, start } = program;
  const typed = (type: FunctionType): number[] => [0, ...unsigned(types.index(type))];
  const globalType = ({ type, mutable }: GlobalNode): number[] => [TYPE_CODE[type], Number(mutable)];
  const imports: [string, number[]][] = [
    ...(marks ? [['mark', typed(MARK)] as [string, number[]]] : []),
    ...hosts.map(({ type }, i): [string, number[]] => [`h${i}`, typed(type)]),
    ...globals.slice(0, importedGlobals).map((each, i): [string, number[]] => [`g${i}`, [3, ...globalType(each)]]),
    ...(importsMemory ? [['m', [2, ...limits(memory!)]] as [string, number[]]] : []),
  ];
  const exported = (title: string, kind: number, index: Bytes): number[] => [...name(title), kind, ...index];
  const hasBulkData = functions.some(({ body }) =>
    body.some((root) => [...walk(root)].some(({ op }) => op === 'memory.init' || op === 'data.drop')),
  );
  const sections: [number, number[] | undefined][] = [
    [2, vector(imports.map(([title, kind]) => [...name('fuzz'), ...name(title), ...kind]))],
    [3, vector(functions.map(({ type }) => unsigned(types.index(type))))],
    [4, vector(tables.map((table) => [TYPE_CODE[table.type], ...limits(table)]))],
    [5, memory && !importsMemory ? vector([limits(memory)]) : undefined],
    [6, vector(globals.slice(importedGlobals).map((g) => [...globalType(g), ...encoder.expression(g.initial)]))],
    [
      7,
      vector([
        ...hosts.map((_, i) => exported(`x${i}`, 0, encoder.functionIndex(i))),
        ...functions.map((_, i) => exported(`f${i}`, 0, encoder.functionIndex(hosts.length + i))),
        ...globals.map((_, i) => exported(`g${i}`, 3, unsigned(i))),
        ...(memory ? [exported('m', 2, [0])] : []),
      ]),
    ],
    [8, start === undefined ? undefined : encoder.functionIndex(start)],
    [9, vector(elements.map((each) => element(encoder, each)))],
    [12, hasBulkData ? unsigned(data.length) : undefined],
    [10, vector(functions.map((each) => encoder.function(each)))],
    [
      11,
      vector(
        data.map(({ at, bytes }) => [
          ...(at ? [0, ...encoder.expression(at)] : [1]),
          ...unsigned(bytes.length),
          ...bytes,
        ]),
      ),
    ],
  ];
  const encoded = sections.flatMap(([id, contents]) => (contents === undefined ? [] : section(id, contents)));
  return Uint8Array.from([...HEADER, ...section(1, vector(types.entries)), ...encoded]);
}
