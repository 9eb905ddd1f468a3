%% @doc Extism plug-ins: WebAssembly modules whose functions take bytes and give bytes, with host functions.
%%
%% ```
%% {ok, Plugin} = wasm2beam_extism:new(#{wasm => [#{path => <<"count_vowels.wasm">>}]}),
%% {ok, <<"{\"count\":3}">>} = wasm2beam_extism:call(Plugin, <<"count_vowels">>, <<"Hello, World!">>),
%% ok = wasm2beam_extism:free(Plugin).
%% '''
%%
%% A plug-in belongs to the process that made it; its functions and the host functions that they call run there. Its
%% errors are `{error, {wasm_extism, Kind, #{message := Text, code := Code}}}'; what a host function raises passes
%% through a call unchanged.
-module(wasm2beam_extism).

-include("wasm2beam_extism.hrl").

-export([new/1, new/2, free/1, reset/1, cancel/1]).
-export([call/3, call/4, function_exists/2]).
-export([format_error/1]).

-export_type([plugin/0, source/0, options/0, error/0]).

-opaque plugin() :: {?MODULE, wasm2beam_store:key(), pid(), wasm2beam_extism_board:board()}.
%% A manifest as a map or as JSON text, the bytes of a module, or a compiled module.
-type source() :: map() | binary() | {module, module()}.
%% wasi: whether WASI is there, with the manifest's allowed paths; or options of wasm2beam_wasi for it. functions: the
%% embedder's host functions. config: more of the manifest's config. log_level: what is logged (default: logger).
-type options() :: #{
    wasi => boolean() | wasm2beam_wasi:options(),
    functions => [wasm2beam_extism_function:function_()],
    config => #{binary() => binary()},
    log_level => wasm2beam_extism_log:level()
}.
-type error() :: wasm2beam_extism_call:error().

%% Of the memory of blocks where the manifest sets no bound: 256 MiB.
-define(DEFAULT_PAGES, 4096).
-define(DEFAULTS, #{wasi => false, functions => [], config => #{}, log_level => logger}).

%% @equiv new(Source, #{})
-spec new(source()) -> {ok, plugin()} | {error, error()}.
new(Source) ->
    new(Source, #{}).

%% @doc Makes a plug-in: its modules are instantiated and initialised. Wrong options raise
%% `{wasm_error, {bad_option, Key, Value}}'.
-spec new(source(), options()) -> {ok, plugin()} | {error, error()}.
new(Source, Options) ->
    All = options(Options),
    case manifest(Source) of
        {ok, Manifest} -> load(configured(Manifest, All), All);
        {error, Message} -> failed(manifest, Message)
    end.

%% @equiv call(Plugin, Name, Input, undefined)
-spec call(plugin(), wasm2beam:name(), iodata()) -> {ok, binary()} | {error, error()}.
call(Plugin, Name, Input) ->
    call(Plugin, Name, Input, undefined).

%% @doc Calls an exported function of the main module with any bytes. Host functions see Context by
%% wasm2beam_extism_current:context/1.
-spec call(plugin(), wasm2beam:name(), iodata(), Context :: term()) -> {ok, binary()} | {error, error()}.
call(Plugin, Name, Input, Context) ->
    case open(Plugin) of
        {ok, Key, _} -> wasm2beam_extism_call:run(Key, name(Name), iolist_to_binary(Input), Context);
        {error, _} = Error -> Error
    end.

%% @doc Whether the main module has such a function that can be called: without parameters, with an i32 or no result.
-spec function_exists(plugin(), wasm2beam:name()) -> boolean().
function_exists(Plugin, Name) ->
    case open(Plugin) of
        {ok, _, #plugin{exports = Exports}} ->
            lists:member(maps:get(name(Name), Exports, none), [{[], []}, {[], [i32]}]);
        {error, _} ->
            false
    end.

%% @doc Gives up all blocks of the memory that host and guest share, and input, output and error with them. Variables stay.
-spec reset(plugin()) -> ok | {error, error()}.
reset(Plugin) ->
    case open(Plugin) of
        {ok, _, #plugin{kernel = Kernel}} -> wasm2beam_extism_kernel:reset(Kernel);
        {error, _} = Error -> Error
    end.

%% @doc Ends the call of the plug-in that is going on, from any process of its node: the guest is stopped at its next loop or
%% call, and where it waits for an answer to its request of HTTP; a host function of the embedder's finishes first. Where no
%% call is going on nothing happens. An error where a module was compiled without fuel.
-spec cancel(plugin()) -> ok | {error, error()}.
cancel({?MODULE, _Key, _Pid, Board}) ->
    try
        wasm2beam_extism_board:cancel(Board)
    catch
        error:{wasm_error, _} = Error -> failed(not_cancellable, wasm2beam:format_error(Error))
    end.

%% @doc Ends the plug-in. Doing it twice is no error.
-spec free(plugin()) -> ok | {error, error()}.
free(Plugin) ->
    case open(Plugin) of
        {ok, _, #plugin{running = {true, _}}} ->
            failed(busy, <<"a plug-in cannot be freed while it runs">>);
        {ok, Key, #plugin{kernel = Kernel, modules = Modules, board = Board}} ->
            wasm2beam_extism_link:close(Key),
            wasm2beam_extism_board:close(Board),
            wasm2beam_extism_kernel:close(Kernel),
            wasm2beam_store:release(Key),
            wasm2beam_extism_source:release(Modules);
        {error, {wasm_extism, freed, _}} ->
            ok;
        {error, _} = Error ->
            Error
    end.

%% @doc An error in words.
-spec format_error(error()) -> binary().
format_error({wasm_extism, _Kind, #{message := Message}}) ->
    Message.

%% Internal

failed(Kind, Message) ->
    {error, {wasm_extism, Kind, #{message => Message, code => -1}}}.

open({?MODULE, Key, Pid, _Board}) when Pid =:= self() ->
    case wasm2beam_store:find(Key) of
        {ok, State} -> {ok, Key, State};
        error -> failed(freed, <<"Plugin has already been freed">>)
    end;
open({?MODULE, _Key, Pid, _Board}) ->
    failed(foreign_process, wasm2beam:format_error({wasm_error, {foreign_process, Pid}})).

name(Name) when is_binary(Name) -> Name;
name(Name) when is_atom(Name) -> atom_to_binary(Name);
name(Name) -> unicode:characters_to_binary(Name).

options(Options) when is_map(Options) ->
    maps:foreach(fun check_option/2, Options),
    maps:merge(?DEFAULTS, Options);
options(Options) ->
    wasm2beam_error:raise({bad_option, options, Options}).

check_option(wasi, Value) when is_boolean(Value); is_map(Value) -> ok;
check_option(functions, Value) -> _ = wasm2beam_extism_function:check(Value), ok;
check_option(config, Value) when is_map(Value) -> ok;
check_option(log_level, Value) ->
    case wasm2beam_extism_log:is_level(Value) of
        true -> ok;
        false -> wasm2beam_error:raise({bad_option, log_level, Value})
    end;
check_option(Key, Value) ->
    wasm2beam_error:raise({bad_option, Key, Value}).

manifest({module, Module}) -> wasm2beam_extism_manifest:parse(#{wasm => [#{module => Module}]});
manifest(Map) when is_map(Map) -> wasm2beam_extism_manifest:parse(Map);
manifest(<<First, _/binary>> = Bytes) when First =:= 0; First =:= $( ->
    wasm2beam_extism_manifest:parse(#{wasm => [#{data => Bytes}]});
manifest(Json) when is_binary(Json) -> wasm2beam_extism_manifest:parse(Json);
manifest(Other) -> wasm2beam_error:raise({bad_option, source, Other}).

configured(#{config := Config} = Manifest, #{config := More}) ->
    Manifest#{config := maps:merge(Config, More)}.

load(Manifest, Options) ->
    case wasm2beam_extism_source:load(Manifest) of
        {ok, Modules} -> make(Manifest, Modules, Options);
        {error, Kind, Message} -> failed(Kind, Message)
    end.

make(#{max_pages := MaxPages} = Manifest, Modules, #{functions := Functions, log_level := LogLevel} = Options) ->
    {Budget, Bound} = budget(MaxPages),
    Kernel = wasm2beam_extism_kernel:new(Bound),
    {_, Main} = lists:last(Modules),
    Board = wasm2beam_extism_board:new(),
    State = #plugin{
        board = Board,
        kernel = Kernel,
        budget = Budget,
        manifest = Manifest,
        modules = Modules,
        exports = wasm2beam_extism_link:functions(Main),
        functions = Functions,
        wasi = wasi(Manifest, Options),
        log_level = LogLevel
    },
    Key = wasm2beam_store:new(State),
    Plugin = {?MODULE, Key, self(), Board},
    try start(Key, State) of
        ok ->
            {ok, Plugin};
        {error, _} = Error ->
            ok = free(Plugin),
            Error
    catch
        Class:Reason:Stacktrace ->
            ok = free(Plugin),
            erlang:raise(Class, Reason, Stacktrace)
    end.

budget(none) ->
    {none, ?DEFAULT_PAGES};
budget(MaxPages) ->
    Budget = wasm2beam_budget:new(MaxPages),
    {Budget, Budget}.

start(Key, State) ->
    case wasm2beam_extism_link:check(State) of
        {ok, _} -> wasm2beam_extism_call:start(Key);
        {error, Message} -> failed(link, Message)
    end.

wasi(_Manifest, #{wasi := false}) -> none;
wasi(#{allowed_paths := Paths}, #{wasi := true}) -> #{folders => Paths};
wasi(#{allowed_paths := Paths}, #{wasi := Options}) ->
    maps:update_with(folders, fun(More) -> Paths ++ More end, Paths, Options).
