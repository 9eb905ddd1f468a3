%% Floating-point operations where an operand or the result is not finite, and signs of zero: the slow half of
%% wasm2beam_float.
%%
%% Consumes and produces: floats in internal form (wasm2beam_float_bits); the width, 32 or 64, says how NaN bits are laid
%% out.
%% Invariant: a NaN result is the quieted first NaN operand, or `nan' (canonical, sign clear) where no operand is a NaN.
%%
%% spec: exec/numerics#nan-propagation
-module(wasm2beam_float_special).

-export([add/3, subtract/3, multiply/3, divide/3, minimum/3, maximum/3]).
-export([is_negative/2, negate/2, absolute/2, quiet/2, promote/1, demote/1, is_equal/2, is_less/2, is_less_or_equal/2]).

-export_type([width/0, any_float/0]).

-type width() :: 32 | 64.
-type any_float() :: wasm2beam_float_bits:f32() | wasm2beam_float_bits:f64().

-define(IS_NAN(F), (F =:= nan orelse is_tuple(F))).
-define(IS_INFINITE(F), (F =:= infinity orelse F =:= neg_infinity)).
%% Not by `==': between floats OTP 25 compiles it to an exact comparison, which on OTP 27 tells -0.0 from 0.0.
-define(IS_ZERO(F), (F =< 0.0 andalso F >= 0.0)).

