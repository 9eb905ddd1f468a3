%% Measures the boundary between Erlang and a compiled module, for bench/boundary.ts.
%%
%% A line `MEASURE N' on standard input is answered by `CHECKSUM NANOSECONDS' for N operations; `idle N' by the bytes of
%% an instance while N are alive, in one process and in a process each; `ping N LOOPS' by the nanoseconds of N pings
%% beside endless loops, `ping_erlang N LOOPS' beside such loops in Erlang. All engines agree on a measure's checksum.
-module(bench_boundary).

-export([compiled/0, bound_step/1]).

-define(MODULE_HOST, wasm_boundary).
-define(MODULE_BOUND, wasm_boundary_bound).
-define(MODULE_PLUGIN, wasm_plugin).
-define(OFFSET, 65536).
-define(SMALL, 16).
-define(LARGE, 65536).

%% @doc Serves the module wasm_boundary, and wasm_boundary_bound, whose import is bound to bound_step/1.
-spec compiled() -> no_return().
compiled() ->
    io:format("ready Erlang/OTP ~s, erts ~s~n", [
        erlang:system_info(otp_release), erlang:system_info(version)
    ]),
    serve().

%% @doc The host function.
-spec bound_step(integer()) -> integer().
bound_step(X) -> X bxor 1.

serve() ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            [Name | Numbers] = string:lexemes(string:trim(Line), " "),
            io:format("~ts~n", [isolated(Name, [list_to_integer(Number) || Number <- Numbers])]),
            serve()
    end.

