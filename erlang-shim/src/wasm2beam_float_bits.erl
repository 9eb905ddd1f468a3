% Floats and their bit patterns: loads, stores, globals and the reinterpreting instructions.
%
% Consumes and produces: a float in internal form (an Erlang float while finite; else `infinity', `neg_infinity', `nan'
% for the canonical NaN with clear sign, `{nan, Bits}' for every other NaN) on one side, words on the other.
% Invariant: from bits to float and back is the identity for every bit pattern, and every pattern has one internal form.
%
% spec: syntax/values#floating-point
-module(wasm2beam_float_bits).

-export([f32_bits/1, f64_bits/1, words/3, f32_from_bits/1, f64_from_bits/2]).

-export_type([f32/0, f64/0]).

-type f32() :: float() | infinity | neg_infinity | nan | {nan, Bits :: wasm2beam_int:word()}.
-type f64() :: float() | infinity | neg_infinity | nan | {nan, Bits :: non_neg_integer()}.

-compile({inline, [scale/2]}).

% Powers of two, as products of one of each: element I + 1 is 2^(32 * I - 1043) ...
-define(COARSE, {
    1.0609978955e-314, 4.5569512622227484e-305, 1.9571956640712625e-295, 8.406091369059075e-286,
    3.610388751729659e-276, 1.550650161452515e-266, 6.659991730975672e-257, 2.860444667617094e-247,
    1.228551629943301e-237, 5.276589072053972e-228, 2.2662777498902796e-218, 9.733588819431218e-209,
    4.180544565216833e-199, 1.7955302187076838e-189, 7.71174356832923e-180, 3.312168642111238e-170,
    1.4225655996704496e-160, 6.10987272699921e-151, 2.624170354518394e-141, 1.1270725851789228e-131,
    4.840739893561648e-122, 2.07908195312898e-112, 8.929588994392773e-103, 3.835229269763849e-93,
    1.6472184286297693e-83, 7.074749280333369e-74, 3.0385816786431356e-64, 1.305060893599705e-54,
    5.605193857299268e-45, 2.407412430484045e-35, 1.0339757656912846e-25, 4.440892098500626e-16,
    1.9073486328125e-06, 8192.0, 35184372088832.0, 1.5111572745182865e23, 6.490371073168535e32,
    2.787593149816328e42, 1.1972621413014757e52, 5.142201741628769e61, 2.2085588309729804e71, 9.485687950320943e80,
    4.074071952668972e90, 1.7498005798264095e100, 7.515336264876266e109, 3.227812347608636e119,
    1.3863348470604074e129, 5.954262829429612e138, 2.557336412418861e148, 1.0983676256208976e158,
    4.717453031026927e167, 2.0261306488676723e177, 8.702164874309912e186, 3.7375513539561023e196,
    1.605266083236198e206, 6.894565328877484e215, 2.961193260766428e225, 1.2718228212127408e235,
    5.462437423415177e244, 2.346099009001469e254, 1.0076418516839318e264, 4.32778879906337e273,
    1.858771135597229e283, 7.98336123813888e292
}).
% ... and 2^(I - 32). Decimal because the language has no other floats; each is exact.
-define(FINE, {
    2.3283064365386963e-10, 4.656612873077393e-10, 9.313225746154785e-10, 1.862645149230957e-09,
    3.725290298461914e-09, 7.450580596923828e-09, 1.4901161193847656e-08, 2.9802322387695312e-08,
    5.960464477539063e-08, 1.1920928955078125e-07, 2.384185791015625e-07, 4.76837158203125e-07, 9.5367431640625e-07,
    1.9073486328125e-06, 3.814697265625e-06, 7.62939453125e-06, 1.52587890625e-05, 3.0517578125e-05,
    6.103515625e-05, 0.0001220703125, 0.000244140625, 0.00048828125, 0.0009765625, 0.001953125, 0.00390625,
    0.0078125, 0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5
}).

-define(SIGN, 16#80000000).

% The 32 bits of a single.
-spec f32_bits(f32()) -> wasm2beam_int:word().
f32_bits(F) when is_float(F) ->
    <<Word:32>> = <<F:32/float>>,
    Word;
f32_bits(infinity) -> 16#7F800000;
f32_bits(neg_infinity) -> 16#FF800000;
f32_bits(nan) -> 16#7FC00000;
f32_bits({nan, Bits}) -> Bits.

% The 64 bits of a double, high word first.
-spec f64_bits(f64()) -> wasm2beam_int:i64().
f64_bits(F) when is_float(F) ->
    <<High:32, Low:32>> = <<F/float>>,
    {High, Low};
f64_bits(infinity) -> {16#7FF00000, 0};
f64_bits(neg_infinity) -> {16#FFF00000, 0};
f64_bits(nan) -> {16#7FF80000, 0};
f64_bits({nan, Bits}) -> {Bits bsr 32, Bits band 16#FFFFFFFF}.

% The words of several floats, elements First and on of a tuple: singles or doubles.
-spec words(tuple(), First :: pos_integer(), 32 | 64) -> tuple().
words(Floats, First, Bits) ->
    list_to_tuple(lists:append([words(element(I, Floats), Bits) || I <- lists:seq(First, tuple_size(Floats))])).

words(F, 32) -> [f32_bits(F)];
words(F, 64) -> tuple_to_list(f64_bits(F)).

% The single with these 32 bits.
% The product of mantissa and scale takes a third of the time that matching a binary takes.
-spec f32_from_bits(wasm2beam_int:word()) -> f32().
f32_from_bits(0) -> 0.0;
f32_from_bits(Word) ->
    case (Word bsr 23) band 16#FF of
        16#FF -> f32_nonfinite(Word);
        0 -> signed(Word, float(Word band 16#7FFFFF) * 1.401298464324817e-45);
        Exponent when Word < ?SIGN -> scale((Word band 16#7FFFFF) bor 16#800000, Exponent + 925);
        Exponent -> scale(-((Word band 16#7FFFFF) bor 16#800000), Exponent + 925)
    end.

% The double with these 64 bits.
-spec f64_from_bits(wasm2beam_int:word(), wasm2beam_int:word()) -> f64().
f64_from_bits(0, 0) -> 0.0;
f64_from_bits(High, Low) ->
    case (High bsr 20) band 16#7FF of
        16#7FF -> f64_nonfinite((High bsl 32) bor Low);
        0 -> signed(High, float(((High band 16#FFFFF) bsl 32) bor Low) * 5.0e-324);
        Exponent when High < ?SIGN -> scale((((High band 16#FFFFF) bor 16#100000) bsl 32) bor Low, Exponent);
        Exponent -> scale(-((((High band 16#FFFFF) bor 16#100000) bsl 32) bor Low), Exponent)
    end.

% Mantissa * 2^(Exponent - 1075), exactly: neither product can need more than 53 bits. FINE first, since COARSE first
% would overflow at the upper end.
scale(Mantissa, Exponent) ->
    float(Mantissa) * element((Exponent band 31) + 1, ?FINE) * element((Exponent bsr 5) + 1, ?COARSE).

% The sign is applied to a float that is computed: a literal -0.0 may be merged with 0.0 before OTP 27.
signed(High, F) when High < ?SIGN -> F;
signed(_, F) -> F * -1.0.

f32_nonfinite(16#7F800000) -> infinity;
f32_nonfinite(16#FF800000) -> neg_infinity;
f32_nonfinite(16#7FC00000) -> nan;
f32_nonfinite(Word) -> {nan, Word}.

f64_nonfinite(16#7FF0000000000000) -> infinity;
f64_nonfinite(16#FFF0000000000000) -> neg_infinity;
f64_nonfinite(16#7FF8000000000000) -> nan;
f64_nonfinite(Bits) -> {nan, Bits}.
