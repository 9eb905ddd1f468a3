%% Floating-point instructions at infinities, NaNs and zeros. (tests/numeric compares all of them with V8.)
%% Floats are given as they print, but for -0.0, which stands for its bits: a literal -0.0 may be merged with 0.0.
-module(wasm2beam_float_tests).

-include_lib("eunit/include/eunit.hrl").

-define(MAX64, 1.7976931348623157e308).
-define(MAX32, 3.4028234663852886e38).

trap(Reason) -> {error, {wasm_trap, Reason}}.

result(Function, Arguments) ->
    try apply(wasm2beam_float, Function, [value(A) || A <- Arguments]) of
        F when F == 0.0, is_float(F) -> zero(F);
        Result -> Result
    catch
        Class:Reason -> {Class, Reason}
    end.

value(minus_zero) ->
    <<F/float>> = <<1:1, 0:63>>,
    F;
value(Other) -> Other.

zero(F) ->
    case <<F/float>> of
        <<1:1, 0:63>> -> minus_zero;
        <<0:64>> -> 0.0
    end.

title(Function, Arguments) -> lists:flatten(io_lib:format("~s ~w", [Function, Arguments])).

table_test_() ->
    [
        {title(Function, Arguments), ?_assertEqual(Expected, result(Function, Arguments))}
     || {Function, Arguments, Expected} <- table()
    ].

table() ->
    arithmetic() ++ signs() ++ rounding() ++ integers() ++ widths() ++ comparisons().

