%% Manifests: what a plug-in is made of and what it may do, as JSON text or as a map, checked and in one form.
%%
%% Keys of a map may be atoms; unknown ones are refused at every level, and `null' means not given. Besides `path',
%% `data' and `url', an entry of `wasm' in a map may name a compiled module: `#{module => Atom}'. Errors are texts that
%% tell where in the manifest they are.
%% spec: https://extism.org/docs/concepts/manifest
-module(wasm2beam_extism_manifest).

-export([parse/1, request/1]).

-export_type([manifest/0, wasm/0, source/0, request/0]).

-type source() ::
    {module, module()} | {data, binary()} | {path, file:filename_all()} | {url, request()}.
%% hash: SHA-256 of the bytes.
-type wasm() :: #{name := none | binary(), hash := none | <<_:256>>, source := source()}.
-type request() :: #{url := binary(), method := binary(), headers := #{binary() => binary()}}.
-type manifest() :: #{
    wasm := [wasm(), ...],
    max_pages := none | non_neg_integer(),
    max_http_response_bytes := non_neg_integer(),
    max_var_bytes := non_neg_integer(),
    config := #{binary() => binary()},
    allowed_hosts := [binary()],
    allowed_paths := [{Guest :: binary(), Host :: binary(), rw | ro}],
    timeout_ms := none | non_neg_integer()
}.

%% Data may hold whole modules.
-define(JSON_LIMITS, #{max_bytes => 16#10000000, max_depth => 8}).
-define(MAX_HTTP_RESPONSE_BYTES, 50 * 1024 * 1024).
-define(MAX_VAR_BYTES, 1024 * 1024).

%% @doc The manifest, or what is wrong with it.
-spec parse(binary() | map()) -> {ok, manifest()} | {error, binary()}.
parse(Text) when is_binary(Text) ->
    case wasm2beam_json:decode(Text, ?JSON_LIMITS) of
        {ok, Json} -> parse_value(Json);
        {error, Error} -> {error, <<"the manifest is no JSON: ", (wasm2beam_json:format_error(Error))/binary>>}
    end;
parse(Map) ->
    parse_value(Map).

%% @doc A request of a guest: `url', and perhaps `method' and `headers'.
-spec request(wasm2beam_json:json()) -> {ok, request()} | {error, binary()}.
request(Json) ->
    caught(fun() ->
        Fields = fields(<<"request">>, Json, [<<"url">>, <<"method">>, <<"headers">>, <<"header">>]),
        http(<<"request">>, Fields)
    end).

%% Internal

parse_value(Value) ->
    caught(fun() -> manifest(Value) end).

caught(Fun) ->
    try
        {ok, Fun()}
    catch
        throw:{?MODULE, Message} -> {error, Message}
    end.

-spec fail(iodata(), iodata()) -> no_return().
fail(Where, What) ->
    throw({?MODULE, unicode:characters_to_binary([Where, ": ", What])}).

manifest(Value) ->
    Known = [<<"wasm">>, <<"memory">>, <<"config">>, <<"allowed_hosts">>, <<"allowed_paths">>, <<"timeout_ms">>],
    Fields = fields(<<"manifest">>, Value, Known),
    Memory = memory(<<"memory">>, maps:get(<<"memory">>, Fields, #{})),
    Memory#{
        wasm => modules(<<"wasm">>, maps:get(<<"wasm">>, Fields, [])),
        config => texts(<<"config">>, maps:get(<<"config">>, Fields, #{})),
        allowed_hosts => hosts(<<"allowed_hosts">>, maps:get(<<"allowed_hosts">>, Fields, [])),
        allowed_paths => paths(<<"allowed_paths">>, maps:get(<<"allowed_paths">>, Fields, #{})),
        timeout_ms => optional(fun natural/2, <<"timeout_ms">>, Fields, none)
    }.

%% What is given, by binaries as keys.
fields(Where, Map, Known) when is_map(Map) ->
    maps:fold(fun(Key, Value, Fields) -> field(Where, Key, Value, Known, Fields) end, #{}, Map);
fields(Where, _Other, _Known) ->
    fail(Where, "expected an object").

field(Where, Key, Value, Known, Fields) ->
    Name = key(Where, Key),
    lists:member(Name, Known) orelse fail(Where, ["unknown field ", Name]),
    is_map_key(Name, Fields) andalso fail(Where, ["the field ", Name, " is given twice"]),
    case Value of
        null -> Fields;
        nil -> Fields;
        undefined -> Fields;
        _ -> Fields#{Name => Value}
    end.

key(_Where, Key) when is_atom(Key) -> atom_to_binary(Key);
key(Where, Key) -> text(Where, Key).

optional(Check, Name, Fields, Default) ->
    case Fields of
        #{Name := Value} -> Check(Name, Value);
        #{} -> Default
    end.

%% Of two names for the same field at most one.
alias(Where, Name, Other, Fields) ->
    case Fields of
        #{Name := _, Other := _} -> fail(Where, ["both ", Name, " and ", Other]);
        #{Other := Value} -> maps:put(Name, Value, maps:remove(Other, Fields));
        #{} -> Fields
    end.

memory(Where, Value) ->
    Known = [<<"max_pages">>, <<"max">>, <<"max_http_response_bytes">>, <<"max_var_bytes">>],
    Fields = alias(Where, <<"max_pages">>, <<"max">>, fields(Where, Value, Known)),
    #{
        max_pages => optional(fun pages/2, <<"max_pages">>, Fields, none),
        max_http_response_bytes =>
            optional(fun natural/2, <<"max_http_response_bytes">>, Fields, ?MAX_HTTP_RESPONSE_BYTES),
        max_var_bytes => optional(fun natural/2, <<"max_var_bytes">>, Fields, ?MAX_VAR_BYTES)
    }.

natural(_Where, Number) when is_integer(Number), Number >= 0 -> Number;
natural(Where, _Other) -> fail(Where, "expected an integer that is not negative").

pages(Where, Value) -> min(natural(Where, Value), 65536).

text(Where, Text) ->
    is_binary(Text) andalso is_binary(unicode:characters_to_binary(Text)) orelse fail(Where, "expected a text"),
    Text.

texts(Where, Map) when is_map(Map) ->
    maps:fold(fun(Key, Value, Texts) -> Texts#{key(Where, Key) => text(Where, Value)} end, #{}, Map);
texts(Where, _Other) ->
    fail(Where, "expected an object of texts").

hosts(Where, Hosts) when is_list(Hosts) -> [text(Where, Host) || Host <- Hosts];
hosts(Where, _Other) -> fail(Where, "expected an array of texts").

%% From the host's folders to the guest's names for them.
paths(Where, Map) ->
    [path(Host, Guest) || {Host, Guest} <- lists:sort(maps:to_list(texts(Where, Map)))].

path(<<"ro:", Host/binary>>, Guest) -> {Guest, Host, ro};
path(Host, Guest) -> {Guest, Host, rw}.

modules(Where, []) ->
    fail(Where, "no modules");
modules(Where, List) when is_list(List) ->
    Places = [[Where, "[", integer_to_list(Index), "]"] || Index <- lists:seq(0, length(List) - 1)],
    named(Where, [module(Place, Value) || {Place, Value} <- lists:zip(Places, List)]);
modules(Where, _Other) ->
    fail(Where, "expected an array").

%% The main module is the one of that name, else the last one; it is moved to the end. The others need names.
named(Where, Modules) ->
    Ordered =
        case lists:partition(fun(#{name := Name}) -> Name =:= <<"main">> end, Modules) of
            {[], _} -> Modules;
            {[Main], Others} -> Others ++ [Main];
            {_, _} -> fail(Where, "two modules are called main")
        end,
    Names = [Name || #{name := Name} <- Ordered],
    lists:member(none, lists:droplast(Names)) andalso fail(Where, "a module beside the main one needs a name"),
    length(lists:usort(Names)) =:= length(Names) orelse fail(Where, "two modules have the same name"),
    Ordered.

module(Where, Value) ->
    Common = [<<"name">>, <<"hash">>],
    Sources = [<<"module">>, <<"data">>, <<"path">>, <<"url">>],
    Known = Common ++ Sources ++ [<<"method">>, <<"headers">>, <<"header">>],
    Fields = fields(Where, Value, Known),
    Source =
        case [Each || Each <- Sources, is_map_key(Each, Fields)] of
            [Kind] ->
                source(Where, Kind, maps:without(Common, Fields));
            _ ->
                fail(Where, "expected one of path, data and url")
        end,
    Hash = optional(fun hash/2, <<"hash">>, Fields, none),
    case {Source, Hash} of
        {{module, _}, <<_:256>>} -> fail(Where, "a compiled module has no bytes for a hash");
        _ -> #{name => optional(fun text/2, <<"name">>, Fields, none), hash => Hash, source => Source}
    end.

source(Where, <<"url">>, Fields) ->
    {url, http(Where, Fields)};
source(Where, Kind, Fields) ->
    case maps:to_list(Fields) of
        [{Kind, Value}] -> source_value([Where, ".", Kind], Kind, Value);
        _ -> fail(Where, "method and headers belong to a url")
    end.

source_value(_Where, <<"module">>, Module) when is_atom(Module) -> {module, Module};
source_value(Where, <<"module">>, _Other) -> fail(Where, "expected the atom that names a compiled module");
source_value(Where, <<"path">>, Path) -> {path, text(Where, Path)};
source_value(Where, <<"data">>, Data) -> {data, bytes(Where, Data)}.

%% A map may hold the bytes themselves, in either format; their first one is no character of base 64.
bytes(_Where, <<First, _/binary>> = Data) when First =:= 0; First =:= $( ->
    Data;
bytes(Where, Data) ->
    try
        base64:decode(text(Where, Data))
    catch
        error:_ -> fail(Where, "expected bytes in base 64")
    end.

hash(Where, Text) ->
    try
        <<_:256>> = binary:decode_hex(Text)
    catch
        error:_ -> fail(Where, "expected a SHA-256 as 64 hexadecimal digits")
    end.

http(Where, Fields0) ->
    Fields = alias(Where, <<"headers">>, <<"header">>, Fields0),
    #{
        url =>
            case Fields of
                #{<<"url">> := Url} -> text([Where, ".url"], Url);
                #{} -> fail(Where, "no url")
            end,
        method => string:uppercase(optional(fun text/2, <<"method">>, Fields, <<"GET">>)),
        headers => texts([Where, ".headers"], maps:get(<<"headers">>, Fields, #{}))
    }.
