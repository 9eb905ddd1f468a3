// Instruction sequences of the text format, flat and folded, to binary: one loop over tokens with a stack of its own,
// so that no nesting can exhaust the stack of the machine.
//
// Consumes the tokens of a function body or constant expression, appends its bytes, the final `end` included.
//
// spec: text/instructions
import { OPERATION, type Operation } from '../ir/instructions.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { IndexSpace, type ModuleContext, readU32 } from './wat-context.ts';
import { type Cursor, writeCode, writePlain } from './wat-immediates.ts';
import { INSTRUCTION_WORDS, unexpected } from './wat-keywords.ts';
import { CLOSE, IDENTIFIER, KEYWORD, OPEN, type Tokens } from './wat-tokens.ts';
import { readTypeUse, typeIndex } from './wat-types.ts';

/**
 * What is open. A flat structure ends at the word `end`, all others at their closing parenthesis. 'condition': a folded
 * `if` before its `then`; 'arms': behind it; 'then' and 'else' are those groups themselves.
 */
type FrameKind = 'flat' | 'flat if' | 'plain' | 'block' | 'condition' | 'arms' | 'done' | 'then' | 'else';

interface Frame {
  kind: FrameKind;
  /** Character offset of the instruction's word. */
  readonly source: number;
  /** Start of the bytes in the pending buffer that are to follow the operands. */
  readonly pending: number;
  /** Identifier token of a label, of an `if` whose label is not in scope yet, or -1. */
  readonly identifier: number;
}

/** Encodes the instruction sequences of one module. */
export class InstructionEncoder implements Cursor {
  readonly context: ModuleContext;
  readonly tokens: Tokens;
  locals = new IndexSpace('local');
  at = 0;
  readonly #pending = new ByteBuffer();
  #out = new ByteBuffer();
  #frames: Frame[] = [];
  /** Names of the open labels, innermost last; undefined for one without a name. */
  #labels: (string | undefined)[] = [];
  /** For each name the positions in {@link #labels} that bear it. */
  readonly #labelPositions = new Map<string, number[]>();

  constructor(context: ModuleContext) {
    this.context = context;
    this.tokens = context.tokens;
  }

  /**
   * Appends the instructions of tokens [start, end) and an `end`.
   * @param locals names of parameters and locals
   */
  encode(start: number, end: number, locals: IndexSpace, out: ByteBuffer): void {
    this.locals = locals;
    this.at = start;
    this.#out = out;
    while (this.at < end) this.#step();
    if (this.at !== end || this.#frames.length > 0) throw unexpected(this.tokens, end);
    out.mark(this.tokens.start(end));
    writeCode(out, OPERATION.end.code);
  }

  #step(): void {
    const { tokens, at } = this;
    const kind = tokens.kind(at);
    if (kind === CLOSE) return this.#closeGroup();
    const top = this.#frames.at(-1)?.kind;
    if (kind === OPEN) return this.#openGroup(top);
    // Inside a folded instruction only folded ones may follow the immediates.
    if (kind !== KEYWORD || top === 'plain' || top === 'condition' || top === 'arms' || top === 'done') {
      throw unexpected(tokens, at);
    }
    const operation = INSTRUCTION_WORDS.get(tokens.text(at));
    if (operation === undefined) throw unexpected(tokens, at);
    if (operation === OPERATION.end) return this.#endFlat();
    if (operation === OPERATION.else) return this.#elseFlat();
    this.at++;
    this.#out.mark(tokens.start(at));
    if (operation.immediates !== 'block') return writePlain(this, this.#out, operation);
    const identifier = this.#identifier();
    this.#writeBlock(operation, this.#out);
    this.#pushLabel(identifier);
    this.#push(operation === OPERATION.if ? 'flat if' : 'flat', at, identifier);
  }

  #push(kind: FrameKind, token: number, identifier = -1, pending = this.#pending.length): void {
    this.#frames.push({ kind, source: this.tokens.start(token), pending, identifier });
  }

