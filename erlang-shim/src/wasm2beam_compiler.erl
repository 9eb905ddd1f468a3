%% The compiler at run time: programs of Node behind ports, each of which compiles one module after the other (cli/serve.ts
%% has the protocol).
%%
%% A program is started when a job finds all others at work, and stays. One that takes longer than its job may, or dies, is
%% given up with that job; the next job starts another. Jobs that find no program wait in line; who asks for what is in line
%% or at work already waits for the same answer.
-module(wasm2beam_compiler).
-behaviour(gen_server).

-export([start_link/0, fingerprint/0, compile/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([request/0, failure/0]).

-type request() :: #{otp := 25..27, text := boolean(), fuel := boolean(), bytes := binary()}.
-type failure() ::
    {malformed | invalid | unsupported | internal, binary()}
    | {timeout, milliseconds()}
    | {ended, term()}
    | {queue_full, pos_integer()}
    | no_node.
-type milliseconds() :: pos_integer().

-record(job, {
    key :: binary(),
    request :: iodata(),
    timeout :: milliseconds(),
    waiting :: [gen_server:from(), ...],
    timer :: reference() | undefined
}).
-record(state, {
    fingerprint :: binary(),
    ports = #{} :: #{port() => idle | #job{}},
    queue = queue:new() :: queue:queue(#job{})
}).

-define(BUNDLE, "wasm2beam.mjs").
%% Jobs in line beyond which more are refused.
-define(QUEUE, 100).
%% A program that was told to stop by itself still has this long to give its answer.
-define(GRACE, 100).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    case gen_server:start_link({local, ?MODULE}, ?MODULE, [], []) of
        {ok, Pid} -> {ok, Pid};
        {error, Reason} -> {error, Reason}
    end.

%% @doc A hash of the compiler: whatever it makes is the same for as long as this is.
-spec fingerprint() -> binary().
fingerprint() ->
    gen_server:call(?MODULE, fingerprint, infinity).

%% @doc Compiles a module, within Timeout once its turn has come. Key: equal for equal requests only.
-spec compile(binary(), request(), milliseconds()) -> {ok, binary()} | {error, failure()}.
compile(Key, #{otp := Otp, text := Text, fuel := Fuel, bytes := Bytes}, Timeout) ->
    Flags = bit(Text) bor (bit(Fuel) bsl 1),
    gen_server:call(?MODULE, {compile, Key, [<<Otp, Flags, Timeout:32>>, Bytes], Timeout}, infinity).

bit(true) -> 1;
bit(false) -> 0.

%% The server

-spec init([]) -> {ok, #state{}}.
init([]) ->
    %% Ports are linked: one that cannot be opened or breaks is a message.
    process_flag(trap_exit, true),
    %% Where it is missing, what is asked for fails, not the application.
    Content =
        case file:read_file(bundle()) of
            {ok, Bundle} -> Bundle;
            {error, Reason} -> atom_to_binary(Reason)
        end,
    {ok, #state{fingerprint = crypto:hash(sha256, Content)}}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}} | {noreply, #state{}}.
handle_call(fingerprint, _From, State) ->
    {reply, State#state.fingerprint, State};
handle_call({compile, Key, Request, Timeout}, From, State) ->
    case join(Key, From, State) of
        {ok, Joined} ->
            {noreply, Joined};
        error ->
            case queue:len(State#state.queue) of
                ?QUEUE ->
                    {reply, {error, {queue_full, ?QUEUE}}, State};
                _ ->
                    Job = #job{key = Key, request = Request, timeout = Timeout, waiting = [From]},
                    {noreply, next(State#state{queue = queue:in(Job, State#state.queue)})}
            end
    end.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast(_Message, State) ->
    {noreply, State}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({Port, {data, Answer}}, #state{ports = Ports} = State) ->
    case Ports of
        #{Port := #job{} = Job} ->
            reply(Job, result(Answer)),
            {noreply, next(State#state{ports = Ports#{Port := idle}})};
        #{} ->
            {noreply, State}
    end;
handle_info({timeout, Timer, Port}, #state{ports = Ports} = State) ->
    case Ports of
        #{Port := #job{timer = Timer, timeout = Timeout}} -> {noreply, give_up(Port, {timeout, Timeout}, State)};
        #{} -> {noreply, State}
    end;
handle_info({Port, {exit_status, Status}}, State) ->
    {noreply, give_up(Port, {ended, Status}, State)};
handle_info({'EXIT', Port, Reason}, State) when is_port(Port) ->
    {noreply, give_up(Port, {ended, Reason}, State)};
handle_info(_Message, State) ->
    {noreply, State}.

%% The ports end with this process, and the programs with their ports.
-spec terminate(term(), #state{}) -> ok.
terminate(_Reason, _State) ->
    ok.

%% Internal

%% One more who waits for a job that is there.
join(Key, From, #state{ports = Ports, queue = Queue} = State) ->
    case [Port || {Port, #job{key = Same}} <- maps:to_list(Ports), Same =:= Key] of
        [Port | _] ->
            Job = maps:get(Port, Ports),
            {ok, State#state{ports = Ports#{Port := add(From, Job)}}};
        [] ->
            case queue:any(fun(#job{key = Same}) -> Same =:= Key end, Queue) of
                true ->
                    Add = fun
                        (#job{key = Same} = Job) when Same =:= Key -> add(From, Job);
                        (Job) -> Job
                    end,
                    {ok, State#state{queue = queue:from_list(lists:map(Add, queue:to_list(Queue)))}};
                false ->
                    error
            end
    end.

add(From, #job{waiting = Waiting} = Job) -> Job#job{waiting = [From | Waiting]}.

reply(#job{waiting = Waiting, timer = Timer}, Result) ->
    _ = [erlang:cancel_timer(Timer) || Timer =/= undefined],
    lists:foreach(fun(From) -> gen_server:reply(From, Result) end, Waiting).

%% Gives the first job in line to a program that is free, or to a new one.
next(#state{queue = Queue, ports = Ports} = State) ->
    case {queue:out(Queue), [Port || {Port, idle} <- maps:to_list(Ports)]} of
        {{empty, _}, _} ->
            State;
        {{{value, Job}, Rest}, [Port | _]} ->
            run(Job, Port, State#state{queue = Rest});
        {{{value, Job}, Rest}, []} ->
            case map_size(Ports) < wasm2beam_compile:setting(compilers) of
                true -> start(Job, State#state{queue = Rest});
                false -> State
            end
    end.

start(Job, State) ->
    case open() of
        {ok, Port} ->
            run(Job, Port, State);
        {error, Failure} ->
            reply(Job, {error, Failure}),
            next(State)
    end.

run(#job{request = Request, timeout = Timeout} = Job, Port, #state{ports = Ports} = State) ->
    Timer = erlang:start_timer(Timeout + ?GRACE, self(), Port),
    State1 = State#state{ports = Ports#{Port => Job#job{timer = Timer, request = []}}},
    try port_command(Port, Request) of
        true -> State1
    catch
        error:badarg -> give_up(Port, {ended, closed}, State1)
    end.

%% The job at hand fails, and its program is told to end by the end of its input.
give_up(Port, Failure, #state{ports = Ports} = State) ->
    close(Port),
    case maps:take(Port, Ports) of
        {#job{} = Job, Rest} ->
            reply(Job, {error, failure(Failure, Job)}),
            next(State#state{ports = Rest});
        {idle, Rest} ->
            next(State#state{ports = Rest});
        error ->
            State
    end.

%% The program's own watch is faster sometimes, and kills it.
failure({ended, 137}, #job{timeout = Timeout, timer = Timer}) ->
    case erlang:read_timer(Timer) of
        Left when is_integer(Left), Left > ?GRACE -> {ended, 137};
        _ -> {timeout, Timeout}
    end;
failure(Failure, _Job) ->
    Failure.

close(Port) ->
    try port_close(Port) of
        true -> ok
    catch
        error:badarg -> ok
    end.

open() ->
    case {program(), filelib:is_regular(bundle())} of
        {false, _} ->
            {error, no_node};
        {_, false} ->
            {error, {ended, {no_compiler, unicode:characters_to_binary(bundle())}}};
        {Node, true} ->
            Heap = "--max-old-space-size=" ++ integer_to_list(wasm2beam_compile:setting(compiler_megabytes)),
            Options = [{args, [Heap, bundle(), "serve"]}, {packet, 4}, binary, exit_status],
            try
                {ok, open_port({spawn_executable, Node}, Options)}
            catch
                error:Reason -> {error, {ended, Reason}}
            end
    end.

program() ->
    case wasm2beam_compile:setting(node) of
        undefined -> os:find_executable("node");
        Program -> Program
    end.

bundle() ->
    filename:join(wasm2beam_cells_loader:priv(), ?BUNDLE).

result(<<0, Beam/binary>>) ->
    {ok, Beam};
result(<<1, Length, Kind:Length/binary, Message/binary>>) ->
    {error, {kind(Kind), Message}}.

kind(<<"malformed">>) -> malformed;
kind(<<"invalid">>) -> invalid;
kind(<<"unsupported">>) -> unsupported;
kind(<<"internal">>) -> internal.
