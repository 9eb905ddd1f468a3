%% An instance of the NIF host behind a server process, as the known NIF hosts have it: the server starts each call on
%% another thread, runs host functions when that thread asks, and answers its client when the call is done.
-module(bench_nif_server).
-behaviour(gen_server).

-export([start_link/2, call/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% @doc A server for an instance, whose host function is Step.
-spec start_link(reference(), fun((integer()) -> integer())) -> {ok, pid()}.
start_link(Instance, Step) ->
    {ok, _Pid} = gen_server:start_link(?MODULE, {Instance, Step}, []).

%% @doc As bench_nif:start/3, with the result returned.
-spec call(pid(), integer(), integer() | nil) -> integer().
call(Server, A, B) ->
    gen_server:call(Server, {call, A, B}, infinity).

-spec init({reference(), fun((integer()) -> integer())}) -> {ok, tuple()}.
init({Instance, Step}) ->
    {ok, {Instance, Step, none}}.

-spec handle_call({call, integer(), integer() | nil}, gen_server:from(), tuple()) -> {noreply, tuple()}.
handle_call({call, A, B}, Client, {Instance, Step, none}) ->
    ok = bench_nif:start(Instance, A, B),
    {noreply, {Instance, Step, Client}}.

-spec handle_cast(term(), tuple()) -> {noreply, tuple()}.
handle_cast(_, State) ->
    {noreply, State}.

-spec handle_info({host, integer()} | {done, integer()}, tuple()) -> {noreply, tuple()}.
handle_info({host, Value}, {Instance, Step, _} = State) ->
    ok = bench_nif:resume(Instance, Step(Value)),
    {noreply, State};
handle_info({done, Value}, {Instance, Step, Client}) ->
    gen_server:reply(Client, Value),
    {noreply, {Instance, Step, none}}.
