%% The integer instructions of WebAssembly, one function each, named like the instruction with `_' for `.'.
%%
%% Consumes and produces: an i32 is one word, an unsigned integer below 2^32; an i64 is two words, high and low, given
%% as two arguments and returned as `{High, Low}'. Generated code calls what it does not write inline.
%% Invariant: arguments are words, results are words, and no intermediate result leaves the range of small integers,
%% except in 64-bit division of large by large numbers.
%%
%% spec: exec/numerics#integer-operations
-module(wasm2beam_int).

-export([i32_eqz/1, i32_eq/2, i32_ne/2, i32_lt_s/2, i32_lt_u/2, i32_gt_s/2, i32_gt_u/2]).
-export([i32_le_s/2, i32_le_u/2, i32_ge_s/2, i32_ge_u/2]).
-export([i32_clz/1, i32_ctz/1, i32_popcnt/1, i32_add/2, i32_sub/2, i32_mul/2]).
-export([i32_div_s/2, i32_div_u/2, i32_rem_s/2, i32_rem_u/2, i32_and/2, i32_or/2, i32_xor/2]).
-export([i32_shl/2, i32_shr_s/2, i32_shr_u/2, i32_rotl/2, i32_rotr/2]).
-export([i32_extend8_s/1, i32_extend16_s/1, i32_wrap_i64/2, i64_extend_i32_s/1, i64_extend_i32_u/1]).
-export([i64_eqz/2, i64_eq/4, i64_ne/4, i64_lt_s/4, i64_lt_u/4, i64_gt_s/4, i64_gt_u/4]).
-export([i64_le_s/4, i64_le_u/4, i64_ge_s/4, i64_ge_u/4]).
-export([i64_clz/2, i64_ctz/2, i64_popcnt/2, i64_add/4, i64_sub/4, i64_mul/4]).
-export([i64_div_s/4, i64_div_u/4, i64_rem_s/4, i64_rem_u/4, i64_and/4, i64_or/4, i64_xor/4]).
-export([i64_shl/4, i64_shr_s/4, i64_shr_u/4, i64_rotl/4, i64_rotr/4]).
-export([i64_extend8_s/2, i64_extend16_s/2, i64_extend32_s/2]).

-export_type([word/0, i64/0, bit/0]).

-define(MASK, 16#FFFFFFFF).
-define(SIGN, 16#80000000).

-compile({inline, [bool/1, signed/1, flip/1, words/1, product/2]}).

-type word() :: 0..?MASK.
-type i64() :: {High :: word(), Low :: word()}.
-type bit() :: 0 | 1.

%% Comparisons. Both sides of a signed one are moved by 2^31, which keeps their order.

-spec i32_eqz(word()) -> bit().
i32_eqz(A) -> bool(A =:= 0).

-spec i32_eq(word(), word()) -> bit().
i32_eq(A, B) -> bool(A =:= B).

-spec i32_ne(word(), word()) -> bit().
i32_ne(A, B) -> bool(A =/= B).

-spec i32_lt_s(word(), word()) -> bit().
i32_lt_s(A, B) -> bool(flip(A) < flip(B)).

-spec i32_lt_u(word(), word()) -> bit().
i32_lt_u(A, B) -> bool(A < B).

-spec i32_gt_s(word(), word()) -> bit().
i32_gt_s(A, B) -> bool(flip(A) > flip(B)).

-spec i32_gt_u(word(), word()) -> bit().
i32_gt_u(A, B) -> bool(A > B).

-spec i32_le_s(word(), word()) -> bit().
i32_le_s(A, B) -> bool(flip(A) =< flip(B)).

-spec i32_le_u(word(), word()) -> bit().
i32_le_u(A, B) -> bool(A =< B).

-spec i32_ge_s(word(), word()) -> bit().
i32_ge_s(A, B) -> bool(flip(A) >= flip(B)).

-spec i32_ge_u(word(), word()) -> bit().
i32_ge_u(A, B) -> bool(A >= B).

-spec i64_eqz(word(), word()) -> bit().
i64_eqz(H, L) -> bool(H bor L =:= 0).

-spec i64_eq(word(), word(), word(), word()) -> bit().
i64_eq(H1, L1, H2, L2) -> bool(L1 =:= L2 andalso H1 =:= H2).

-spec i64_ne(word(), word(), word(), word()) -> bit().
i64_ne(H1, L1, H2, L2) -> bool(L1 =/= L2 orelse H1 =/= H2).

-spec i64_lt_s(word(), word(), word(), word()) -> bit().
i64_lt_s(H1, L1, H2, L2) -> i64_lt_u(flip(H1), L1, flip(H2), L2).

-spec i64_lt_u(word(), word(), word(), word()) -> bit().
i64_lt_u(H, L1, H, L2) -> bool(L1 < L2);
i64_lt_u(H1, _, H2, _) -> bool(H1 < H2).

-spec i64_gt_s(word(), word(), word(), word()) -> bit().
i64_gt_s(H1, L1, H2, L2) -> i64_lt_u(flip(H2), L2, flip(H1), L1).

-spec i64_gt_u(word(), word(), word(), word()) -> bit().
i64_gt_u(H1, L1, H2, L2) -> i64_lt_u(H2, L2, H1, L1).

-spec i64_le_s(word(), word(), word(), word()) -> bit().
i64_le_s(H1, L1, H2, L2) -> i64_le_u(flip(H1), L1, flip(H2), L2).

-spec i64_le_u(word(), word(), word(), word()) -> bit().
i64_le_u(H, L1, H, L2) -> bool(L1 =< L2);
i64_le_u(H1, _, H2, _) -> bool(H1 < H2).

-spec i64_ge_s(word(), word(), word(), word()) -> bit().
i64_ge_s(H1, L1, H2, L2) -> i64_le_u(flip(H2), L2, flip(H1), L1).

-spec i64_ge_u(word(), word(), word(), word()) -> bit().
i64_ge_u(H1, L1, H2, L2) -> i64_le_u(H2, L2, H1, L1).

%% Counting bits.

%% spec: exec/numerics#op-iclz
-spec i32_clz(word()) -> 0..32.
i32_clz(A) when A >= 16#10000 ->
    case A >= 16#1000000 of
        true -> clz8(A bsr 24);
        false -> 8 + clz8(A bsr 16)
    end;
i32_clz(A) when A >= 16#100 -> 16 + clz8(A bsr 8);
i32_clz(A) -> 24 + clz8(A).

clz8(A) when A >= 16#10 ->
    case A >= 16#40 of
        true -> 1 - (A bsr 7);
        false -> 3 - (A bsr 5)
    end;
clz8(A) when A >= 4 -> 5 - (A bsr 3);
clz8(A) when A >= 2 -> 6;
clz8(A) -> 8 - A.

%% spec: exec/numerics#op-ictz
-spec i32_ctz(word()) -> 0..32.
i32_ctz(0) -> 32;
i32_ctz(A) -> 31 - i32_clz(A band -A).

%% spec: exec/numerics#op-ipopcnt
-spec i32_popcnt(word()) -> 0..32.
i32_popcnt(A) ->
    Pairs = A - ((A bsr 1) band 16#55555555),
    Nibbles = (Pairs band 16#33333333) + ((Pairs bsr 2) band 16#33333333),
    Bytes = (Nibbles + (Nibbles bsr 4)) band 16#0F0F0F0F,
    ((Bytes * 16#01010101) bsr 24) band 16#3F.

-spec i64_clz(word(), word()) -> i64().
i64_clz(0, L) -> {0, 32 + i32_clz(L)};
i64_clz(H, _) -> {0, i32_clz(H)}.

-spec i64_ctz(word(), word()) -> i64().
i64_ctz(H, 0) -> {0, 32 + i32_ctz(H)};
i64_ctz(_, L) -> {0, i32_ctz(L)}.

-spec i64_popcnt(word(), word()) -> i64().
i64_popcnt(H, L) -> {0, i32_popcnt(H) + i32_popcnt(L)}.

%% Arithmetic modulo 2^32 and 2^64.

-spec i32_add(word(), word()) -> word().
i32_add(A, B) -> (A + B) band ?MASK.

-spec i32_sub(word(), word()) -> word().
i32_sub(A, B) -> (A - B) band ?MASK.

-spec i32_mul(word(), word()) -> word().
i32_mul(A, B) -> product(A, B) band ?MASK.

-spec i64_add(word(), word(), word(), word()) -> i64().
i64_add(H1, L1, H2, L2) ->
    L = L1 + L2,
    {(H1 + H2 + (L bsr 32)) band ?MASK, L band ?MASK}.

-spec i64_sub(word(), word(), word(), word()) -> i64().
i64_sub(H1, L1, H2, L2) ->
    L = L1 - L2,
    {(H1 - H2 + (L bsr 32)) band ?MASK, L band ?MASK}.

-spec i64_mul(word(), word(), word(), word()) -> i64().
i64_mul(H1, L1, H2, L2) ->
    P0 = (L1 band 16#FFFF) * L2,
    P1 = (L1 bsr 16) * L2 + (P0 bsr 16),
    High = (P1 bsr 16) + product(H1, L2) + product(H2, L1),
    {High band ?MASK, ((P1 band 16#FFFF) bsl 16) bor (P0 band 16#FFFF)}.

%% Congruent modulo 2^32 to the product of two words, and below 2^50.
product(A, B) -> (((A bsr 16) * B) band 16#FFFF) bsl 16 + (A band 16#FFFF) * B.

%% Division traps `integer_divide_by_zero', and `integer_overflow' for the one quotient that has no representation.

