// A plug-in that does what its input says: calls of `extism:host/env`, one after the other, whose arguments are numbers,
// results of earlier calls or texts. So a test of the host's side is a list of calls.
//
// The input is the number of steps, then five words of 64 bits for each step (function, then kind and value of two
// arguments), then the bytes of the texts. The output is all results as words of 64 bits.

type Type = 'i32' | 'i64';

/** The host's functions, by Extism's documentation: parameters and results. */
export const FUNCTIONS = {
  alloc: [['i64'], ['i64']],
  free: [['i64'], []],
  length: [['i64'], ['i64']],
  length_unsafe: [['i64'], ['i64']],
  load_u8: [['i64'], ['i32']],
  load_u64: [['i64'], ['i64']],
  store_u8: [['i64', 'i32'], []],
  store_u64: [['i64', 'i64'], []],
  input_load_u8: [['i64'], ['i32']],
  input_load_u64: [['i64'], ['i64']],
  input_length: [[], ['i64']],
  input_offset: [[], ['i64']],
  input_set: [['i64', 'i64'], []],
  output_set: [['i64', 'i64'], []],
  output_length: [[], ['i64']],
  output_offset: [[], ['i64']],
  error_set: [['i64'], []],
  error_get: [[], ['i64']],
  reset: [[], []],
  memory_bytes: [[], ['i64']],
  config_get: [['i64'], ['i64']],
  var_get: [['i64'], ['i64']],
  var_set: [['i64', 'i64'], []],
  http_request: [['i64', 'i64'], ['i64']],
  http_status_code: [[], ['i32']],
  http_headers: [[], ['i64']],
  log_trace: [['i64'], []],
  log_debug: [['i64'], []],
  log_info: [['i64'], []],
  log_warn: [['i64'], []],
  log_error: [['i64'], []],
  get_log_level: [[], ['i32']],
} as const satisfies Record<string, readonly [readonly Type[], readonly Type[]]>;

export type Name = keyof typeof FUNCTIONS;
/** A number, the result of the nth call that had one, or a new block with the bytes of a text. */
export type Argument = bigint | { readonly result: number } | string;
/** `output` makes a block the output in place of the results. */
export type Step = readonly [Name | 'output', ...Argument[]];

const NAMES = Object.keys(FUNCTIONS) as Name[];
/** The function that gives a block as the whole output. */
const OUTPUT = NAMES.length;
const STEP = 40;

/** The result of the nth call that had one, from 0. */
export const result = (n: number): Argument => ({ result: n });

