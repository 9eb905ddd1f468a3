// Who calls whom: which functions need the state, the memory's root and the depth, and which can recurse.
//
// Consumes a validated module; produces a Convention for every function. Strongly connected components by Tarjan's
// algorithm, without recursion of its own; callees come before callers, so that needs add up on the way.
import type { ModuleFacts } from './validate.ts';
import { countImports, type FunctionType, type Module } from './module.ts';
import { readInstruction } from './instruction-reader.ts';
import { Reader } from './reader.ts';
import { wordsOf } from '../ir/shape.ts';

/** How a function is called, and what it costs of the depth (0: it cannot recurse). */
export interface FunctionNeeds {
  state: boolean;
  root: boolean;
  depth: boolean;
  cost: number;
}

export interface CallGraph {
  readonly needs: readonly FunctionNeeds[];
  /** The first type index of the same structure. */
  readonly canonical: readonly number[];
  /** By canonical type: functions of it that a reference can name, in order. */
  readonly referenced: ReadonlyMap<number, readonly number[]>;
  /** Canonical types of what is called by reference, from within or by the embedder, in order. */
  readonly dispatched: readonly number[];
}

/** What one body does, apart from calling. */
interface Body {
  readonly calls: ReadonlySet<number>;
  /** Callees reached by tail calls only. */
  readonly tailCalls: ReadonlySet<number>;
  state: boolean;
  root: boolean;
}

/**
 * Finds what the functions of a module need.
 *
 * @param metered whether each counts instructions, in cells of the state
 */
export function analyseCalls(module: Module, facts: ModuleFacts, metered: boolean): CallGraph {
  const canonical = canonicalTypes(module.types);
  const referenced = new Map<number, number[]>();
  for (const index of [...facts.referenced].sort((a, b) => a - b)) {
    const type = canonical[module.functions[index]];
    const list = referenced.get(type);
    if (list) list.push(index);
    else referenced.set(type, [index]);
  }
  const imported = countImports(module, 'func');
  const hasMemory = module.memories.length > 0;
  const dispatcher = (type: number): number => module.functions.length + canonical[type];
  const bodies = module.code.map((_, index) => readBody(module, index, dispatcher));
  const nodes = module.functions.length + module.types.length;
  const needs: FunctionNeeds[] = Array.from({ length: nodes }, (_, node) => {
    // An import may call back and write; so may the function that a dispatcher finds in another instance.
    if (node < imported || node >= module.functions.length) {
      return { state: true, root: hasMemory, depth: true, cost: 0 };
    }
    const { state, root } = bodies[node - imported];
    return { state: state || root || metered, root, depth: false, cost: 0 };
  });
  const successors = (node: number): readonly number[] => {
    if (node < imported) return [];
    if (node >= module.functions.length) return referenced.get(node - module.functions.length) ?? [];
    const { calls, tailCalls } = bodies[node - imported];
    return [...calls, ...tailCalls];
  };
  const grows = (from: number, to: number): boolean =>
    from >= imported && from < module.functions.length && bodies[from - imported].calls.has(to);
  for (const component of components(nodes, successors)) {
    const members = new Set(component);
    const total = { state: false, root: false, depth: false };
    let recursive = false;
    for (const node of component) {
      for (const next of [node, ...successors(node)]) {
        total.state ||= needs[next].state;
        total.root ||= needs[next].root;
        total.depth ||= needs[next].depth;
        recursive ||= members.has(next) && grows(node, next);
      }
    }
    for (const node of component) {
      const isBody = node >= imported && node < module.functions.length;
      const cost = recursive && isBody ? activationCost(module, node, imported) : 0;
      needs[node] = { ...total, depth: total.depth || recursive, cost };
    }
  }
  const called = new Set(referenced.keys());
  for (const { calls, tailCalls } of bodies) {
    for (const callee of [...calls, ...tailCalls]) {
      if (callee >= module.functions.length) called.add(callee - module.functions.length);
    }
  }
  return { needs, canonical, referenced, dispatched: [...called].sort((a, b) => a - b) };
}

/** An activation with many locals takes more of the stack. */
function activationCost(module: Module, index: number, imported: number): number {
  let words = 0;
  for (const type of module.types[module.functions[index]].parameters) words += wordsOf(type);
  for (const { count, type } of module.code[index - imported].locals) words += count * wordsOf(type);
  return 1 + Math.floor(words / 16);
}

function canonicalTypes(types: readonly FunctionType[]): number[] {
  const known = new Map<string, number>();
  return types.map(({ parameters, results }, index) => {
    const key = `${parameters.join()}:${results.join()}`;
    if (!known.has(key)) known.set(key, index);
    return known.get(key)!;
  });
}

function readBody(module: Module, position: number, dispatcher: (type: number) => number): Body {
  const calls = new Set<number>();
  const tailCalls = new Set<number>();
  const body: Body = { calls, tailCalls, state: false, root: false };
  const { start, end } = module.code[position].body;
  const reader = new Reader(module.bytes, start, end);
  while (reader.position < reader.end) {
    const { op, index } = readInstruction(reader);
    if (op.width !== undefined) body.root = true;
    else {
      switch (op.immediates) {
        case 'function':
          if (op.mnemonic === 'call') calls.add(index);
          else if (op.mnemonic === 'return_call') tailCalls.add(index);
          else body.state = true;
          break;
        case 'call_indirect':
          (op.mnemonic === 'call_indirect' ? calls : tailCalls).add(dispatcher(index));
          body.state = true;
          break;
        case 'memory':
        case 'memory_memory':
        case 'data_memory':
          if (op.mnemonic !== 'memory.size') body.root = true;
          body.state = true;
          break;
        case 'global':
        case 'table':
        case 'table_table':
        case 'table_elem':
        case 'elem':
        case 'data':
          body.state = true;
          break;
      }
    }
  }
  return body;
}

/** Strongly connected components, those that are called before those that call. */
function* components(count: number, successors: (node: number) => readonly number[]): Generator<number[]> {
  const order = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const stack: number[] = [];
  let time = 0;
  for (let first = 0; first < count; first++) {
    if (order[first] >= 0) continue;
    const work: { node: number; next: readonly number[]; at: number }[] = [];
    const open = (node: number): void => {
      order[node] = low[node] = time++;
      stack.push(node);
      onStack[node] = 1;
      work.push({ node, next: successors(node), at: 0 });
    };
    open(first);
    while (work.length > 0) {
      const frame = work[work.length - 1];
      const { node } = frame;
      if (frame.at < frame.next.length) {
        const next = frame.next[frame.at++];
        if (order[next] < 0) open(next);
        else if (onStack[next]) low[node] = Math.min(low[node], order[next]);
        continue;
      }
      work.pop();
      if (work.length > 0) {
        const parent = work[work.length - 1].node;
        low[parent] = Math.min(low[parent], low[node]);
      }
      if (low[node] !== order[node]) continue;
      const component: number[] = [];
      for (let member = -1; member !== node;) {
        member = stack.pop()!;
        onStack[member] = 0;
        component.push(member);
      }
      yield component;
    }
  }
}
