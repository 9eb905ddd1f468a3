// The Core Erlang back end: functions of the second level of the IR to a module of Core Erlang, for `erlc`.
//
// A Wasm function is one function. Its loop headers and joins are `letrec` functions that take the block's parameters
// and what lives into it, so that no variable is ever free in one; a block with one edge to it stands where that edge
// is. What would nest deeper than NESTING becomes a `letrec` function too: neither this code nor `erlc` meets a depth
// that the guest decides. docs/abi.md holds here as in the direct back end.
import {
  edges,
  terminatorArgs,
  type Block,
  type Edge,
  type IrFunction,
  type Terminator,
  type Value,
} from '../ir/ir.ts';
import type { Locations } from '../ir/locations.ts';
import type { IrModule, ModuleFunction } from '../ir/module.ts';
import { divide } from '../ir/procedures.ts';
import type { FunctionId, StateLayout } from '../ir/shape.ts';
import { coreAtom, coreConstant, functionName, quiet, remoteCall, tupleElement } from './print-core.ts';
import { applyFunction, compare, isKnownTest, raiseTrap, selectCore, type CoreScope } from './select-core.ts';

/** Cases within cases. */
const NESTING = 20;
/** A `letrec` function takes at most so many arguments; what is beyond comes in a tuple, the last argument. */
const ARGUMENTS = 240;
/** Bytes of a function's name: `erlc` makes the names of its `letrec` functions from it, and atoms are limited. */
const NAME_BYTES = 160;
/** What `letrec` functions are called. */
const BLOCK_NAME = /^(loop|join)\d+$/;

interface CoreContext {
  readonly locations: Locations;
  readonly layout: StateLayout;
  readonly functionOf: (id: FunctionId) => string;
}

/**
 * A module as Core Erlang text, in ASCII.
 *
 * @param module its functions, all of which are held at once
 */
export function emitCore(module: IrModule): string {
  const functions = [...module.functions];
  const names = nameFunctions(functions);
  const functionOf = (id: FunctionId): string => names.get(id)!;
  const context: CoreContext = { locations: module.locations, layout: module.layout, functionOf };
  const exported = functions.filter(({ exportName }) => exportName !== undefined).map(({ id }) => functionOf(id));
  const name = coreAtom(module.name);
  const lines = [
    `module ${name} [${[...exported, ...MODULE_INFO].join(',\n  ')}]`,
    '  attributes []',
    ...functions.flatMap(({ id, fn }) => new FunctionWriter(context, fn).write(functionOf(id))),
    `${MODULE_INFO[0]} =`,
    `  fun () -> ${remoteCall('erlang', 'get_module_info', [name])}`,
    `${MODULE_INFO[1]} =`,
    `  fun (Item) -> ${remoteCall('erlang', 'get_module_info', [name, 'Item'])}`,
    'end',
  ];
  return `${lines.join('\n')}\n`;
}

const MODULE_INFO = [functionName('module_info', 0), functionName('module_info', 1)];

/**
 * Name and arity of each function: exports as they are called, others by their own name, or `-NAME/NUMBER-` where it is
 * taken, which the runtime shows as NAME.
 */
function nameFunctions(functions: readonly ModuleFunction[]): Map<FunctionId, string> {
  const names = new Map<FunctionId, string>();
  const taken = new Set<string>(MODULE_INFO);
  for (const { id, fn, exportName } of functions) {
    if (exportName === undefined) continue;
    names.set(id, functionName(exportName, fn.blocks[0].params.length));
    taken.add(names.get(id)!);
  }
  for (const { id, fn, exportName } of functions) {
    if (exportName !== undefined) continue;
    const own = cut(fn.name);
    const arity = fn.blocks[0].params.length;
    const isFree = !taken.has(functionName(own, arity)) && !BLOCK_NAME.test(own);
    names.set(id, functionName(isFree ? own : `-${own}/${id}-`, arity));
    taken.add(names.get(id)!);
  }
  return names;
}

