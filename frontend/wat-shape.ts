// The shape of a module field: which parts it has, and at which tokens. The grammar (wat.ohm) decides.
//
// Consumes the tokens of one field, condensed to symbols; produces the token of each slot that the grammar names.
// Invariant: a condensed field has at most LONGEST symbols, since every repetition is cut to its first few, so that
// the grammar's work on a field does not depend on its size. Equal condensed texts have equal shapes: each is
// matched once.
//
// spec: text/modules
import { readFileSync } from 'node:fs';
import { type Grammar, type Node, type Semantics, grammar as makeGrammar } from 'ohm-js';
import { FIELD_WORDS, INSTRUCTION_WORDS, VALUE_TYPES, unexpected } from './wat-keywords.ts';
import { UNSUPPORTED } from './proposals.ts';
import { isNatural } from './wat-numbers.ts';
import { CLOSE, END, IDENTIFIER, KEYWORD, NUMBER, OPEN, STRING, type Tokens } from './wat-tokens.ts';

/** Symbols of a condensed field; no valid one has more. */
const LONGEST = 48;
/** Members of a run that are shown; no rule tells longer runs apart. */
const SHOWN = 4;
/** Shapes that are remembered. */
const REMEMBERED = 4096;

/** Where in the condensed text each slot begins; for a rule that matched more than once, the first. */
type Slots = ReadonlyMap<string, number>;

/** Every rule that took part in a match, innermost last, with its position. */
type Found = readonly (readonly [rule: string, position: number])[];

const foundIn = (nodes: readonly Node[]): Found => nodes.flatMap((node) => (node as unknown as { found: Found }).found);

/** Made for the first module in text: it takes longer than compiling a small binary one. */
let loaded: { grammar: Grammar; semantics: Semantics } | undefined;

function loadGrammar(): { grammar: Grammar; semantics: Semantics } {
  const grammar = makeGrammar(readFileSync(new URL('./wat.ohm', import.meta.url), 'utf8'));
  const semantics = grammar.createSemantics().addAttribute<Found>('found', {
    _nonterminal(...children: Node[]) {
      return [[this.ctorName, this.source.startIdx], ...foundIn(children)];
    },
    _iter: (...children: Node[]) => foundIn(children),
    _terminal: () => [],
  });
  return { grammar, semantics };
}

/** The parts of one field. */
export class Shape {
  readonly #slots: Slots;
  readonly #positions: ReadonlyMap<number, number>;

  constructor(slots: Slots, positions: ReadonlyMap<number, number>) {
    this.#slots = slots;
    this.#positions = positions;
  }

  /** The token where a slot of the grammar begins, or undefined. */
  token(slot: string): number | undefined {
    const position = this.#slots.get(slot);
    return position === undefined ? undefined : this.#positions.get(position);
  }

  has(rule: string): boolean {
    return this.#slots.has(rule);
  }
}

const remembered = new Map<string, Slots>();

/** The shape of the field whose open parenthesis is at a token. Throws at the first token that does not fit. */
export function matchField(tokens: Tokens, open: number): Shape {
  const { text, positions } = condense(tokens, open);
  const shape = (slots: Slots): Shape => new Shape(slots, positions);
  const known = remembered.get(text);
  if (known !== undefined) return shape(known);
  const { grammar, semantics } = (loaded ??= loadGrammar());
  const match = grammar.match(text);
  if (match.failed()) {
    throw misfit(tokens, open, positions.get(match.getRightmostFailurePosition()) ?? tokens.close(open));
  }
  // Backwards, so that the first of several stays.
  const slots = new Map((semantics(match).found as Found).toReversed());
  if (remembered.size < REMEMBERED) remembered.set(text, slots);
  return shape(slots);
}

/** The error of a token that the grammar cannot place; forms of proposals are called by their names. */
function misfit(tokens: Tokens, open: number, token: number): Error {
  const field = tokens.kind(open + 1) === KEYWORD ? tokens.text(open + 1) : '';
  const word = tokens.text(token);
  if (['memory', 'table', 'import'].includes(field) && (word === 'i32' || word === 'i64')) {
    return tokens.error(token, `${UNSUPPORTED.memory64}: ${word}`, 'unsupported');
  }
  if (field === 'table' && symbolOf(tokens, token) === 'FOLDED') {
    return tokens.error(token, `${UNSUPPORTED.references}: initial value of a table`, 'unsupported');
  }
  return unexpected(tokens, token);
}

const GROUP_SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['param', 'PARAMS'],
  ['result', 'RESULTS'],
  ['local', 'LOCALS'],
  ['item', 'ITEM'],
  ['export', 'EXPORTS'],
]);

/** Symbols that repeat: the kind of run, and how many members of it are shown. Runs of one kind may mix their symbols. */
const RUNS: ReadonlyMap<string, readonly [kind: string, shown: number]> = new Map([
  ['PARAMS', ['parameters', 1]],
  ['RESULTS', ['results', 1]],
  ['LOCALS', ['locals', 1]],
  ['EXPORTS', ['exports', 1]],
  ['ITEM', ['expressions', SHOWN]],
  ['FOLDED', ['expressions', SHOWN]],
  ['$', ['indices', SHOWN]],
  ['0', ['indices', SHOWN]],
  ['"', ['strings', SHOWN]],
]);

/** One symbol a token or group, and for the position of each symbol in that text its token. */
function condense(tokens: Tokens, open: number): { text: string; positions: Map<number, number> } {
  const positions = new Map<number, number>();
  let text = '';
  let previous = '';
  let run = 0;
  const add = (symbol: string, token: number): void => {
    const [kind, shown] = RUNS.get(symbol) ?? [symbol, LONGEST];
    run = kind === previous ? run + 1 : 1;
    previous = kind;
    if (run > shown) return;
    positions.set(text.length, token);
    text += `${symbol} `;
  };
  const around = [open];
  add('(', open);
  for (let at = open + 1; around.length > 0 && positions.size < LONGEST && tokens.kind(at) !== END;) {
    const symbol = symbolOf(tokens, at);
    add(symbol, at);
    if (symbol === '(') around.push(at);
    else if (symbol === ')') around.pop();
    if (symbol === 'INSTRUCTIONS') at = tokens.close(around.at(-1)!);
    else at = tokens.kind(at) === OPEN && symbol !== '(' ? tokens.close(at) + 1 : at + 1;
  }
  return { text, positions };
}

function symbolOf(tokens: Tokens, token: number): string {
  switch (tokens.kind(token)) {
    case OPEN:
      return tokens.kind(token + 1) === KEYWORD ? groupSymbol(tokens.text(token + 1)) : '(';
    case CLOSE:
      return ')';
    case KEYWORD:
      return wordSymbol(tokens.text(token));
    case IDENTIFIER:
      return '$';
    case STRING:
      return '"';
    case NUMBER:
      return isNatural(tokens.text(token)) ? '0' : '?';
    default:
      return '?';
  }
}

function groupSymbol(word: string): string {
  return GROUP_SYMBOLS.get(word) ?? (INSTRUCTION_WORDS.has(word) ? 'FOLDED' : '(');
}

function wordSymbol(word: string): string {
  const type = VALUE_TYPES.get(word);
  if (type !== undefined) return word.endsWith('ref') ? 'REFTYPE' : 'NUMTYPE';
  if (FIELD_WORDS.has(word)) return word;
  return INSTRUCTION_WORDS.has(word) ? 'INSTRUCTIONS' : '?';
}
