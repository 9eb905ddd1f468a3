%% The Erlang interface, over a module written by hand (guest.hrl): calls, values, wrong use, life and death.
-module(wasm2beam_tests).

-include("guest_tests.hrl").

check_calls() ->
    I = guest(),
    ?assertEqual([5], wasm2beam:call(I, <<"add">>, [2, 3])),
    ?assertEqual([-2], wasm2beam:call(I, add, [16#FFFFFFFF, -1])),
    ?assertEqual([], wasm2beam:call(I, "note", [1])),
    ?assertEqual([1.5, -7], wasm2beam:call(I, <<"swap">>, [-7, 1.5])),
    ?assertEqual(5, wasm2beam_guest:add(I, 2, 3)),
    ?assertError({wasm_trap, unreachable}, wasm2beam:call(I, <<"fail">>, [])),
    ?assertEqual([9], wasm2beam:call_ref(wasm2beam:export(I, <<"add">>), [4, 5])),
    ?assertEqual([3], wasm2beam:call_ref({wasm2beam_funcref, self(), 1 bsl 24 bor 1}, [1, 2])).

check_memory() ->
    I = guest(),
    ?assertEqual(<<0, "hello", 0>>, wasm2beam:read_memory(I, 7, 7)),
    ?assertEqual(ok, wasm2beam:write_memory(I, <<"memory">>, 9, [<<"u">>, "rr"])),
    ?assertEqual(<<"hurro">>, wasm2beam:read_memory(wasm2beam:export(I, memory), 8, 5)),
    ?assertEqual(1, wasm2beam:memory_size(I)),
    ?assertEqual(1, wasm2beam:grow_memory(I, 1)),
    ?assertEqual(2, wasm2beam:memory_size(I, "memory")),
    ?error({grow, 2, 1}, wasm2beam:grow_memory(I, 1)),
    ?error({out_of_bounds, 131072, 1, 131072}, wasm2beam:read_memory(I, 131072, 1)),
    ?error({out_of_bounds, -1, 1, 131072}, wasm2beam:read_memory(I, -1, 1)),
    ?error({out_of_bounds, 131070, 3, 131072}, wasm2beam:write_memory(I, 131070, <<1, 2, 3>>)),
    ?assertEqual(<<0, 0>>, wasm2beam:read_memory(I, 131070, 2)).

check_globals() ->
    I = guest(),
    ?assertEqual([0], wasm2beam:call(I, <<"bump">>, [])),
    ?assertEqual([1], wasm2beam:call(I, <<"bump">>, [])),
    ?assertEqual(1, wasm2beam:get_global(I, <<"counter">>)),
    ?assertEqual(ok, wasm2beam:set_global(I, <<"counter">>, 16#7FFFFFFFFFFFFFFF)),
    ?assertEqual([-16#8000000000000000], wasm2beam:call(I, <<"bump">>, [])),
    ?assertError({wasm_value, i64, 1.0}, wasm2beam:set_global(I, <<"counter">>, 1.0)),
    ?error({immutable, global}, wasm2beam:set_global(wasm2beam:global(f64, const, 1.0), 2.0)),
    [
        begin
            Global = wasm2beam:global(Type, var, First),
            ?assertEqual(First, wasm2beam:get_global(Global)),
            ok = wasm2beam:set_global(Global, Second),
            erlang:garbage_collect(),
            ?assertEqual(Second, wasm2beam:get_global(Global))
        end
     || {Type, First, Second} <- [
            {i32, -1, 7},
            {i64, 1 bsl 40, -(1 bsl 63)},
            {f32, 0.5, {nan, 16#7F800001}},
            {f64, infinity, 1.0e300},
            {externref, [a, {b}], null},
            {funcref, null, {wasm2beam_funcref, self(), 1 bsl 24}}
        ]
    ].

check_start() ->
    Imports = ?LOG(fun(_) -> ok end),
    Before = get_keys_in_use(),
    with(#{start => 3}),
    {error, {wasm_trap, unreachable, #{in := start, stacktrace := [_ | _]}}} =
        wasm2beam:instantiate(wasm2beam_guest, Imports),
    ?assertEqual(Before, get_keys_in_use()),
    %% What a host function raises in it passes through, and leaves nothing either.
    with(#{start => 1, functions => {0, 3, 2, 3, 0, 4, 5, 0}, callable => #{3 => {note, plain}}}),
    ?assertThrow(from_host, wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun(_) -> throw(from_host) end))),
    ?assertEqual(Before, get_keys_in_use()),
    with(#{start => 2}),
    {ok, I} = wasm2beam:instantiate(wasm2beam_guest, Imports),
    ?assertEqual(0, wasm2beam:get_global(I, <<"counter">>)).

check_wrong_use() ->
    I = guest(),
    ?error({unknown_export, <<"nothing">>}, wasm2beam:call(I, <<"nothing">>, [])),
    ?error({wrong_kind, <<"memory">>, func, memory}, wasm2beam:call(I, <<"memory">>, [])),
    ?error({wrong_kind, <<"add">>, global, func}, wasm2beam:get_global(I, <<"add">>)),
    ?error({arity, <<"add">>, 2, 1}, wasm2beam:call(I, <<"add">>, [1])),
    ?error({bad_arguments, <<"add">>, 1}, wasm2beam:call(I, <<"add">>, 1)),
    ?error({bad_arguments, <<"add">>, [1 | 2]}, wasm2beam:call(I, <<"add">>, [1 | 2])),
    ?error({not_an_instance, foo}, wasm2beam:call(foo, <<"add">>, [1, 2])),
    ?error({not_an_instance, foo}, wasm2beam:close(foo)),
    ?error({not_an_extern, foo}, wasm2beam:get_global(foo)),
    ?error({bad_type, _}, wasm2beam:memory(2, 1)),
    ?error({bad_type, _}, wasm2beam:memory(0, 65537)),
    ?error({bad_type, _}, wasm2beam:table(i32, 0, none)),
    ?error({bad_type, _}, wasm2beam:global(v128, const, <<0:128>>)),
    ?error({wrong_module, lists, wasm2beam_guest}, wasm2beam_instance:enter(I, lists)),
    ?assertMatch({error, {wasm_error, {not_compiled, lists}}}, wasm2beam:instantiate(lists)),
    ?assertMatch({error, {wasm_error, {not_compiled, no_such_module}}}, wasm2beam:instantiate(no_such_module)),
    ?assertMatch({error, {wasm_error, {not_compiled, "x"}}}, wasm2beam:instantiate("x")),
    ?assertMatch({error, {wasm_error, {bad_imports, _}}}, wasm2beam:instantiate(wasm2beam_guest, [])),
    ?assertMatch({error, {wasm_error, {bad_imports, _}}}, wasm2beam:instantiate(wasm2beam_guest, #{env => #{}})),
    ok = wasm2beam:close(I),
    ok = wasm2beam:close(I),
    ?error({closed, wasm2beam_guest}, wasm2beam:call(I, <<"add">>, [1, 2])),
    ?error({closed, wasm2beam_guest}, wasm2beam_guest:add(I, 1, 2)),
    ?error({closed, wasm2beam_guest}, wasm2beam:read_memory(I, 0, 1)).

check_wrong_values() ->
    I = guest(),
    [?assertError({wasm_value, i32, Value}, wasm2beam:call(I, <<"add">>, [Value, 1])) ||
        Value <- [1.0, 1 bsl 32, -(1 bsl 31) - 1, one, <<1>>]],
    [?assertError({wasm_value, i64, Value}, wasm2beam:call(I, <<"swap">>, [Value, 1.0])) ||
        Value <- [1 bsl 64, -(1 bsl 63) - 1]],
    [?assertError({wasm_value, f32, Value}, wasm2beam:call(I, <<"swap">>, [1, Value])) ||
        Value <- [1, {nan, 0}, {nan, 16#7F800000}, {nan, 16#7FF8000000000000}, inf]],
    ?assertEqual([nan, 1], wasm2beam:call(I, <<"swap">>, [1, {nan, 16#7FC00000}])),
    ?assertEqual([infinity, 1], wasm2beam:call(I, <<"swap">>, [1, 1.0e300])),
    ?assertEqual([0.10000000149011612, 1], wasm2beam:call(I, <<"swap">>, [1, 0.1])),
    [?assertError({wasm_value, funcref, Value}, wasm2beam_value:to_funcref(Value)) ||
        Value <- [0, {wasm2beam_funcref, self(), 1 bsl 24 bor 8}, {wasm2beam_funcref, self(), 2 bsl 24},
                  {wasm2beam_funcref, self(), -1}, {wasm2beam_funcref, whereis(init), 1 bsl 24}]],
    ?assertEqual({1, 2, 3.5, null}, wasm2beam_value:results([i64, f64, externref], {1 bsl 32 bor 2, 3.5, null})),
    ?error({bad_results, [i32, i32], 1}, wasm2beam_value:results([i32, i32], 1)),
    ?error({bad_results, [i32, i32], {1}}, wasm2beam_value:results([i32, i32], {1})).

check_other_process() ->
    I = guest(),
    Memory = wasm2beam:export(I, <<"memory">>),
    Self = self(),
    Elsewhere = fun(Fun) ->
        {Pid, Ref} = spawn_monitor(fun() -> exit({done, try Fun() catch error:Reason -> Reason end}) end),
        receive {'DOWN', Ref, process, Pid, {done, Result}} -> Result end
    end,
    Foreign = {wasm_error, {foreign_process, Self}},
    ?assertEqual(Foreign, Elsewhere(fun() -> wasm2beam:call(I, <<"add">>, [1, 2]) end)),
    ?assertEqual(Foreign, Elsewhere(fun() -> wasm2beam_guest:add(I, 1, 2) end)),
    ?assertEqual(Foreign, Elsewhere(fun() -> wasm2beam:close(I) end)),
    ?assertEqual(Foreign, Elsewhere(fun() -> wasm2beam:read_memory(Memory, 0, 1) end)),
    ?assertEqual(Foreign, Elsewhere(fun() -> wasm2beam:instantiate(wasm2beam_guest, ?LOG(Memory)), error(Foreign) end)),
    ?assertEqual([3], wasm2beam:call(I, <<"add">>, [1, 2])).

check_other_version() ->
    I = guest(),
    with(#{source => <<"other.wasm">>}),
    ?error({module_changed, wasm2beam_guest}, wasm2beam_guest:add(I, 1, 2)),
    ?error({module_changed, wasm2beam_guest}, wasm2beam:call(I, <<"add">>, [1, 2])),
    %% The same version loaded anew is as good.
    with(#{}),
    ?assertEqual([3], wasm2beam:call(I, <<"add">>, [1, 2])).

%% A module that is gone gives a clear error, and its instance can still be closed.
check_purged() ->
    Forms = [
        {attribute, 1, module, wasm2beam_guest_gone},
        {attribute, 1, export, [{'$wasm2beam', 1}]},
        {function, 1, '$wasm2beam', 1, [{clause, 1, [{var, 1, '_'}], [], [{tuple, 1, []}]}]}
    ],
    Info = (wasm2beam_guest:info())#{imports => [], start => none},
    Return = {clause, 1, [{var, 1, '_'}], [], [erl_parse:abstract(Info)]},
    {ok, Name, Code} = compile:forms(lists:keyreplace(function, 1, Forms, {function, 1, '$wasm2beam', 1, [Return]})),
    {module, Name} = code:load_binary(Name, "none", Code),
    {ok, I} = wasm2beam:instantiate(Name),
    ?assertEqual(1, wasm2beam:memory_size(I)),
    %% Loaded anew it is the same; gone it is not.
    {module, Name} = code:load_binary(Name, "none", Code),
    code:purge(Name),
    ?assertEqual(1, wasm2beam:memory_size(I)),
    true = code:delete(Name),
    code:purge(Name),
    ?error({not_compiled, Name}, wasm2beam:memory_size(I)),
    ?error({not_compiled, Name}, wasm2beam:call(I, <<"add">>, [1, 2])),
    ?assertEqual(ok, wasm2beam:close(I)).

check_options() ->
    Imports = ?LOG(fun(_) -> ok end),
    Try = fun(Options) -> wasm2beam:instantiate(wasm2beam_guest, Imports, Options) end,
    [?assertMatch({error, {wasm_error, {bad_option, _, _}}}, Try(Options)) ||
        Options <- [#{depth => 1}, #{max_depth => 0}, #{max_memory => 65537}, #{max_memory => -1}, []]],
    ?assertEqual({error, {wasm_limit, memory, #{needed => 1, limit => 0}}}, Try(#{max_memory => 0})),
    ?assertEqual({error, {wasm_limit, table, #{needed => 4, limit => 3}}}, Try(#{max_table => 3})),
    {ok, I} = Try(#{max_memory => 1, max_table => 4}),
    ?error({grow, 1, 1}, wasm2beam:grow_memory(I, 1)),
    ?assertEqual(16#FFFFFFFF, wasm2beam_table:grow(wasm2beam_instance:enter(I, wasm2beam_guest), 0, -1, 1)).

%% As far as the limits, but no further, whatever the module declares; the instance goes on at its size.
check_growth() ->
    with(#{memories => [{1, 5}], tables => [{funcref, 4, none}]}),
    {ok, I} = wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun(_) -> ok end), #{max_memory => 3, max_table => 6}),
    ?assertEqual(1, wasm2beam:grow_memory(I, 1)),
    ?error({grow, 2, 2}, wasm2beam:grow_memory(I, 2)),
    ?assertEqual(2, wasm2beam:grow_memory(I, 1)),
    ?error({grow, 3, 1}, wasm2beam:grow_memory(I, 1)),
    ?assertEqual(<<0, 0>>, wasm2beam:read_memory(I, 3 * 65536 - 2, 2)),
    Grow = fun(Delta) -> wasm2beam_table:grow(wasm2beam_instance:enter(I, wasm2beam_guest), 0, -1, Delta) end,
    ?assertEqual([16#FFFFFFFF, 4, 16#FFFFFFFF, 6], [Grow(Delta) || Delta <- [3, 2, 1, 0]]),
    ?assertEqual([5], wasm2beam:call(I, <<"indirect">>, [1, 2, 3])).

check_words_for_limits() ->
    Imports = ?LOG(fun(_) -> ok end),
    Text = fun(Options) ->
        {error, Error} = wasm2beam:instantiate(wasm2beam_guest, Imports, Options),
        wasm2beam:format_error(Error)
    end,
    ?assertEqual(<<"memory of 1 pages exceeds the limit of 0">>, Text(#{max_memory => 0})),
    ?assertEqual(<<"table of 4 elements exceeds the limit of 3">>, Text(#{max_table => 3})),
    ?assertEqual(<<"wasm trap: call stack exhausted">>, wasm2beam:format_error({wasm_trap, call_stack_exhausted})).

check_depth() ->
    {ok, I} = wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun(_) -> ok end), #{max_depth => 10}),
    ?assertEqual([], wasm2beam:call(I, <<"deep">>, [10])),
    ?assertError({wasm_trap, call_stack_exhausted}, wasm2beam:call(I, <<"deep">>, [11])),
    ?assertEqual([], wasm2beam:call(guest(), <<"deep">>, [100000])).

check_leaves_nothing() ->
    Imports = ?LOG(fun(_) -> ok end),
    Round = fun() ->
        {ok, I} = wasm2beam:instantiate(wasm2beam_guest, Imports),
        ok = wasm2beam:write_memory(I, 5000, <<"x">>),
        0 = wasm2beam_memory:load(element(5, wasm2beam_instance:enter(I, wasm2beam_guest)), 0, 4),
        ok = wasm2beam:close(I)
    end,
    Round(),
    Keys = length(get_keys()),
    Atoms = erlang:system_info(atom_count),
    erlang:garbage_collect(),
    {memory, Before} = process_info(self(), memory),
    [Round() || _ <- lists:seq(1, 10000)],
    ?assertEqual(Keys, length(get_keys())),
    ?assertEqual(Atoms, erlang:system_info(atom_count)),
    erlang:garbage_collect(),
    {memory, After} = process_info(self(), memory),
    ?assert(After - Before < 100000).

check_with_instance() ->
    Imports = ?LOG(fun(_) -> ok end),
    Before = get_keys_in_use(),
    With = fun(Given, Fun) -> wasm2beam:with_instance(wasm2beam_guest, Given, Fun) end,
    ?assertEqual({ok, [3]}, With(Imports, fun(I) -> wasm2beam:call(I, add, [1, 2]) end)),
    ?assertThrow(away, With(Imports, fun(_) -> throw(away) end)),
    ?assertMatch({error, {wasm_link, unknown_import, _}}, With(#{}, fun(_) -> ok end)),
    ?assertEqual(Before, get_keys_in_use()).

%% A crash in a process that holds 16 MiB is reported in under 100 KB and 100 ms: proc_lib copies the process
%% dictionary, but nothing of it is printed. Processor time, the best of five: other work on the machine is not meant.
check_crash_report() ->
    with(#{memories => [{256, none}]}),
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => self(), formatter => {logger_formatter, #{}}}),
    ok = logger:set_handler_config(default, level, none),
    try
        Reports = [crash_and_report(plain) || _ <- lists:seq(1, 5)],
        ?assertMatch(Time when Time < 100, lists:min([Time || {_, Time} <- Reports])),
        %% Who closes the instance on the way out is spared the copy, and who says that nobody may look (docs/limits.md).
        Closed = [crash_and_report(closing) || _ <- lists:seq(1, 3)],
        ?assertMatch(Time when Time < 20, lists:min([Time || {_, Time} <- Closed])),
        {Text, _} = crash_and_report(sensitive),
        ?assertMatch({_, _}, binary:match(Text, <<"dictionary: []">>))
    after
        ok = logger:set_handler_config(default, level, all),
        ok = logger:remove_handler(?MODULE)
    end.

%% The report of a crash with a memory of 16 MB, and the milliseconds of CPU until it is there.
crash_and_report(How) ->
    Crash = fun(I) ->
        Mem = element(5, wasm2beam_instance:enter(I, wasm2beam_guest)),
        [wasm2beam_memory:store(Mem, A, 4, A) || A <- lists:seq(0, 256 * 65536 - 4, 4096)],
        statistics(runtime),
        wasm2beam:call(I, <<"fail">>, [])
    end,
    _ = proc_lib:spawn(fun() ->
        process_flag(sensitive, How =:= sensitive),
        case How of
            closing -> wasm2beam:with_instance(wasm2beam_guest, ?LOG(fun(_) -> ok end), Crash);
            _ -> Crash(guest())
        end
    end),
    receive
        {report, Text} ->
            {_, Milliseconds} = statistics(runtime),
            ?assertMatch({_, _}, binary:match(Text, <<"unreachable">>)),
            ?assert(byte_size(Text) < 100000),
            {Text, Milliseconds}
    end.

%% The logger handler of the test above.
log(Event, #{config := Pid, formatter := {Module, Config}}) ->
    Pid ! {report, unicode:characters_to_binary(Module:format(Event, Config))}.

check_exports() ->
    I = guest(),
    ?assertEqual(
        [{<<"memory">>, {memory, 1, 2}}, {<<"table">>, {table, funcref, 4, 10}}, {<<"counter">>, {global, i64, var}}],
        lists:nthtail(7, wasm2beam:exports(I))
    ),
    ?assertEqual({<<"add">>, {func, {[i32, i32], [i32]}}}, hd(wasm2beam:exports(I))),
    ?assertEqual(wasm2beam:exports(wasm2beam_guest), wasm2beam:exports(I)),
    ?assertEqual([{<<"env">>, <<"log">>, {func, {[i32], []}}}], wasm2beam:imports(wasm2beam_guest)),
    ?assertEqual(wasm2beam:imports(wasm2beam_guest), wasm2beam:imports(I)).

check_errors_in_words() ->
    Text = fun(Fun) ->
        try Fun() catch error:Reason:Stack ->
            [{_, _, _, Info} | _] = Stack,
            #{module := Module} = proplists:get_value(error_info, Info),
            #{general := General} = Module:format_error(Reason, Stack),
            ?assertEqual(General, wasm2beam:format_error(Reason)),
            General
        end
    end,
    I = guest(),
    Divide = fun() -> wasm2beam_trap:raise(integer_divide_by_zero) end,
    ?assertEqual(<<"wasm trap: integer divide by zero">>, Text(Divide)),
    ?assertEqual(<<"<<\"add\">> takes 2 arguments, got 0">>, Text(fun() -> wasm2beam:call(I, <<"add">>, []) end)),
    ?assertEqual(
        <<"expected an i32 (an integer from -2147483648 to 4294967295), got foo">>,
        Text(fun() -> wasm2beam:call(I, <<"add">>, [foo, 1]) end)
    ),
    {error, Link} = wasm2beam:instantiate(wasm2beam_guest, #{}),
    ?assertEqual(<<"unknown import: env.log">>, wasm2beam:format_error(Link)),
    {error, Type} = wasm2beam:instantiate(wasm2beam_guest, ?LOG(1)),
    ?assertEqual(
        <<"incompatible import type: env.log (expected {func,{[i32],[]}}, found 1)">>, wasm2beam:format_error(Type)
    ),
    %% Nothing large is printed.
    ?assert(byte_size(Text(fun() -> wasm2beam:call(I, <<"add">>, [lists:seq(1, 100000), 1]) end)) < 400).
