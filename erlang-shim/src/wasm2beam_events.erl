%% Events: what happens in the runtime, told to handlers in the shape of the package `telemetry', which is not needed.
%%
%% An event is a list of atoms; a handler is a fun of the event, measurements, metadata and its own configuration, and
%% runs in the process where the event happens. Handlers are kept in a persistent term, so that asking for them costs a few
%% nanoseconds where there are none.
%%
%% | event | measurements | metadata |
%% | --- | --- | --- |
%% | `[wasm2beam, call, start]' | `system_time', `monotonic_time' | `instance', `module', `function' |
%% | `[wasm2beam, call, stop]' | `duration', `monotonic_time' | the same |
%% | `[wasm2beam, call, exception]' | `duration', `monotonic_time' | the same, `kind', `reason', `stacktrace' |
%% | `[wasm2beam, instantiate, start | stop | exception]' | as of a call | `module'; of stop also `result', `ok' or `error' |
%% | `[wasm2beam, compile, start | stop | exception]' | as of a call | `bytes' of the module; of stop also `result' |
%% | `[wasm2beam, trap]' | | `module', `reason', `stacktrace'; of a call also `instance', `function' |
%% | `[wasm2beam, memory, grow]' | `pages', `delta' | `result': `ok', or `error' where the memory stays as it is |
%%
%% Durations and times are in native units. Metadata never hold a memory, and arguments and results of calls neither.
-module(wasm2beam_events).

-export([attach/4, detach/1, handlers/0]).
-export([is_attached/0, execute/3, span/3, trap/2]).

-export_type([event/0, handler/0]).

-type event() :: [atom(), ...].
-type handler() :: fun((event(), Measurements :: map(), Metadata :: map(), Config :: term()) -> term()).

-define(KEY, ?MODULE).

%% @doc From now on Handler is called for each of these events, until detach/1, or until it raises an exception: then it is
%% detached, and the log says why. Id names the handler and may be any term.
-spec attach(term(), event() | [event()], handler(), term()) -> ok | {error, already_exists}.
attach(Id, [Word | _] = Event, Handler, Config) when is_atom(Word) ->
    attach(Id, [Event], Handler, Config);
attach(Id, Events, Handler, Config) when is_list(Events), is_function(Handler, 4) ->
    change(fun(Handlers) ->
        case lists:keymember(Id, 1, Handlers) of
            true -> {error, already_exists};
            false -> {ok, Handlers ++ [{Id, Events, Handler, Config}]}
        end
    end).

-spec detach(term()) -> ok | {error, not_found}.
detach(Id) ->
    change(fun(Handlers) ->
        case lists:keytake(Id, 1, Handlers) of
            {value, _, Others} -> {ok, Others};
            false -> {error, not_found}
        end
    end).

%% @doc What is attached, in the order in which it is called: names and events.
-spec handlers() -> [{term(), [event()]}].
handlers() ->
    [{Id, Events} || {Id, Events, _, _} <- attached()].

%% @doc Whether any handler is.
-spec is_attached() -> boolean().
is_attached() ->
    attached() =/= [].

%% @doc Calls the handlers of the event, one after the other.
-spec execute(event(), map(), map()) -> ok.
execute(Event, Measurements, Metadata) ->
    lists:foreach(
        fun(Handler) -> run(Handler, Event, Measurements, Metadata) end,
        [Handler || {_, Events, _, _} = Handler <- attached(), lists:member(Event, Events)]
    ).

%% @doc Calls Fun, which gives its result and further metadata of `stop', between the events `start' and `stop', or
%% `exception'. A trap is an event of its own, too.
-spec span(event(), map(), fun(() -> {Result, map()})) -> Result.
span(Prefix, Metadata, Fun) ->
    Start = erlang:monotonic_time(),
    execute(Prefix ++ [start], #{system_time => erlang:system_time(), monotonic_time => Start}, Metadata),
    try Fun() of
        {Result, More} ->
            execute(Prefix ++ [stop], measured(Start), maps:merge(Metadata, More)),
            Result
    catch
        Class:Reason:Stacktrace ->
            Failure = #{kind => Class, reason => Reason, stacktrace => Stacktrace},
            execute(Prefix ++ [exception], measured(Start), maps:merge(Metadata, Failure)),
            trap({Class, Reason}, Metadata#{stacktrace => Stacktrace}),
            erlang:raise(Class, Reason, Stacktrace)
    end.

%% @doc The event of a trap, where the exception is one.
-spec trap({error | exit | throw, term()}, map()) -> ok.
trap({error, {wasm_trap, Reason}}, Metadata) when is_atom(Reason) ->
    execute([wasm2beam, trap], #{}, Metadata#{reason => Reason});
trap(_Exception, _Metadata) ->
    ok.

%% Internal

attached() ->
    persistent_term:get(?KEY, []).

measured(Start) ->
    Now = erlang:monotonic_time(),
    #{duration => Now - Start, monotonic_time => Now}.

%% One change at a time.
change(Change) ->
    global:trans(
        {?KEY, self()},
        fun() ->
            case Change(attached()) of
                {ok, []} ->
                    _ = persistent_term:erase(?KEY),
                    ok;
                {ok, Handlers} ->
                    persistent_term:put(?KEY, Handlers);
                {error, _} = Error ->
                    Error
            end
        end,
        [node()]
    ).

%% The guest must not suffer from who watches it.
run({Id, _Events, Handler, Config}, Event, Measurements, Metadata) ->
    try
        Handler(Event, Measurements, Metadata, Config)
    catch
        Class:Reason:Stacktrace ->
            _ = detach(Id),
            logger:error("handler ~tp of wasm2beam events was detached: ~tp", [Id, {Class, Reason, Stacktrace}])
    end,
    ok.
