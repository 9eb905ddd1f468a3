%% The instructions of WebAssembly that touch floats, one function each, named like the instruction with `_' for `.'.
%%
%% Consumes and produces: floats in internal form (wasm2beam_float_bits), an i32 as one word, an i64 as two arguments
%% and a result `{High, Low}'. Finite operands are served here, all others by wasm2beam_float_special.
%% Invariant: results are IEEE 754's, rounded to nearest, ties to even; an f32 is a float that a single can hold.
%% Singles are computed as doubles: for + - * / and square roots rounding twice gives what rounding once would.
%%
%% spec: exec/numerics#floating-point-operations
-module(wasm2beam_float).

-export([f32_eq/2, f32_ne/2, f32_lt/2, f32_gt/2, f32_le/2, f32_ge/2, f64_eq/2, f64_ne/2, f64_lt/2, f64_gt/2]).
-export([f64_le/2, f64_ge/2]).
-export([f32_abs/1, f32_neg/1, f32_ceil/1, f32_floor/1, f32_trunc/1, f32_nearest/1, f32_sqrt/1, f32_add/2]).
-export([f32_sub/2, f32_mul/2, f32_div/2, f32_min/2, f32_max/2, f32_copysign/2]).
-export([f64_abs/1, f64_neg/1, f64_ceil/1, f64_floor/1, f64_trunc/1, f64_nearest/1, f64_sqrt/1, f64_add/2]).
-export([f64_sub/2, f64_mul/2, f64_div/2, f64_min/2, f64_max/2, f64_copysign/2]).
-export([i32_trunc_f32_s/1, i32_trunc_f32_u/1, i32_trunc_f64_s/1, i32_trunc_f64_u/1, i64_trunc_f32_s/1]).
-export([i64_trunc_f32_u/1, i64_trunc_f64_s/1, i64_trunc_f64_u/1]).
-export([i32_trunc_sat_f32_s/1, i32_trunc_sat_f32_u/1, i32_trunc_sat_f64_s/1, i32_trunc_sat_f64_u/1]).
-export([i64_trunc_sat_f32_s/1, i64_trunc_sat_f32_u/1, i64_trunc_sat_f64_s/1, i64_trunc_sat_f64_u/1]).
-export([f32_convert_i32_s/1, f32_convert_i32_u/1, f32_convert_i64_s/2, f32_convert_i64_u/2, f64_convert_i32_s/1]).
-export([f64_convert_i32_u/1, f64_convert_i64_s/2, f64_convert_i64_u/2]).
-export([f32_demote_f64/1, f64_promote_f32/1, i32_reinterpret_f32/1, i64_reinterpret_f64/1]).
-export([f32_reinterpret_i32/1, f64_reinterpret_i64/2]).

-compile({inline, [round_single/1, integral/2, bit/1, signed/1, words/1]}).

-define(MASK, 16#FFFFFFFF).
%% From here on every double is an integer: 2^52.
-define(INTEGRAL, 4503599627370496.0).
%% The smallest normal single, 2^-126, and the smallest number that rounds to infinity, 2^128 - 2^103.
-define(SINGLE_MIN, 1.1754943508222875e-38).
-define(SINGLE_OVERFLOW, 3.4028235677973366e38).

-type word() :: wasm2beam_int:word().
-type i64() :: wasm2beam_int:i64().
-type bit() :: wasm2beam_int:bit().
-type f32() :: wasm2beam_float_bits:f32().
-type f64() :: wasm2beam_float_bits:f64().

%% Comparisons: 0 where an operand is a NaN, but 1 for `ne'. Equality is two inequalities: OTP 25 compiles `==' between
%% floats to an exact comparison, which on OTP 27 tells -0.0 from 0.0.

-spec f64_eq(f64(), f64()) -> bit().
f64_eq(A, B) when is_float(A), is_float(B) -> bit(A =< B andalso A >= B);
f64_eq(A, B) -> bit(wasm2beam_float_special:is_equal(A, B)).

-spec f64_ne(f64(), f64()) -> bit().
f64_ne(A, B) when is_float(A), is_float(B) -> bit(A < B orelse A > B);
f64_ne(A, B) -> bit(not wasm2beam_float_special:is_equal(A, B)).

-spec f64_lt(f64(), f64()) -> bit().
f64_lt(A, B) when is_float(A), is_float(B) -> bit(A < B);
f64_lt(A, B) -> bit(wasm2beam_float_special:is_less(A, B)).

-spec f64_gt(f64(), f64()) -> bit().
f64_gt(A, B) when is_float(A), is_float(B) -> bit(A > B);
f64_gt(A, B) -> bit(wasm2beam_float_special:is_less(B, A)).

