%% @doc WASI preview 1 for modules that wasm2beam compiled: programs with arguments, streams, files and an exit status.
%%
%% ```
%% {ok, 0, #{stdout := <<"hello\n">>}} = wasm2beam_wasi:run(hello, #{arguments => ["hello"], stdout => collect}).
%% '''
%%
%% A guest gets what it is given and nothing else: without options it has no arguments, no environment, empty input,
%% output that goes nowhere, and no files; it can compute, tell the time and have random numbers. An environment
%% belongs to the process that made it, as instances do. Wrong options raise `error({wasm_error, {bad_option, _, _}})'.
-module(wasm2beam_wasi).

-include("wasm2beam_wasi.hrl").

-export([run/1, run/2, run/3, start/1, start/2, start/3]).
-export([new/1, imports/1, output/2, catch_exit/2, close/1]).

-export_type([wasi/0, options/0, folder/0]).

-opaque wasi() :: {?MODULE, wasm2beam_store:key()}.
%% A folder by the guest's name for it: one of the operating system, or any file system (wasm2beam_wasi_fs), in memory
%% for instance.
-type folder() ::
    {Guest :: unicode:chardata(), file:name_all() | {module(), term()}}
    | {Guest :: unicode:chardata(), file:name_all() | {module(), term()}, rw | ro}.
%% arguments: the program's name first. environment: names and values. stdin, stdout, stderr: wasm2beam_wasi_stream.
%% folders: what the guest finds as preopened. clock, sleep, random: for deterministic runs, see
%% wasm2beam_wasi_clock and wasm2beam_wasi_random; sleep takes nanoseconds. max_descriptors: default 1,024.
%% instance: options of wasm2beam:instantiate/3. imports: what else the module imports.
-type options() :: #{
    arguments => [unicode:chardata()],
    environment => #{unicode:chardata() => unicode:chardata()} | [{unicode:chardata(), unicode:chardata()}],
    stdin => wasm2beam_wasi_stream:input(),
    stdout => wasm2beam_wasi_stream:output(),
    stderr => wasm2beam_wasi_stream:output(),
    folders => [folder()],
    clock => system | wasm2beam_wasi_clock:clock(),
    sleep => system | fun((non_neg_integer()) -> term()),
    random => system | {seed, integer()} | fun((pos_integer()) -> binary()),
    max_descriptors => pos_integer(),
    instance => wasm2beam:options(),
    imports => wasm2beam:imports()
}.
%% What streams that collect have collected.
-type output() :: #{stdout := binary(), stderr := binary()}.

-define(DEFAULTS, #{
    arguments => [],
    environment => #{},
    stdin => empty,
    stdout => discard,
    stderr => discard,
    folders => [],
    clock => system,
    sleep => system,
    random => system,
    max_descriptors => 1024,
    instance => #{},
    imports => #{}
}).
-define(FIRST_FOLDER, 3).

