// Proves that every store in place goes into a tuple of ours and stores a small integer: anything else can kill the node.
//
// Consumes the calls of an assembler and passes them on. Within a function store-facts.ts follows what registers hold;
// what functions take for granted of their parameters, and callers of results, `finish` compares over all parts of the
// module. Believed without proof: what docs/abi.md says of S and of the runtime's functions, that an exported function
// gets small integers where it takes some, and types of operands; a checked build tests these. The module
// wasm2beam_cells is not made of a guest's code and does not come here: its header tells why its stores are right.
import type { IrModule } from '../ir/module.ts';
import { SHARED_NAME } from '../ir/shape.ts';
import type { AssemblyTarget, Label, ValueKind } from './assembly.ts';
import { factOf, followFunction, holds, meetFacts, type Fact, type FactSink } from './store-facts.ts';

/** What the calls of a function and its own returns have to agree on. */
class Summary {
  name: string;
  parameters: readonly ValueKind[] = [];
  exported = false;
  /** What arrives in each parameter, over all calls, and who made the first of them. */
  args: Fact[] | undefined = undefined;
  caller = '';
  /** Met over all returns; undefined where there is none. */
  returned: Fact | undefined = undefined;
  /** Functions whose results are this one's. */
  readonly tails = new Set<Summary>();
  /** What callers rely on. */
  readonly demands = new Map<string, readonly ValueKind[]>();

  constructor(name: string) {
    this.name = name;
  }

  receive(args: readonly Fact[], caller: string): void {
    if (this.args === undefined) {
      this.args = [...args];
      this.caller = caller;
    } else this.args = this.args.map((known, i) => meetFacts(known, args[i]));
  }

  /** Whether nobody relied on as much before. */
  demand(results: readonly ValueKind[]): boolean {
    const key = results.join();
    if (this.demands.has(key)) return false;
    this.demands.set(key, results);
    return true;
  }
}

export class StoreVerifier {
  private readonly module: Pick<IrModule, 'inPlace' | 'layout'>;
  private readonly summaries: Summary[] = [];
  /** By module and name: what one part calls of another, and what is there. */
  private readonly called = new Map<string, Summary>();
  private readonly exported = new Map<string, Summary>();

  constructor(module: Pick<IrModule, 'inPlace' | 'layout'>) {
    this.module = module;
  }

  /**
   * Wraps what takes the functions of one BEAM module.
   *
   * @param name of that module
   * @returns a target whose addFunction throws an Error that names the function and the instruction not proved
   */
  wrap(target: AssemblyTarget, name: string): AssemblyTarget {
    const local = new Map<Label, Summary>();
    const at = (label: Label): Summary => this.find(local, label, `label ${label}`);
    return {
      newLabel: () => target.newLabel(),
      addFunction: (fn) => {
        const summary = at(fn.entry);
        summary.name = fn.name;
        summary.parameters = fn.parameters ?? [];
        followFunction(fn, this.module, this.sink(fn.name, summary, at));
        target.addFunction(fn);
      },
      export: (exportName, arity, label) => {
        // What is for other parts is compared with their calls, of which `finish` knows all.
        at(label).exported = !SHARED_NAME.test(exportName);
        this.exported.set(`${name}:${exportName}`, at(label));
        target.export(exportName, arity, label);
      },
    };
  }

  /** To be called when all functions are there. Throws an Error where calls do not keep what functions take for granted. */
  finish(): void {
    for (const [name, called] of this.called) {
      const there = this.exported.get(name);
      // Else it is the embedder's: of such a function nothing is known.
      if (!there) {
        called.returned = 'other';
        continue;
      }
      if (called.args) there.receive(called.args, called.caller);
      for (const results of called.demands.values()) there.demand(results);
      called.tails.add(there);
    }
    for (const summary of this.summaries) checkParameters(summary);
    this.checkResults();
  }

  private sink(caller: string, summary: Summary, at: (label: Label) => Summary): FactSink {
    const target = (callee: Label | string): Summary =>
      typeof callee === 'number' ? at(callee) : this.find(this.called, callee, callee);
    return {
      call(callee, args, results) {
        target(callee).receive(args, caller);
        target(callee).demand(results);
      },
      tailCall(callee, args) {
        target(callee).receive(args, caller);
        summary.tails.add(target(callee));
      },
      returns(fact) {
        summary.returned = summary.returned === undefined ? fact : meetFacts(summary.returned, fact);
      },
    };
  }

  private find<K>(map: Map<K, Summary>, key: K, name: string): Summary {
    let summary = map.get(key);
    if (!summary) {
      map.set(key, (summary = new Summary(name)));
      this.summaries.push(summary);
    }
    return summary;
  }

  private checkResults(): void {
    const work = this.summaries.flatMap((summary) =>
      [...summary.demands.values()].map((results) => ({ summary, results })),
    );
    for (let next = work.pop(); next; next = work.pop()) {
      const { summary, results } = next;
      if (summary.returned !== undefined && !keeps(summary.returned, results)) {
        throw new Error(`stores not proved: ${summary.name} does not return ${results.join()}`);
      }
      for (const tail of summary.tails) if (tail.demand(results)) work.push({ summary: tail, results });
    }
  }
}

function checkParameters({ name, parameters, args, exported, caller }: Summary): void {
  parameters.forEach((kind, i) => {
    if (exported && kind !== 'int' && kind !== 'other') {
      throw new Error(`stores not proved: anybody can call ${name}, parameter ${i} of which is ${kind}`);
    }
    if (args && !holds(args[i], kind)) {
      throw new Error(`stores not proved: parameter ${i} of ${name} is ${kind}, but not in calls such as ${caller}'s`);
    }
  });
}

/** Whether what a function returns is what its caller relies on: one value, or a tuple of several. */
function keeps(returned: Fact, results: readonly ValueKind[]): boolean {
  if (results.length === 1) return holds(returned, results[0]);
  return results.every((kind, i) => holds(factOf(returned, i), kind));
}
