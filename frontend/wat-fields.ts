// Module fields, text to binary. Two passes: the first gives every field its indices and takes the types, so that the
// second, in the order of the text, can resolve any name it meets.
//
// Consumes the fields between two tokens, produces the sections of the binary module.
//
// spec: text/modules
import { ByteBuffer } from './byte-buffer.ts';
import { IndexSpace, ModuleContext, readU32 } from './wat-context.ts';
import { InstructionEncoder } from './wat-instructions.ts';
import { FIELD_WORDS, unexpected } from './wat-keywords.ts';
import { type Names, ModuleSections } from './wat-sections.ts';
import { writeData, writeElements, writeInlineData, writeInlineElements } from './wat-segments.ts';
import { type Shape, matchField } from './wat-shape.ts';
import { CLOSE, KEYWORD, OPEN, STRING, type Tokens } from './wat-tokens.ts';
import {
  type TypeUse,
  readDeclarations,
  readFunctionType,
  readTypeUse,
  readValueType,
  typeIndex,
} from './wat-types.ts';

/** A field between the two passes. */
export interface Field {
  readonly kind: string;
  readonly shape: Shape;
  /** The field's open parenthesis. */
  readonly open: number;
  readonly close: number;
  /** Index of what the field defines, in its space; for types and other fields without one 0. */
  readonly index: number;
}

/** What both passes write to and look up. */
export interface FieldWriter {
  readonly tokens: Tokens;
  readonly context: ModuleContext;
  readonly sections: ModuleSections;
  readonly instructions: InstructionEncoder;
}

const SPACES = { func: 'functions', table: 'tables', memory: 'memories', global: 'globals' } as const;
type ExternWord = keyof typeof SPACES;
const EXTERN_CODES: Readonly<Record<ExternWord, number>> = { func: 0, table: 1, memory: 2, global: 3 };
const isExtern = (word: string): word is ExternWord => Object.hasOwn(SPACES, word);
const NO_NAMES = new IndexSpace('local');

/** Encodes the fields of tokens [start, end), the module's name being given beside. */
export function encodeFields(tokens: Tokens, start: number, end: number, moduleName: string | undefined): ByteBuffer {
  const context = new ModuleContext(tokens);
  const writer: FieldWriter = {
    tokens,
    context,
    sections: new ModuleSections(),
    instructions: new InstructionEncoder(context),
  };
  for (const field of declareFields(writer, start, end)) WRITERS[field.kind](writer, field);
  const names: Names = {
    module: moduleName,
    functions: [...context.functions.names].map(([name, index]) => [index, name] as const),
  };
  return writer.sections.assemble(context.types.types, context.usesData, names);
}

/** The first pass: shapes, indices, names, and the types that are defined as such. */
function declareFields(writer: FieldWriter, start: number, end: number): Field[] {
  const { tokens } = writer;
  const fields: Field[] = [];
  /** The kind of the first definition that is no import: after it no import may come. */
  let defined: ExternWord | undefined;
  let starts = 0;
  for (let open = start; open < end; open = tokens.close(open) + 1) {
    if (tokens.kind(open) !== OPEN) throw unexpected(tokens, open);
    const kind = tokens.kind(open + 1) === KEYWORD ? tokens.text(open + 1) : '';
    if (!FIELD_WORDS.has(kind) || WRITERS[kind] === undefined) throw unexpected(tokens, open);
    const shape = matchField(tokens, open);
    const external = kind === 'import' ? importedKind(shape) : isExtern(kind) ? kind : undefined;
    if (external !== undefined) {
      const imported = shape.has('moduleName');
      if (imported && defined !== undefined)
        throw tokens.error(open, `import after ${defined === 'func' ? 'function' : defined}`);
      if (!imported) defined ??= external;
    }
    if (kind === 'start' && ++starts > 1) throw tokens.error(open, 'multiple start sections');
    fields.push({ kind, shape, open, close: tokens.close(open), index: declare(writer, external ?? kind, shape) });
  }
  return fields;
}

function importedKind(shape: Shape): ExternWord {
  return (Object.keys(SPACES) as ExternWord[]).find((kind) => shape.has(`Description_${kind}`))!;
}

function declare({ tokens, context }: FieldWriter, kind: string, shape: Shape): number {
  const identifier = shape.token('id');
  if (isExtern(kind)) {
    if (shape.has('inlineElements')) context.elements.bind(tokens, undefined);
    if (shape.has('inlineData')) context.data.bind(tokens, undefined);
    return context[SPACES[kind]].bind(tokens, identifier);
  }
  if (kind === 'elem') return context.elements.bind(tokens, identifier);
  if (kind === 'data') return context.data.bind(tokens, identifier);
  if (kind === 'type') {
    const signature = shape.token('signature');
    context.types.add(signature === undefined ? NO_TYPE : readFunctionType(tokens, signature, true));
    return context.types.bind(tokens, identifier);
  }
  return 0;
}

const NO_TYPE = { parameters: [], results: [], names: [], next: -1 } as const;