/** The plug-in in the text format: `run`, `start` with the same as the start function would be, and `noop`. */
export function machine(): string {
  const imports = NAMES.map((name) => {
    const [parameters, results] = FUNCTIONS[name];
    return `(import "extism:host/env" "${name}" (func $${name} ${list('param', parameters)} ${list('result', results)}))`;
  });
  const cases = NAMES.map((name, number) => {
    const [parameters, results] = FUNCTIONS[name];
    const args = parameters.map((type, index) => {
      const value = `(local.get $${'ab'[index]})`;
      return type === 'i32' ? `(i32.wrap_i64 ${value})` : value;
    });
    const call = `(call $${name} ${args.join(' ')})`;
    const [type] = results as readonly Type[];
    const value = type === 'i32' ? `(i64.extend_i32_u ${call})` : call;
    const body = type === undefined ? call : `(call $keep ${value})`;
    return `(if (i64.eq (local.get $function) (i64.const ${number})) (then ${body}))`;
  });
  return `(module
    ${imports.join('\n    ')}
    (memory 2)
    (global $results (mut i32) (i32.const 0))
    (global $given (mut i32) (i32.const 0))
    (global $texts (mut i64) (i64.const 0))
    (func $keep (param $value i64)
      (i64.store (global.get $results) (local.get $value))
      (global.set $results (i32.add (global.get $results) (i32.const 8))))
    ;; A block with the bytes of the text: its length is the high half of the place.
    (func $text (param $place i64) (result i64)
      (local $block i64) (local $i i64) (local $length i64)
      (local.set $length (i64.shr_u (local.get $place) (i64.const 32)))
      (local.set $place (i64.add (global.get $texts) (i64.and (local.get $place) (i64.const 0xffffffff))))
      (local.set $block (call $alloc (local.get $length)))
      (block $end (loop $next
        (br_if $end (i64.ge_u (local.get $i) (local.get $length)))
        (call $store_u8
          (i64.add (local.get $block) (local.get $i))
          (call $load_u8 (i64.add (local.get $place) (local.get $i))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $next)))
      (local.get $block))
    (func $argument (param $at i64) (result i64)
      (local $kind i64) (local $value i64)
      (local.set $kind (call $load_u64 (local.get $at)))
      (local.set $value (call $load_u64 (i64.add (local.get $at) (i64.const 8))))
      (if (i64.eq (local.get $kind) (i64.const 1))
        (then (return (i64.load (i32.shl (i32.wrap_i64 (local.get $value)) (i32.const 3))))))
      (if (i64.eq (local.get $kind) (i64.const 2)) (then (return (call $text (local.get $value)))))
      (local.get $value))
    (func $step (param $function i64) (param $a i64) (param $b i64)
      (if (i64.eq (local.get $function) (i64.const ${OUTPUT})) (then
        (call $output_set (local.get $a) (call $length (local.get $a)))
        (global.set $given (i32.const 1))))
      ${cases.join('\n      ')})
    (func (export "noop"))
    (func (export "run") (result i32)
      (local $at i64) (local $end i64) (local $i i32) (local $block i64)
      (global.set $results (i32.const 0))
      (global.set $given (i32.const 0))
      (local.set $at (i64.add (call $input_offset) (i64.const 8)))
      (local.set $end (i64.add (local.get $at) (i64.mul (call $input_load_u64 (i64.const 0)) (i64.const ${STEP}))))
      (global.set $texts (local.get $end))
      (block $end (loop $next
        (br_if $end (i64.ge_u (local.get $at) (local.get $end)))
        (call $step
          (call $load_u64 (local.get $at))
          (call $argument (i64.add (local.get $at) (i64.const 8)))
          (call $argument (i64.add (local.get $at) (i64.const 24))))
        (local.set $at (i64.add (local.get $at) (i64.const ${STEP})))
        (br $next)))
      (if (global.get $given) (then (return (i32.const 0))))
      (local.set $block (call $alloc (i64.extend_i32_u (global.get $results))))
      (block $end (loop $next
        (br_if $end (i32.ge_u (local.get $i) (global.get $results)))
        (call $store_u64
          (i64.add (local.get $block) (i64.extend_i32_u (local.get $i)))
          (i64.load (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 8)))
        (br $next)))
      (call $output_set (local.get $block) (i64.extend_i32_u (global.get $results)))
      (i32.const 0)))`;
}

const list = (kind: string, types: readonly Type[]): string => (types.length ? `(${kind} ${types.join(' ')})` : '');

/** The input that makes the plug-in do these steps. */
export function program(steps: readonly Step[]): Buffer {
  const words: bigint[] = [BigInt(steps.length)];
  const texts: Buffer[] = [];
  let textBytes = 0;
  const addArgument = (argument: Argument | undefined): void => {
    if (typeof argument === 'string') {
      const text = Buffer.from(argument);
      words.push(2n, (BigInt(text.length) << 32n) | BigInt(textBytes));
      texts.push(text);
      textBytes += text.length;
    } else if (typeof argument === 'object') words.push(1n, BigInt(argument.result));
    else words.push(0n, BigInt.asUintN(64, argument ?? 0n));
  };
  for (const [name, first, second] of steps) {
    words.push(BigInt(name === 'output' ? OUTPUT : NAMES.indexOf(name)));
    addArgument(first);
    addArgument(second);
  }
  return Buffer.concat([Buffer.from(BigUint64Array.from(words).buffer), ...texts]);
}
