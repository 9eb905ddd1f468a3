// The instructions of WebAssembly: one row each, the single source of truth.
//
// Decoder, text parser, validator, lowering, printer and back ends are loops over these rows or records keyed by
// their mnemonics. A row holds the code, the kind of its immediates, its stack signature where the signature does
// not depend on context, and the proposal that introduced it (none: Wasm 1.0).
//
// spec: binary/instructions

export type NumberType = 'i32' | 'i64' | 'f32' | 'f64';
export type ReferenceType = 'funcref' | 'externref';
export type ValueType = NumberType | ReferenceType;

/** Proposals that the compiler implements beyond Wasm 1.0. */
export type Proposal =
  'sign-extension' | 'saturating-float-to-int' | 'multi-value' | 'bulk-memory' | 'reference-types' | 'tail-calls';

/** What follows the code in the binary format, and the mnemonic in the text format. */
export type Immediates =
  | 'none'
  | 'block' // block type
  | 'label'
  | 'labels' // vector of labels, default label
  | 'function'
  | 'call_indirect' // type, table
  | 'types' // vector of value types (select t*)
  | 'local'
  | 'global'
  | 'table'
  | 'table_table' // table.copy: destination, source
  | 'table_elem' // table.init: binary order segment, table
  | 'elem'
  | 'data'
  | 'memarg'
  | 'memory'
  | 'memory_memory' // memory.copy: destination, source
  | 'data_memory' // memory.init: segment, memory
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'reftype'; // ref.null t

export interface InstructionRow {
  /** One byte, or the prefix 0xfc shifted left by eight plus its sub-code. */
  readonly code: number;
  readonly immediates: Immediates;
  /** 'i32 i32 : i32'; absent where validation needs context. */
  readonly signature?: string;
  readonly proposal?: Proposal;
  /** Bytes accessed in memory (loads and stores). */
  readonly width?: 1 | 2 | 4 | 8;
}

const row = <const C extends number, const I extends Immediates>(code: C, immediates: I, proposal?: Proposal) =>
  ({ code, immediates, ...(proposal ? { proposal } : {}) }) as const;

/** A numeric instruction: no immediates, a fixed signature. */
const num = <const S extends string>(code: number, signature: S, proposal?: Proposal) =>
  ({ code, immediates: 'none', signature, numeric: true, ...(proposal ? { proposal } : {}) }) as const;

const fixed = <const I extends Immediates>(code: number, immediates: I, signature: string, proposal?: Proposal) =>
  ({ code, immediates, signature, ...(proposal ? { proposal } : {}) }) as const;

const access = <const S extends string>(code: number, width: 1 | 2 | 4 | 8, signature: S) =>
  ({ code, immediates: 'memarg', signature, width }) as const;

