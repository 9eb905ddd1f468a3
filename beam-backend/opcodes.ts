// Numbers of the BEAM instructions that generated code uses, as OTP 25 and every later release reads them.

/** Instructions whose name in the assembly is their own. */
export const OPCODE = {
  label: 1,
  func_info: 2,
  int_code_end: 3,
  call: 4,
  call_last: 5,
  call_only: 6,
  call_ext: 7,
  call_ext_last: 8,
  bif0: 9,
  bif1: 10,
  bif2: 11,
  allocate: 12,
  allocate_heap: 13,
  test_heap: 16,
  deallocate: 18,
  return: 19,
  select_val: 59,
  jump: 61,
  move: 64,
  get_list: 65,
  get_tuple_element: 66,
  set_tuple_element: 67,
  put_list: 69,
  badmatch: 72,
  call_fun: 75,
  call_ext_only: 78,
  fmove: 96,
  fconv: 97,
  fadd: 98,
  fsub: 99,
  fmul: 100,
  fdiv: 101,
  fnegate: 102,
  try: 104,
  try_end: 105,
  try_case: 106,
  gc_bif1: 124,
  gc_bif2: 125,
  trim: 136,
  gc_bif3: 152,
  line: 153,
  build_stacktrace: 160,
  raw_raise: 161,
  get_hd: 162,
  get_tl: 163,
  put_tuple2: 164,
  init_yregs: 172,
  bs_get_integer2: 117,
  bs_start_match3: 166,
  bs_create_bin: 177,
} as const;

/** The tests: a fail label, then their operands. */
export const TEST_OPCODE: ReadonlyMap<string, number> = new Map(
  Object.entries({
    is_lt: 39,
    is_ge: 40,
    is_eq: 41,
    is_ne: 42,
    is_eq_exact: 43,
    is_ne_exact: 44,
    is_integer: 45,
    is_float: 46,
    is_number: 47,
    is_atom: 48,
    is_pid: 49,
    is_reference: 50,
    is_port: 51,
    is_nil: 52,
    is_binary: 53,
    is_list: 55,
    is_nonempty_list: 56,
    is_tuple: 57,
    test_arity: 58,
    is_function: 77,
    is_boolean: 114,
    is_function2: 115,
    is_bitstr: 129,
    is_map: 156,
    is_tagged_tuple: 159,
  }),
);

/**
 * Tests whose second operand is a plain number (a tuple's size), not a term. Selection writes it as an integer source
 * all the same.
 */
export const SIZE_TESTS: ReadonlySet<string> = new Set(['test_arity', 'is_tagged_tuple']);

/** Written as the highest opcode of each module: `call_fun2`, with which OTP 24 and older refuse the file by number. */
export const HIGHEST_OPCODE = 178;

/** The generic instruction format that every release reads. */
export const INSTRUCTION_SET = 0;

/** What a BEAM file can name. Float register 128 would be register 0, without a word from the loader. */
export const LIMITS = { x: 1022, y: 1023, fr: 127, arguments: 255, atomBytes: 255 } as const;
