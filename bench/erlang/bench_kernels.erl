%% Runs kernels in an Erlang node, for bench/peer.ts: modules that wasm2beam compiled, or hand-written Erlang.
%%
%% A line `KERNEL N' on standard input is answered by `CHECKSUM NANOSECONDS' or `error TEXT'. Each kernel lives in a
%% process of its own, which holds its instance; only one runs at a time.
-module(bench_kernels).

-export([compiled/0, handwritten/0]).

%% @doc Serves modules named wasm_KERNEL, until the input ends.
-spec compiled() -> no_return().
compiled() ->
    serve("wasm_", fun(Module) ->
        {ok, Instance} = wasm2beam:instantiate(Module),
        fun(N) -> Module:run(Instance, N) end
    end).

%% @doc Serves modules named twin_KERNEL, until the input ends.
-spec handwritten() -> no_return().
handwritten() ->
    serve("twin_", fun(Module) ->
        {module, Module} = code:ensure_loaded(Module),
        fun(N) -> Module:run(N) end
    end).

serve(Prefix, Start) ->
    io:format("ready Erlang/OTP ~s, erts ~s~n", [
        erlang:system_info(otp_release), erlang:system_info(version)
    ]),
    serve(Prefix, Start, #{}).

serve(Prefix, Start, Kernels) ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            [Name, N] = string:lexemes(string:trim(Line), " "),
            {Pid, Kernels1} = kernel(Prefix ++ Name, Start, Kernels),
            io:format("~ts~n", [ask(Pid, list_to_integer(N))]),
            serve(Prefix, Start, Kernels1)
    end.

%% A process that failed is replaced by a new one.
kernel(Name, Start, Kernels) ->
    case Kernels of
        #{Name := Pid} when is_pid(Pid) ->
            case is_process_alive(Pid) of
                true -> {Pid, Kernels};
                false -> kernel(Name, Start, maps:remove(Name, Kernels))
            end;
        _ ->
            Pid = spawn(fun() -> loop(Start(list_to_atom(Name))) end),
            {Pid, Kernels#{Name => Pid}}
    end.

loop(Run) ->
    receive
        {run, From, N} ->
            Begin = erlang:monotonic_time(nanosecond),
            Checksum = Run(N),
            End = erlang:monotonic_time(nanosecond),
            From ! {self(), Checksum band 16#FFFFFFFF, End - Begin},
            loop(Run)
    end.

ask(Pid, N) ->
    Monitor = erlang:monitor(process, Pid),
    Pid ! {run, self(), N},
    receive
        {Pid, Checksum, Nanoseconds} ->
            true = erlang:demonitor(Monitor, [flush]),
            io_lib:format("~b ~b", [Checksum, Nanoseconds]);
        {'DOWN', Monitor, process, Pid, Reason} ->
            io_lib:format("error ~0tP", [Reason, 30])
    end.
