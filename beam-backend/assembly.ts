// BEAM assembly as data: the form in which code selection hands functions to the assembler, and from which
// `--emit asm` prints `.S` text. One object per instruction of OTP's symbolic assembly (genop names, symbolic
// operands); the meaning of each is OTP's own.

import type { Locations } from '../ir/locations.ts';
import type { Term } from '../ir/term.ts';

export type { Term } from '../ir/term.ts';

/**
 * What the Type chunk says of a register operand. Integer bounds are inclusive. It is written for the sources of test,
 * bif, gc_bif, fconv, select_val and bs_create_bin, and left out elsewhere, where the loader has no use for it.
 */
export type OperandType =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'float' }
  | { readonly kind: 'tuple' };

export interface XRegister {
  readonly kind: 'x';
  readonly index: number;
  readonly type?: OperandType;
}
export interface YRegister {
  readonly kind: 'y';
  readonly index: number;
  readonly type?: OperandType;
}
/** A float register. */
export interface FRegister {
  readonly kind: 'fr';
  readonly index: number;
}
export type Register = XRegister | YRegister;

/** A source operand. Small integers and atoms stand by themselves, everything else is a literal. */
export type Source =
  | Register
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'literal'; readonly term: Term };

/** A label number; 0 where an instruction that can fail shall raise instead. */
export type Label = number;

/** How many heap words an instruction may need: plain words, floats (two words and their header are OTP's affair). */
export interface HeapNeed {
  readonly words: number;
  readonly floats: number;
}

/**
 * What the verifier of stores may take for granted of a parameter or result, and must prove of an argument: a small
 * integer, S, the root of memory 0, an in-place tuple.
 */
export type ValueKind = 'int' | 'state' | 'root' | 'slot' | 'cells' | 'other';

