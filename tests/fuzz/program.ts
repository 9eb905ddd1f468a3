// A generated program: a module as trees of instructions, and the calls to be made.
//
// Functions and labels are referred to by identity, locals, globals, tables and segments by index, so that a reducer may
// replace or drop any tree without renumbering. What a tree leaves on the stack stands in it; the rest of validity is
// V8's to judge.
import type { FunctionType } from '../../frontend/module.ts';
import type { Mnemonic, ReferenceType, ValueType } from '../../ir/instructions.ts';

/** An instruction behind its operands, or a sequence of trees. */
export interface Tree {
  readonly op: Mnemonic | 'sequence';
  /** Operands in order; what lies on the stack already is not among them. */
  readonly operands: readonly Tree[];
  /** What is left on the stack. For an instruction that never ends normally: what its place demands. */
  readonly results: readonly ValueType[];
  /** block, loop: one body; if: two. */
  readonly bodies?: readonly (readonly Tree[])[];
  /** block, loop, if: its label's number, unique in the function. */
  readonly label?: number;
  /** Of a block, or expected by call_indirect. */
  readonly type?: FunctionType;
  /** br, br_if, br_table (default last): label numbers; 0 is the function's own. */
  readonly targets?: readonly number[];
  /** Local, global, table, function, segment. */
  readonly index?: number;
  /** table.init, table.copy: the other table; call_indirect: the table. */
  readonly table?: number;
  /** Constants: the bits. */
  readonly bits?: bigint;
  readonly offset?: number;
  /** Exponent of two. */
  readonly align?: number;
  /** ref.null, select t. */
  readonly valueType?: ValueType;
  /** Bounds the run: never to be taken away. */
  readonly keep?: boolean;
}

export interface FunctionNode {
  readonly type: FunctionType;
  /** Beside the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: readonly Tree[];
}

/** A function of the embedder: its n-th call gives the n-th row of bits, cyclically. */
export interface HostFunction {
  readonly type: FunctionType;
  readonly rows: readonly (readonly bigint[])[];
  /** The function (of Program.functions) that it calls while it runs; it takes and gives nothing. */
  readonly callback?: number;
}

export interface GlobalNode {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly initial: Tree;
}

export interface LimitsNode {
  readonly minimum: number;
  readonly maximum?: number;
}

export interface TableNode extends LimitsNode {
  readonly type: ReferenceType;
}

export interface ElementNode {
  readonly mode: 'passive' | 'declarative' | 'active';
  readonly type: ReferenceType;
  readonly table: number;
  /** active: where. */
  readonly at?: Tree;
  /** ref.func or ref.null */
  readonly items: readonly Tree[];
  /** In the form with function indices; then no item is null. */
  readonly plain: boolean;
}

export interface DataNode {
  /** Absent: passive. */
  readonly at?: Tree;
  readonly bytes: readonly number[];
}

/** Arguments as bits, references as numbers of the embedder's (externref) or null. */
export interface Call {
  readonly function: number;
  readonly args: readonly (bigint | null)[];
}

export interface Program {
  readonly hosts: readonly HostFunction[];
  /** Function index `hosts.length + i` is functions[i]; trees say `index` in that count. */
  readonly functions: readonly FunctionNode[];
  readonly tables: readonly TableNode[];
  readonly memory?: LimitsNode;
  /** Global 0 is the fuel, an i32 that is set before every call; global 1 an i64 that observed values are mixed into. */
  readonly globals: readonly GlobalNode[];
  /** So many of the globals, from the first on, are the embedder's; their initial values are constants. */
  readonly importedGlobals: number;
  /** The memory is the embedder's. */
  readonly importsMemory: boolean;
  readonly elements: readonly ElementNode[];
  readonly data: readonly DataNode[];
  readonly start?: number;
  readonly calls: readonly Call[];
}

/** How many globals every program has. */
export const OWN_GLOBALS = 2;

/** What the fuel is set to before a call. */
export const FUEL = 60;

/** The signature of a function by its index. */
export function functionTypeOf(program: Program, index: number): FunctionType {
  const { hosts, functions } = program;
  return index < hosts.length ? hosts[index].type : functions[index - hosts.length].type;
}

export function tree(
  op: Tree['op'],
  operands: readonly Tree[],
  results: readonly ValueType[],
  more?: Partial<Tree>,
): Tree {
  return { op, operands, results, ...more };
}

export const sequence = (operands: readonly Tree[], results: readonly ValueType[] = []): Tree =>
  tree('sequence', operands, results);

/** A constant of a type: its bits, or null for a reference. */
export function constant(type: ValueType, bits = 0n): Tree {
  if (type === 'funcref' || type === 'externref') return tree('ref.null', [], [type], { valueType: type });
  return tree(`${type}.const`, [], [type], { bits });
}

/** All trees below and with this one, outermost first. */
export function* walk(root: Tree): Generator<Tree> {
  const stack = [root];
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    for (const body of next.bodies ?? []) stack.push(...body);
    stack.push(...next.operands);
  }
}
