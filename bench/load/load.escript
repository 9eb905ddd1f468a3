#!/usr/bin/env escript
%% -*- erlang -*-
%% Many instances in one node: alive, called at once, made and dropped. Prints figures, and fails where something grows or
%% an answer is wrong.
%%
%% `make load' runs it.
%%
%% load.escript EBIN FOLDER LIVE CALLERS CALLS MADE: FOLDER holds load.beam; LIVE instances are alive together, CALLERS
%% processes make CALLS calls each at once, MADE instances are made and dropped.
-mode(compile).

-define(PATIENCE, 600000).
%% Steps of one call of `work'.
-define(STEPS, 2000).

main([Ebin, Folder | Numbers]) ->
    [Live, Callers, Calls, Made] = [list_to_integer(Number) || Number <- Numbers],
    true = code:add_patha(Ebin),
    true = code:add_patha(Folder),
    told("OTP ~s, ~b schedulers", [erlang:system_info(otp_release), erlang:system_info(schedulers_online)]),
    live_in_one(Live),
    live_in_many(Live),
    at_once(Callers, Calls),
    come_and_go(Made).

new() ->
    {ok, Instance} = wasm2beam:instantiate(load, #{<<"env">> => #{<<"host">> => fun(N) -> N + 1 end}}),
    Instance.

%% All in one process, each called in turn.
live_in_one(Count) ->
    alone(fun() ->
        Before = memory(),
        {Making, Instances} = timer:tc(fun() -> [new() || _ <- lists:seq(1, Count)] end),
        First = [load:count(Instance, N) || {Instance, N} <- numbered(Instances)],
        First = [N + 1 || N <- lists:seq(1, Count)],
        Held = memory() - Before,
        {Calling, Second} = timer:tc(fun() -> [load:count(Instance, N) || {Instance, N} <- numbered(Instances)] end),
        Second = [2 * N + 2 || N <- lists:seq(1, Count)],
        {Closing, _} = timer:tc(fun() -> [ok = wasm2beam:close(Instance) || Instance <- Instances] end),
        [] = get_keys_of_instances(),
        told("~b instances in one process: made in ~.2f us, called in turn in ~.2f us, closed in ~.2f us each; ~.1f KB each", [
            Count, Making / Count, Calling / Count, Closing / Count, Held / Count / 1024
        ])
    end).

%% Each in a process of its own, each called in turn by a message.
live_in_many(Count) ->
    alone(fun() ->
        Before = memory(),
        {Making, Servers} = timer:tc(fun() -> started([spawn_link(fun server/0) || _ <- lists:seq(1, Count)]) end),
        [true = (N + 1 =:= ask(Server, N)) || {Server, N} <- numbered(Servers)],
        Held = memory() - Before,
        {Calling, _} = timer:tc(fun() -> [true = (2 * N + 2 =:= ask(Server, N)) || {Server, N} <- numbered(Servers)] end),
        [Server ! stop || Server <- Servers],
        told("~b instances in as many processes: made in ~.2f us, asked in turn in ~.2f us each; ~.1f KB each", [
            Count, Making / Count, Calling / Count, Held / Count / 1024
        ])
    end).

%% All begin together; meanwhile somebody looks how long he has to wait for an answer of a third process.
at_once(Count, Calls) ->
    alone(fun() ->
        Workers = started([spawn_link(fun() -> worker(Calls) end) || _ <- lists:seq(1, Count)]),
        Echo = spawn_link(fun echo/0),
        Begin = erlang:monotonic_time(microsecond),
        [Worker ! {go, self()} || Worker <- Workers],
        {Results, Delays} = gather(Workers, Echo, [], []),
        Time = erlang:monotonic_time(microsecond) - Begin,
        [Answer] = lists:usort(Results),
        true = is_integer(Answer),
        Echo ! stop,
        told("~b processes at once, ~b calls of ~b steps each: ~.1f s, ~.1f million steps a second; others wait ~.1f ms at most", [
            Count, Calls, ?STEPS, Time / 1000000, Count * Calls * ?STEPS / Time, lists:max([0 | Delays]) / 1000
        ])
    end).

gather([], _Echo, Results, Delays) ->
    {Results, Delays};
gather([_ | Rest] = Waiting, Echo, Results, Delays) ->
    receive
        {result, Result} -> gather(Rest, Echo, [Result | Results], Delays)
    after 10 ->
        {Delay, ok} = timer:tc(fun() ->
            Echo ! {echo, self()},
            receive
                echo -> ok
            after ?PATIENCE -> exit(blocked)
            end
        end),
        gather(Waiting, Echo, Results, [Delay | Delays])
    end.

%% Made, called, closed by one process after the other; every tenth leaves its instances open and ends. What the node
%% holds after a tenth of them is what it may hold at the end.
come_and_go(Made) ->
    Batch = max(1, Made div 1000),
    Tenth = Made div Batch div 10,
    batches(1, Tenth, Batch),
    Before = holds(),
    Begin = erlang:monotonic_time(microsecond),
    batches(Tenth + 1, Made div Batch, Batch),
    Time = erlang:monotonic_time(microsecond) - Begin,
    After = holds(),
    Growth = [{What, Value - proplists:get_value(What, Before)} || {What, Value} <- After],
    told("~b instances made, called and dropped: ~.2f us each; growth ~0p", [Made, Time / (Made - Tenth * Batch), Growth]),
    [0, 0, 0, 0] = [proplists:get_value(What, Growth) || What <- [atoms, processes, modules, ports]],
    %% Allocators and schedulers keep some for later use; one leaf of each instance would be hundreds of times as much.
    true = proplists:get_value(bytes, Growth) < 4000000.

batches(From, To, _Batch) when From > To ->
    ok;
batches(Number, To, Batch) ->
    alone(fun() ->
        Closes = Number rem 10 =/= 0,
        Each = fun(N) ->
            Instance = new(),
            true = (N + 1 =:= load:count(Instance, N)),
            Closes andalso wasm2beam:close(Instance)
        end,
        lists:foreach(Each, lists:seq(1, Batch)),
        Closes =:= (get_keys_of_instances() =:= []) orelse exit(entries_left)
    end),
    batches(Number + 1, To, Batch).

holds() ->
    erlang:garbage_collect(),
    timer:sleep(100),
    [
        {atoms, erlang:system_info(atom_count)},
        {processes, erlang:system_info(process_count)},
        {modules, length(code:all_loaded())},
        {ports, erlang:system_info(port_count)},
        {bytes, memory()},
        {code_bytes, erlang:memory(code)}
    ].

get_keys_of_instances() ->
    [Key || {Key, _} <- get(), is_reference(Key)].

server() ->
    Instance = new(),
    server(Instance).

server(Instance) ->
    receive
        {start, From} ->
            From ! {started, self()},
            server(Instance);
        {count, N, From} ->
            From ! {self(), load:count(Instance, N)},
            server(Instance);
        stop ->
            ok
    end.

worker(Calls) ->
    Instance = new(),
    receive
        {start, From} -> From ! {started, self()}
    end,
    receive
        {go, Main} -> Main ! {result, lists:foldl(fun(_, _) -> load:work(Instance, ?STEPS) end, none, lists:seq(1, Calls))}
    end.

echo() ->
    receive
        {echo, From} ->
            From ! echo,
            echo();
        stop ->
            ok
    end.

started(Processes) ->
    [Process ! {start, self()} || Process <- Processes],
    [
        receive
            {started, Process} -> Process
        after ?PATIENCE -> exit(not_started)
        end
     || Process <- Processes
    ].

ask(Server, N) ->
    Server ! {count, N, self()},
    receive
        {Server, Answer} -> Answer
    after ?PATIENCE -> exit(no_answer)
    end.

numbered(List) ->
    lists:zip(List, lists:seq(1, length(List))).

%% In a process of its own, whose end frees everything.
alone(Fun) ->
    {Pid, Monitor} = spawn_monitor(Fun),
    receive
        {'DOWN', Monitor, process, Pid, normal} -> ok;
        {'DOWN', Monitor, process, Pid, Reason} -> exit(Reason)
    end.

memory() ->
    erlang:memory(total).

told(Format, Args) ->
    io:format(Format ++ "~n", Args).
