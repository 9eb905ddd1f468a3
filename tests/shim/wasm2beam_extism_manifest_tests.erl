%% Manifests as JSON and as maps: every field, defaults, and what is refused.
-module(wasm2beam_extism_manifest_tests).

-include_lib("eunit/include/eunit.hrl").

-define(WASM, <<0, "asm", 1, 0, 0, 0>>).

defaults_test() ->
    {ok, Manifest} = parse(#{wasm => [#{data => ?WASM}]}),
    ?assertEqual(
        #{
            wasm => [#{name => none, hash => none, source => {data, ?WASM}}],
            max_pages => none,
            max_http_response_bytes => 50 * 1024 * 1024,
            max_var_bytes => 1024 * 1024,
            config => #{},
            allowed_hosts => [],
            allowed_paths => [],
            timeout_ms => none
        },
        Manifest
    ),
    ?assertEqual(
        {ok, Manifest},
        parse(<<
            "{\"wasm\":[{\"data\":\"AGFzbQEAAAA=\",\"hash\":null,\"name\":null}],\"memory\":{\"max_pages\":null},"
            "\"config\":null,\"timeout_ms\":null,\"allowed_hosts\":null}"
        >>)
    ).

all_fields_test() ->
    Hash = binary:copy(<<"aB">>, 32),
    {ok, Manifest} = parse(<<
        "{\"wasm\":[{\"path\":\"main.wasm\",\"name\":\"main\",\"hash\":\"",
        Hash/binary,
        "\"},{\"url\":\"http://x/y\",\"name\":\"lib\",\"method\":\"post\",\"headers\":{\"A\":\"b\"}}],"
        "\"memory\":{\"max_pages\":7,\"max_http_response_bytes\":0,\"max_var_bytes\":9},"
        "\"config\":{\"k\":\"v\"},\"allowed_hosts\":[\"*.x\"],"
        "\"allowed_paths\":{\"/a\":\"/b\",\"ro:/c\":\"/d\"},\"timeout_ms\":5}"
    >>),
    ?assertEqual(
        #{
            wasm => [
                #{
                    name => <<"lib">>,
                    hash => none,
                    source =>
                        {url, #{url => <<"http://x/y">>, method => <<"POST">>, headers => #{<<"A">> => <<"b">>}}}
                },
                #{name => <<"main">>, hash => binary:copy(<<16#AB>>, 32), source => {path, <<"main.wasm">>}}
            ],
            max_pages => 7,
            max_http_response_bytes => 0,
            max_var_bytes => 9,
            config => #{<<"k">> => <<"v">>},
            allowed_hosts => [<<"*.x">>],
            allowed_paths => [{<<"/b">>, <<"/a">>, rw}, {<<"/d">>, <<"/c">>, ro}],
            timeout_ms => 5
        },
        Manifest
    ).