arithmetic() ->
    [
        {f64_add, [?MAX64, ?MAX64], infinity},
        {f64_add, [-?MAX64, -?MAX64], neg_infinity},
        {f64_add, [infinity, neg_infinity], nan},
        {f64_add, [1.0, infinity], infinity},
        {f64_add, [minus_zero, minus_zero], minus_zero},
        {f64_add, [{nan, 16#7FF0000000000001}, 1.0], {nan, 16#7FF8000000000001}},
        {f64_add, [1.0, {nan, 16#FFF8000000000000}], {nan, 16#FFF8000000000000}},
        {f64_sub, [infinity, infinity], nan},
        {f64_sub, [-?MAX64, ?MAX64], neg_infinity},
        {f64_mul, [infinity, 0.0], nan},
        {f64_mul, [-?MAX64, ?MAX64], neg_infinity},
        {f64_mul, [-1.0e-300, 1.0e-300], minus_zero},
        {f64_div, [1.0, minus_zero], neg_infinity},
        {f64_div, [0.0, minus_zero], nan},
        {f64_div, [-1.0, infinity], minus_zero},
        {f64_div, [?MAX64, 0.5], infinity},
        {f64_div, [infinity, neg_infinity], nan},
        {f64_sqrt, [-1.0], nan},
        {f64_sqrt, [minus_zero], minus_zero},
        {f64_sqrt, [infinity], infinity},
        {f64_sqrt, [neg_infinity], nan},
        {f32_add, [?MAX32, ?MAX32], infinity},
        {f32_add, [16777216.0, 1.0], 16777216.0},
        {f32_add, [16777216.0, 3.0], 16777220.0},
        {f32_mul, [1.0e-30, 1.0e-30], 0.0},
        {f32_mul, [-1.0e-30, 1.0e-30], minus_zero},
        {f32_div, [1.0, 3.0], 0.3333333432674408},
        {f32_div, [-1.0, 0.0], neg_infinity},
        {f32_add, [nan, {nan, 16#7FC00001}], nan},
        {f32_sub, [{nan, 16#7F800001}, nan], {nan, 16#7FC00001}}
    ].

signs() ->
    [
        {f64_min, [0.0, minus_zero], minus_zero},
        {f64_max, [minus_zero, 0.0], 0.0},
        {f64_min, [neg_infinity, nan], nan},
        {f64_max, [neg_infinity, -1.0], -1.0},
        {f64_max, [infinity, 1.0], infinity},
        {f32_min, [minus_zero, 0.0], minus_zero},
        {f64_neg, [0.0], minus_zero},
        {f64_neg, [nan], {nan, 16#FFF8000000000000}},
        {f64_neg, [{nan, 16#FFF8000000000000}], nan},
        {f64_abs, [minus_zero], 0.0},
        {f32_abs, [{nan, 16#FF800001}], {nan, 16#7F800001}},
        {f32_copysign, [1.0, {nan, 16#FFC00000}], -1.0},
        {f64_copysign, [nan, minus_zero], {nan, 16#FFF8000000000000}},
        {f64_copysign, [minus_zero, infinity], 0.0}
    ].

rounding() ->
    [
        {f64_nearest, [0.5], 0.0},
        {f64_nearest, [-0.5], minus_zero},
        {f64_nearest, [2.5], 2.0},
        {f64_nearest, [-3.5], -4.0},
        {f64_nearest, [0.49999999999999994], 0.0},
        {f64_nearest, [4503599627370497.0], 4503599627370497.0},
        {f64_ceil, [-0.5], minus_zero},
        {f64_floor, [-0.5], -1.0},
        {f64_trunc, [-0.9], minus_zero},
        {f64_floor, [minus_zero], minus_zero},
        {f64_floor, [1.0e300], 1.0e300},
        {f32_ceil, [{nan, 16#7F800001}], {nan, 16#7FC00001}},
        {f32_trunc, [neg_infinity], neg_infinity}
    ].

integers() ->
    [
        {i32_trunc_f64_s, [2147483647.9], 16#7FFFFFFF},
        {i32_trunc_f64_s, [2147483648.0], trap(integer_overflow)},
        {i32_trunc_f64_s, [-2147483648.9], 16#80000000},
        {i32_trunc_f64_s, [-2147483649.0], trap(integer_overflow)},
        {i32_trunc_f64_u, [-0.9], 0},
        {i32_trunc_f64_u, [-1.0], trap(integer_overflow)},
        {i32_trunc_f64_u, [4294967296.0], trap(integer_overflow)},
        {i32_trunc_f32_s, [nan], trap(invalid_conversion_to_integer)},
        {i32_trunc_f32_s, [infinity], trap(integer_overflow)},
        {i64_trunc_f64_s, [-9223372036854775808.0], {16#80000000, 0}},
        {i64_trunc_f64_s, [9223372036854775808.0], trap(integer_overflow)},
        {i64_trunc_f64_u, [18446744073709549568.0], {16#FFFFFFFF, 16#FFFFF800}},
        {i64_trunc_f32_u, [{nan, 16#7F800001}], trap(invalid_conversion_to_integer)},
        {i32_trunc_sat_f64_s, [nan], 0},
        {i32_trunc_sat_f64_s, [neg_infinity], 16#80000000},
        {i32_trunc_sat_f64_u, [-5.0], 0},
        {i64_trunc_sat_f32_s, [1.0e30], {16#7FFFFFFF, 16#FFFFFFFF}},
        {i64_trunc_sat_f32_u, [{nan, 16#FFC00000}], {0, 0}},
        {f64_convert_i64_u, [16#FFFFFFFF, 16#FFFFFFFF], 18446744073709551616.0},
        {f64_convert_i64_s, [16#FFFFFFFF, 16#FFFFFFFF], -1.0},
        {f64_convert_i64_s, [0, 0], 0.0},
        {f32_convert_i32_s, [16777217], 16777216.0},
        %% Rounded to double and then to single it would be 4611686018427387904.0.
        {f32_convert_i64_s, [16#40000040, 1], 4611686568183201792.0}
    ].

widths() ->
    [
        {f32_demote_f64, [3.4028235677973362e38], ?MAX32},
        {f32_demote_f64, [3.4028235677973366e38], infinity},
        {f32_demote_f64, [-?MAX64], neg_infinity},
        {f32_demote_f64, [7.006492321624085e-46], 0.0},
        {f32_demote_f64, [7.006492321624087e-46], 1.401298464324817e-45},
        {f32_demote_f64, [1.1754943508222874e-38], 1.1754943508222875e-38},
        {f32_demote_f64, [{nan, 16#FFF0000020000000}], {nan, 16#FFC00001}},
        {f64_promote_f32, [{nan, 16#FF800001}], {nan, 16#FFF8000020000000}},
        {f64_promote_f32, [infinity], infinity},
        {f32_reinterpret_i32, [16#80000000], minus_zero},
        {f32_reinterpret_i32, [1], 1.401298464324817e-45},
        {f32_reinterpret_i32, [16#7FC00000], nan},
        {f64_reinterpret_i64, [16#7FEFFFFF, 16#FFFFFFFF], ?MAX64},
        {f64_reinterpret_i64, [16#80000000, 1], -5.0e-324},
        {i64_reinterpret_f64, [{nan, 16#FFF8000000000000}], {16#FFF80000, 0}},
        {i32_reinterpret_f32, [minus_zero], 16#80000000}
    ].

comparisons() ->
    [
        {f64_eq, [0.0, minus_zero], 1},
        {f64_eq, [nan, nan], 0},
        {f64_ne, [nan, nan], 1},
        {f64_lt, [neg_infinity, -?MAX64], 1},
        {f64_lt, [?MAX64, infinity], 1},
        {f64_ge, [infinity, infinity], 1},
        {f64_le, [1.0, nan], 0},
        {f32_gt, [1.0, neg_infinity], 1}
    ].
