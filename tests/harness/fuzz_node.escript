#!/usr/bin/env escript
%% -*- erlang -*-
%% Runs generated modules for the fuzzer, many in one virtual machine.
%%
%% Consumes packets on standard input (four bytes of length each): <<PlanSize:32, Plan/binary, Beam/binary>>, Plan being
%% the text of a map. Answers each with a packet: what was observed, a line for each call of a host function, call,
%% global and memory. Values are written by their bits, every NaN as `nan`. A program that takes more than ten seconds
%% or 1.5 GB is ended and answered with `timeout` or `killed`.
-mode(compile).

-define(SECONDS, 10).
%% Fuel that no call uses up.
-define(MUCH, 1 bsl 50).
-define(WORDS, 200000000).

main(_) ->
    %% Reports of errors would go to standard output, among the answers.
    ok = logger:set_primary_config(level, none),
    serve(open_port({fd, 0, 1}, [binary, {packet, 4}, eof])).

serve(Port) ->
    receive
        {Port, {data, <<Size:32, Plan:Size/binary, Beam/binary>>}} ->
            port_command(Port, lists:join($\n, answer(Plan, Beam))),
            serve(Port);
        {Port, eof} ->
            ok
    end.

answer(Plan, Beam) ->
    Self = self(),
    Tag = make_ref(),
    Options = [monitor, {max_heap_size, #{size => ?WORDS, kill => true, error_logger => false}}],
    {Pid, Monitor} = spawn_opt(fun() -> Self ! {Tag, observe(Plan, Beam)} end, Options),
    receive
        {Tag, Lines} ->
            demonitor(Monitor, [flush]),
            Lines;
        {'DOWN', Monitor, process, Pid, Reason} ->
            [io_lib:format("~w", [Reason])]
    after ?SECONDS * 1000 ->
        demonitor(Monitor, [flush]),
        exit(Pid, kill),
        ["timeout"]
    end.

observe(PlanText, Beam) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(PlanText) ++ "."),
    {ok, #{hosts := Hosts, calls := Calls, globals := Globals, memory := HasMemory, fuel := Fuel, metered := Metered} = Plan} =
        erl_parse:parse_term(Tokens),
    code:purge(fuzz),
    case code:load_binary(fuzz, "fuzz.beam", Beam) of
        {module, fuzz} ->
            Functions = maps:from_list([{name("h~b", I), host(I, Host)} || {I, Host} <- indexed(Hosts)]),
            put(lines, []),
            case protect(fun() -> wasm2beam:instantiate(fuzz, #{<<"fuzz">> => maps:merge(Functions, given(Plan))}) end) of
                {ok, {ok, Instance}} ->
                    put(ready, true),
                    [call(Instance, Fuel, Metered, Call) || Call <- indexed(Calls)],
                    [global(Instance, Global) || Global <- indexed(Globals)],
                    HasMemory andalso memory(Instance),
                    wasm2beam:close(Instance);
                {ok, {error, {wasm_trap, Reason, _}}} ->
                    note("instantiate: trap ~s", [Reason]);
                {ok, {error, Reason}} ->
                    note("instantiate: error ~0P", [Reason, 40]);
                {raised, Text} ->
                    note("instantiate: ~s", [Text])
            end,
            lists:reverse(get(lines));
        {error, Reason} ->
            [io_lib:format("load: error ~0P", [Reason, 40])]
    end.

%% Globals and memory of the embedder.
given(#{given := Globals, given_memory := Memory}) ->
    Made = [{name("g~b", I), wasm2beam:global(Type, Mutability, api(Type, Bits))} || {I, {Type, Mutability, Bits}} <- indexed(Globals)],
    case Memory of
        none -> maps:from_list(Made);
        {Min, Max} -> maps:from_list([{<<"m">>, wasm2beam:memory(Min, Max)} | Made])
    end.

note(Format, Arguments) ->
    put(lines, [io_lib:format(Format, Arguments) | get(lines)]).

protect(Fun) ->
    try
        {ok, Fun()}
    catch
        error:{wasm_trap, Reason} -> {raised, io_lib:format("trap ~s", [Reason])};
        Class:Reason:Stack -> {raised, io_lib:format("~s ~0P ~0P", [Class, Reason, 30, Stack, 30])}
    end.

host(I, {Parameters, Results, Rows, Callback}) ->
    Body = fun(Instance, Args) ->
        note("host ~b: ~s", [I, values(Parameters, Args)]),
        Count = case get({count, I}) of undefined -> 0; Known -> Known end,
        put({count, I}, Count + 1),
        Callback =:= none orelse get(ready) =/= true orelse wasm2beam:call(Instance, Callback, []),
        Row = lists:nth(Count rem length(Rows) + 1, Rows),
        case [api(Type, Bits) || {Type, Bits} <- lists:zip(Results, Row)] of
            [] -> ok;
            [Value] -> Value;
            Values -> list_to_tuple(Values)
        end
    end,
    spread(length(Parameters), Body).

%% A fun that takes the instance and so many arguments, from a module of its own: erl_eval makes none of more than 20.
spread(Count, Body) ->
    Module = list_to_atom("fuzz_host_" ++ integer_to_list(Count)),
    erlang:module_loaded(Module) orelse load_maker(Module, Count),
    Module:make(Body).

load_maker(Module, Count) ->
    Names = [{var, 1, list_to_atom("A" ++ integer_to_list(I))} || I <- lists:seq(1, Count)],
    List = lists:foldr(fun(Name, Tail) -> {cons, 1, Name, Tail} end, {nil, 1}, Names),
    Call = {call, 1, {var, 1, 'Body'}, [{var, 1, 'Instance'}, List]},
    Fun = {'fun', 1, {clauses, [{clause, 1, [{var, 1, 'Instance'} | Names], [], [Call]}]}},
    Make = {function, 1, make, 1, [{clause, 1, [{var, 1, 'Body'}], [], [Fun]}]},
    Forms = [{attribute, 1, module, Module}, {attribute, 1, export, [{make, 1}]}, Make],
    {ok, Module, Binary} = compile:forms(Forms),
    {module, Module} = code:load_binary(Module, "", Binary).

call(Instance, Fuel, Metered, {I, {Name, Parameters, Args, Results}}) ->
    ok = wasm2beam:set_global(Instance, <<"g0">>, Fuel),
    Values = [api(Type, Bits) || {Type, Bits} <- lists:zip(Parameters, Args)],
    Metered andalso wasm2beam:set_fuel(Instance, ?MUCH),
    case protect(fun() -> wasm2beam:call(Instance, Name, Values) end) of
        {ok, Answer} ->
            note("call ~b: ~s", [I, values(Results, Answer)]),
            Metered andalso note("used ~b: ~b", [I, ?MUCH - wasm2beam:fuel(Instance)]);
        {raised, Text} -> note("call ~b: ~s", [I, Text])
    end.

global(Instance, {I, Type}) ->
    case protect(fun() -> wasm2beam:get_global(Instance, name("g~b", I)) end) of
        {ok, Value} -> note("global ~b: ~s", [I, shown(Type, Value)]);
        {raised, Text} -> note("global ~b: ~s", [I, Text])
    end.

memory(Instance) ->
    Read = fun() ->
        Pages = wasm2beam:memory_size(Instance, <<"m">>),
        Chunks = [wasm2beam:read_memory(Instance, <<"m">>, I * 65536, 65536) || I <- lists:seq(0, Pages - 1)],
        {Pages, binary:encode_hex(erlang:md5(Chunks))}
    end,
    case protect(Read) of
        {ok, {Pages, Hash}} -> note("memory: ~b pages ~s", [Pages, string:lowercase(Hash)]);
        {raised, Text} -> note("memory: ~s", [Text])
    end.

values(Types, Values) when length(Types) =:= length(Values) ->
    lists:join($\s, [shown(Type, Value) || {Type, Value} <- lists:zip(Types, Values)]);
values(_Types, Values) ->
    io_lib:format("~0P", [Values, 30]).

shown(i32, Value) when Value >= -16#80000000, Value =< 16#7FFFFFFF -> hex(Value band 16#FFFFFFFF);
shown(i64, Value) when Value >= -16#8000000000000000, Value =< 16#7FFFFFFFFFFFFFFF ->
    hex(Value band 16#FFFFFFFFFFFFFFFF);
shown(f32, infinity) -> "7f800000";
shown(f32, neg_infinity) -> "ff800000";
shown(f64, infinity) -> "7ff0000000000000";
shown(f64, neg_infinity) -> "fff0000000000000";
shown(_, nan) -> "nan";
shown(_, {nan, _}) -> "nan";
shown(f32, Value) when is_float(Value) ->
    <<Bits:32>> = <<Value:32/float>>,
    <<Single:32/float>> = <<Bits:32>>,
    %% A value that is no single is shown as what it is.
    case <<Single/float>> =:= <<Value/float>> of
        true -> hex(Bits);
        false -> io_lib:format("double ~w", [Value])
    end;
shown(f64, Value) when is_float(Value) ->
    <<Bits:64>> = <<Value/float>>,
    hex(Bits);
shown(funcref, {wasm2beam_funcref, _, _}) -> "func";
shown(Type, null) when Type =:= funcref; Type =:= externref -> "null";
shown(externref, Value) when is_integer(Value) -> hex(Value);
shown(_, Value) -> io_lib:format("no such value: ~0P", [Value, 20]).

hex(Value) ->
    string:lowercase(integer_to_list(Value, 16)).

%% An API value from bits. Integers come in both ways in which they are accepted.
api(_, null) -> null;
api(i32, Bits) when Bits band 1 =:= 1, Bits >= 16#80000000 -> Bits - 16#100000000;
api(i64, Bits) when Bits band 1 =:= 1, Bits >= 16#8000000000000000 -> Bits - 16#10000000000000000;
api(f32, Bits) ->
    case <<Bits:32>> of
        <<Value:32/float>> -> Value;
        <<0:1, 255:8, 0:23>> -> infinity;
        <<1:1, 255:8, 0:23>> -> neg_infinity;
        _ -> nan
    end;
api(f64, Bits) ->
    case <<Bits:64>> of
        <<Value/float>> -> Value;
        <<0:1, 2047:11, 0:52>> -> infinity;
        <<1:1, 2047:11, 0:52>> -> neg_infinity;
        _ -> nan
    end;
api(_, Bits) -> Bits.

name(Format, I) ->
    iolist_to_binary(io_lib:format(Format, [I])).

indexed(List) ->
    lists:zip(lists:seq(0, length(List) - 1), List).