/** The longest beginning of whole characters within NAME_BYTES. */
function cut(name: string): string {
  const { read } = new TextEncoder().encodeInto(name, new Uint8Array(NAME_BYTES));
  return name.slice(0, read);
}

class FunctionWriter implements CoreScope {
  readonly locations: Locations;
  readonly memory: number;
  readonly memoryCells: number;
  readonly functionOf: (id: FunctionId) => string;
  private readonly fn: IrFunction;
  private readonly liveIn: readonly (readonly Value[])[];
  /** Blocks that are `letrec` functions, in the order in which they are written; more may come while they are. */
  private readonly functions = new Set<Block>();
  private readonly used: Uint8Array;
  private readonly known = new Set<Value>();
  private lines: string[] = [];
  private indent = '';
  /** Cases around the place at hand. */
  private depth = 0;
  /** Variables of values that were updated in place. */
  private current: ReadonlyMap<Value, string> = new Map();
  private variables = 0;
  private returned: Value | undefined;

  constructor({ locations, layout, functionOf }: CoreContext, fn: IrFunction) {
    this.locations = locations;
    this.memory = layout.memory;
    this.memoryCells = layout.memoryCells;
    this.functionOf = functionOf;
    this.fn = fn;
    this.liveIn = divide(fn).liveIn;
    this.used = findUsed(fn);
    const edgesTo = new Int32Array(fn.blockCount);
    for (const block of fn.blocks) for (const { target } of edges(block.terminator!)) edgesTo[target.id]++;
    for (const block of fn.blocks) if (block.loop || edgesTo[block.id] > 1) this.functions.add(block);
  }

  /** The lines of the definition. */
  write(name: string): string[] {
    const [entry] = this.fn.blocks;
    const body = this.capture('    ', () => this.block(entry));
    const defined: string[] = [];
    for (const block of this.functions) defined.push(...this.blockFunction(block));
    const head = [`${name} =`, `  fun (${entry.params.map(variable).join(', ')}) ->`];
    return defined.length > 0
      ? [...head, '    letrec', ...defined, '    in', ...body.map((line) => `  ${line}`)]
      : [...head, ...body];
  }

  private blockFunction(block: Block): string[] {
    this.current = new Map();
    const values = this.parametersOf(block);
    const rest = values.slice(ARGUMENTS);
    const packed = rest.length > 0 ? this.fresh() : undefined;
    const params = [...values.slice(0, ARGUMENTS).map(variable), ...(packed === undefined ? [] : [packed])];
    const body = this.capture('          ', () => {
      rest.forEach((value, i) => this.line(`let <${variable(value)}> = ${tupleElement(i + 1, packed!)} in`));
      this.block(block);
    });
    return [`      ${this.blockName(block)} =`, `        fun (${params.join(', ')}) ->`, ...body];
  }

  private parametersOf(block: Block): Value[] {
    return [...block.params, ...this.liveIn[block.id]];
  }

  private blockName(block: Block): string {
    const values = this.parametersOf(block).length;
    const arity = values > ARGUMENTS ? ARGUMENTS + 1 : values;
    return functionName(`${block.loop ? 'loop' : 'join'}${block.id}`, arity);
  }

  private capture(indent: string, write: () => void): string[] {
    const lines: string[] = [];
    this.lines = lines;
    this.indent = indent;
    write();
    return lines;
  }

  // --- what operators need -------------------------------------------------------------------------------------------

  line(text: string): void {
    this.lines.push(this.indent + text);
  }

  use(value: Value): string {
    return value.constant === undefined ? (this.current.get(value) ?? variable(value)) : coreConstant(value);
  }

  define(value: Value): string {
    return variable(value);
  }

  redefine(value: Value): string {
    const name = `${variable(value)}_${++this.variables}`;
    this.current = new Map(this.current).set(value, name);
    return name;
  }

  fresh(): string {
    return `T${++this.variables}`;
  }

  isReturned(value: Value): boolean {
    return this.returned === value;
  }

  isUsed({ id }: Value): boolean {
    return this.used[id] === 1;
  }

  areKnown(values: readonly Value[]): boolean {
    return values.every((value) => value.constant !== undefined || this.known.has(value));
  }