map_test() ->
    {ok, #{wasm := [Library, Main], config := Config}} = parse(#{
        wasm => [#{module => lists, name => <<"l">>}, #{<<"data">> => <<"AGFzbQ==">>}], config => #{a => <<"b">>}
    }),
    ?assertEqual(#{name => <<"l">>, hash => none, source => {module, lists}}, Library),
    ?assertEqual(#{name => none, hash => none, source => {data, <<0, "asm">>}}, Main),
    ?assertEqual(#{<<"a">> => <<"b">>}, Config).

aliases_test() ->
    {ok, #{max_pages := 3}} = parse(#{wasm => [#{path => <<"x">>}], memory => #{max => 3}}),
    {ok, #{wasm := [#{source := {url, #{headers := #{<<"a">> := <<"b">>}}}}]}} =
        parse(#{wasm => [#{url => <<"http://x">>, header => #{a => <<"b">>}}]}).

errors_test_() ->
    Text = unicode:characters_to_binary(["x"]),
    Path = #{path => Text},
    [
        ?_assertEqual({error, Message}, parse(Manifest))
     || {Manifest, Message} <- [
            {<<"{">>, <<"the manifest is no JSON: unexpected end at byte 1 of the JSON text">>},
            {<<"[]">>, <<"manifest: expected an object">>},
            {#{wasm => 123}, <<"wasm: expected an array">>},
            {#{}, <<"wasm: no modules">>},
            {#{wasm => [Path], other => 1}, <<"manifest: unknown field other">>},
            {#{wasm => [Path], <<"wasm">> => [Path]}, <<"manifest: the field wasm is given twice">>},
            {#{wasm => [1]}, <<"wasm[0]: expected an object">>},
            {#{wasm => [#{}]}, <<"wasm[0]: expected one of path, data and url">>},
            {#{wasm => [Path#{data => ?WASM}]}, <<"wasm[0]: expected one of path, data and url">>},
            {#{wasm => [Path#{x => 1}]}, <<"wasm[0]: unknown field x">>},
            {#{wasm => [Path#{method => Text}]}, <<"wasm[0]: method and headers belong to a url">>},
            {#{wasm => [#{path => 1}]}, <<"wasm[0].path: expected a text">>},
            {#{wasm => [#{path => <<255>>}]}, <<"wasm[0].path: expected a text">>},
            {#{wasm => [#{data => <<"!">>}]}, <<"wasm[0].data: expected bytes in base 64">>},
            {#{wasm => [#{module => Text}]}, <<"wasm[0].module: expected the atom that names a compiled module">>},
            {#{wasm => [#{module => lists, hash => binary:copy(<<"00">>, 32)}]},
                <<"wasm[0]: a compiled module has no bytes for a hash">>},
            {#{wasm => [Path#{hash => <<"12">>}]}, <<"hash: expected a SHA-256 as 64 hexadecimal digits">>},
            {#{wasm => [Path, Path]}, <<"wasm: a module beside the main one needs a name">>},
            {#{wasm => [Path#{name => Text}, Path#{name => Text}]}, <<"wasm: two modules have the same name">>},
            {#{wasm => [Path#{name => <<"main">>}, Path#{name => <<"main">>}]}, <<"wasm: two modules are called main">>},
            {#{wasm => [Path], memory => #{max_pages => -1}}, <<"max_pages: expected an integer that is not negative">>},
            {#{wasm => [Path], memory => #{max => 1, max_pages => 1}}, <<"memory: both max_pages and max">>},
            {#{wasm => [Path], memory => #{x => 1}}, <<"memory: unknown field x">>},
            {#{wasm => [Path], config => #{a => 1}}, <<"config: expected a text">>},
            {#{wasm => [Path], config => []}, <<"config: expected an object of texts">>},
            {#{wasm => [Path], allowed_hosts => Text}, <<"allowed_hosts: expected an array of texts">>},
            {#{wasm => [Path], allowed_hosts => [1]}, <<"allowed_hosts: expected a text">>},
            {#{wasm => [Path], allowed_paths => [Text]}, <<"allowed_paths: expected an object of texts">>},
            {#{wasm => [Path], timeout_ms => 1.5}, <<"timeout_ms: expected an integer that is not negative">>}
        ]
    ].

glob_test_() ->
    Matches = [
        {"localhost", "localhost"},
        {"LocalHost", "localHOST"},
        {"api.example.com", "*.example.com"},
        {"a.b.example.com", "*.example.com"},
        {"api.eu.com", "api.*.com"},
        {"anything", "*"},
        {"", "*"},
        {"host1", "host?"},
        {"host1", "host[0-9]"},
        {"hostx", "host[!0-9]"},
        {"a]b", "a[]]b"},
        {"a[b", "a[b"},
        {"aXbXc", "a*b*c"}
    ],
    Others = [
        {"example.com", "*.example.com"},
        {"evil.com", "example.com"},
        {"example.com.evil.com", "*.example.com"},
        {"example.comx", "example.com"},
        {"host", "host?"},
        {"hostx", "host[0-9]"},
        {"", "?"},
        {"x", ""}
    ],
    [?_assert(glob(Name, Pattern)) || {Name, Pattern} <- Matches] ++
        [?_assertNot(glob(Name, Pattern)) || {Name, Pattern} <- Others].

%% Work bounded by the product of the lengths.
glob_time_test() ->
    Name = lists:duplicate(2000, $a),
    Pattern = lists:append(lists:duplicate(200, "*a")) ++ "b",
    ?assertNot(glob(Name, Pattern)).

parse(Manifest) -> wasm2beam_extism_manifest:parse(Manifest).

glob(Name, Pattern) -> wasm2beam_extism_glob:matches(list_to_binary(Name), list_to_binary(Pattern)).
