#!/usr/bin/env escript
%% -*- erlang -*-
%% Does to compiled modules what a host did to the originals in V8, and compares every answer.
%%
%% replay.escript EBIN: lines `MODULE BEAM TRACE` on standard input; one line each is answered, `ok STEPS MICROSECONDS` or
%% `failed step N: WHAT`. Each trace runs in a process of its own. A trace is {Imports, Steps}; a step is
%%   {start, HostCalls}                          instantiation, with the calls that the start function made
%%   {call, Name, Args, HostCalls, Outcome}      Outcome: {ok, Results} | trap | {throw, N}
%%   {write, Address, Bytes} | {grow, Pages}     done by the host
%%   {memory, Size, Md5} | {bytes, Address, Bytes}   what the memory must hold
%% and a host call is {{Module, Name}, Args, Steps, Outcome}: expected arguments, what the host does, what it returns.
-mode(compile).

main([Ebin]) ->
    true = code:add_patha(Ebin),
    serve().

serve() ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            [Module, Beam, Trace] = string:lexemes(string:trim(Line), " "),
            {Pid, Monitor} = spawn_monitor(fun() -> exit({answer, run(list_to_atom(Module), Beam, Trace)}) end),
            receive
                {'DOWN', Monitor, process, Pid, {answer, Answer}} -> io:format("~ts~n", [Answer]);
                {'DOWN', Monitor, process, Pid, Reason} -> io:format("failed ~0tP~n", [Reason, 50])
            end,
            serve()
    end.

run(Module, Beam, File) ->
    {ok, Code} = file:read_file(Beam),
    true = code:add_patha(filename:dirname(Beam)), % where its parts are
    {module, Module} = code:load_binary(Module, Beam, Code),
    {ok, Bytes} = file:read_file(File),
    {Imports, [{start, HostCalls} | Steps]} = binary_to_term(Bytes),
    Start = erlang:monotonic_time(microsecond),
    put(step, 0),
    try
        put(host_calls, HostCalls),
        {ok, Instance} = wasm2beam:instantiate(Module, lists:foldl(fun import/2, #{}, Imports)),
        none_left(),
        lists:foreach(fun(Step) -> step(Instance, Step) end, Steps),
        ok = wasm2beam:close(Instance),
        io_lib:format("ok ~b ~b", [get(step), erlang:monotonic_time(microsecond) - Start])
    catch
        Class:Reason:Stack ->
            io_lib:format("failed step ~b: ~0tP at ~0tP", [get(step), {Class, Reason}, 60, Stack, 60])
    end.

import({Module, Name, func, Arity}, Imports) -> add(Module, Name, host({Module, Name}, Arity), Imports);
import({Module, Name, memory, Pages, Max}, Imports) -> add(Module, Name, wasm2beam:memory(Pages, Max), Imports);
import({Module, Name, global, Value}, Imports) -> add(Module, Name, value(Value), Imports).

add(Module, Name, Value, Imports) ->
    Imports#{Module => (maps:get(Module, Imports, #{}))#{Name => Value}}.

step(Instance, Step) ->
    put(step, get(step) + 1),
    case Step of
        {call, Name, Args, HostCalls, Outcome} ->
            Outer = put(host_calls, HostCalls),
            compare(Name, Outcome, outcome(Instance, Name, [value(Arg) || Arg <- Args])),
            none_left(),
            put(host_calls, Outer);
        {write, Address, Bytes} ->
            ok = wasm2beam:write_memory(Instance, Address, Bytes);
        {grow, Pages} ->
            wasm2beam:grow_memory(Instance, Pages);
        {memory, Size, Md5} ->
            compare(memory_size, Size, 65536 * wasm2beam:memory_size(Instance)),
            compare(memory, Md5, erlang:md5(wasm2beam:read_memory(Instance, 0, Size)));
        {bytes, Address, Bytes} ->
            compare(bytes, Bytes, wasm2beam:read_memory(Instance, Address, byte_size(Bytes)))
    end.

outcome(Instance, Name, Args) ->
    try
        {ok, [term(Result) || Result <- wasm2beam:call(Instance, Name, Args)]}
    catch
        error:{wasm_trap, _} -> trap;
        throw:{host, N} -> {throw, N}
    end.

none_left() ->
    compare(host_calls_left, [], [Key || {Key, _, _, _} <- get(host_calls)]).

compare(_What, Same, Same) -> ok;
compare(What, Expected, Actual) -> error({What, {expected, Expected}, {got, Actual}}).

called(Key, Instance, Args) ->
    case get(host_calls) of
        [{Key, Expected, Steps, Outcome} | Rest] ->
            compare(Key, Expected, [term(Arg) || Arg <- Args]),
            lists:foreach(fun(Step) -> step(Instance, Step) end, Steps),
            put(host_calls, Rest),
            case Outcome of
                {ok, []} -> ok;
                {ok, [Value]} -> value(Value);
                {ok, Values} -> list_to_tuple([value(Value) || Value <- Values]);
                {throw, N} -> throw({host, N})
            end;
        Others ->
            error({not_expected, Key, [term(Arg) || Arg <- Args], {expected, lists:sublist(Others, 1)}})
    end.

%% Values of the trace and of the runtime.

value({f, Bits}) -> special(Bits);
value(Other) -> Other.

special(16#7FF0000000000000) -> infinity;
special(16#FFF0000000000000) -> neg_infinity;
special(Bits) ->
    <<Float/float>> = <<Bits:64>>,
    Float.

term(infinity) -> {f, 16#7FF0000000000000};
term(neg_infinity) -> {f, 16#FFF0000000000000};
term({nan, _}) -> nan;
term(Float) when is_float(Float) ->
    <<Bits:64>> = <<Float/float>>,
    {f, Bits};
term(Other) -> Other.

%% A host function of this many parameters; it gets the instance first.
host(K, 0) -> fun(I) -> called(K, I, []) end;
host(K, 1) -> fun(I, A) -> called(K, I, [A]) end;
host(K, 2) -> fun(I, A, B) -> called(K, I, [A, B]) end;
host(K, 3) -> fun(I, A, B, C) -> called(K, I, [A, B, C]) end;
host(K, 4) -> fun(I, A, B, C, D) -> called(K, I, [A, B, C, D]) end;
host(K, 5) -> fun(I, A, B, C, D, E) -> called(K, I, [A, B, C, D, E]) end;
host(K, 6) -> fun(I, A, B, C, D, E, F) -> called(K, I, [A, B, C, D, E, F]) end;
host(K, 7) -> fun(I, A, B, C, D, E, F, G) -> called(K, I, [A, B, C, D, E, F, G]) end;
host(K, 8) -> fun(I, A, B, C, D, E, F, G, H) -> called(K, I, [A, B, C, D, E, F, G, H]) end;
host(K, 9) -> fun(I, A, B, C, D, E, F, G, H, J) -> called(K, I, [A, B, C, D, E, F, G, H, J]) end;
host(K, 10) -> fun(I, A, B, C, D, E, F, G, H, J, L) -> called(K, I, [A, B, C, D, E, F, G, H, J, L]) end;
%% More than 250 come as one tuple.
host(K, Arity) when Arity > 250 -> fun(I, Args) -> called(K, I, tuple_to_list(Args)) end.