  know(value: Value): void {
    this.known.add(value);
  }

  // --- blocks ----------------------------------------------------------------------------------------------------------

  /** A block, and the blocks behind it that are reached by one jump each. */
  private block(start: Block): void {
    for (let block: Block | undefined = start; block;) {
      const terminator: Terminator = block.terminator!;
      this.returned = terminator.kind === 'return' && terminator.values.length === 1 ? terminator.values[0] : undefined;
      for (const instruction of block.instructions) selectCore(this, instruction);
      block = this.terminator(terminator);
    }
  }

  /** Writes what ends a block; gives the block that goes on in its place. */
  private terminator(terminator: Terminator): Block | undefined {
    switch (terminator.kind) {
      case 'jump':
        return this.edge(terminator.edge);
      case 'branch': {
        const { test, args } = terminator;
        const [a, b] = args.map((arg) => this.use(arg));
        const clauses = [
          { clause: `<> when ${compare(test, a, b)}`, edge: terminator.then },
          { clause: "<> when 'true'", edge: terminator.else },
        ];
        this.cases('<>', clauses, isKnownTest(this, args));
        return;
      }
      case 'switch': {
        const { index, otherwise } = terminator;
        const clauses = terminator.cases.map(({ value, edge }) => ({ clause: `<${value}> when 'true'`, edge }));
        const isKnown = this.areKnown([index]);
        // Each case knows the index.
        this.know(index);
        this.cases(
          this.use(index),
          [...clauses, { clause: `<${this.fresh()}> when 'true'`, edge: otherwise }],
          isKnown,
        );
        return;
      }
      case 'return': {
        const values = terminator.values.map((value) => this.use(value));
        this.line(values.length === 0 ? "'ok'" : values.length === 1 ? values[0] : `{${values.join(', ')}}`);
        return;
      }
      case 'tail_call': {
        this.line(applyFunction(this, terminator.call));
        return;
      }
      case 'trap': {
        this.line(raiseTrap(terminator.reason, this.locations, terminator.offset));
        return;
      }
    }
  }

  private cases(subject: string, clauses: readonly { clause: string; edge: Edge }[], isKnown: boolean): void {
    const { indent, current } = this;
    this.line(`case ${subject} of`);
    this.depth++;
    for (const { clause, edge } of clauses) {
      this.indent = `${indent}  `;
      this.line(`${isKnown ? QUIET[0] : ''}${clause} ->`);
      this.indent = `${indent}    `;
      this.current = current;
      const target = this.edge(edge);
      if (target) this.block(target);
      if (isKnown) this.line(QUIET[1]);
    }
    this.depth--;
    this.indent = indent;
    this.line('end');
  }

  /** An edge: the call of a `letrec` function, or else the parameters of the block that then stands here. */
  private edge({ target, args }: Edge): Block | undefined {
    if (this.depth > NESTING) this.functions.add(target);
    if (!this.functions.has(target)) {
      target.params.forEach((param, i) => {
        this.line(`let <${variable(param)}> = ${this.use(args[i])} in`);
        if (this.areKnown([args[i]])) this.know(param);
      });
      return target;
    }
    const values = [...args, ...this.liveIn[target.id]].map((value) => this.use(value));
    const rest = values.splice(ARGUMENTS);
    if (rest.length > 0) values.push(`{${rest.join(', ')}}`);
    this.line(`apply ${this.blockName(target)}(${values.join(', ')})`);
  }
}

/** By value id: 1 where something reads it. */
function findUsed(fn: IrFunction): Uint8Array {
  const used = new Uint8Array(fn.valueCount);
  const use = ({ id }: Value): void => void (used[id] = 1);
  for (const block of fn.blocks) {
    for (const { args } of block.instructions) args.forEach(use);
    terminatorArgs(block.terminator!).forEach(use);
    for (const { args } of edges(block.terminator!)) args.forEach(use);
  }
  return used;
}

/** What stands before and behind a clause of several lines. */
const QUIET = quiet('\0').split('\0');

const variable = ({ id }: Value): string => `V${id}`;