%% @equiv run(Module, #{})
-spec run(module()) -> {ok, 0..16#FFFFFFFF, output()} | {error, wasm2beam_instantiate:error()}.
run(Module) ->
    run(Module, #{}).

%% @equiv run(Module, Options, <<"_start">>)
-spec run(module(), options()) -> {ok, 0..16#FFFFFFFF, output()} | {error, wasm2beam_instantiate:error()}.
run(Module, Options) ->
    run(Module, Options, <<"_start">>).

%% @doc Runs a command: makes an instance, calls its function Name, and closes everything. The exit status is 0 where
%% the function returned. Traps and exceptions of the embedder's own functions pass through.
-spec run(module(), options(), wasm2beam:name()) ->
    {ok, 0..16#FFFFFFFF, output()} | {error, wasm2beam_instantiate:error()}.
run(Module, Options, Name) ->
    Wasi = new(Options),
    try
        Imports = all_imports(Wasi, Options),
        Limits = maps:get(instance, Options, #{}),
        Call = fun(Instance) -> wasm2beam:call(Instance, Name, []) end,
        Outcome = catch_exit(Wasi, fun() -> wasm2beam:with_instance(Module, Imports, Limits, Call) end),
        finish(Wasi),
        case Outcome of
            {returned, {ok, _}} -> {ok, 0, outputs(Wasi)};
            {exit, Status} -> {ok, Status, outputs(Wasi)};
            {returned, {error, _} = Error} -> Error
        end
    after
        close(Wasi)
    end.

%% @equiv start(Module, #{})
-spec start(module()) -> {ok, wasm2beam:instance(), wasi()} | {exit, 0..16#FFFFFFFF} | {error, term()}.
start(Module) ->
    start(Module, #{}).

%% @equiv start(Module, Options, <<"_initialize">>)
-spec start(module(), options()) -> {ok, wasm2beam:instance(), wasi()} | {exit, 0..16#FFFFFFFF} | {error, term()}.
start(Module, Options) ->
    start(Module, Options, <<"_initialize">>).

%% @doc Starts a reactor: makes an instance and calls its function Name, where it has one and was not initialised at build
%% time. Its exports are then called as of any instance, by catch_exit/2 where they may end the program; wasm2beam:close/1
%% and close/1 end it.
-spec start(module(), options(), wasm2beam:name()) ->
    {ok, wasm2beam:instance(), wasi()} | {exit, 0..16#FFFFFFFF} | {error, wasm2beam_instantiate:error()}.
start(Module, Options, Name) ->
    Wasi = new(Options),
    try catch_exit(Wasi, fun() -> initialize(Module, all_imports(Wasi, Options), Options, Name) end) of
        {returned, {ok, Instance}} ->
            {ok, Instance, Wasi};
        {returned, {error, _} = Error} ->
            close(Wasi),
            Error;
        {exit, Status} ->
            close(Wasi),
            {exit, Status}
    catch
        Class:Reason:Stacktrace ->
            close(Wasi),
            erlang:raise(Class, Reason, Stacktrace)
    end.

%% @doc A new environment. Its imports may serve several instances, which then share arguments, streams and descriptors.
-spec new(options()) -> wasi().
new(Options) when is_map(Options) ->
    maps:foreach(fun check_option/2, Options),
    All = maps:merge(?DEFAULTS, Options),
    State = #wasi{
        arguments = [text(arguments, Text) || Text <- list(arguments, maps:get(arguments, All))],
        environment = environment(maps:get(environment, All)),
        clock = wasm2beam_wasi_clock:new(maps:get(clock, All)),
        sleep = sleep(maps:get(sleep, All)),
        random = wasm2beam_wasi_random:new(maps:get(random, All)),
        streams = [],
        descriptors = folders(maps:get(folders, All)),
        max_descriptors = maps:get(max_descriptors, All)
    },
    Streams = open_streams([{Kind, maps:get(Key, All)} || {Kind, Key} <- [{in, stdin}, {out, stdout}, {err, stderr}]]),
    {?MODULE, wasm2beam_store:new(with_streams(Streams, State))};
new(Options) ->
    wasm2beam_error:raise({bad_option, options, Options}).

%% @doc The imports `wasi_snapshot_preview1' and `wasi_unstable', for wasm2beam:instantiate/2.
-spec imports(wasi()) -> wasm2beam:imports().
imports({?MODULE, Key}) ->
    wasm2beam_wasi_calls:imports(Key).

%% @doc What standard output or error has collected so far.
-spec output(wasi(), stdout | stderr) -> binary().
output({?MODULE, _} = Wasi, Which) ->
    #wasi{streams = [_In, Out, Err]} = state(Wasi),
    case Which of
        stdout -> wasm2beam_wasi_stream:collected(Out);
        stderr -> wasm2beam_wasi_stream:collected(Err)
    end.

%% @doc Calls Fun, which calls the guest; tells what it returned, or the status with which the guest has ended itself.
-spec catch_exit(wasi(), fun(() -> Result)) -> {returned, Result} | {exit, 0..16#FFFFFFFF}.
catch_exit({?MODULE, Key}, Fun) ->
    try
        {returned, Fun()}
    catch
        throw:{wasm2beam_wasi_exit, Key, Status} -> {exit, Status}
    end.

%% @doc Closes all descriptors and gives up the environment. Closing twice is no error.
-spec close(wasi()) -> ok.
close({?MODULE, Key} = Wasi) ->
    case wasm2beam_store:find(Key) of
        {ok, #wasi{streams = Streams}} ->
            finish(Wasi),
            lists:foreach(fun wasm2beam_wasi_stream:free/1, Streams),
            wasm2beam_store:release(Key);
        error ->
            ok
    end.

%% Internal

state({?MODULE, Key}) ->
    case wasm2beam_store:find(Key) of
        {ok, State} -> State;
        error -> wasm2beam_error:raise({closed, wasi})
    end.

%% Closes what is open; output that a guest wrote is out then.
finish({?MODULE, Key} = Wasi) ->
    #wasi{descriptors = Descriptors, streams = Streams} = State = state(Wasi),
    wasm2beam_store:replace(Key, State#wasi{descriptors = #{}}),
    lists:foreach(fun wasm2beam_wasi_state:release/1, maps:values(Descriptors)),
    lists:foreach(fun wasm2beam_wasi_stream:close/1, Streams).

outputs(Wasi) ->
    #{stdout => output(Wasi, stdout), stderr => output(Wasi, stderr)}.

all_imports(Wasi, Options) ->
    maps:merge(imports(Wasi), maps:get(imports, Options, #{})).

initialize(Module, Imports, Options, Name) ->
    case wasm2beam:instantiate(Module, Imports, maps:get(instance, Options, #{})) of
        {ok, Instance} ->
            try
                is_exported(Instance, Name) andalso not is_initialized(Module) andalso wasm2beam:call(Instance, Name, []),
                {ok, Instance}
            catch
                Class:Reason:Stacktrace ->
                    wasm2beam:close(Instance),
                    erlang:raise(Class, Reason, Stacktrace)
            end;
        {error, _} = Error ->
            Error
    end.

%% At build time.
is_initialized(Module) ->
    wasm2beam_instance:initial(Module) =/= none.

is_exported(Instance, Name) ->
    lists:keymember(unicode:characters_to_binary(io_lib:format("~ts", [Name])), 1, wasm2beam:exports(Instance)).

%% Options

check_option(max_descriptors, Max) when is_integer(Max), Max >= ?FIRST_FOLDER, Max =< 65536 -> ok;
check_option(max_descriptors, Max) -> bad(max_descriptors, Max);
check_option(Key, Value) -> is_map_key(Key, ?DEFAULTS) orelse bad(Key, Value).

-spec bad(term(), term()) -> no_return().
bad(Key, Value) ->
    wasm2beam_error:raise({bad_option, Key, Value}).

list(_Key, List) when is_list(List) -> List;
list(Key, Other) -> bad(Key, Other).

%% Texts end with NUL where a guest sees them. Binaries pass as they are: arguments need be no UTF-8.
text(Key, Text) ->
    Bytes =
        try
            case is_binary(Text) of
                true -> Text;
                false -> unicode:characters_to_binary(Text)
            end
        catch
            error:badarg -> bad(Key, Text)
        end,
    case is_binary(Bytes) andalso binary:match(Bytes, <<0>>) of
        nomatch -> Bytes;
        _ -> bad(Key, Text)
    end.

environment(Map) when is_map(Map) ->
    lists:sort(environment(maps:to_list(Map)));
environment(List) ->
    [entry(Each) || Each <- list(environment, List)].

entry({Name, Value} = Entry) ->
    NameText = text(environment, Name),
    case NameText =/= <<>> andalso binary:match(NameText, <<"=">>) of
        nomatch -> <<NameText/binary, "=", (text(environment, Value))/binary>>;
        _ -> bad(environment, Entry)
    end;
entry(Other) ->
    bad(environment, Other).

sleep(system) -> system;
sleep(Fun) when is_function(Fun, 1) -> Fun;
sleep(Other) -> bad(sleep, Other).

%% Where one cannot be opened, those before it are closed again.
open_streams([]) ->
    [];
open_streams([{Kind, Value} | Rest]) ->
    Stream = wasm2beam_wasi_stream:open(Kind, Value),
    try
        [Stream | open_streams(Rest)]
    catch
        Class:Reason:Stacktrace ->
            end_stream(Stream),
            erlang:raise(Class, Reason, Stacktrace)
    end.

end_stream(Stream) ->
    wasm2beam_wasi_stream:close(Stream),
    wasm2beam_wasi_stream:free(Stream).

with_streams([In, Out, Err] = Streams, #wasi{descriptors = Folders} = State) ->
    Standard = #{
        0 => stream(in, In, ?RIGHT_FD_WRITE),
        1 => stream(out, Out, ?RIGHT_FD_READ),
        2 => stream(out, Err, ?RIGHT_FD_READ)
    },
    State#wasi{streams = Streams, descriptors = maps:merge(Folders, Standard)}.

stream(Direction, Stream, Without) ->
    #descriptor{what = {stream, Direction, Stream}, rights = ?RIGHTS_STREAM band (bnot Without)}.

folders(List) ->
    Folders = [folder(Each) || Each <- list(folders, List)],
    maps:from_list(lists:zip(lists:seq(?FIRST_FOLDER, ?FIRST_FOLDER + length(Folders) - 1), Folders)).

folder({Guest, Host}) ->
    folder({Guest, Host, rw});
folder({Guest, Host, Access} = Folder) when Access =:= rw; Access =:= ro ->
    {Module, State} = file_system(Folder, Host),
    Fs = {Module, State, Access},
    case wasm2beam_wasi_fs:stat(Fs, []) of
        {ok, #{type := directory}} -> ok;
        _ -> bad(folders, Folder)
    end,
    #descriptor{
        what = {dir, Fs, []},
        rights = ?RIGHTS_DIR,
        inheriting = ?RIGHTS_ALL,
        preopened = text(folders, Guest)
    };
folder(Other) ->
    bad(folders, Other).

file_system(_Folder, {Module, State}) when is_atom(Module) ->
    {Module, State};
file_system(Folder, Name) ->
    case wasm2beam_wasi_fs_dir:new(Name) of
        {ok, Fs} -> Fs;
        {error, _} -> bad(folders, Folder)
    end.