%% spec: exec/numerics#op-idiv-s
-spec i32_div_s(word(), word()) -> word().
i32_div_s(_, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i32_div_s(?SIGN, ?MASK) -> wasm2beam_trap:raise(integer_overflow);
i32_div_s(A, B) -> (signed(A) div signed(B)) band ?MASK.

%% spec: exec/numerics#op-idiv-u
-spec i32_div_u(word(), word()) -> word().
i32_div_u(_, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i32_div_u(A, B) -> A div B.

%% spec: exec/numerics#op-irem-s
-spec i32_rem_s(word(), word()) -> word().
i32_rem_s(_, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i32_rem_s(A, B) -> (signed(A) rem signed(B)) band ?MASK.

%% spec: exec/numerics#op-irem-u
-spec i32_rem_u(word(), word()) -> word().
i32_rem_u(_, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i32_rem_u(A, B) -> A rem B.

-spec i64_div_s(word(), word(), word(), word()) -> i64().
i64_div_s(_, _, 0, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i64_div_s(?SIGN, 0, ?MASK, ?MASK) -> wasm2beam_trap:raise(integer_overflow);
i64_div_s(H1, L1, H2, L2) when H1 < ?SIGN, H2 < ?SIGN -> i64_div_u(H1, L1, H2, L2);
i64_div_s(H1, L1, H2, L2) -> words(signed(H1, L1) div signed(H2, L2)).

-spec i64_div_u(word(), word(), word(), word()) -> i64().
i64_div_u(_, _, 0, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i64_div_u(0, L1, 0, L2) -> {0, L1 div L2};
i64_div_u(H1, L1, 0, Divisor) ->
    %% Schoolbook division in digits of 16 bits: a remainder and one more digit stay small.
    Upper = ((H1 rem Divisor) bsl 16) bor (L1 bsr 16),
    Lower = ((Upper rem Divisor) bsl 16) bor (L1 band 16#FFFF),
    {H1 div Divisor, ((Upper div Divisor) bsl 16) bor (Lower div Divisor)};
i64_div_u(H1, _, H2, _) when H1 < H2 -> {0, 0};
i64_div_u(H1, L1, H2, L2) ->
    {0, ((H1 bsl 32) bor L1) div ((H2 bsl 32) bor L2)}.

-spec i64_rem_s(word(), word(), word(), word()) -> i64().
i64_rem_s(_, _, 0, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i64_rem_s(H1, L1, H2, L2) when H1 < ?SIGN, H2 < ?SIGN -> i64_rem_u(H1, L1, H2, L2);
i64_rem_s(H1, L1, H2, L2) -> words(signed(H1, L1) rem signed(H2, L2)).

-spec i64_rem_u(word(), word(), word(), word()) -> i64().
i64_rem_u(_, _, 0, 0) -> wasm2beam_trap:raise(integer_divide_by_zero);
i64_rem_u(0, L1, 0, L2) -> {0, L1 rem L2};
i64_rem_u(H1, L1, 0, Divisor) ->
    Upper = ((H1 rem Divisor) bsl 16) bor (L1 bsr 16),
    Lower = ((Upper rem Divisor) bsl 16) bor (L1 band 16#FFFF),
    {0, Lower rem Divisor};
i64_rem_u(H1, L1, H2, _) when H1 < H2 -> {H1, L1};
i64_rem_u(H1, L1, H2, L2) ->
    words(((H1 bsl 32) bor L1) rem ((H2 bsl 32) bor L2)).

%% Bits.

-spec i32_and(word(), word()) -> word().
i32_and(A, B) -> A band B.

-spec i32_or(word(), word()) -> word().
i32_or(A, B) -> A bor B.

-spec i32_xor(word(), word()) -> word().
i32_xor(A, B) -> A bxor B.

-spec i64_and(word(), word(), word(), word()) -> i64().
i64_and(H1, L1, H2, L2) -> {H1 band H2, L1 band L2}.

-spec i64_or(word(), word(), word(), word()) -> i64().
i64_or(H1, L1, H2, L2) -> {H1 bor H2, L1 bor L2}.

-spec i64_xor(word(), word(), word(), word()) -> i64().
i64_xor(H1, L1, H2, L2) -> {H1 bxor H2, L1 bxor L2}.

%% Shifts use the count modulo the width. Before a left shift the bits that would leave are cut off, so that nothing
%% grows beyond a word.

%% spec: exec/numerics#op-ishl
-spec i32_shl(word(), word()) -> word().
i32_shl(A, Count) ->
    N = Count band 31,
    (A band (?MASK bsr N)) bsl N.

%% spec: exec/numerics#op-ishr-s
-spec i32_shr_s(word(), word()) -> word().
i32_shr_s(A, Count) -> (signed(A) bsr (Count band 31)) band ?MASK.

%% spec: exec/numerics#op-ishr-u
-spec i32_shr_u(word(), word()) -> word().
i32_shr_u(A, Count) -> A bsr (Count band 31).

%% spec: exec/numerics#op-irotl
-spec i32_rotl(word(), word()) -> word().
i32_rotl(A, Count) ->
    N = Count band 31,
    ((A band (?MASK bsr N)) bsl N) bor (A bsr (32 - N)).

%% spec: exec/numerics#op-irotr
-spec i32_rotr(word(), word()) -> word().
i32_rotr(A, Count) -> i32_rotl(A, 32 - (Count band 31)).

-spec i64_shl(word(), word(), word(), word()) -> i64().
i64_shl(H, L, _, Count) ->
    case Count band 63 of
        N when N >= 32 ->
            {i32_shl(L, N), 0};
        N ->
            Keep = ?MASK bsr N,
            {((H band Keep) bsl N) bor (L bsr (32 - N)), (L band Keep) bsl N}
    end.

-spec i64_shr_s(word(), word(), word(), word()) -> i64().
i64_shr_s(H, L, _, Count) ->
    Signed = signed(H),
    case Count band 63 of
        N when N >= 32 -> {(Signed bsr 31) band ?MASK, (Signed bsr (N - 32)) band ?MASK};
        N -> {(Signed bsr N) band ?MASK, carry_down(H, L, N)}
    end.

-spec i64_shr_u(word(), word(), word(), word()) -> i64().
i64_shr_u(H, L, _, Count) ->
    case Count band 63 of
        N when N >= 32 -> {0, H bsr (N - 32)};
        N -> {H bsr N, carry_down(H, L, N)}
    end.

%% The low word of a right shift by N < 32.
carry_down(H, L, N) -> ((H band ((1 bsl N) - 1)) bsl (32 - N)) bor (L bsr N).

-spec i64_rotl(word(), word(), word(), word()) -> i64().
i64_rotl(H, L, _, Count) ->
    N = 32 - (Count band 31),
    case Count band 32 of
        0 -> {turn(H, L, N), turn(L, H, N)};
        _ -> {turn(L, H, N), turn(H, L, N)}
    end.

-spec i64_rotr(word(), word(), word(), word()) -> i64().
i64_rotr(H, L, _, Count) -> i64_rotl(H, L, 0, 64 - (Count band 63)).

%% A followed by B, N bits to the right, its low word; N is 1..32.
turn(A, B, N) -> ((A band ((1 bsl N) - 1)) bsl (32 - N)) bor (B bsr N).

%% Changes of width.

%% spec: exec/numerics#op-iextendn-s
-spec i32_extend8_s(word()) -> word().
i32_extend8_s(A) -> (((A band 16#FF) bxor 16#80) - 16#80) band ?MASK.

-spec i32_extend16_s(word()) -> word().
i32_extend16_s(A) -> (((A band 16#FFFF) bxor 16#8000) - 16#8000) band ?MASK.

-spec i64_extend8_s(word(), word()) -> i64().
i64_extend8_s(_, L) -> i64_extend_i32_s(i32_extend8_s(L)).

-spec i64_extend16_s(word(), word()) -> i64().
i64_extend16_s(_, L) -> i64_extend_i32_s(i32_extend16_s(L)).

-spec i64_extend32_s(word(), word()) -> i64().
i64_extend32_s(_, L) -> i64_extend_i32_s(L).

%% spec: exec/numerics#op-wrap
-spec i32_wrap_i64(word(), word()) -> word().
i32_wrap_i64(_, L) -> L.

%% spec: exec/numerics#op-extend-s
-spec i64_extend_i32_s(word()) -> i64().
i64_extend_i32_s(A) -> {(signed(A) bsr 31) band ?MASK, A}.

%% spec: exec/numerics#op-extend-u
-spec i64_extend_i32_u(word()) -> i64().
i64_extend_i32_u(A) -> {0, A}.

bool(true) -> 1;
bool(false) -> 0.

flip(A) -> A bxor ?SIGN.

%% spec: exec/numerics#aux-signed
signed(A) -> (A bxor ?SIGN) - ?SIGN.

signed(H, L) -> (signed(H) bsl 32) bor L.

words(Integer) -> {(Integer bsr 32) band ?MASK, Integer band ?MASK}.
