%% Names for modules that are compiled at run time: a fixed set of atoms, since atoms are never collected. A module has its
%% name for as long as somebody holds it: who compiled it, until release/1 or the end of that process, and each of its
%% instances, until it is closed or its process ends. Then it is unloaded, and the name is given to another.
%%
%% Equal content is loaded once. Loading is done by the process that asks, so that a large module keeps nobody else
%% waiting here. What is held is written to a table of the supervisor's, so that a pool which is restarted goes on.
-module(wasm2beam_pool).
-behaviour(gen_server).

-export([new_table/0, start_link/0]).
-export([load/3, module/1, release/1]).
-export([hold/1, attach/2, drop/1, drop_of/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([handle/0, hold/0, key/0]).

%% Opaque. A struct of Elixir, in Erlang a map. The name alone would not do: another module may have it by now.
-type handle() :: #{'__struct__' := 'Elixir.Wasm2Beam.Module', name := module(), hold := hold()}.
-type hold() :: reference().
-type key() :: binary().

-define(HANDLE(Name, Hold), #{'__struct__' := 'Elixir.Wasm2Beam.Module', name := Name, hold := Hold}).
%% Rows: {{module, Name}, Key} of what is loaded, {{hold, Hold}, Name, Pid, Monitor}.
-define(TABLE, ?MODULE).
%% Milliseconds until unloading is tried again where a process still runs the code.
-define(RETRY, 500).

-record(state, {
    free :: [module()],
    %% What is loaded now, or is about to be, with those who wait for it.
    loaded = #{} :: #{key() => module()},
    loading = #{} :: #{module() => {key(), reference(), [{gen_server:from(), pid()}]}},
    counts = #{} :: #{module() => pos_integer()},
    monitors = #{} :: #{reference() => hold()}
}).

%% @doc The table, to be owned by the process that calls.
-spec new_table() -> ok.
new_table() ->
    ?TABLE = ets:new(?TABLE, [named_table, public, set]),
    ok.

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    case gen_server:start_link({local, ?MODULE}, ?MODULE, [], []) of
        {ok, Pid} -> {ok, Pid};
        {error, Reason} -> {error, Reason}
    end.

%% @doc The module of this key, held by Owner. Make gives the BEAM file for a name; it is called in this process, and only
%% where the module is not loaded yet.
-spec load(key(), pid(), fun((module()) -> binary())) -> {ok, handle()} | {error, {pool_exhausted, pos_integer()}}.
load(Key, Owner, Make) ->
    case gen_server:call(?MODULE, {load, Key, Owner}, infinity) of
        {load, Name} ->
            try
                {module, Name} = code:load_binary(Name, atom_to_list(Name), Make(Name)),
                {ok, handle(Name, gen_server:call(?MODULE, {loaded, Name, Owner}, infinity))}
            catch
                Class:Reason:Stacktrace ->
                    gen_server:call(?MODULE, {not_loaded, Name}, infinity),
                    erlang:raise(Class, Reason, Stacktrace)
            end;
        retry ->
            load(Key, Owner, Make);
        {ok, Name, Hold} ->
            {ok, handle(Name, Hold)};
        {error, _} = Error ->
            Error
    end.

%% @doc The name of a module by its handle, or by its name; an error for one that was released.
-spec module(handle() | module()) -> {ok, module()} | {error, released}.
module(?HANDLE(Name, Hold)) ->
    try ets:member(?TABLE, {hold, Hold}) of
        true -> {ok, Name};
        false -> {error, released}
    catch
        error:badarg -> {error, released}
    end;
module(Name) ->
    {ok, Name}.

%% @doc Gives up a module. Its instances go on; no new one can be made by this handle. Returns when the module is unloaded
%% if this was the last that held it. Releasing twice is no error.
-spec release(handle()) -> ok.
release(?HANDLE(_Name, Hold)) ->
    try
        gen_server:call(?MODULE, {drop, Hold}, infinity)
    catch
        exit:{noproc, _} -> ok
    end;
release(Other) ->
    wasm2beam_error:raise({bad_module, Other}).

%% For instances

%% @doc Holds a module for an instance of the calling process that is about to be made. A module that is named was not
%% compiled at run time, and needs no hold.
-spec hold(handle() | module()) -> {ok, module(), hold() | none} | {error, released}.
hold(?HANDLE(Name, Hold)) ->
    try gen_server:call(?MODULE, {hold, Hold, self()}, infinity) of
        {ok, Mine} -> {ok, Name, Mine};
        {error, released} -> {error, released}
    catch
        exit:{noproc, _} -> {error, released}
    end;
hold(Name) ->
    {ok, Name, none}.

%% @doc From now on the hold is that of the instance with this key.
-spec attach(hold() | none, wasm2beam_store:key()) -> ok.
attach(none, _Key) ->
    ok;
attach(Hold, Key) ->
    put({?MODULE, Key}, Hold),
    ok.

%% @doc Gives up what hold/1 gave.
-spec drop(hold() | none) -> ok.
drop(none) -> ok;
drop(Hold) -> gen_server:cast(?MODULE, {drop, Hold}).

%% @doc Gives up the hold of an instance, if it has one.
-spec drop_of(wasm2beam_store:key()) -> ok.
drop_of(Key) ->
    case erase({?MODULE, Key}) of
        undefined -> ok;
        Hold -> drop(Hold)
    end.

%% The server

-spec init([]) -> {ok, #state{}}.
init([]) ->
    process_flag(trap_exit, true),
    Names = [name(I) || I <- lists:seq(1, wasm2beam_compile:setting(max_modules))],
    Loaded = maps:from_list([{Key, Name} || {{module, Name}, Key} <- ets:tab2list(?TABLE)]),
    Rows = [
        {Row, Name, Pid, monitor(process, Pid)}
     || {{hold, _} = Row, Name, Pid, _} <- ets:tab2list(?TABLE)
    ],
    true = ets:insert(?TABLE, Rows),
    Counts = lists:foldl(fun({_, Name, _, _}, Counts) -> count(Name, Counts) end, #{}, Rows),
    Monitors = maps:from_list([{Monitor, Hold} || {{hold, Hold}, _, _, Monitor} <- Rows]),
    State = #state{free = [], loaded = Loaded, counts = Counts, monitors = Monitors},
    %% Names that nobody holds may still be loaded, if this process ended while it unloaded one, or the application did.
    {ok, lists:foldr(fun unload/2, State, Names -- maps:keys(Counts))}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}} | {noreply, #state{}}.
handle_call({load, Key, Owner}, {Pid, _} = From, #state{loaded = Loaded, loading = Loading, free = Free} = State) ->
    case {Loaded, Free} of
        {#{Key := Name}, _} ->
            case Loading of
                #{Name := {Key, Monitor, Waiting}} ->
                    {noreply, State#state{loading = Loading#{Name := {Key, Monitor, [{From, Owner} | Waiting]}}}};
                #{} ->
                    {Hold, Held} = add_hold(Name, Owner, State),
                    {reply, {ok, Name, Hold}, Held}
            end;
        {#{}, [Name | Rest]} ->
            Monitor = monitor(process, Pid),
            {reply, {load, Name}, State#state{
                free = Rest, loaded = Loaded#{Key => Name}, loading = Loading#{Name => {Key, Monitor, []}}
            }};
        {#{}, []} ->
            {reply, {error, {pool_exhausted, wasm2beam_compile:setting(max_modules)}}, State}
    end;
handle_call({loaded, Name, Owner}, _From, #state{loading = Loading} = State) ->
    {{Key, Monitor, Waiting}, Rest} = maps:take(Name, Loading),
    demonitor(Monitor, [flush]),
    true = ets:insert(?TABLE, {{module, Name}, Key}),
    {Hold, Held} = add_hold(Name, Owner, State#state{loading = Rest}),
    {reply, Hold, lists:foldl(fun(Waiter, Next) -> answer(Name, Waiter, Next) end, Held, Waiting)};
handle_call({not_loaded, Name}, _From, State) ->
    {reply, ok, not_loaded(Name, State)};
handle_call({hold, Hold, Pid}, _From, State) ->
    case ets:lookup(?TABLE, {hold, Hold}) of
        [{_, Name, _, _}] ->
            {Mine, Held} = add_hold(Name, Pid, State),
            {reply, {ok, Mine}, Held};
        [] ->
            {reply, {error, released}, State}
    end;
handle_call({drop, Hold}, _From, State) ->
    {reply, ok, remove_hold(Hold, State)}.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({drop, Hold}, State) ->
    {noreply, remove_hold(Hold, State)}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({'DOWN', Monitor, process, _Pid, _Reason}, #state{monitors = Monitors, loading = Loading} = State) ->
    case Monitors of
        #{Monitor := Hold} ->
            {noreply, remove_hold(Hold, State)};
        #{} ->
            case [Name || {Name, {_, Loader, _}} <- maps:to_list(Loading), Loader =:= Monitor] of
                [Name] -> {noreply, not_loaded(Name, State)};
                [] -> {noreply, State}
            end
    end;
handle_info({unload, Name}, State) ->
    {noreply, unload(Name, State)};
handle_info(_Message, State) ->
    {noreply, State}.

%% Where the application ends, so do its modules; the table ends with its supervisor.
-spec terminate(term(), #state{}) -> ok.
terminate(shutdown, #state{counts = Counts}) ->
    lists:foreach(fun discard/1, maps:keys(Counts));
terminate(_Reason, _State) ->
    ok.

%% Internal

name(Number) -> list_to_atom("wasm2beam_pool_" ++ integer_to_list(Number)).

handle(Name, Hold) -> #{'__struct__' => 'Elixir.Wasm2Beam.Module', name => Name, hold => Hold}.

count(Name, Counts) -> maps:update_with(Name, fun(Count) -> Count + 1 end, 1, Counts).

answer(Name, {From, Owner}, State) ->
    {Hold, Held} = add_hold(Name, Owner, State),
    gen_server:reply(From, {ok, Name, Hold}),
    Held.

add_hold(Name, Pid, #state{counts = Counts, monitors = Monitors} = State) ->
    Hold = monitor(process, Pid),
    true = ets:insert(?TABLE, {{hold, Hold}, Name, Pid, Hold}),
    {Hold, State#state{counts = count(Name, Counts), monitors = Monitors#{Hold => Hold}}}.

remove_hold(Hold, #state{counts = Counts, monitors = Monitors} = State) ->
    case ets:take(?TABLE, {hold, Hold}) of
        [{_, Name, _, Monitor}] ->
            demonitor(Monitor, [flush]),
            Left = State#state{monitors = maps:remove(Monitor, Monitors)},
            case Counts of
                #{Name := 1} -> unload(Name, Left#state{counts = maps:remove(Name, Counts)});
                #{Name := Count} -> Left#state{counts = Counts#{Name := Count - 1}}
            end;
        [] ->
            State
    end.

%% Who waited for this loading loads now.
not_loaded(Name, #state{loading = Loading, loaded = Loaded} = State) ->
    {{Key, Monitor, Waiting}, Rest} = maps:take(Name, Loading),
    demonitor(Monitor, [flush]),
    lists:foreach(fun({From, _}) -> gen_server:reply(From, retry) end, Waiting),
    unload(Name, State#state{loading = Rest, loaded = maps:remove(Key, Loaded)}).

%% Takes the code away and frees the name, at once or as soon as no process runs the code any more: a guest may close its
%% instance in a host function, and then returns to code that is not needed but for that.
unload(Name, #state{loaded = Loaded, free = Free} = State) ->
    true = ets:delete(?TABLE, {module, Name}),
    Left = State#state{loaded = maps:filter(fun(_, Other) -> Other =/= Name end, Loaded)},
    case discard(Name) of
        true ->
            Left#state{free = [Name | Free]};
        false ->
            _ = erlang:send_after(?RETRY, self(), {unload, Name}),
            Left
    end.

discard(Name) ->
    code:soft_purge(Name) andalso
        begin
            _ = code:delete(Name),
            code:soft_purge(Name)
        end.