-spec f64_le(f64(), f64()) -> bit().
f64_le(A, B) when is_float(A), is_float(B) -> bit(A =< B);
f64_le(A, B) -> bit(wasm2beam_float_special:is_less_or_equal(A, B)).

-spec f64_ge(f64(), f64()) -> bit().
f64_ge(A, B) when is_float(A), is_float(B) -> bit(A >= B);
f64_ge(A, B) -> bit(wasm2beam_float_special:is_less_or_equal(B, A)).

-spec f32_eq(f32(), f32()) -> bit().
f32_eq(A, B) -> f64_eq(A, B).

-spec f32_ne(f32(), f32()) -> bit().
f32_ne(A, B) -> f64_ne(A, B).

-spec f32_lt(f32(), f32()) -> bit().
f32_lt(A, B) -> f64_lt(A, B).

-spec f32_gt(f32(), f32()) -> bit().
f32_gt(A, B) -> f64_gt(A, B).

-spec f32_le(f32(), f32()) -> bit().
f32_le(A, B) -> f64_le(A, B).

-spec f32_ge(f32(), f32()) -> bit().
f32_ge(A, B) -> f64_ge(A, B).

%% Arithmetic. BEAM raises badarith where IEEE 754 has an infinity or a NaN.

-spec f64_add(f64(), f64()) -> f64().
f64_add(A, B) when is_float(A), is_float(B) ->
    try
        A + B
    catch
        error:badarith -> wasm2beam_float_special:add(64, A, B)
    end;
f64_add(A, B) -> wasm2beam_float_special:add(64, A, B).

-spec f64_sub(f64(), f64()) -> f64().
f64_sub(A, B) when is_float(A), is_float(B) ->
    try
        A - B
    catch
        error:badarith -> wasm2beam_float_special:subtract(64, A, B)
    end;
f64_sub(A, B) -> wasm2beam_float_special:subtract(64, A, B).

-spec f64_mul(f64(), f64()) -> f64().
f64_mul(A, B) when is_float(A), is_float(B) ->
    try
        A * B
    catch
        error:badarith -> wasm2beam_float_special:multiply(64, A, B)
    end;
f64_mul(A, B) -> wasm2beam_float_special:multiply(64, A, B).

-spec f64_div(f64(), f64()) -> f64().
f64_div(A, B) when is_float(A), is_float(B) ->
    try
        A / B
    catch
        error:badarith -> wasm2beam_float_special:divide(64, A, B)
    end;
f64_div(A, B) -> wasm2beam_float_special:divide(64, A, B).

-spec f32_add(f32(), f32()) -> f32().
f32_add(A, B) when is_float(A), is_float(B) -> round_single(A + B);
f32_add(A, B) -> wasm2beam_float_special:add(32, A, B).

-spec f32_sub(f32(), f32()) -> f32().
f32_sub(A, B) when is_float(A), is_float(B) -> round_single(A - B);
f32_sub(A, B) -> wasm2beam_float_special:subtract(32, A, B).

-spec f32_mul(f32(), f32()) -> f32().
f32_mul(A, B) when is_float(A), is_float(B) -> round_single(A * B);
f32_mul(A, B) -> wasm2beam_float_special:multiply(32, A, B).

-spec f32_div(f32(), f32()) -> f32().
f32_div(A, B) when is_float(A), is_float(B) ->
    try
        round_single(A / B)
    catch
        error:badarith -> wasm2beam_float_special:divide(32, A, B)
    end;
f32_div(A, B) -> wasm2beam_float_special:divide(32, A, B).

-spec f64_sqrt(f64()) -> f64().
f64_sqrt(F) when is_float(F), F >= 0.0 -> math:sqrt(F);
f64_sqrt(F) when is_float(F); F =:= neg_infinity -> nan;
f64_sqrt(F) -> wasm2beam_float_special:quiet(64, F).

-spec f32_sqrt(f32()) -> f32().
f32_sqrt(F) when is_float(F), F >= 0.0 -> round_single(math:sqrt(F));
f32_sqrt(F) when is_float(F); F =:= neg_infinity -> nan;
f32_sqrt(F) -> wasm2beam_float_special:quiet(32, F).

-spec f64_min(f64(), f64()) -> f64().
f64_min(A, B) when is_float(A), is_float(B), A < B -> A;
f64_min(A, B) when is_float(A), is_float(B), A > B -> B;
f64_min(A, B) -> wasm2beam_float_special:minimum(64, A, B).

