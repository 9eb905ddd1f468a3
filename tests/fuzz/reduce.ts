// Makes a program that shows a disagreement smaller, as long as it still shows one of the same kind.
//
// Consumes a program and a test; produces a program that passes the test. Candidates that are not valid are V8's to
// refuse. What bounds a run (Tree.keep) stays, so that no candidate runs for ever.
import { encode } from './encode.ts';
import { constant, sequence, walk, type FunctionNode, type Program, type Tree } from './program.ts';

export type Shows = (candidate: Program) => Promise<boolean>;

const isFunctionUse = ({ op }: Tree): boolean => op === 'call' || op === 'return_call' || op === 'ref.func';

/** Whether an edit may change what is below a tree. */
const isOpen = ({ keep, op, results }: Tree): boolean =>
  !keep || op === 'local.set' || (op === 'sequence' && results.length > 0);

/** Rebuilds trees with `change` applied to each, the outermost first; below what it returns changed it does not look. */
function rebuild(trees: readonly Tree[], change: (node: Tree) => Tree): Tree[] {
  return trees.flatMap((node) => {
    const changed = change(node);
    if (changed.op === 'sequence' && changed.operands.length === 0) return [];
    if (changed !== node || !isOpen(node)) return [changed];
    const bodies = node.bodies?.map((body) => rebuild(body, change));
    const operands = rebuild(node.operands, change);
    return [{ ...node, operands, ...(bodies ? { bodies } : {}) }];
  });
}

/** Smaller trees to put in a tree's place, the smallest first. */
function replacements(node: Tree): Tree[] {
  const { op, operands, results, keep, bodies } = node;
  if (keep) return op === 'sequence' && results.length > 0 ? [constants(node)] : [];
  const isConstant = op.endsWith('.const') || op === 'ref.null';
  if (isConstant) return node.bits ? [{ ...node, bits: 0n }, ...(node.bits === 1n ? [] : [{ ...node, bits: 1n }])] : [];
  const same = operands.filter((operand) => operand.results.length > 0 && operand.results.join() === results.join());
  // Without what counts the rounds of a loop, or checks the fuel: it runs once then.
  const inner =
    bodies?.map((body) =>
      sequence(
        body.filter((each) => each.results.length > 0 || !each.keep),
        results,
      ),
    ) ?? [];
  const plain = op === 'sequence' && operands.length === 1 ? [operands[0]] : [];
  const shorter = op === 'sequence' ? halves(operands).map((part) => sequence(part, results)) : [];
  const emptied = bodies?.flatMap((body, i) =>
    halves(body).map((part) => ({ ...node, bodies: bodies.map((other, j) => (i === j ? part : other)) })),
  );
  const direct = node.offset ? [{ ...node, offset: 0 }] : [];
  return [constants(node), ...plain, ...same, ...inner, ...shorter, ...(emptied ?? []), ...direct];
}

const constants = ({ results }: Tree): Tree => {
  const zeros = results.map((type) => constant(type));
  return zeros.length === 1 ? zeros[0] : sequence(zeros, results);
};

/** The first and the second half of a list worth halving. */
const halves = <T>(items: readonly T[]): T[][] => {
  if (items.length < 4) return [];
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
};

const withFunction = (program: Program, at: number, fn: FunctionNode): Program => ({
  ...program,
  functions: program.functions.map((old, i) => (i === at ? fn : old)),
});

/** Without function number `at` of the module's own; undefined where it is used. */
function withoutFunction(program: Program, at: number): Program | undefined {
  const gone = at + program.hosts.length;
  const shift = (index: number): number => (index > gone ? index - 1 : index);
  const uses = (tree: Tree): boolean => isFunctionUse(tree) && tree.index === gone;
  const rename = (tree: Tree): Tree => {
    const operands = tree.operands.map(rename);
    const bodies = tree.bodies?.map((body) => body.map(rename));
    const index = isFunctionUse(tree) ? { index: shift(tree.index!) } : {};
    return { ...tree, operands, ...(bodies ? { bodies } : {}), ...index };
  };
  const { functions, globals, elements, hosts, calls, start } = program;
  const others = functions.filter((_, i) => i !== at);
  const roots = [
    ...others.flatMap(({ body }) => body),
    ...globals.map((g) => g.initial),
    ...elements.flatMap((e) => e.items),
  ];
  if (roots.some((root) => [...walk(root)].some(uses)) || start === gone) return undefined;
  if (calls.some((call) => call.function === at) || hosts.some(({ callback }) => callback === at)) return undefined;
  const below = (index: number): number => (index > at ? index - 1 : index);
  return {
    ...program,
    functions: others.map((fn) => ({ ...fn, body: fn.body.map(rename) })),
    globals: globals.map((g) => ({ ...g, initial: rename(g.initial) })),
    elements: elements.map((e) => ({ ...e, items: e.items.map(rename) })),
    hosts: hosts.map((h) => (h.callback === undefined ? h : { ...h, callback: below(h.callback) })),
    calls: calls.map((call) => ({ ...call, function: below(call.function) })),
    start: start === undefined ? undefined : shift(start),
  };
}