%% spec: exec/numerics#op-fadd
-spec add(width(), any_float(), any_float()) -> any_float().
add(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
add(_, infinity, neg_infinity) -> nan;
add(_, neg_infinity, infinity) -> nan;
add(_, A, _) when ?IS_INFINITE(A) -> A;
add(_, _, B) when ?IS_INFINITE(B) -> B;
add(_, A, _) when A < 0.0 -> neg_infinity;
add(_, _, _) -> infinity.

%% spec: exec/numerics#op-fsub
-spec subtract(width(), any_float(), any_float()) -> any_float().
subtract(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
subtract(Width, A, B) -> add(Width, A, negate(Width, B)).

%% spec: exec/numerics#op-fmul
-spec multiply(width(), any_float(), any_float()) -> any_float().
multiply(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
multiply(_, A, B) when ?IS_ZERO(A); ?IS_ZERO(B) -> nan;
multiply(Width, A, B) -> signed_infinity(is_negative(Width, A) xor is_negative(Width, B)).

%% spec: exec/numerics#op-fdiv
-spec divide(width(), any_float(), any_float()) -> any_float().
divide(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
divide(_, A, B) when ?IS_INFINITE(A), ?IS_INFINITE(B) -> nan;
divide(_, A, B) when ?IS_ZERO(A), ?IS_ZERO(B) -> nan;
divide(_, A, infinity) -> A * 0.0;
divide(_, A, neg_infinity) -> A * 0.0 * -1.0;
divide(Width, A, B) -> signed_infinity(is_negative(Width, A) xor is_negative(Width, B)).

%% The smaller operand; -0.0 is smaller than 0.0. spec: exec/numerics#op-fmin
-spec minimum(width(), any_float(), any_float()) -> any_float().
minimum(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
minimum(Width, A, B) ->
    case is_less(A, B) orelse (is_equal(A, B) andalso is_negative(Width, A)) of
        true -> A;
        false -> B
    end.

%% The larger operand; 0.0 is larger than -0.0. spec: exec/numerics#op-fmax
-spec maximum(width(), any_float(), any_float()) -> any_float().
maximum(Width, A, B) when ?IS_NAN(A); ?IS_NAN(B) -> propagate(Width, A, B);
maximum(Width, A, B) ->
    case is_less(B, A) orelse (is_equal(A, B) andalso not is_negative(Width, A)) of
        true -> A;
        false -> B
    end.

%% Whether the sign bit is set.
-spec is_negative(width(), any_float()) -> boolean().
is_negative(_, F) when is_float(F), F < 0.0 -> true;
is_negative(_, F) when is_float(F), F > 0.0 -> false;
is_negative(_, F) when is_float(F) ->
    <<Sign:1, _:63>> = <<F/float>>,
    Sign =:= 1;
is_negative(_, neg_infinity) -> true;
is_negative(Width, {nan, Bits}) -> Bits bsr (Width - 1) =:= 1;
is_negative(_, _) -> false.

%% The other sign bit, payload kept. Not by unary minus: in a float register that is subtraction from 0.0, on OTP 25.
%% spec: exec/numerics#op-fneg
-spec negate(width(), any_float()) -> any_float().
negate(_, F) when is_float(F) -> F * -1.0;
negate(_, infinity) -> neg_infinity;
negate(_, neg_infinity) -> infinity;
negate(Width, nan) -> {nan, canonical(Width) bor sign(Width)};
negate(Width, {nan, Bits}) -> nan(Width, Bits bxor sign(Width)).

%% A clear sign bit, payload kept. spec: exec/numerics#op-fabs
-spec absolute(width(), any_float()) -> any_float().
absolute(Width, F) ->
    case is_negative(Width, F) of
        true -> negate(Width, F);
        false -> F
    end.

%% What an operation with one operand makes of it when it is not finite.
-spec quiet(width(), infinity | neg_infinity | nan | {nan, non_neg_integer()}) -> any_float().
quiet(Width, {nan, Bits}) -> nan(Width, Bits bor quiet_bit(Width));
quiet(_, F) -> F.

%% spec: exec/numerics#op-promote
-spec promote(wasm2beam_float_bits:f32()) -> wasm2beam_float_bits:f64().
promote({nan, Bits}) ->
    Payload = (Bits band 16#7FFFFF) bsl 29,
    nan(64, ((Bits bsr 31) bsl 63) bor canonical(64) bor Payload);
promote(F) -> F.

%% The payload loses its low bits. spec: exec/numerics#op-demote
-spec demote(wasm2beam_float_bits:f64()) -> wasm2beam_float_bits:f32().
demote({nan, Bits}) ->
    Payload = (Bits bsr 29) band 16#7FFFFF,
    nan(32, ((Bits bsr 63) bsl 31) bor canonical(32) bor Payload);
demote(F) -> F.

%% spec: exec/numerics#op-feq
-spec is_equal(any_float(), any_float()) -> boolean().
is_equal(A, B) when ?IS_NAN(A); ?IS_NAN(B) -> false;
is_equal(A, B) -> ordered(A) =< ordered(B) andalso ordered(A) >= ordered(B).

%% spec: exec/numerics#op-flt
-spec is_less(any_float(), any_float()) -> boolean().
is_less(A, B) when ?IS_NAN(A); ?IS_NAN(B) -> false;
is_less(A, B) -> ordered(A) < ordered(B).

%% spec: exec/numerics#op-fle
-spec is_less_or_equal(any_float(), any_float()) -> boolean().
is_less_or_equal(A, B) when ?IS_NAN(A); ?IS_NAN(B) -> false;
is_less_or_equal(A, B) -> ordered(A) =< ordered(B).

%% Numbers in the order of the floats they stand for: no double reaches 2^1024.
ordered(infinity) -> 1 bsl 1024;
ordered(neg_infinity) -> -(1 bsl 1024);
ordered(F) -> F.

propagate(Width, A, _) when ?IS_NAN(A) -> quiet(Width, A);
propagate(Width, _, B) -> quiet(Width, B).

signed_infinity(true) -> neg_infinity;
signed_infinity(false) -> infinity.

nan(Width, Bits) ->
    case canonical(Width) of
        Bits -> nan;
        _ -> {nan, Bits}
    end.

canonical(32) -> 16#7FC00000;
canonical(64) -> 16#7FF8000000000000.

quiet_bit(32) -> 16#00400000;
quiet_bit(64) -> 16#0008000000000000.

sign(32) -> 16#80000000;
sign(64) -> 16#8000000000000000.