-spec f64_max(f64(), f64()) -> f64().
f64_max(A, B) when is_float(A), is_float(B), A > B -> A;
f64_max(A, B) when is_float(A), is_float(B), A < B -> B;
f64_max(A, B) -> wasm2beam_float_special:maximum(64, A, B).

-spec f32_min(f32(), f32()) -> f32().
f32_min(A, B) when is_float(A), is_float(B), A < B -> A;
f32_min(A, B) when is_float(A), is_float(B), A > B -> B;
f32_min(A, B) -> wasm2beam_float_special:minimum(32, A, B).

-spec f32_max(f32(), f32()) -> f32().
f32_max(A, B) when is_float(A), is_float(B), A > B -> A;
f32_max(A, B) when is_float(A), is_float(B), A < B -> B;
f32_max(A, B) -> wasm2beam_float_special:maximum(32, A, B).

%% Signs.

-spec f64_abs(f64()) -> f64().
f64_abs(F) when is_float(F), F > 0.0 -> F;
f64_abs(F) when is_float(F), F < 0.0 -> F * -1.0;
f64_abs(F) -> wasm2beam_float_special:absolute(64, F).

-spec f64_neg(f64()) -> f64().
f64_neg(F) when is_float(F) -> F * -1.0;
f64_neg(F) -> wasm2beam_float_special:negate(64, F).

%% spec: exec/numerics#op-fcopysign
-spec f64_copysign(f64(), f64()) -> f64().
f64_copysign(A, B) ->
    case wasm2beam_float_special:is_negative(64, A) =:= wasm2beam_float_special:is_negative(64, B) of
        true -> A;
        false -> wasm2beam_float_special:negate(64, A)
    end.

-spec f32_abs(f32()) -> f32().
f32_abs(F) when is_float(F), F > 0.0 -> F;
f32_abs(F) when is_float(F), F < 0.0 -> F * -1.0;
f32_abs(F) -> wasm2beam_float_special:absolute(32, F).

-spec f32_neg(f32()) -> f32().
f32_neg(F) when is_float(F) -> F * -1.0;
f32_neg(F) -> wasm2beam_float_special:negate(32, F).

%% spec: exec/numerics#op-fcopysign
-spec f32_copysign(f32(), f32()) -> f32().
f32_copysign(A, B) ->
    case wasm2beam_float_special:is_negative(32, A) =:= wasm2beam_float_special:is_negative(32, B) of
        true -> A;
        false -> wasm2beam_float_special:negate(32, A)
    end.

%% Rounding to integers. A zero result has the sign of the operand.

-spec f64_ceil(f64()) -> f64().
f64_ceil(F) when is_float(F), F > -?INTEGRAL, F < ?INTEGRAL -> integral(ceil(F), F);
f64_ceil(F) when is_float(F) -> F;
f64_ceil(F) -> wasm2beam_float_special:quiet(64, F).

-spec f64_floor(f64()) -> f64().
f64_floor(F) when is_float(F), F > -?INTEGRAL, F < ?INTEGRAL -> integral(floor(F), F);
f64_floor(F) when is_float(F) -> F;
f64_floor(F) -> wasm2beam_float_special:quiet(64, F).

-spec f64_trunc(f64()) -> f64().
f64_trunc(F) when is_float(F), F > -?INTEGRAL, F < ?INTEGRAL -> integral(trunc(F), F);
f64_trunc(F) when is_float(F) -> F;
f64_trunc(F) -> wasm2beam_float_special:quiet(64, F).

-spec f32_ceil(f32()) -> f32().
f32_ceil(F) when is_float(F) -> f64_ceil(F);
f32_ceil(F) -> wasm2beam_float_special:quiet(32, F).

-spec f32_floor(f32()) -> f32().
f32_floor(F) when is_float(F) -> f64_floor(F);
f32_floor(F) -> wasm2beam_float_special:quiet(32, F).

-spec f32_trunc(f32()) -> f32().
f32_trunc(F) when is_float(F) -> f64_trunc(F);
f32_trunc(F) -> wasm2beam_float_special:quiet(32, F).

%% A sum that needs all 53 bits for its integral part is rounded, ties to even, by the processor.
%% spec: exec/numerics#op-fnearest
-spec f64_nearest(f64()) -> f64().
f64_nearest(F) when is_float(F), F >= 0.0, F < ?INTEGRAL -> integral(F + ?INTEGRAL - ?INTEGRAL, F);
f64_nearest(F) when is_float(F), F < 0.0, F > -?INTEGRAL -> integral(F - ?INTEGRAL + ?INTEGRAL, F);
f64_nearest(F) when is_float(F) -> F;
f64_nearest(F) -> wasm2beam_float_special:quiet(64, F).