export const INSTRUCTIONS = {
  // control: spec: binary/instructions#control-instructions
  unreachable: row(0x00, 'none'),
  nop: row(0x01, 'none'),
  block: row(0x02, 'block'),
  loop: row(0x03, 'block'),
  if: row(0x04, 'block'),
  else: row(0x05, 'none'),
  end: row(0x0b, 'none'),
  br: row(0x0c, 'label'),
  br_if: row(0x0d, 'label'),
  br_table: row(0x0e, 'labels'),
  return: row(0x0f, 'none'),
  call: row(0x10, 'function'),
  call_indirect: row(0x11, 'call_indirect'),
  return_call: row(0x12, 'function', 'tail-calls'),
  return_call_indirect: row(0x13, 'call_indirect', 'tail-calls'),

  // parametric and reference
  drop: row(0x1a, 'none'),
  select: row(0x1b, 'none'),
  'select t': row(0x1c, 'types', 'reference-types'),
  'ref.null': row(0xd0, 'reftype', 'reference-types'),
  'ref.is_null': row(0xd1, 'none', 'reference-types'),
  'ref.func': row(0xd2, 'function', 'reference-types'),

  // variables
  'local.get': row(0x20, 'local'),
  'local.set': row(0x21, 'local'),
  'local.tee': row(0x22, 'local'),
  'global.get': row(0x23, 'global'),
  'global.set': row(0x24, 'global'),

  // tables
  'table.get': row(0x25, 'table', 'reference-types'),
  'table.set': row(0x26, 'table', 'reference-types'),
  'table.init': row(0xfc0c, 'table_elem', 'bulk-memory'),
  'elem.drop': row(0xfc0d, 'elem', 'bulk-memory'),
  'table.copy': row(0xfc0e, 'table_table', 'bulk-memory'),
  'table.grow': row(0xfc0f, 'table', 'reference-types'),
  'table.size': row(0xfc10, 'table', 'reference-types'),
  'table.fill': row(0xfc11, 'table', 'reference-types'),

  // memory
  'i32.load': access(0x28, 4, 'i32 : i32'),
  'i64.load': access(0x29, 8, 'i32 : i64'),
  'f32.load': access(0x2a, 4, 'i32 : f32'),
  'f64.load': access(0x2b, 8, 'i32 : f64'),
  'i32.load8_s': access(0x2c, 1, 'i32 : i32'),
  'i32.load8_u': access(0x2d, 1, 'i32 : i32'),
  'i32.load16_s': access(0x2e, 2, 'i32 : i32'),
  'i32.load16_u': access(0x2f, 2, 'i32 : i32'),
  'i64.load8_s': access(0x30, 1, 'i32 : i64'),
  'i64.load8_u': access(0x31, 1, 'i32 : i64'),
  'i64.load16_s': access(0x32, 2, 'i32 : i64'),
  'i64.load16_u': access(0x33, 2, 'i32 : i64'),
  'i64.load32_s': access(0x34, 4, 'i32 : i64'),
  'i64.load32_u': access(0x35, 4, 'i32 : i64'),
  'i32.store': access(0x36, 4, 'i32 i32 :'),
  'i64.store': access(0x37, 8, 'i32 i64 :'),
  'f32.store': access(0x38, 4, 'i32 f32 :'),
  'f64.store': access(0x39, 8, 'i32 f64 :'),
  'i32.store8': access(0x3a, 1, 'i32 i32 :'),
  'i32.store16': access(0x3b, 2, 'i32 i32 :'),
  'i64.store8': access(0x3c, 1, 'i32 i64 :'),
  'i64.store16': access(0x3d, 2, 'i32 i64 :'),
  'i64.store32': access(0x3e, 4, 'i32 i64 :'),
  'memory.size': fixed(0x3f, 'memory', ': i32'),
  'memory.grow': fixed(0x40, 'memory', 'i32 : i32'),
  'memory.init': fixed(0xfc08, 'data_memory', 'i32 i32 i32 :', 'bulk-memory'),
  'data.drop': fixed(0xfc09, 'data', ':', 'bulk-memory'),
  'memory.copy': fixed(0xfc0a, 'memory_memory', 'i32 i32 i32 :', 'bulk-memory'),
  'memory.fill': fixed(0xfc0b, 'memory', 'i32 i32 i32 :', 'bulk-memory'),

  // constants
  'i32.const': fixed(0x41, 'i32', ': i32'),
  'i64.const': fixed(0x42, 'i64', ': i64'),
  'f32.const': fixed(0x43, 'f32', ': f32'),
  'f64.const': fixed(0x44, 'f64', ': f64'),

  // comparisons
  'i32.eqz': num(0x45, 'i32 : i32'),
  'i32.eq': num(0x46, 'i32 i32 : i32'),
  'i32.ne': num(0x47, 'i32 i32 : i32'),
  'i32.lt_s': num(0x48, 'i32 i32 : i32'),
  'i32.lt_u': num(0x49, 'i32 i32 : i32'),
  'i32.gt_s': num(0x4a, 'i32 i32 : i32'),
  'i32.gt_u': num(0x4b, 'i32 i32 : i32'),
  'i32.le_s': num(0x4c, 'i32 i32 : i32'),
  'i32.le_u': num(0x4d, 'i32 i32 : i32'),
  'i32.ge_s': num(0x4e, 'i32 i32 : i32'),
  'i32.ge_u': num(0x4f, 'i32 i32 : i32'),
  'i64.eqz': num(0x50, 'i64 : i32'),
  'i64.eq': num(0x51, 'i64 i64 : i32'),
  'i64.ne': num(0x52, 'i64 i64 : i32'),
  'i64.lt_s': num(0x53, 'i64 i64 : i32'),
  'i64.lt_u': num(0x54, 'i64 i64 : i32'),
  'i64.gt_s': num(0x55, 'i64 i64 : i32'),
  'i64.gt_u': num(0x56, 'i64 i64 : i32'),
  'i64.le_s': num(0x57, 'i64 i64 : i32'),
  'i64.le_u': num(0x58, 'i64 i64 : i32'),
  'i64.ge_s': num(0x59, 'i64 i64 : i32'),
  'i64.ge_u': num(0x5a, 'i64 i64 : i32'),
  'f32.eq': num(0x5b, 'f32 f32 : i32'),
  'f32.ne': num(0x5c, 'f32 f32 : i32'),
  'f32.lt': num(0x5d, 'f32 f32 : i32'),
  'f32.gt': num(0x5e, 'f32 f32 : i32'),
  'f32.le': num(0x5f, 'f32 f32 : i32'),
  'f32.ge': num(0x60, 'f32 f32 : i32'),
  'f64.eq': num(0x61, 'f64 f64 : i32'),
  'f64.ne': num(0x62, 'f64 f64 : i32'),
  'f64.lt': num(0x63, 'f64 f64 : i32'),
  'f64.gt': num(0x64, 'f64 f64 : i32'),
  'f64.le': num(0x65, 'f64 f64 : i32'),
  'f64.ge': num(0x66, 'f64 f64 : i32'),

  // integer arithmetic
  'i32.clz': num(0x67, 'i32 : i32'),
  'i32.ctz': num(0x68, 'i32 : i32'),
  'i32.popcnt': num(0x69, 'i32 : i32'),
  'i32.add': num(0x6a, 'i32 i32 : i32'),
  'i32.sub': num(0x6b, 'i32 i32 : i32'),
  'i32.mul': num(0x6c, 'i32 i32 : i32'),
  'i32.div_s': num(0x6d, 'i32 i32 : i32'),
  'i32.div_u': num(0x6e, 'i32 i32 : i32'),
  'i32.rem_s': num(0x6f, 'i32 i32 : i32'),
  'i32.rem_u': num(0x70, 'i32 i32 : i32'),
  'i32.and': num(0x71, 'i32 i32 : i32'),
  'i32.or': num(0x72, 'i32 i32 : i32'),
  'i32.xor': num(0x73, 'i32 i32 : i32'),
  'i32.shl': num(0x74, 'i32 i32 : i32'),
  'i32.shr_s': num(0x75, 'i32 i32 : i32'),
  'i32.shr_u': num(0x76, 'i32 i32 : i32'),
  'i32.rotl': num(0x77, 'i32 i32 : i32'),
  'i32.rotr': num(0x78, 'i32 i32 : i32'),
  'i64.clz': num(0x79, 'i64 : i64'),
  'i64.ctz': num(0x7a, 'i64 : i64'),
  'i64.popcnt': num(0x7b, 'i64 : i64'),
  'i64.add': num(0x7c, 'i64 i64 : i64'),
  'i64.sub': num(0x7d, 'i64 i64 : i64'),
  'i64.mul': num(0x7e, 'i64 i64 : i64'),
  'i64.div_s': num(0x7f, 'i64 i64 : i64'),
  'i64.div_u': num(0x80, 'i64 i64 : i64'),
  'i64.rem_s': num(0x81, 'i64 i64 : i64'),
  'i64.rem_u': num(0x82, 'i64 i64 : i64'),
  'i64.and': num(0x83, 'i64 i64 : i64'),
  'i64.or': num(0x84, 'i64 i64 : i64'),
  'i64.xor': num(0x85, 'i64 i64 : i64'),
  'i64.shl': num(0x86, 'i64 i64 : i64'),
  'i64.shr_s': num(0x87, 'i64 i64 : i64'),
  'i64.shr_u': num(0x88, 'i64 i64 : i64'),
  'i64.rotl': num(0x89, 'i64 i64 : i64'),
  'i64.rotr': num(0x8a, 'i64 i64 : i64'),

  // floating point
  'f32.abs': num(0x8b, 'f32 : f32'),
  'f32.neg': num(0x8c, 'f32 : f32'),
  'f32.ceil': num(0x8d, 'f32 : f32'),
  'f32.floor': num(0x8e, 'f32 : f32'),
  'f32.trunc': num(0x8f, 'f32 : f32'),
  'f32.nearest': num(0x90, 'f32 : f32'),
  'f32.sqrt': num(0x91, 'f32 : f32'),
  'f32.add': num(0x92, 'f32 f32 : f32'),
  'f32.sub': num(0x93, 'f32 f32 : f32'),
  'f32.mul': num(0x94, 'f32 f32 : f32'),
  'f32.div': num(0x95, 'f32 f32 : f32'),
  'f32.min': num(0x96, 'f32 f32 : f32'),
  'f32.max': num(0x97, 'f32 f32 : f32'),
  'f32.copysign': num(0x98, 'f32 f32 : f32'),
  'f64.abs': num(0x99, 'f64 : f64'),
  'f64.neg': num(0x9a, 'f64 : f64'),
  'f64.ceil': num(0x9b, 'f64 : f64'),
  'f64.floor': num(0x9c, 'f64 : f64'),
  'f64.trunc': num(0x9d, 'f64 : f64'),
  'f64.nearest': num(0x9e, 'f64 : f64'),
  'f64.sqrt': num(0x9f, 'f64 : f64'),
  'f64.add': num(0xa0, 'f64 f64 : f64'),
  'f64.sub': num(0xa1, 'f64 f64 : f64'),
  'f64.mul': num(0xa2, 'f64 f64 : f64'),
  'f64.div': num(0xa3, 'f64 f64 : f64'),
  'f64.min': num(0xa4, 'f64 f64 : f64'),
  'f64.max': num(0xa5, 'f64 f64 : f64'),
  'f64.copysign': num(0xa6, 'f64 f64 : f64'),

  // conversions
  'i32.wrap_i64': num(0xa7, 'i64 : i32'),
  'i32.trunc_f32_s': num(0xa8, 'f32 : i32'),
  'i32.trunc_f32_u': num(0xa9, 'f32 : i32'),
  'i32.trunc_f64_s': num(0xaa, 'f64 : i32'),
  'i32.trunc_f64_u': num(0xab, 'f64 : i32'),
  'i64.extend_i32_s': num(0xac, 'i32 : i64'),
  'i64.extend_i32_u': num(0xad, 'i32 : i64'),
  'i64.trunc_f32_s': num(0xae, 'f32 : i64'),
  'i64.trunc_f32_u': num(0xaf, 'f32 : i64'),
  'i64.trunc_f64_s': num(0xb0, 'f64 : i64'),
  'i64.trunc_f64_u': num(0xb1, 'f64 : i64'),
  'f32.convert_i32_s': num(0xb2, 'i32 : f32'),
  'f32.convert_i32_u': num(0xb3, 'i32 : f32'),
  'f32.convert_i64_s': num(0xb4, 'i64 : f32'),
  'f32.convert_i64_u': num(0xb5, 'i64 : f32'),
  'f32.demote_f64': num(0xb6, 'f64 : f32'),
  'f64.convert_i32_s': num(0xb7, 'i32 : f64'),
  'f64.convert_i32_u': num(0xb8, 'i32 : f64'),
  'f64.convert_i64_s': num(0xb9, 'i64 : f64'),
  'f64.convert_i64_u': num(0xba, 'i64 : f64'),
  'f64.promote_f32': num(0xbb, 'f32 : f64'),
  'i32.reinterpret_f32': num(0xbc, 'f32 : i32'),
  'i64.reinterpret_f64': num(0xbd, 'f64 : i64'),
  'f32.reinterpret_i32': num(0xbe, 'i32 : f32'),
  'f64.reinterpret_i64': num(0xbf, 'i64 : f64'),
  'i32.extend8_s': num(0xc0, 'i32 : i32', 'sign-extension'),
  'i32.extend16_s': num(0xc1, 'i32 : i32', 'sign-extension'),
  'i64.extend8_s': num(0xc2, 'i64 : i64', 'sign-extension'),
  'i64.extend16_s': num(0xc3, 'i64 : i64', 'sign-extension'),
  'i64.extend32_s': num(0xc4, 'i64 : i64', 'sign-extension'),
  'i32.trunc_sat_f32_s': num(0xfc00, 'f32 : i32', 'saturating-float-to-int'),
  'i32.trunc_sat_f32_u': num(0xfc01, 'f32 : i32', 'saturating-float-to-int'),
  'i32.trunc_sat_f64_s': num(0xfc02, 'f64 : i32', 'saturating-float-to-int'),
  'i32.trunc_sat_f64_u': num(0xfc03, 'f64 : i32', 'saturating-float-to-int'),
  'i64.trunc_sat_f32_s': num(0xfc04, 'f32 : i64', 'saturating-float-to-int'),
  'i64.trunc_sat_f32_u': num(0xfc05, 'f32 : i64', 'saturating-float-to-int'),
  'i64.trunc_sat_f64_s': num(0xfc06, 'f64 : i64', 'saturating-float-to-int'),
  'i64.trunc_sat_f64_u': num(0xfc07, 'f64 : i64', 'saturating-float-to-int'),
} as const satisfies Record<string, InstructionRow & { numeric?: true }>;

