#!/usr/bin/env escript
%% -*- erlang -*-
%% What the runtime must bear, tried on a compiled module in one node.
%%
%% endurance.escript EBIN FOLDER OFFSET: FOLDER holds endurance.beam and spare.beam, OFFSET is that of the division in
%% the first. Names of checks come on standard input; each is answered with `ok NAME' or `failed NAME: WHAT'.
-mode(compile).

-define(PATIENCE, 20000).

main([Ebin, Folder, Offset]) ->
    ok = logger:set_primary_config(level, none),
    true = code:add_patha(Ebin),
    true = code:add_patha(Folder),
    put(offset, list_to_integer(Offset)),
    put(folder, Folder),
    serve().

serve() ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            Name = string:trim(Line),
            Environment = get(),
            {Pid, Monitor} = spawn_monitor(fun() ->
                [put(Key, Value) || {Key, Value} <- Environment],
                exit({result, check(Name)})
            end),
            receive
                {'DOWN', Monitor, process, Pid, {result, ok}} -> io:format("ok ~s~n", [Name]);
                {'DOWN', Monitor, process, Pid, Reason} -> io:format("failed ~s: ~0tP~n", [Name, Reason, 40])
            end,
            serve()
    end.

new() -> new(#{}).

new(Options) ->
    Again = fun(Instance) -> wasm2beam:call(Instance, <<"host">>, []), ok end,
    {ok, Instance} = wasm2beam:instantiate(endurance, #{<<"host">> => #{<<"again">> => Again}}, Options),
    Instance.

check("endless loops") ->
    Ping = spawn_link(fun ping/0),
    Self = self(),
    Spin = fun(Name) ->
        Instance = new(),
        [3] = wasm2beam:call(Instance, <<"divide">>, [7, 2]),
        Self ! {started, self()},
        wasm2beam:call(Instance, Name, [])
    end,
    Names = [<<"spin">>, <<"spin_storing">>, <<"spin_calling">>],
    Spinning = [spawn_monitor(fun() -> Spin(lists:nth(1 + N rem 3, Names)) end) || N <- lists:seq(1, 100)],
    [receive {started, Pid} -> ok after ?PATIENCE -> exit(not_started) end || {Pid, _} <- Spinning],
    lists:foreach(fun(N) -> answered(Ping, N) end, lists:seq(1, 100)),
    [running(Pid, 200) || {Pid, _} <- Spinning],
    [exit(Pid, kill) || {Pid, _} <- Spinning],
    [killed(Pid, Monitor) || {Pid, Monitor} <- Spinning],
    ok;
check("recursion " ++ Name) ->
    Args = [1 || Name =:= "heavy"],
    bounded(fun() ->
        Instance = new(),
        %% Twice: the depth is whole again after a trap.
        [exhausted(Instance, list_to_binary(Name), Args) || _ <- [1, 2]],
        [50000] = wasm2beam:call(Instance, <<"descend">>, [50000]),
        [3] = wasm2beam:call(Instance, <<"divide">>, [7, 2]),
        ok
    end);
check("max_depth") ->
    Instance = new(#{max_depth => 100}),
    [50] = wasm2beam:call(Instance, <<"descend">>, [50]),
    exhausted(Instance, <<"descend">>, [100]),
    [50] = wasm2beam:call(Instance, <<"descend">>, [50]),
    bounded(fun() ->
        Deep = new(#{max_depth => 1000000}),
        [500000] = wasm2beam:call(Deep, <<"descend">>, [500000]),
        ok
    end);
check("untouched memory") ->
    Self = self(),
    true = erlang:garbage_collect(),
    {memory, Before} = process_info(Self, memory),
    {ok, Instance} = wasm2beam:instantiate(spare),
    true = erlang:garbage_collect(),
    {memory, After} = process_info(Self, memory),
    Size = 65536 * wasm2beam:memory_size(Instance),
    true = Size =:= 4000 * 65536,
    case (After - Before) * 400 < Size of
        true -> ok;
        false -> {taken, After - Before}
    end;
check("instances come and go") ->
    Cycle = fun(_) ->
        {ok, _} = wasm2beam:with_instance(spare, #{}, fun(Instance) ->
            [7] = wasm2beam:call(Instance, <<"keep">>, [7]),
            ok = wasm2beam:close(new())
        end)
    end,
    Measure = fun() ->
        true = erlang:garbage_collect(),
        {memory, Memory} = process_info(self(), memory),
        {length(get()), erlang:system_info(atom_count), erlang:system_info(process_count), Memory}
    end,
    lists:foreach(Cycle, lists:seq(1, 100)),
    {Keys, Atoms, Processes, Before} = Measure(),
    lists:foreach(Cycle, lists:seq(1, 5000)),
    {Keys, Atoms, Processes, After} = Measure(),
    case After < Before + 100000 of
        true -> ok;
        false -> {grown, Before, After}
    end;
check("stack trace") ->
    Instance = new(),
    try wasm2beam:call(Instance, <<"outer">>, [0]) of
        Result -> {no_trap, Result}
    catch
        error:{wasm_trap, integer_divide_by_zero} = Reason:Stack ->
            [{endurance, divide, _, Info}, {endurance, outer, _, Outer} | _] = Stack,
            Offset = get(offset),
            {"endurance.wasm", Offset} = {proplists:get_value(file, Info), proplists:get_value(line, Info)},
            true = proplists:get_value(line, Outer) > Offset,
            #{module := Formatter} = proplists:get_value(error_info, Info),
            <<"wasm trap: integer divide by zero">> = maps:get(general, Formatter:format_error(Reason, Stack)),
            ok
    end;
check("another process") ->
    Instance = new(),
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        exit({refused, catch_error(fun() -> wasm2beam:call(Instance, <<"divide">>, [1, 1]) end),
              catch_error(fun() -> endurance:divide(Instance, 1, 1) end),
              catch_error(fun() -> wasm2beam:read_memory(Instance, 0, 1) end)})
    end),
    Foreign = {wasm_error, {foreign_process, Self}},
    receive
        {'DOWN', Monitor, process, Pid, {refused, Foreign, Foreign, Foreign}} -> ok;
        {'DOWN', Monitor, process, Pid, Reason} -> Reason
    end;
check("foreign values") ->
    Instance = new(),
    Wrong = [atom, 1.0, 1 bsl 32, -(1 bsl 31) - 1, <<"1">>, [1], self()],
    [{wasm_value, i32, Value} = catch_error(fun() -> endurance:divide(Instance, Value, 1) end) || Value <- Wrong],
    {wasm_error, {not_an_instance, none}} = catch_error(fun() -> endurance:divide(none, 1, 1) end),
    {ok, Spare} = wasm2beam:instantiate(spare),
    {wasm_error, {wrong_module, _, _}} = catch_error(fun() -> endurance:divide(Spare, 1, 1) end),
    ok = wasm2beam:close(Spare),
    {wasm_error, {closed, spare}} = catch_error(fun() -> wasm2beam:call(Spare, <<"keep">>, [1]) end),
    [1] = wasm2beam:call(Instance, <<"divide">>, [1, 1]),
    ok;
check("purged module") ->
    {ok, Instance} = wasm2beam:instantiate(spare),
    true = code:delete(spare),
    _ = code:purge(spare),
    %% Loaded anew: the same file is the same module, and the instance goes on.
    [5] = wasm2beam:call(Instance, <<"keep">>, [5]),
    true = code:delete(spare),
    _ = code:purge(spare),
    true = code:del_path(get(folder)),
    Gone = catch_error(fun() -> wasm2beam:call(Instance, <<"keep">>, [5]) end),
    true = code:add_patha(get(folder)),
    {wasm_error, {not_compiled, spare}} = Gone,
    ok.

ping() ->
    receive
        {From, N} ->
            From ! {pong, N},
            ping()
    end.

answered(Ping, N) ->
    Ping ! {self(), N},
    receive
        {pong, N} -> ok
    after ?PATIENCE -> exit({no_answer, N})
    end.

%% In the loop by now: its process may not have had a turn since it said that it started.
running(Pid, Tries) when Tries > 0 ->
    {current_function, {Module, _, _}} = process_info(Pid, current_function),
    case lists:member(Module, [endurance, wasm2beam_cells, wasm2beam_memory]) of
        true ->
            ok;
        false ->
            timer:sleep(100),
            running(Pid, Tries - 1)
    end.

killed(Pid, Monitor) ->
    receive
        {'DOWN', Monitor, process, Pid, killed} -> ok
    after ?PATIENCE -> exit(not_killed)
    end.

exhausted(Instance, Name, Args) ->
    {wasm_trap, call_stack_exhausted} = catch_error(fun() -> wasm2beam:call(Instance, Name, Args) end).

%% In a process that dies when its heap exceeds 512 MB.
bounded(Fun) ->
    Run = fun() -> exit({done, Fun()}) end,
    Options = [monitor, {max_heap_size, #{size => 64 * 1024 * 1024, kill => true, error_logger => false}}],
    {Pid, Monitor} = spawn_opt(Run, Options),
    receive
        {'DOWN', Monitor, process, Pid, {done, Result}} -> Result;
        {'DOWN', Monitor, process, Pid, Reason} -> Reason
    end.

catch_error(Fun) ->
    try Fun() of
        Result -> {no_error, Result}
    catch
        error:Reason -> Reason
    end.