-spec f32_nearest(f32()) -> f32().
f32_nearest(F) when is_float(F) -> f64_nearest(F);
f32_nearest(F) -> wasm2beam_float_special:quiet(32, F).

integral(Number, F) when Number == 0 -> F * 0.0;
integral(Number, _) -> float(Number).

%% Floats to integers. Traps `integer_overflow' and, for a NaN, `invalid_conversion_to_integer'.

%% spec: exec/numerics#op-trunc-s
-spec i32_trunc_f64_s(f64()) -> word().
i32_trunc_f64_s(F) when is_float(F), F > -2147483649.0, F < 2147483648.0 -> trunc(F) band ?MASK;
i32_trunc_f64_s(F) -> untruncatable(F).

-spec i32_trunc_f32_s(f32()) -> word().
i32_trunc_f32_s(F) -> i32_trunc_f64_s(F).

%% spec: exec/numerics#op-trunc-u
-spec i32_trunc_f64_u(f64()) -> word().
i32_trunc_f64_u(F) when is_float(F), F > -1.0, F < 4294967296.0 -> trunc(F);
i32_trunc_f64_u(F) -> untruncatable(F).

-spec i32_trunc_f32_u(f32()) -> word().
i32_trunc_f32_u(F) -> i32_trunc_f64_u(F).

%% spec: exec/numerics#op-trunc-s
-spec i64_trunc_f64_s(f64()) -> i64().
i64_trunc_f64_s(F) when is_float(F), F >= -9223372036854775808.0, F < 9223372036854775808.0 -> words(trunc(F));
i64_trunc_f64_s(F) -> untruncatable(F).

-spec i64_trunc_f32_s(f32()) -> i64().
i64_trunc_f32_s(F) -> i64_trunc_f64_s(F).

%% spec: exec/numerics#op-trunc-u
-spec i64_trunc_f64_u(f64()) -> i64().
i64_trunc_f64_u(F) when is_float(F), F > -1.0, F < 18446744073709551616.0 -> words(trunc(F));
i64_trunc_f64_u(F) -> untruncatable(F).

-spec i64_trunc_f32_u(f32()) -> i64().
i64_trunc_f32_u(F) -> i64_trunc_f64_u(F).

-spec untruncatable(f64()) -> no_return().
untruncatable(F) when F =:= nan; is_tuple(F) -> wasm2beam_trap:raise(invalid_conversion_to_integer);
untruncatable(_) -> wasm2beam_trap:raise(integer_overflow).

%% The same, saturating: a NaN gives 0.

