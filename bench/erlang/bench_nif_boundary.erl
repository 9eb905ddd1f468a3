%% Measures the boundary of the NIF host in its forms, by the protocol of bench_boundary.
%%
%% server: behind a server process; caller: the calling process waits for the messages itself; fiber: the guest runs on
%% the caller's scheduler and leaves its stack for a host call; direct: a plain call, without host functions.
-module(bench_nif_boundary).

-export([server/0, caller/0, fiber/0, direct/0]).

-define(OFFSET, 65536).

%% @doc Serves the first form, until the input ends.
-spec server() -> no_return().
server() ->
    serve(#{new => fun new_server/1, call => fun bench_nif_server:call/3, instance => fun bench_nif:instantiate/1}).

%% @doc Serves the second form.
-spec caller() -> no_return().
caller() ->
    serve(#{new => fun bench_nif:instantiate/1, call => fun call/3, instance => fun bench_nif:instantiate/1}).

%% @doc Serves the third form.
-spec fiber() -> no_return().
fiber() ->
    New = fun bench_nif:fiber_instantiate/1,
    serve(#{new => New, call => fun call_fiber/3, instance => New}).

%% @doc Serves the fourth form.
-spec direct() -> no_return().
direct() ->
    New = fun bench_nif:instantiate/1,
    serve(#{new => New, call => fun bench_nif:direct/3, instance => New}).

new_server(Compiled) ->
    {ok, Server} = bench_nif_server:start_link(bench_nif:instantiate(Compiled), fun step/1),
    Server.

step(X) -> X bxor 1.

call(Instance, A, B) ->
    ok = bench_nif:start(Instance, A, B),
    await(Instance).

await(Instance) ->
    receive
        {host, Value} ->
            ok = bench_nif:resume(Instance, step(Value)),
            await(Instance);
        {done, Value} ->
            Value
    end.

call_fiber(Instance, A, B) ->
    progress(Instance, bench_nif:fiber_start(Instance, A, B)).

progress(Instance, {host, Value}) -> progress(Instance, bench_nif:fiber_resume(Instance, step(Value)));
progress(_Instance, {done, Value}) -> Value.

serve(Form) ->
    {ok, Bytes} = file:read_file(os:getenv("BENCH_GUEST")),
    Compiled = bench_nif:compile(Bytes),
    io:format("ready wasmtime 48.0.8, rustler 0.39.0~n"),
    serve(Form, Compiled).

serve(Form, Compiled) ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            [Name, N] = string:lexemes(string:trim(Line), " "),
            io:format("~ts~n", [isolated(fun() -> answer(Name, list_to_integer(N), Form, Compiled) end)]),
            serve(Form, Compiled)
    end.

isolated(Fun) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({answer, Fun()}) end),
    receive
        {'DOWN', Monitor, process, Pid, {answer, Answer}} -> Answer;
        {'DOWN', Monitor, process, Pid, Reason} -> io_lib:format("error ~0tP", [Reason, 30])
    end.

answer(Name, N, #{new := New, call := Call, instance := Instance}, Compiled) ->
    Measure =
        case Name of
            "export" ->
                Guest = New(Compiled),
                fun() -> export(Call, Guest, N, 0) end;
            "host" ->
                Guest = New(Compiled),
                fun() -> Call(Guest, N, nil) end;
            "instantiate" ->
                fun() -> instantiate(Instance, Compiled, N, 0) end;
            "plugin_echo" ->
                Guest = New(Compiled),
                fun() -> plugin_echo(Call, Guest, pattern(16), N, 0) end;
            "plugin_host" ->
                Guest = New(Compiled),
                fun() -> plugin_host(Call, Guest, N, 0) end;
            _ ->
                Guest = Instance(Compiled),
                ok = bench_nif:write(Guest, ?OFFSET, pattern(65536)),
                fun() -> memory(Name, Guest, N) end
        end,
    Begin = erlang:monotonic_time(nanosecond),
    Checksum = Measure(),
    End = erlang:monotonic_time(nanosecond),
    io_lib:format("~b ~b", [Checksum band 16#FFFFFFFF, End - Begin]).

memory("read_16", Guest, N) -> read(Guest, 16, N, 0);
memory("read_64k", Guest, N) -> read(Guest, 65536, N, 0);
memory("write_16", Guest, N) -> write(Guest, pattern(16), N);
memory("write_64k", Guest, N) -> write(Guest, pattern(65536), N).

pattern(Size) ->
    binary:copy(<<1, 2, 3, 4, 5, 6, 7, 8>>, Size div 8).

export(_Call, _Guest, 0, Sum) ->
    Sum;
export(Call, Guest, N, Sum) ->
    export(Call, Guest, N - 1, Call(Guest, Sum, N)).

read(_Guest, _Size, 0, Sum) ->
    Sum;
read(Guest, Size, N, Sum) ->
    Bytes = bench_nif:read(Guest, ?OFFSET, Size),
    read(Guest, Size, N - 1, Sum + byte_size(Bytes) + binary:last(Bytes)).

write(Guest, Bytes, 0) ->
    binary:last(bench_nif:read(Guest, ?OFFSET, byte_size(Bytes)));
write(Guest, Bytes, N) ->
    ok = bench_nif:write(Guest, ?OFFSET, Bytes),
    write(Guest, Bytes, N - 1).

%% What a plug-in's call comes to, without the layer of Extism: input, an export, output.
plugin_echo(_Call, _Guest, _Bytes, 0, Sum) ->
    Sum;
plugin_echo(Call, Guest, Bytes, N, Sum) ->
    ok = bench_nif:write(Guest, ?OFFSET, Bytes),
    _ = Call(Guest, N, N),
    Output = bench_nif:read(Guest, ?OFFSET, byte_size(Bytes)),
    plugin_echo(Call, Guest, Bytes, N - 1, Sum + byte_size(Output) + binary:last(Output)).

plugin_host(_Call, _Guest, 0, Sum) ->
    Sum;
plugin_host(Call, Guest, N, Sum) ->
    plugin_host(Call, Guest, N - 1, Sum + (Call(Guest, 1000, nil) band 16#FFFFFFFF)).

instantiate(_Instance, _Compiled, 0, Sum) ->
    Sum;
instantiate(Instance, Compiled, N, Sum) ->
    _ = Instance(Compiled),
    instantiate(Instance, Compiled, N - 1, Sum + 1).