%% In a new process, so that no measurement inherits another one's heap.
isolated(Name, Numbers) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({answer, answer(Name, Numbers)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {answer, Answer}} -> Answer;
        {'DOWN', Monitor, process, Pid, Reason} -> io_lib:format("error ~0tP", [Reason, 30])
    end.

answer("idle", [N]) ->
    io_lib:format("~b ~b", [idle_in_one(N), idle_in_many(N)]);
answer("ping", [N, Loops]) ->
    show_times(pings(N, Loops, fun(I) -> ?MODULE_HOST:spin(instance(), I) end));
answer("ping_erlang", [N, Loops]) ->
    show_times(pings(N, Loops, fun spin/1));
answer(Name, [N]) ->
    Instance = prepared(Name),
    Begin = erlang:monotonic_time(nanosecond),
    Checksum = measure(Name, Instance, N),
    End = erlang:monotonic_time(nanosecond),
    io_lib:format("~b ~b", [Checksum band 16#FFFFFFFF, End - Begin]).

show_times(Times) ->
    lists:join(" ", [integer_to_list(Time) || Time <- Times]).

prepared("bound") ->
    {ok, Instance} = wasm2beam:instantiate(?MODULE_BOUND),
    Instance;
prepared("plugin_" ++ _) ->
    Step = #{name => <<"step">>, params => [i32], results => [i32], function => fun(X) -> X bxor 1 end},
    {ok, Plugin} = wasm2beam_extism:new({module, ?MODULE_PLUGIN}, #{functions => [Step]}),
    Plugin;
prepared(_) ->
    Instance = instance(),
    ok = wasm2beam:write_memory(Instance, ?OFFSET, pattern(?LARGE)),
    Instance.

instance() ->
    {ok, Instance} = wasm2beam:instantiate(?MODULE_HOST, #{<<"env">> => #{<<"step">> => fun(X) -> X bxor 1 end}}),
    Instance.

pattern(Size) ->
    binary:copy(<<1, 2, 3, 4, 5, 6, 7, 8>>, Size div 8).

measure("export", Instance, N) -> export(Instance, N, 0);
measure("call", Instance, N) -> call(Instance, N, 0);
measure("host", Instance, N) -> ?MODULE_HOST:call_host(Instance, N);
measure("bound", Instance, N) -> ?MODULE_BOUND:call_host(Instance, N);
measure("read_16", Instance, N) -> read(Instance, ?SMALL, N, 0);
measure("read_64k", Instance, N) -> read(Instance, ?LARGE, N, 0);
measure("write_16", Instance, N) -> write(Instance, pattern(?SMALL), N);
measure("write_64k", Instance, N) -> write(Instance, pattern(?LARGE), N);
measure("instantiate", _Instance, N) -> instantiate(N, 0);
measure("plugin_echo", Plugin, N) -> plugin_echo(Plugin, pattern(?SMALL), N, 0);
measure("plugin_host", Plugin, N) -> plugin_host(Plugin, N, 0).

export(_Instance, 0, Sum) -> Sum;
export(Instance, N, Sum) -> export(Instance, N - 1, ?MODULE_HOST:add(Instance, Sum, N)).

call(_Instance, 0, Sum) ->
    Sum;
call(Instance, N, Sum) ->
    [Next] = wasm2beam:call(Instance, <<"add">>, [Sum, N]),
    call(Instance, N - 1, Next).

read(_Instance, _Size, 0, Sum) ->
    Sum;
read(Instance, Size, N, Sum) ->
    Bytes = wasm2beam:read_memory(Instance, ?OFFSET, Size),
    read(Instance, Size, N - 1, Sum + byte_size(Bytes) + binary:last(Bytes)).

write(Instance, Bytes, 0) ->
    binary:last(wasm2beam:read_memory(Instance, ?OFFSET, byte_size(Bytes)));
write(Instance, Bytes, N) ->
    ok = wasm2beam:write_memory(Instance, ?OFFSET, Bytes),
    write(Instance, Bytes, N - 1).

plugin_echo(_Plugin, _Bytes, 0, Sum) ->
    Sum;
plugin_echo(Plugin, Bytes, N, Sum) ->
    {ok, Output} = wasm2beam_extism:call(Plugin, <<"echo">>, Bytes),
    plugin_echo(Plugin, Bytes, N - 1, Sum + byte_size(Output) + binary:last(Output)).

plugin_host(_Plugin, 0, Sum) ->
    Sum;
plugin_host(Plugin, N, Sum) ->
    {ok, <<Last:64/little>>} = wasm2beam_extism:call(Plugin, <<"call_host">>, <<>>),
    plugin_host(Plugin, N - 1, Sum + Last).

instantiate(0, Sum) ->
    Sum;
instantiate(N, Sum) ->
    Instance = instance(),
    ok = wasm2beam:close(Instance),
    instantiate(N - 1, Sum + 1).

%% Bytes of an instance among N in this process.
idle_in_one(N) ->
    true = erlang:garbage_collect(),
    {memory, Before} = process_info(self(), memory),
    Instances = [instance() || _ <- lists:seq(1, N)],
    true = erlang:garbage_collect(),
    {memory, After} = process_info(self(), memory),
    lists:foreach(fun wasm2beam:close/1, Instances),
    (After - Before) div N.

%% Bytes of a process with an instance, among N.
idle_in_many(N) ->
    true = erlang:garbage_collect(),
    Before = erlang:memory(processes_used),
    Parent = self(),
    Pids = [
        spawn(fun() ->
            Instance = instance(),
            true = erlang:garbage_collect(),
            Parent ! ready,
            receive
                stop -> wasm2beam:close(Instance)
            end
        end)
     || _ <- lists:seq(1, N)
    ],
    lists:foreach(fun(_) -> receive ready -> ok end end, Pids),
    After = erlang:memory(processes_used),
    lists:foreach(fun(Pid) -> Pid ! stop end, Pids),
    (After - Before) div N.

%% Nanoseconds of round trips to another process, a millisecond apart.
pings(N, Loops, Spin) ->
    Spinners = [spawn(fun() -> Spin(I) end) || I <- lists:seq(1, Loops)],
    Echo = spawn_link(fun echo/0),
    timer:sleep(200),
    Times = [ping(Echo) || _ <- lists:seq(1, N)],
    lists:foreach(fun(Pid) -> exit(Pid, kill) end, Spinners),
    unlink(Echo),
    exit(Echo, kill),
    Times.

spin(X) ->
    A = (X bxor (X bsl 13)) band 16#FFFFFFFF,
    B = A bxor (A bsr 17),
    spin((B bxor (B bsl 5)) band 16#FFFFFFFF).

echo() ->
    receive
        {From, ping} -> From ! pong
    end,
    echo().

ping(Echo) ->
    timer:sleep(1),
    Begin = erlang:monotonic_time(nanosecond),
    Echo ! {self(), ping},
    receive
        pong -> erlang:monotonic_time(nanosecond) - Begin
    end.
