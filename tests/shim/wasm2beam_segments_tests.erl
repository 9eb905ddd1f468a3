%% Tables, element segments and data segments, by the functions that generated code calls.
-module(wasm2beam_segments_tests).

-include("guest_tests.hrl").

check_elements() ->
    I = guest(),
    Indirect = fun(Index) -> wasm2beam:call(I, <<"indirect">>, [Index, 1, 2]) end,
    ?assertEqual([3], Indirect(1)),
    ?assertError({wasm_trap, uninitialized_element}, Indirect(0)),
    ?assertError({wasm_trap, indirect_call_type_mismatch}, Indirect(2)),
    ?assertError({wasm_trap, uninitialized_element}, Indirect(3)),
    ?assertError({wasm_trap, undefined_element}, Indirect(4)),
    %% A reference that no code made.
    S = wasm2beam_instance:enter(I, wasm2beam_guest),
    Forged = element(3, S) + 1,
    ?error({bad_funcref, _}, wasm2beam_table:call(S, Forged, {[i32, i32], [i32]}, [1, 2])).

%% A table that outgrows its cells, written beyond their reach, while an instance goes on using it.
check_tables_move() ->
    with(#{tables => [{funcref, 4, none}]}),
    I = guest(),
    S = wasm2beam_instance:enter(I, wasm2beam_guest),
    Add = wasm2beam_table:get(S, 0, 1),
    ?assertEqual(4, wasm2beam_table:grow(S, 0, -1, 3000)),
    ?assertEqual(3004, wasm2beam_table:size(S, 0)),
    %% Cells that a call still holds lead to the table, growth and all.
    Flat = element(7, wasm2beam_instance:enter(I, wasm2beam_guest)),
    ok = wasm2beam_table:set(S, 0, 2999, Add),
    ?assertEqual([0, 0], [wasm2beam_cells:get(Cells, 1) || Cells <- [Flat, element(7, S)]]),
    [
        begin
            T = wasm2beam_instance:enter(I, wasm2beam_guest),
            Index = rand:uniform(3004) - 1,
            ok = wasm2beam_table:set(T, 0, Index, Index),
            ?assertEqual(Index, wasm2beam_table:get(S, 0, Index)),
            Each rem 500 =:= 0 andalso erlang:garbage_collect()
        end
     || Each <- lists:seq(1, 3000)
    ],
    ok = wasm2beam_table:set(S, 0, 2999, Add),
    %% Enough reads make it flat again, for calls that begin then.
    [Add = wasm2beam_table:get(S, 0, 2999) || _ <- lists:seq(1, 1000)],
    Table = element(7, wasm2beam_instance:enter(I, wasm2beam_guest)),
    ?assertEqual(3004, wasm2beam_cells:get(Table, 1)),
    ?assertEqual(Add, element(2999 + 2, Table)),
    ?assertEqual([5], wasm2beam:call(I, <<"indirect">>, [2999, 2, 3])),
    ?assertEqual(16#FFFFFFFF, wasm2beam_table:grow(S, 0, -1, 10000000)).

check_table_instructions() ->
    with(#{
        tables => [{funcref, 4, 10}, {externref, 3, 5}],
        elements => [{passive, funcref, [1, 2, 3]}, {passive, externref, [['ref.null']]}, {declarative, funcref, [1]}]
    }),
    %% The second table shifts what follows in the state; the guest's functions are not called here.
    I = guest(),
    S = wasm2beam_instance:enter(I, wasm2beam_guest),
    Base = element(3, S),
    ok = wasm2beam_table:init(S, 0, 0, 1, 0, 3),
    Row = fun() -> [wasm2beam_table:get(S, 0, Index) - Base || Index <- lists:seq(0, 3)] end,
    Null = -1 - Base,
    ?assertEqual([Null, 1, 2, 3], Row()),
    ok = wasm2beam_table:copy(S, 0, 0, 0, 1, 3),
    ?assertEqual([1, 2, 3, 3], Row()),
    ok = wasm2beam_table:copy(S, 0, 0, 1, 0, 3),
    ?assertEqual([1, 1, 2, 3], Row()),
    ok = wasm2beam_table:fill(S, 0, 2, -1, 2),
    ?assertEqual([1, 1, Null, Null], Row()),
    Trap = {wasm_trap, out_of_bounds_table_access},
    ?assertError(Trap, wasm2beam_table:init(S, 0, 0, 2, 0, 3)),
    ?assertError(Trap, wasm2beam_table:init(S, 0, 0, 0, 1, 3)),
    ?assertError(Trap, wasm2beam_table:init(S, 0, 2, 0, 0, 1)),
    ?assertError(Trap, wasm2beam_table:fill(S, 0, 2, -1, 3)),
    ?assertError(Trap, wasm2beam_table:copy(S, 0, 0, 2, 0, 3)),
    ?assertError(Trap, wasm2beam_table:set(S, 0, 4, -1)),
    ?assertError(Trap, wasm2beam_table:get(S, 1, 3)),
    ok = wasm2beam_table:elem_drop(S, 0),
    ?assertError(Trap, wasm2beam_table:init(S, 0, 0, 0, 0, 1)),
    ok = wasm2beam_table:init(S, 0, 0, 4, 0, 0),
    ?assertEqual(4, wasm2beam_table:grow(S, 0, Base + 2, 6)),
    ?assertEqual([Base + 2], lists:usort([wasm2beam_table:get(S, 0, Index) || Index <- lists:seq(4, 9)])),
    ?assertEqual(16#FFFFFFFF, wasm2beam_table:grow(S, 0, -1, 1)),
    ok = wasm2beam_table:set(S, 1, 0, #{any => term}),
    ok = wasm2beam_table:fill(S, 1, 1, "x", 2),
    3 = wasm2beam_table:grow(S, 1, y, 2),
    ok = wasm2beam_table:copy(S, 1, 1, 1, 0, 2),
    ?assertEqual(
        [#{any => term}, #{any => term}, "x", y, y], [wasm2beam_table:get(S, 1, Index) || Index <- lists:seq(0, 4)]
    ).

check_segments() ->
    I = guest(),
    S = wasm2beam_instance:enter(I, wasm2beam_guest),
    Mem = element(5, S),
    ok = wasm2beam_memory:init(S, Mem, 1, 100, 1, 4),
    ?assertEqual(<<"assi">>, wasm2beam:read_memory(I, 100, 4)),
    Trap = {wasm_trap, out_of_bounds_memory_access},
    ?assertError(Trap, wasm2beam_memory:init(S, Mem, 1, 0, 4, 4)),
    ?assertError(Trap, wasm2beam_memory:init(S, Mem, 1, 65533, 0, 4)),
    ?assertError(Trap, wasm2beam_memory:init(S, Mem, 0, 0, 0, 1)),
    ok = wasm2beam_memory:data_drop(S, 1),
    ok = wasm2beam_memory:init(S, Mem, 1, 65536, 0, 0),
    ?assertError(Trap, wasm2beam_memory:init(S, Mem, 1, 0, 0, 1)).

check_segment_traps() ->
    Before = get_keys_in_use(),
    with(#{elements => [{{active, 0, [{'i32.const', 3}]}, funcref, [1, 2]}]}),
    ?assertEqual(
        {error, {wasm_trap, out_of_bounds_table_access, #{in => element_segment, index => 0}}},
        wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun(_) -> ok end))
    ),
    with(#{data => [{passive, <<"x">>}, {{active, 0, [{'i32.const', -1}]}, <<"x">>}]}),
    ?assertEqual(
        {error, {wasm_trap, out_of_bounds_memory_access, #{in => data_segment, index => 1}}},
        wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun(_) -> ok end))
    ),
    ?assertEqual(Before, get_keys_in_use()).
