// The reserved words of the text format, and what to say about a token that stands where it must not.
//
// A word that the specification does not know is an 'unknown operator', a known one in the wrong place an 'unexpected
// token', and a word of a proposal that this compiler does not implement is refused by that proposal's name.
//
// spec: text/lexical#tokens
import { OPERATION, OPERATIONS, type Operation, type ValueType } from '../ir/instructions.ts';
import { UNSUPPORTED } from './proposals.ts';
import { isNatural, isNumber } from './wat-numbers.ts';
import { KEYWORD, NUMBER, OPEN, RESERVED, type Tokens, END } from './wat-tokens.ts';

/** Instructions by the word that begins them; `select` stands for both of its forms. */
export const INSTRUCTION_WORDS: ReadonlyMap<string, Operation> = new Map(
  OPERATIONS.filter((operation) => operation !== OPERATION['select t']).map((operation) => [
    operation.mnemonic,
    operation,
  ]),
);

/** Binary codes of the value types. spec: binary/types#value-types */
export const VALUE_TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    i32: 0x7f,
    i64: 0x7e,
    f32: 0x7d,
    f64: 0x7c,
    funcref: 0x70,
    externref: 0x6f,
  } satisfies Record<ValueType, number>),
);

/** The reference types as `ref.null` names them. spec: text/types#reference-types */
export const HEAP_TYPES: ReadonlyMap<string, number> = new Map([
  ['func', 0x70],
  ['extern', 0x6f],
]);

/** Words inside module fields. */
export const FIELD_WORDS: ReadonlySet<string> = new Set(
  'func table memory global type import export start elem data mut offset declare'.split(' '),
);

const OTHER_WORDS: ReadonlySet<string> = new Set(
  (
    'module param result local item then extern inf nan binary quote register invoke get ' +
    'assert_return assert_trap assert_exhaustion assert_invalid assert_malformed assert_unlinkable ' +
    'nan:canonical nan:arithmetic ref.extern'
  ).split(' '),
);

const PROPOSAL_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^[if]\d+x\d+\.relaxed_\w+$/, UNSUPPORTED.relaxed],
  [/^(v128|i8x16|i16x8|i32x4|i64x2|f32x4|f64x2)(\.\w+)?$/, UNSUPPORTED.simd],
  [/^(i32|i64|memory)\.atomic\.[\w.]+$|^(atomic\.fence|shared)$/, UNSUPPORTED.threads],
  [
    /^(tag|try|catch|catch_all|catch_ref|catch_all_ref|try_table|throw|throw_ref|rethrow|delegate)$/,
    UNSUPPORTED.exceptions,
  ],
  [/^(exnref|nullexnref|exn|noexn)$/, UNSUPPORTED.exceptions],
  [/^(call_ref|return_call_ref|br_on_null|br_on_non_null|ref\.as_non_null|ref)$/, UNSUPPORTED.references],
  [
    /^(struct|array|i31|any|extern)\.\w+$|^ref\.(eq|test|cast|i31|any|struct|array|host)$|^br_on_cast(_fail)?$/,
    UNSUPPORTED.gc,
  ],
  [/^(struct|array|field|sub|rec|final|any|eq|i31|none|nofunc|noextern|i8|i16)$/, UNSUPPORTED.gc],
  [/^(any|eq|i31|struct|array|null|nullfunc|nullextern)ref$/, UNSUPPORTED.gc],
  [/^(cont|resume|resume_throw|suspend|switch)$|^cont\.\w+$/, UNSUPPORTED.switching],
  [/^(pagesize)$/, UNSUPPORTED.pageSizes],
  [/^memory\.discard$/, UNSUPPORTED.control],
  [/^i64\.(add128|sub128|mul_wide_[su])$/, UNSUPPORTED.wide],
];

/** What to say of a word that belongs to a proposal which is not implemented; undefined for any other word. */
export function proposalOfWord(word: string): string | undefined {
  return PROPOSAL_WORDS.find(([pattern]) => pattern.test(word))?.[1];
}

function isKnownWord(word: string): boolean {
  return (
    INSTRUCTION_WORDS.has(word) ||
    VALUE_TYPES.has(word) ||
    FIELD_WORDS.has(word) ||
    OTHER_WORDS.has(word) ||
    (/^(offset|align)=/.test(word) && isNatural(word.slice(word.indexOf('=') + 1))) ||
    isNumber(word)
  );
}

function unclosedNote(tokens: Tokens): string {
  if (tokens.unclosed === undefined) return '';
  const { line, column } = tokens.source.position(tokens.start(tokens.unclosed));
  return `, with the parenthesis at ${line}:${column} not closed`;
}

/** The error of a token that cannot stand where it stands. */
export function unexpected(tokens: Tokens, token: number): Error {
  // A group is judged by the word that begins it.
  const next = tokens.kind(token) === OPEN && [KEYWORD, RESERVED].includes(tokens.kind(token + 1)) ? token + 1 : token;
  const kind = tokens.kind(next);
  if (kind === END) return tokens.error(token, `unexpected token: end of text${unclosedNote(tokens)}`);
  // A reserved token is no word of anyone's; a keyword or number is short enough to be looked at.
  if (kind === RESERVED) return tokens.error(next, `unknown operator ${tokens.shown(next)}`);
  if (kind === KEYWORD || kind === NUMBER) {
    const word = tokens.text(next);
    const refusal = proposalOfWord(word);
    if (refusal !== undefined) return tokens.error(next, `${refusal}: ${tokens.shown(next)}`, 'unsupported');
    if (!isKnownWord(word)) return tokens.error(next, `unknown operator ${tokens.shown(next)}`);
  }
  return tokens.error(token, `unexpected token ${tokens.shown(token)}`);
}
