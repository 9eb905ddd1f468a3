%% The JSON decoder: what it takes, what it refuses and where, and its bounds.
-module(wasm2beam_json_tests).

-include_lib("eunit/include/eunit.hrl").

values_test_() ->
    [
        ?_assertEqual({ok, Value}, wasm2beam_json:decode(Text))
     || {Text, Value} <- [
            {<<" null ">>, null},
            {<<"[true,false]">>, [true, false]},
            {<<"{\"a\" : {\"b\":[]} , \"\":1}">>, #{<<"a">> => #{<<"b">> => []}, <<>> => 1}},
            {<<"\t[\n]\r">>, []},
            {<<"{ }">>, #{}},
            {<<"-0">>, 0},
            {<<"-12">>, -12},
            {<<"1.5e3">>, 1500.0},
            {<<"2E-1">>, 0.2},
            {<<"18446744073709551616">>, 1 bsl 64},
            {<<"\"\"">>, <<>>},
            {<<"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"">>, <<"\"\\/\b\f\n\r\t">>},
            {<<"\"a\\u00e9\\uD83D\\ude00z\"">>, <<"a\x{e9}\x{1F600}z"/utf8>>},
            {<<"\"\x{e9}\x{1F600}\""/utf8>>, <<"\x{e9}\x{1F600}"/utf8>>}
        ]
    ].

errors_test_() ->
    [
        ?_assertEqual({Text, {error, {Reason, Offset}}}, {Text, wasm2beam_json:decode(Text)})
     || {Text, Reason, Offset} <- [
            {<<>>, unexpected_end, 0},
            {<<"  ">>, unexpected_end, 2},
            {<<"[1,]">>, unexpected, 3},
            {<<"[1">>, unexpected_end, 2},
            {<<"[1 2]">>, unexpected, 3},
            {<<"{\"a\"">>, unexpected_end, 4},
            {<<"{\"a\":1,}">>, unexpected, 7},
            {<<"{a:1}">>, unexpected, 1},
            {<<"{\"a\" 1}">>, unexpected, 5},
            {<<"{\"a\":1 \"b\"">>, unexpected, 7},
            {<<"{\"a\":1,\"a\":2}">>, duplicate_key, 7},
            {<<"1 1">>, unexpected, 2},
            {<<"nul">>, unexpected, 0},
            {<<"01">>, bad_number, 0},
            {<<"1.">>, bad_number, 0},
            {<<"-">>, bad_number, 0},
            {<<"+1">>, unexpected, 0},
            {<<"1e400">>, bad_number, 0},
            {binary:copy(<<"1">>, 65), bad_number, 0},
            {<<"\"a">>, unexpected_end, 2},
            {<<"\"a\nb\"">>, unexpected, 2},
            {<<"\"\\x\"">>, bad_text, 1},
            {<<"\"\\u12\"">>, bad_text, 1},
            {<<"\"\\u+123\"">>, bad_text, 1},
            {<<"\"\\ud800\"">>, bad_text, 1},
            {<<"\"\\udc00\"">>, bad_text, 1},
            {<<"\"\\ud800\\u0041\"">>, bad_text, 1},
            {<<"\"", 255, "\"">>, bad_text, 1},
            {<<"\"", 16#ED, 16#A0, 16#80, "\"">>, bad_text, 1}
        ]
    ].

bounds_test() ->
    Nested = fun(Depth) -> <<(binary:copy(<<"[">>, Depth))/binary, (binary:copy(<<"]">>, Depth))/binary>> end,
    ?assertMatch({ok, _}, wasm2beam_json:decode(Nested(32))),
    ?assertEqual({error, {too_deep, 32}}, wasm2beam_json:decode(Nested(33))),
    ?assertEqual({error, {too_deep, 32}}, wasm2beam_json:decode(binary:copy(<<"[">>, 1000000))),
    ?assertEqual({error, {too_deep, 1}}, wasm2beam_json:decode(<<"[[]]">>, #{max_depth => 1})),
    ?assertEqual({error, {too_large, 0}}, wasm2beam_json:decode(<<"1234">>, #{max_bytes => 3})).

encode_test() ->
    Object = #{<<"b">> => <<"\"\\/\n\x{1}\x{e9}"/utf8>>, <<"a">> => <<>>},
    Text = wasm2beam_json:encode(Object),
    ?assertEqual(<<"{\"a\":\"\",\"b\":\"\\\"\\\\/\\u000a\\u0001\x{e9}\"}"/utf8>>, Text),
    ?assertEqual({ok, Object}, wasm2beam_json:decode(Text)).

words_test() ->
    {error, Error} = wasm2beam_json:decode(<<"[1,]">>),
    ?assertEqual(<<"unexpected character at byte 3 of the JSON text">>, wasm2beam_json:format_error(Error)).