%% spec: exec/numerics#op-trunc-sat-s
-spec i32_trunc_sat_f64_s(f64()) -> word().
i32_trunc_sat_f64_s(F) when is_float(F), F > -2147483649.0, F < 2147483648.0 -> i32_trunc_f64_s(F);
i32_trunc_sat_f64_s(F) -> saturated(F, 16#80000000, 16#7FFFFFFF, 0).

-spec i32_trunc_sat_f32_s(f32()) -> word().
i32_trunc_sat_f32_s(F) -> i32_trunc_sat_f64_s(F).

%% spec: exec/numerics#op-trunc-sat-u
-spec i32_trunc_sat_f64_u(f64()) -> word().
i32_trunc_sat_f64_u(F) when is_float(F), F > -1.0, F < 4294967296.0 -> i32_trunc_f64_u(F);
i32_trunc_sat_f64_u(F) -> saturated(F, 0, ?MASK, 0).

-spec i32_trunc_sat_f32_u(f32()) -> word().
i32_trunc_sat_f32_u(F) -> i32_trunc_sat_f64_u(F).

%% spec: exec/numerics#op-trunc-sat-s
-spec i64_trunc_sat_f64_s(f64()) -> i64().
i64_trunc_sat_f64_s(F) when is_float(F), F >= -9223372036854775808.0, F < 9223372036854775808.0 -> i64_trunc_f64_s(F);
i64_trunc_sat_f64_s(F) -> saturated(F, {16#80000000, 0}, {16#7FFFFFFF, ?MASK}, {0, 0}).

-spec i64_trunc_sat_f32_s(f32()) -> i64().
i64_trunc_sat_f32_s(F) -> i64_trunc_sat_f64_s(F).

%% spec: exec/numerics#op-trunc-sat-u
-spec i64_trunc_sat_f64_u(f64()) -> i64().
i64_trunc_sat_f64_u(F) when is_float(F), F > -1.0, F < 18446744073709551616.0 -> i64_trunc_f64_u(F);
i64_trunc_sat_f64_u(F) -> saturated(F, {0, 0}, {?MASK, ?MASK}, {0, 0}).

-spec i64_trunc_sat_f32_u(f32()) -> i64().
i64_trunc_sat_f32_u(F) -> i64_trunc_sat_f64_u(F).

saturated(F, Minimum, _, _) when F =:= neg_infinity; is_float(F), F < 0.0 -> Minimum;
saturated(F, _, Maximum, _) when F =:= infinity; is_float(F) -> Maximum;
saturated(_, _, _, Zero) -> Zero.

%% Integers to floats.

%% spec: exec/numerics#op-convert-s
-spec f64_convert_i32_s(word()) -> f64().
f64_convert_i32_s(A) -> float(signed(A)).

%% spec: exec/numerics#op-convert-u
-spec f64_convert_i32_u(word()) -> f64().
f64_convert_i32_u(A) -> float(A).

%% Both halves are exact, so that the sum is the one rounding.
-spec f64_convert_i64_s(word(), word()) -> f64().
f64_convert_i64_s(H, L) -> float(signed(H)) * 4294967296.0 + float(L).

-spec f64_convert_i64_u(word(), word()) -> f64().
f64_convert_i64_u(H, L) -> float(H) * 4294967296.0 + float(L).

-spec f32_convert_i32_s(word()) -> f32().
f32_convert_i32_s(A) -> round_single(float(signed(A))).

-spec f32_convert_i32_u(word()) -> f32().
f32_convert_i32_u(A) -> round_single(float(A)).

-spec f32_convert_i64_s(word(), word()) -> f32().
f32_convert_i64_s(H, L) -> round_single(f64_convert_i64_s(H, sticky(signed(H), L))).

-spec f32_convert_i64_u(word(), word()) -> f32().
f32_convert_i64_u(H, L) -> round_single(f64_convert_i64_u(H, sticky(H, L))).

%% A low word with which the double is exact and rounds to the same single: where the number needs more than 53 bits,
%% bit 11 stands for all below it, which are too low to matter but for being zero or not.
sticky(High, L) when High >= -16#200000, High < 16#200000 -> L;
sticky(_, L) when L band 16#FFF =:= 0 -> L;
sticky(_, L) -> (L band 16#FFFFF000) bor 16#800.

%% spec: exec/numerics#op-demote
-spec f32_demote_f64(f64()) -> f32().
f32_demote_f64(F) when is_float(F) -> round_single(F);
f32_demote_f64(F) -> wasm2beam_float_special:demote(F).

%% spec: exec/numerics#op-promote
-spec f64_promote_f32(f32()) -> f64().
f64_promote_f32(F) when is_float(F) -> F;
f64_promote_f32(F) -> wasm2beam_float_special:promote(F).

%% Bits.

%% spec: exec/numerics#op-reinterpret
-spec i32_reinterpret_f32(f32()) -> word().
i32_reinterpret_f32(F) -> wasm2beam_float_bits:f32_bits(F).

-spec i64_reinterpret_f64(f64()) -> i64().
i64_reinterpret_f64(F) -> wasm2beam_float_bits:f64_bits(F).

-spec f32_reinterpret_i32(word()) -> f32().
f32_reinterpret_i32(Word) -> wasm2beam_float_bits:f32_from_bits(Word).

-spec f64_reinterpret_i64(word(), word()) -> f64().
f64_reinterpret_i64(High, Low) -> wasm2beam_float_bits:f64_from_bits(High, Low).

%% The double nearest to it that a single can hold, ties to even; infinite beyond the largest.
%%
%% G - X has its last bit where the single has its own, so that the subtraction is the rounding; G is a multiple of that
%% bit, and even in a tie. At a power of two G - X is one bit longer, where X is too close for it to matter. A third of
%% the time that <<X:32/float>> takes.
round_single(X) when X >= ?SINGLE_MIN, X < ?SINGLE_OVERFLOW; X =< -?SINGLE_MIN, X > -?SINGLE_OVERFLOW ->
    G = X * 536870912.0,
    G - (G - X);
round_single(X) -> round_extreme(X).

round_extreme(X) when X >= 0.0, X =< 0.0 -> X;
round_extreme(X) when X >= ?SINGLE_OVERFLOW -> infinity;
round_extreme(X) when X =< -?SINGLE_OVERFLOW -> neg_infinity;
round_extreme(X) ->
    <<Single:32/float>> = <<X:32/float>>,
    Single.

signed(A) -> (A bxor 16#80000000) - 16#80000000.

words(Integer) -> {(Integer bsr 32) band ?MASK, Integer band ?MASK}.

bit(true) -> 1;
bit(false) -> 0.