export type Instruction =
  | { readonly op: 'label'; readonly label: Label }
  /** The instruction that follows stands at this byte offset of the module; 0 for none. */
  | { readonly op: 'line'; readonly line: number }
  | { readonly op: 'func_info'; readonly name: string; readonly arity: number }
  | { readonly op: 'move'; readonly from: Source; readonly to: Register }
  /** '+', '-', '*', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr', 'bnot', 'abs', 'float', 'trunc', 'byte_size', ... */
  | {
      readonly op: 'gc_bif';
      readonly name: string;
      readonly fail: Label;
      readonly live: number;
      readonly args: readonly Source[];
      readonly to: Register;
    }
  /** 'element', 'get', 'tuple_size', '=:=', ... */
  | {
      readonly op: 'bif';
      readonly name: string;
      readonly fail: Label;
      readonly args: readonly Source[];
      readonly to: Register;
    }
  /** 'is_lt', 'is_ge', 'is_eq_exact', 'is_ne_exact', 'is_eq', 'is_ne', 'is_integer', 'is_float', 'is_tuple', ... */
  | { readonly op: 'test'; readonly name: string; readonly fail: Label; readonly args: readonly Source[] }
  /** is_function2, is_tagged_tuple and test_arity are 'test' as well; their extra operands are sources. */
  | {
      readonly op: 'select_val';
      readonly value: Register;
      readonly fail: Label;
      readonly cases: readonly (readonly [number | { readonly atom: string }, Label])[];
    }
  | { readonly op: 'jump'; readonly label: Label }
  | { readonly op: 'call_only'; readonly arity: number; readonly label: Label }
  /** `results`: what code behind a call relies on; two or more come as a tuple. */
  | { readonly op: 'call'; readonly arity: number; readonly label: Label; readonly results?: readonly ValueKind[] }
  | { readonly op: 'call_last'; readonly arity: number; readonly label: Label; readonly deallocate: number }
  | {
      readonly op: 'call_ext';
      readonly arity: number;
      readonly module: string;
      readonly name: string;
      readonly results?: readonly ValueKind[];
    }
  | { readonly op: 'call_ext_only'; readonly arity: number; readonly module: string; readonly name: string }
  | {
      readonly op: 'call_ext_last';
      readonly arity: number;
      readonly module: string;
      readonly name: string;
      readonly deallocate: number;
    }
  /** The fun is in x[arity]. */
  | { readonly op: 'call_fun'; readonly arity: number }
  | { readonly op: 'allocate'; readonly slots: number; readonly live: number }
  | { readonly op: 'allocate_heap'; readonly slots: number; readonly heap: HeapNeed; readonly live: number }
  | { readonly op: 'test_heap'; readonly heap: HeapNeed; readonly live: number }
  | { readonly op: 'deallocate'; readonly slots: number }
  /** At least one register, in ascending order. */
  | { readonly op: 'init_yregs'; readonly registers: readonly YRegister[] }
  | { readonly op: 'trim'; readonly slots: number; readonly remaining: number }
  /** put_tuple2 */
  | { readonly op: 'put_tuple'; readonly to: Register; readonly args: readonly Source[] }
  | { readonly op: 'put_list'; readonly head: Source; readonly tail: Source; readonly to: Register }
  | { readonly op: 'get_tuple_element'; readonly from: Register; readonly index: number; readonly to: Register }
  | { readonly op: 'set_tuple_element'; readonly value: Source; readonly tuple: Register; readonly index: number }
  | { readonly op: 'get_list'; readonly from: Register; readonly head: Register; readonly tail: Register }
  | { readonly op: 'get_hd' | 'get_tl'; readonly from: Register; readonly to: Register }
  /** No code: tells OTP's validator that the register holds a tuple of at least so many elements. */
  | { readonly op: 'known_tuple'; readonly register: Register; readonly size: number }
  | { readonly op: 'return' }
  | { readonly op: 'badmatch'; readonly value: Source }
  | { readonly op: 'try'; readonly tag: YRegister; readonly label: Label }
  | { readonly op: 'try_end' | 'try_case'; readonly tag: YRegister }
  | { readonly op: 'raw_raise' }
  | { readonly op: 'build_stacktrace' }
  | { readonly op: 'fconv'; readonly from: Source; readonly to: FRegister }
  | { readonly op: 'fmove'; readonly from: Source | FRegister; readonly to: Register | FRegister }
  | {
      readonly op: 'fadd' | 'fsub' | 'fmul' | 'fdiv';
      readonly args: readonly [FRegister, FRegister];
      readonly to: FRegister;
    }
  | { readonly op: 'fnegate'; readonly from: FRegister; readonly to: FRegister }
  /** No code: tells OTP's validator that callers may leave here what they have begun to match. */
  | { readonly op: 'takes_match'; readonly register: Register }
  /** bs_start_match3: what is matched next. */
  | {
      readonly op: 'bs_start_match';
      readonly fail: Label;
      readonly from: Register;
      readonly live: number;
      readonly to: Register;
    }
  /** bs_get_integer2: unsigned, at most as many bits as a small integer has. */
  | {
      readonly op: 'bs_get_integer';
      readonly fail: Label;
      readonly context: Register;
      readonly live: number;
      readonly bits: number;
      readonly little: boolean;
      readonly to: Register;
    }
  /** bs_create_bin with integer, float or binary segments, unit sizes in bits; little or big endian. */
  | {
      readonly op: 'bs_create_bin';
      readonly fail: Label;
      readonly live: number;
      readonly to: Register;
      readonly segments: readonly {
        readonly type: 'integer' | 'float';
        readonly bits: number;
        readonly little: boolean;
        readonly value: Source;
      }[];
    };

/** One BEAM function: from the label before func_info to its last instruction. Several may share a name. */
export interface AssemblyFunction {
  readonly name: string;
  readonly arity: number;
  /** The label behind func_info. */
  readonly entry: Label;
  /** Kinds of the parameters, for the verifier of stores; without them nothing is known. */
  readonly parameters?: readonly ValueKind[];
  readonly instructions: readonly Instruction[];
}

/** What surrounds the functions in the file. */
export interface AssemblyModule {
  readonly name: string;
  /** The file that the module was made from. */
  readonly source: string;
  /** What stack traces show for a byte offset of it; default: the offset, as a line of the source. */
  readonly locations?: Locations;
  readonly exports: readonly { readonly name: string; readonly arity: number; readonly label: Label }[];
  readonly attributes: readonly (readonly [string, Term])[];
}

/** What takes a module's functions one by one: the assembler, or the printer of `.S` text. */
export interface AssemblyTarget {
  /** A label that nothing in the module has yet; the first is 1. */
  newLabel(): Label;
  addFunction(fn: AssemblyFunction): void;
  export(name: string, arity: number, label: Label): void;
}

/** Release whose Type chunk is written: 25 (version 1), 26 (version 2), 27 for 27 to 29 (version 3). */
export type OtpRelease = 25 | 26 | 27;
