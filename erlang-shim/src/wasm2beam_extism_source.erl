%% From the entries of a manifest to compiled modules.
%%
%% Bytes are compiled at run time, by wasm2beam:compile/2, and held until release/1. They may be in the text format, too. They
%% are compiled with fuel, so that a plug-in can have a timeout and be cancelled.
-module(wasm2beam_extism_source).

-export([load/1, release/1]).

-export_type([modules/0]).

-type modules() :: [{none | binary(), module() | wasm2beam:compiled()}].
-type kind() :: source | compile.

%% Of an answer that holds a module.
-define(MAX_BYTES, 16#10000000).
-define(PATIENCE, 60000).

%% @doc The modules by their names in the manifest, in its order.
-spec load(wasm2beam_extism_manifest:manifest()) -> {ok, modules()} | {error, kind(), binary()}.
load(#{wasm := Entries}) ->
    load(Entries, []).

%% @doc Gives up what was compiled.
-spec release(modules()) -> ok.
release(Modules) ->
    lists:foreach(fun wasm2beam:release/1, [Module || {_, Module} <- Modules, not is_atom(Module)]).

%% Internal

load([], Before) ->
    {ok, lists:reverse(Before)};
load([#{name := Name} = Entry | Entries], Before) ->
    try module(Entry) of
        Module -> load(Entries, [{Name, Module} | Before])
    catch
        throw:{?MODULE, Kind, Message} ->
            release(Before),
            {error, Kind, Message}
    end.

-spec fail(kind(), iodata()) -> no_return().
fail(Kind, Message) ->
    throw({?MODULE, Kind, unicode:characters_to_binary(Message)}).

module(#{source := {module, Module}}) ->
    try wasm2beam_instance:info(Module) of
        _ -> Module
    catch
        error:{wasm_error, _} = Error -> fail(source, wasm2beam:format_error(Error))
    end;
module(#{source := Source, hash := Hash, name := Name}) ->
    Bytes = bytes(Source),
    Hash =:= none orelse crypto:hash(sha256, Bytes) =:= Hash orelse fail(source, ["hash mismatch for module ", shown(Name)]),
    compile(Bytes).

shown(none) -> "main";
shown(Name) -> Name.

bytes({data, Bytes}) ->
    Bytes;
bytes({path, Path}) ->
    case file:read_file(Path) of
        {ok, Bytes} -> Bytes;
        {error, Reason} -> fail(source, [Path, ": ", file:format_error(Reason)])
    end;
bytes({url, #{url := Url} = Request}) ->
    Deadline = erlang:monotonic_time(millisecond) + ?PATIENCE,
    case wasm2beam_extism_http:request(Request, <<>>, ?MAX_BYTES, Deadline) of
        {ok, 200, _, Bytes} -> Bytes;
        {ok, Status, _, _} -> fail(source, [Url, ": status ", integer_to_list(Status)]);
        {error, timeout} -> fail(source, [Url, ": timeout"]);
        {error, Message} -> fail(source, [Url, ": ", Message])
    end.

compile(Bytes) ->
    case wasm2beam:compile(Bytes, #{text => not is_binary_format(Bytes), fuel => true}) of
        {ok, Compiled} -> Compiled;
        {error, Reason} -> fail(compile, wasm2beam:format_error(Reason))
    end.

is_binary_format(<<0, "asm", _/binary>>) -> true;
is_binary_format(_) -> false.
