%% Compiling at run time: from the bytes of a WebAssembly module to a module that is loaded.
%%
%% The compiled file comes from the cache, or else from the compiler, which writes it under a name that is none; a name of
%% the pool is put in its place when it is loaded. It is the same for equal bytes, compiler, OTP release and options.
%%
%% Settings, as environment of the application `wasm2beam': `max_bytes' of a module (16 MiB), `timeout' for one compilation
%% in milliseconds (30,000), `compilers', programs that compile at the same time (2), `compiler_megabytes', what JavaScript
%% objects of one of its threads may take (2,048), `node', the program Node (found on the path), `max_modules' loaded at the same time (64;
%% read when the application starts), `cache', the folder or `false' (a folder of the user's for caches), `max_cache_bytes'
%% (256 MiB).
-module(wasm2beam_compile).

-export([compile/2, setting/1]).

-export_type([options/0, error/0]).

-type options() :: #{
    text => boolean(),
    fuel => boolean(),
    timeout => pos_integer(),
    max_bytes => pos_integer(),
    cache => file:filename_all() | false,
    owner => pid()
}.
-type error() ::
    {wasm_compile, malformed | invalid | unsupported | internal, binary()}
    | {wasm_compile, too_large, {Bytes :: pos_integer(), Limit :: pos_integer()}}
    | {wasm_compile, timeout, pos_integer()}
    | {wasm_compile, pool_exhausted | queue_full, pos_integer()}
    | {wasm_compile, no_node, none}
    | {wasm_compile, ended, term()}
    | {wasm_error, wasm2beam_error:reason()}.

-define(PLACEHOLDER, <<"wasm2beam_pool">>).

%% @doc Compiles and loads a module. See wasm2beam:compile/2.
-spec compile(binary(), options()) -> {ok, wasm2beam_pool:handle()} | {error, error()}.
compile(Bytes, Options) ->
    try
        All = options(Options),
        is_binary(Bytes) orelse wasm2beam_error:raise({bad_module, Bytes}),
        ok = check_size(Bytes, All),
        {ok, _} = application:ensure_all_started(wasm2beam),
        Key = key(Bytes, All),
        case file(Key, Bytes, All) of
            {ok, Beam} -> load(Key, All, Beam);
            {error, {Kind, Details}} -> {error, {wasm_compile, Kind, Details}};
            {error, Kind} -> {error, {wasm_compile, Kind, none}}
        end
    catch
        error:{wasm_error, _} = Reason -> {error, Reason};
        throw:{failed, Reason} -> {error, Reason}
    end.

%% @doc A setting of the application.
-spec setting(atom()) -> term().
setting(Key) ->
    application:get_env(wasm2beam, Key, default(Key)).

%% Internal

default(max_bytes) -> 16 * 1024 * 1024;
default(timeout) -> 30_000;
default(compilers) -> 2;
default(compiler_megabytes) -> 2048;
default(node) -> undefined;
default(max_modules) -> 64;
default(cache) -> filename:basedir(user_cache, "wasm2beam");
default(max_cache_bytes) -> 256 * 1024 * 1024.

options(Options) when is_map(Options) ->
    maps:foreach(fun check_option/2, Options),
    Defaults = [{Key, setting(Key)} || Key <- [timeout, max_bytes, cache]],
    maps:merge(maps:from_list([{text, false}, {fuel, false}, {owner, self()} | Defaults]), Options);
options(Options) ->
    wasm2beam_error:raise({bad_option, options, Options}).

check_option(text, Value) when is_boolean(Value) -> ok;
check_option(fuel, Value) when is_boolean(Value) -> ok;
check_option(timeout, Value) when is_integer(Value), Value > 0, Value =< 16#7FFFFFFF -> ok;
check_option(max_bytes, Value) when is_integer(Value), Value > 0, Value =< 16#7FFFFFFF -> ok;
check_option(cache, false) -> ok;
check_option(cache, Value) when is_binary(Value); is_list(Value) -> ok;
check_option(owner, Value) when is_pid(Value), node(Value) =:= node() -> ok;
check_option(Key, Value) -> wasm2beam_error:raise({bad_option, Key, Value}).

check_size(Bytes, #{max_bytes := Limit}) when byte_size(Bytes) > Limit ->
    throw({failed, {wasm_compile, too_large, {byte_size(Bytes), Limit}}});
check_size(_Bytes, _Options) ->
    ok.

key(Bytes, #{text := Text, fuel := Fuel}) ->
    Made = {wasm2beam_compiler:fingerprint(), erlang:system_info(otp_release), Text, Fuel},
    crypto:hash(sha256, term_to_binary({Made, crypto:hash(sha256, Bytes)})).

%% Without the cache nothing but time is lost, so that whatever is wrong with it is said, and no error.
file(Key, Bytes, #{cache := false} = Options) ->
    compile(Key, Bytes, Options);
file(Key, Bytes, #{cache := Folder} = Options) ->
    case wasm2beam_cache:fetch(Folder, Key) of
        {ok, _} = Found ->
            Found;
        {error, enoent} ->
            keep(Folder, Key, compile(Key, Bytes, Options));
        {error, Reason} ->
            warn(Folder, Reason),
            keep(Folder, Key, compile(Key, Bytes, Options))
    end.

keep(Folder, Key, {ok, Beam} = Compiled) ->
    case wasm2beam_cache:store(Folder, Key, Beam, setting(max_cache_bytes)) of
        ok -> ok;
        {error, Reason} -> warn(Folder, Reason)
    end,
    Compiled;
keep(_Folder, _Key, {error, _} = Error) ->
    Error.

warn(Folder, Reason) ->
    logger:warning("the cache ~ts of compiled WebAssembly modules is not used: ~tp", [Folder, Reason]).

compile(Key, Bytes, #{text := Text, fuel := Fuel, timeout := Timeout}) ->
    Otp = min(27, list_to_integer(erlang:system_info(otp_release))),
    wasm2beam_compiler:compile(Key, #{otp => Otp, text => Text, fuel => Fuel, bytes => Bytes}, Timeout).

load(Key, #{owner := Owner}, Beam) ->
    case wasm2beam_pool:load(Key, Owner, fun(Name) -> rename(Beam, atom_to_binary(Name)) end) of
        {ok, _} = Loaded -> Loaded;
        {error, {Kind, Details}} -> {error, {wasm_compile, Kind, Details}}
    end.

%% The file with another name: the first of its atoms, which stand in its first chunk (beam-backend/assemble.ts).
rename(<<"FOR1", _:32, "BEAMAtU8", Size:32, Atoms:Size/binary, Rest/binary>>, Name) ->
    <<Count:32, Length, Placeholder:Length/binary, Others/binary>> = Atoms,
    Placeholder = ?PLACEHOLDER,
    Padding = padding(Size),
    <<_:Padding/binary, Chunks/binary>> = Rest,
    Renamed = <<Count:32, (byte_size(Name)), Name/binary, Others/binary>>,
    Content = <<
        "BEAMAtU8", (byte_size(Renamed)):32, Renamed/binary, 0:(8 * padding(byte_size(Renamed))), Chunks/binary
    >>,
    <<"FOR1", (byte_size(Content)):32, Content/binary>>.

padding(Size) -> (4 - Size rem 4) rem 4.