export type Mnemonic = keyof typeof INSTRUCTIONS;

type MnemonicWith<Shape> = {
  [M in Mnemonic]: (typeof INSTRUCTIONS)[M] extends Shape ? M : never;
}[Mnemonic];

/** Instructions that map numbers to a number, with nothing else to know. */
export type NumericMnemonic = MnemonicWith<{ numeric: true }>;
/** Loads and stores. */
export type AccessMnemonic = MnemonicWith<{ width: number }>;
export type LoadMnemonic = Extract<AccessMnemonic, `${string}load${string}`>;
export type StoreMnemonic = Extract<AccessMnemonic, `${string}store${string}`>;

/** A row with its mnemonic and its signature taken apart. */
export interface Operation {
  readonly mnemonic: Mnemonic;
  readonly code: number;
  readonly immediates: Immediates;
  readonly parameters?: readonly ValueType[];
  readonly results?: readonly ValueType[];
  readonly proposal?: Proposal;
  readonly width?: 1 | 2 | 4 | 8;
  readonly numeric: boolean;
}

const splitTypes = (list: string): ValueType[] => list.split(' ').filter(Boolean) as ValueType[];

function operation(mnemonic: Mnemonic): Operation {
  const { signature, ...rest }: InstructionRow & { numeric?: true } = INSTRUCTIONS[mnemonic];
  const base = { mnemonic, numeric: false, ...rest };
  if (signature === undefined) return base;
  const [parameters, results] = signature.split(':');
  return { ...base, parameters: splitTypes(parameters), results: splitTypes(results) };
}

/** All instructions in table order. */
export const OPERATIONS: readonly Operation[] = (Object.keys(INSTRUCTIONS) as Mnemonic[]).map(operation);

/** By mnemonic. 'select t' is the typed select of the text format's `select (result t)`. */
export const OPERATION: Readonly<Record<Mnemonic, Operation>> = Object.fromEntries(
  OPERATIONS.map((op) => [op.mnemonic, op]),
) as Record<Mnemonic, Operation>;

/** By code: `code` as in {@link InstructionRow.code}; undefined for a code that no row has. */
export const OPERATION_BY_CODE: readonly (Operation | undefined)[] = (() => {
  const table: (Operation | undefined)[] = [];
  for (const op of OPERATIONS) table[op.code] = op;
  return table;
})();
