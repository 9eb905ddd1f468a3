%% From the entries of a manifest to compiled modules.
-module(wasm2beam_extism_source).

-export([load/1]).

-type kind() :: source | compile.

%% Of a file or an answer that holds a module.
-define(MAX_BYTES, 16#10000000).
-define(PATIENCE, 60000).

%% @doc The modules by their names in the manifest, in its order.
-spec load(wasm2beam_extism_manifest:manifest()) ->
    {ok, [{none | binary(), module()}]} | {error, kind(), binary()}.
load(#{wasm := Entries}) ->
    try
        {ok, [{Name, module(Entry)} || #{name := Name} = Entry <- Entries]}
    catch
        throw:{?MODULE, Kind, Message} -> {error, Kind, Message}
    end.

%% Internal

-spec fail(kind(), iodata()) -> no_return().
fail(Kind, Message) ->
    throw({?MODULE, Kind, unicode:characters_to_binary(Message)}).

module(#{source := {module, Module}}) ->
    try
        wasm2beam_instance:compiled(check(Module))
    catch
        error:{wasm_error, _} = Error -> fail(source, wasm2beam:format_error(Error))
    end;
module(#{source := Source, hash := Hash, name := Name}) ->
    Bytes = bytes(Source),
    Hash =:= none orelse sha256(Bytes) =:= Hash orelse fail(source, ["hash mismatch for module ", shown(Name)]),
    compile(Bytes).

check(Module) ->
    _ = wasm2beam_instance:info(Module),
    Module.

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

sha256(Bytes) ->
    case code:ensure_loaded(crypto) of
        {module, crypto} -> crypto:hash(sha256, Bytes);
        {error, _} -> fail(source, "a hash cannot be checked without the application crypto")
    end.

%% A module that is to be compiled while the system runs needs a compiler, which is not there yet.
-spec compile(binary()) -> no_return().
compile(_Bytes) ->
    fail(compile, "there is no compiler at run time yet: compile the module with the project, and name it").