  #identifier(): number {
    return this.tokens.kind(this.at) === IDENTIFIER ? this.at++ : -1;
  }

  // Folded instructions: spec: text/instructions#folded-instructions

  #openGroup(top: FrameKind | undefined): void {
    const { tokens, at } = this;
    const word = at + 1;
    if (tokens.kind(word) !== KEYWORD) throw unexpected(tokens, at);
    if (top === 'condition' && tokens.isKeyword(word, 'then')) return this.#openThen();
    if (top === 'arms' && tokens.isKeyword(word, 'else')) return this.#openElse();
    if (top === 'arms' || top === 'done') throw unexpected(tokens, at);
    const operation = INSTRUCTION_WORDS.get(tokens.text(word));
    if (operation === undefined || operation === OPERATION.end || operation === OPERATION.else) {
      throw unexpected(tokens, at);
    }
    this.at = word + 1;
    const pending = this.#pending.length;
    if (operation.immediates !== 'block') {
      writePlain(this, this.#pending, operation);
      return this.#push('plain', word, -1, pending);
    }
    const identifier = this.#identifier();
    if (operation === OPERATION.if) {
      this.#writeBlock(operation, this.#pending);
      return this.#push('condition', word, identifier, pending);
    }
    this.#out.mark(tokens.start(word));
    this.#writeBlock(operation, this.#out);
    this.#pushLabel(identifier);
    this.#push('block', word, identifier);
  }

  #openThen(): void {
    const frame = this.#frames.at(-1)!;
    frame.kind = 'arms';
    this.#flush(frame);
    this.#pushLabel(frame.identifier);
    this.#push('then', this.at + 1);
    this.at += 2;
  }

  #openElse(): void {
    this.#frames.at(-1)!.kind = 'done';
    this.#out.mark(this.tokens.start(this.at + 1));
    writeCode(this.#out, OPERATION.else.code);
    this.#push('else', this.at + 1);
    this.at += 2;
  }

  /** The bytes that waited for the operands. */
  #flush(frame: Frame): void {
    this.#out.mark(frame.source);
    this.#pending.moveTo(this.#out, frame.pending);
  }

  #closeGroup(): void {
    const frame = this.#frames.pop();
    switch (frame?.kind) {
      case 'plain':
        this.#flush(frame);
        break;
      case 'block':
      case 'arms':
      case 'done':
        this.#popLabel();
        this.#out.mark(this.tokens.start(this.at));
        writeCode(this.#out, OPERATION.end.code);
        break;
      case 'then':
      case 'else':
        break;
      default: // a flat structure that is still open, an `if` without `then`, or nothing at all
        throw unexpected(this.tokens, this.at);
    }
    this.at++;
  }

  // Flat structures: spec: text/instructions#control-instructions

  #endFlat(): void {
    const frame = this.#frames.pop();
    if (frame?.kind !== 'flat' && frame?.kind !== 'flat if') throw unexpected(this.tokens, this.at);
    this.#out.mark(this.tokens.start(this.at++));
    this.#matchLabel();
    this.#popLabel();
    writeCode(this.#out, OPERATION.end.code);
  }

  #elseFlat(): void {
    const frame = this.#frames.at(-1);
    if (frame?.kind !== 'flat if') throw unexpected(this.tokens, this.at);
    frame.kind = 'flat';
    this.#out.mark(this.tokens.start(this.at++));
    this.#matchLabel();
    writeCode(this.#out, OPERATION.else.code);
  }

  /** A name behind `end` or `else` must be the structure's own. */
  #matchLabel(): void {
    const identifier = this.#identifier();
    if (identifier >= 0 && this.tokens.name(identifier) !== this.#labels.at(-1)) {
      throw this.tokens.error(identifier, 'mismatching label');
    }
  }

  /** spec: text/instructions#text-blocktype */
  #writeBlock(operation: Operation, out: ByteBuffer): void {
    writeCode(out, operation.code);
    const use = readTypeUse(this.context, this.at, false);
    this.at = use.next;
    if (use.explicit === undefined && use.parameters.length === 0 && use.results.length <= 1) {
      out.byte(use.results[0] ?? 0x40);
    } else {
      out.s64(BigInt(typeIndex(this.context, use)));
    }
  }

  // Labels: spec: text/instructions#labels

  #pushLabel(identifier: number): void {
    const name = identifier < 0 ? undefined : this.tokens.name(identifier);
    if (name !== undefined) {
      const positions = this.#labelPositions.get(name);
      if (positions === undefined) this.#labelPositions.set(name, [this.#labels.length]);
      else positions.push(this.#labels.length);
    }
    this.#labels.push(name);
  }

  #popLabel(): void {
    const name = this.#labels.pop();
    if (name !== undefined) this.#labelPositions.get(name)!.pop();
  }

  label(token: number): number {
    const { tokens } = this;
    if (tokens.kind(token) !== IDENTIFIER) return readU32(tokens, token);
    const position = this.#labelPositions.get(tokens.name(token))?.at(-1);
    if (position === undefined) throw tokens.error(token, `unknown label ${tokens.shown(token)}`);
    return this.#labels.length - 1 - position;
  }
}
