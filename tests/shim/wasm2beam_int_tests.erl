%% Integer instructions at the edges of their ranges. (tests/numeric compares all of them with V8.)
-module(wasm2beam_int_tests).

-include_lib("eunit/include/eunit.hrl").

-define(MIN, 16#80000000).
-define(ONES, 16#FFFFFFFF).

trap(Reason) -> {error, {wasm_trap, Reason}}.

result(Function, Arguments) ->
    try
        apply(wasm2beam_int, Function, Arguments)
    catch
        Class:Reason -> {Class, Reason}
    end.

title(Function, Arguments) -> lists:flatten(io_lib:format("~s ~w", [Function, Arguments])).

table_test_() ->
    [
        {title(Function, Arguments), ?_assertEqual(Expected, result(Function, Arguments))}
     || {Function, Arguments, Expected} <- table()
    ].

table() ->
    [
        {i32_clz, [0], 32},
        {i32_clz, [?ONES], 0},
        {i32_clz, [1], 31},
        {i32_ctz, [0], 32},
        {i32_ctz, [?MIN], 31},
        {i32_popcnt, [?ONES], 32},
        {i64_clz, [0, 0], {0, 64}},
        {i64_ctz, [?MIN, 0], {0, 63}},
        {i64_popcnt, [?ONES, ?ONES], {0, 64}},
        {i32_add, [?ONES, 1], 0},
        {i32_sub, [0, 1], ?ONES},
        {i32_mul, [?ONES, ?ONES], 1},
        {i64_add, [?ONES, ?ONES, 0, 1], {0, 0}},
        {i64_sub, [0, 0, 0, 1], {?ONES, ?ONES}},
        {i64_mul, [?ONES, ?ONES, ?ONES, ?ONES], {0, 1}},
        {i64_mul, [0, ?ONES, 0, ?ONES], {16#FFFFFFFE, 1}},
        {i32_div_s, [?MIN, ?ONES], trap(integer_overflow)},
        {i32_div_s, [1, 0], trap(integer_divide_by_zero)},
        {i32_div_s, [?ONES - 6, 2], ?ONES - 2},
        {i32_rem_s, [?MIN, ?ONES], 0},
        {i32_rem_s, [?ONES - 6, 2], ?ONES},
        {i32_rem_u, [1, 0], trap(integer_divide_by_zero)},
        {i64_div_s, [?MIN, 0, ?ONES, ?ONES], trap(integer_overflow)},
        {i64_div_s, [0, 1, 0, 0], trap(integer_divide_by_zero)},
        {i64_div_u, [0, 1, 0, 0], trap(integer_divide_by_zero)},
        {i64_div_u, [?ONES, ?ONES, 0, ?ONES], {1, 1}},
        {i64_div_u, [?ONES, ?ONES, ?ONES, ?ONES], {0, 1}},
        {i64_rem_s, [?MIN, 0, ?ONES, ?ONES], {0, 0}},
        {i64_rem_s, [0, 1, 0, 0], trap(integer_divide_by_zero)},
        {i64_rem_u, [?ONES, ?ONES, 0, 16#FFFFFFFD], {0, 8}},
        {i32_shl, [1, 32], 1},
        {i32_shr_s, [?MIN, 31], ?ONES},
        {i32_rotr, [1, 1], ?MIN},
        {i32_rotl, [?MIN, 1], 1},
        {i64_shl, [0, 1, 0, 63], {?MIN, 0}},
        {i64_shr_s, [?MIN, 0, 0, 63], {?ONES, ?ONES}},
        {i64_shr_u, [?MIN, 0, 0, 63], {0, 1}},
        {i64_rotl, [16#01234567, 16#89ABCDEF, 0, 32], {16#89ABCDEF, 16#01234567}},
        {i64_rotr, [0, 1, 0, 1], {?MIN, 0}},
        {i32_lt_s, [?MIN, 0], 1},
        {i32_lt_u, [?MIN, 0], 0},
        {i64_lt_s, [?MIN, 0, 0, 0], 1},
        {i64_ge_u, [?MIN, 0, 0, ?ONES], 1},
        {i32_extend8_s, [16#80], 16#FFFFFF80},
        {i32_extend16_s, [16#18000], 16#FFFF8000},
        {i64_extend8_s, [7, 16#80], {?ONES, 16#FFFFFF80}},
        {i64_extend32_s, [7, ?MIN], {?ONES, ?MIN}},
        {i64_extend_i32_s, [?MIN], {?ONES, ?MIN}},
        {i64_extend_i32_u, [?MIN], {0, ?MIN}},
        {i32_wrap_i64, [5, 6], 6}
    ].

%% Division in digits of 16 bits against Erlang's own, at divisors around powers of two.
division_test() ->
    Words = [0, 1, 2, 16#FFFF, 16#10000, 16#10001, 16#7FFFFFFF, ?MIN, ?ONES - 1, ?ONES],
    [
        begin
            A = (H1 bsl 32) bor L1,
            B = (H2 bsl 32) bor L2,
            ?assertEqual({A div B, A rem B}, {
                integer(wasm2beam_int:i64_div_u(H1, L1, H2, L2)), integer(wasm2beam_int:i64_rem_u(H1, L1, H2, L2))
            })
        end
     || H1 <- Words, L1 <- Words, H2 <- Words, L2 <- Words, H2 + L2 > 0
    ].

integer({High, Low}) -> (High bsl 32) bor Low.