/** Without the locals that nothing uses; parameters stay. */
function compactLocals(fn: FunctionNode): FunctionNode {
  const parameters = fn.type.parameters.length;
  const isLocal = ({ op }: Tree): boolean => op.startsWith('local.');
  const used = new Set(fn.body.flatMap((root) => [...walk(root)].filter(isLocal).map(({ index }) => index!)));
  const kept = fn.locals.map((_, i) => i + parameters).filter((i) => used.has(i));
  const number = new Map(kept.map((old, i) => [old, i + parameters]));
  const rename = (tree: Tree): Tree => ({
    ...tree,
    operands: tree.operands.map(rename),
    ...(tree.bodies ? { bodies: tree.bodies.map((body) => body.map(rename)) } : {}),
    ...(isLocal(tree) ? { index: number.get(tree.index!) ?? tree.index } : {}),
  });
  return { ...fn, locals: kept.map((i) => fn.locals[i - parameters]), body: fn.body.map(rename) };
}

class Reducer {
  program: Program;
  private readonly shows: Shows;
  private readonly deadline: number;
  private improved = false;

  constructor(program: Program, shows: Shows, deadline: number) {
    this.program = program;
    this.shows = shows;
    this.deadline = deadline;
  }

  async run(): Promise<Program> {
    do {
      this.improved = false;
      await this.calls();
      await this.bodies();
      await this.declarations();
      for (let i = 0; i < this.program.functions.length; i++) await this.trees(i);
      await this.declarations();
      await this.attempt({ ...this.program, functions: this.program.functions.map(compactLocals) });
    } while (this.improved && Date.now() < this.deadline);
    return this.program;
  }

  private async attempt(candidate: Program | undefined): Promise<boolean> {
    if (!candidate || Date.now() > this.deadline || !isValid(candidate)) return false;
    if (!(await this.shows(candidate))) return false;
    this.program = candidate;
    return true;
  }

  private async improve(candidate: Program | undefined): Promise<void> {
    if (await this.attempt(candidate)) this.improved = true;
  }

  private async calls(): Promise<void> {
    for (let i = this.program.calls.length - 1; i >= 0; i--) {
      const { calls } = this.program;
      await this.improve({ ...this.program, calls: calls.filter((_, at) => at !== i) });
    }
    for (let i = 0; i < this.program.calls.length; i++) {
      for (let at = 0; at < this.program.calls[i].args.length; at++) {
        if (!this.program.calls[i].args[at]) continue;
        const calls = this.program.calls.map((call, n) =>
          n === i ? { ...call, args: call.args.map((bits, j) => (j === at ? 0n : bits)) } : call,
        );
        await this.improve({ ...this.program, calls });
      }
    }
  }

  /** Whole functions that give constants. */
  private async bodies(): Promise<void> {
    for (let i = 0; i < this.program.functions.length; i++) {
      const { type, body } = this.program.functions[i];
      const zeros = type.results.map((each) => constant(each));
      if (body.length > zeros.length)
        await this.improve(withFunction(this.program, i, { type, locals: [], body: zeros }));
    }
  }

  /** What the module declares, from the end, so that no index changes (functions: with their uses renumbered). */
  private async declarations(): Promise<void> {
    for (let i = this.program.functions.length - 1; i >= 0; i--) await this.improve(withoutFunction(this.program, i));
    for (const part of ['elements', 'data', 'tables', 'globals', 'hosts'] as const) {
      // Global 0 is the fuel.
      for (let i = this.program[part].length - 1; i >= (part === 'globals' ? 1 : 0); i--) {
        const imported = part === 'globals' ? { importedGlobals: Math.min(i, this.program.importedGlobals) } : {};
        if (!(await this.attempt({ ...this.program, [part]: this.program[part].slice(0, i), ...imported }))) break;
        this.improved = true;
      }
    }
    if (this.program.importsMemory) await this.improve({ ...this.program, importsMemory: false });
    if (this.program.importedGlobals > 0) await this.improve({ ...this.program, importedGlobals: 0 });
    if (this.program.memory) await this.improve({ ...this.program, memory: undefined, importsMemory: false });
    if (this.program.start !== undefined) await this.improve({ ...this.program, start: undefined });
    for (const { index, smaller } of this.smallerSegments()) {
      await this.improve({ ...this.program, data: this.program.data.map((old, i) => (i === index ? smaller : old)) });
    }
  }

  private smallerSegments(): { index: number; smaller: Program['data'][number] }[] {
    return this.program.data.flatMap((segment, index) =>
      segment.bytes.length > 1 ? [{ index, smaller: { ...segment, bytes: [] } }] : [],
    );
  }

  private async trees(at: number): Promise<void> {
    for (let number = 0; Date.now() < this.deadline; number++) {
      const target = this.treeAt(at, number);
      if (!target) return;
      for (const replacement of replacements(target)) {
        const fn = this.program.functions[at];
        const body = rebuild(fn.body, (node) => (node === target ? replacement : node));
        if (await this.attempt(withFunction(this.program, at, { ...fn, body }))) {
          this.improved = true;
          number--;
          break;
        }
      }
    }
  }

  /** The trees of a function that may be replaced, by their number, outermost first. */
  private treeAt(at: number, number: number): Tree | undefined {
    let found: Tree | undefined;
    let count = 0;
    rebuild(this.program.functions[at].body, (node) => {
      if (count++ === number) found = node;
      return node;
    });
    return found;
  }
}

function isValid(candidate: Program): boolean {
  try {
    return WebAssembly.validate(encode(candidate));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Reduces a program.
 *
 * @param shows whether a valid candidate still shows what matters
 * @param seconds how long to try
 */
export function reduce(program: Program, shows: Shows, seconds: number): Promise<Program> {
  return new Reducer(program, shows, Date.now() + seconds * 1000).run();
}

/** How many instructions a program has. */
export function sizeOf(program: Program): number {
  const roots = program.functions.flatMap(({ body }) => body);
  return roots.reduce((sum, root) => sum + [...walk(root)].filter(({ op }) => op !== 'sequence').length, 0);
}