const WRITERS: Readonly<Record<string, (writer: FieldWriter, field: Field) => void>> = {
  type: () => undefined,
  import: (writer, field) => writeImport(writer, field, importedKind(field.shape)),
  func: writeFunction,
  table: (writer, field) => {
    if (beginExtern(writer, field, 'table')) return;
    const out = writer.sections.tables.add(writer.tokens.start(field.open));
    if (field.shape.has('inlineElements')) writeInlineElements(writer, field, out);
    else writeTableType(writer, field, out);
  },
  memory: (writer, field) => {
    if (beginExtern(writer, field, 'memory')) return;
    const out = writer.sections.memories.add(writer.tokens.start(field.open));
    if (field.shape.has('inlineData')) writeInlineData(writer, field, out);
    else writeLimits(writer, field, out);
  },
  global: (writer, field) => {
    if (beginExtern(writer, field, 'global')) return;
    const out = writer.sections.globals.add(writer.tokens.start(field.open));
    writeGlobalType(writer, field, out);
    writer.instructions.encode(field.shape.token('body') ?? field.close, field.close, NO_NAMES, out);
  },
  export: ({ tokens, context, sections }, { shape, open }) => {
    const kind = tokens.text(shape.token('exportKind')!) as ExternWord;
    const out = sections.exports.add(tokens.start(open));
    writeName(tokens, shape.token('itemName')!, out);
    out.byte(EXTERN_CODES[kind]);
    out.u32(context[SPACES[kind]].resolve(tokens, shape.token('index')!));
  },
  start: ({ tokens, context, sections }, { shape, open }) => {
    sections.start = {
      index: context.functions.resolve(tokens, shape.token('index')!),
      source: tokens.start(open),
    };
  },
  elem: writeElements,
  data: writeData,
};

/** A name, which must be UTF-8. spec: text/values#names */
function writeName(tokens: Tokens, token: number, out: ByteBuffer): void {
  const bytes = tokens.bytes(token);
  tokens.utf8(token, bytes);
  out.sized(bytes);
}

/** The inline exports and the inline import of a field; true if it is an import, and then done. */
function beginExtern(writer: FieldWriter, field: Field, kind: ExternWord): boolean {
  const { tokens, sections } = writer;
  let at = field.shape.token('exports') ?? field.close;
  for (; tokens.isGroup(at, 'export'); at += 4) {
    if (tokens.kind(at + 2) !== STRING) throw unexpected(tokens, at + 2);
    if (tokens.kind(at + 3) !== CLOSE) throw unexpected(tokens, at + 3);
    const out = sections.exports.add(tokens.start(at));
    writeName(tokens, at + 2, out);
    out.byte(EXTERN_CODES[kind]);
    out.u32(field.index);
  }
  if (!field.shape.has('InlineImport')) return false;
  writeImport(writer, field, kind);
  return true;
}

function writeImport(writer: FieldWriter, field: Field, kind: ExternWord): void {
  const { tokens, context, sections } = writer;
  const out = sections.imports.add(tokens.start(field.open));
  writeName(tokens, field.shape.token('moduleName')!, out);
  writeName(tokens, field.shape.token('itemName')!, out);
  out.byte(EXTERN_CODES[kind]);
  if (kind === 'func') out.u32(typeIndex(context, typeUse(writer, field.shape)));
  else if (kind === 'table') writeTableType(writer, field, out);
  else if (kind === 'memory') writeLimits(writer, field, out);
  else writeGlobalType(writer, field, out);
}

function writeLimits({ tokens }: FieldWriter, { shape }: Field, out: ByteBuffer): void {
  const minimum = readU32(tokens, shape.token('minimum')!);
  const token = shape.token('maximum');
  const maximum = token === undefined ? undefined : readU32(tokens, token);
  out.byte(maximum === undefined ? 0 : 1);
  out.u32(minimum);
  if (maximum !== undefined) out.u32(maximum);
}

function writeTableType(writer: FieldWriter, field: Field, out: ByteBuffer): void {
  out.byte(readValueType(writer.tokens, field.shape.token('refType')!));
  writeLimits(writer, field, out);
}

function writeGlobalType({ tokens }: FieldWriter, { shape }: Field, out: ByteBuffer): void {
  out.byte(readValueType(tokens, shape.token('valueType')!));
  out.byte(shape.has('mutable') ? 1 : 0);
}

function typeUse({ context }: FieldWriter, shape: Shape): TypeUse {
  const start = shape.token('typeUse') ?? shape.token('signature');
  return start === undefined ? NO_TYPE : readTypeUse(context, start, true);
}

/** spec: text/modules#functions */
function writeFunction(writer: FieldWriter, field: Field): void {
  if (beginExtern(writer, field, 'func')) return;
  const { tokens, context, sections, instructions } = writer;
  const use = typeUse(writer, field.shape);
  const type = typeIndex(context, use);
  sections.functions.add(tokens.start(field.open)).u32(type);

  const locals = new IndexSpace('local');
  for (const { position, token } of use.names) {
    locals.count = position;
    locals.bind(tokens, token);
  }
  const at = field.shape.token('locals');
  const declared = at === undefined ? undefined : readDeclarations(tokens, at, 'local', true);
  if (declared !== undefined && declared.names.length > 0 && context.types.types[type] === undefined) {
    throw tokens.error(use.next, 'unknown type');
  }
  const parameters = context.types.types[type]?.parameters.length ?? 0;
  for (const { position, token } of declared?.names ?? []) {
    locals.count = parameters + position;
    locals.bind(tokens, token);
  }

  const body = new ByteBuffer();
  writeLocals(declared?.types ?? [], body);
  instructions.encode(field.shape.token('body') ?? field.close, field.close, locals, body);
  const out = sections.code.add(tokens.start(field.open));
  out.u32(body.length);
  out.append(body);
}

/** Runs of equal types. spec: binary/modules#code-section */
function writeLocals(types: readonly number[], out: ByteBuffer): void {
  const ends: number[] = [];
  types.forEach((type, i) => {
    if (type !== types[i + 1]) ends.push(i + 1);
  });
  out.u32(ends.length);
  ends.forEach((end, i) => {
    out.u32(end - (ends[i - 1] ?? 0));
    out.byte(types[end - 1]);
  });
}
