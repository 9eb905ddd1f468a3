%% Linking: what may be imported as what, and what instances share.
-module(wasm2beam_link_tests).

-include("guest_tests.hrl").

check_host_functions() ->
    Self = self(),
    I = guest(fun(X) -> put(seen, {X, self()}) end),
    [] = wasm2beam:call(I, <<"note">>, [-5]),
    ?assertEqual({-5, Self}, get(seen)),
    %% One parameter more: the instance first, and calls back into it.
    J = guest(fun(Instance, X) -> put(seen, {Instance, wasm2beam:call(Instance, <<"add">>, [X, 1])}) end),
    [] = wasm2beam:call(J, <<"note">>, [41]),
    ?assertEqual({J, [42]}, get(seen)),
    K = guest({erlang, display}),
    ?assertMatch(#{pid := Self, module := wasm2beam_guest}, K),
    %% What a host function raises passes through.
    L = guest(fun(_) -> throw(from_host) end),
    ?assertThrow(from_host, wasm2beam:call(L, <<"note">>, [1])),
    %% A function reference as an import.
    M = guest(wasm2beam:export(I, <<"note">>)),
    [] = wasm2beam:call(M, <<"note">>, [77]),
    ?assertEqual({77, Self}, get(seen)),
    N = guest({wasm2beam_funcref, Self, 1 bsl 24 bor 4}),
    [] = wasm2beam:call(N, <<"note">>, [78]),
    ?assertEqual({78, Self}, get(seen)).

%% A function by module and name, with and without the instance.
check_remote_functions() ->
    I = guest({?MODULE, seen}),
    [] = wasm2beam:call(I, <<"note">>, [5]),
    ?assertEqual([5], get(seen)),
    J = guest({?MODULE, seen_by}),
    [] = wasm2beam:call(J, <<"note">>, [6]),
    ?assertEqual([J, 6], get(seen)).

seen(X) -> put(seen, [X]).

seen_by(Instance, X) -> put(seen, [Instance, X]).

%% More than 250 parameters come in one tuple.
check_very_wide_host_functions() ->
    Type = {lists:duplicate(300, i32), []},
    with(#{imports => [{<<"env">>, <<"log">>, {func, Type, host}}]}),
    Tuple = list_to_tuple(lists:seq(1, 300)),
    Import = fun(Instance) -> element(9, wasm2beam_instance:enter(Instance, wasm2beam_guest)) end,
    ?assertEqual(Tuple, (Import(guest(fun(Args) -> Args end)))(Tuple)),
    I = guest(fun(Instance, Args) -> {Instance, Args} end),
    ?assertEqual({I, Tuple}, (Import(I))(Tuple)),
    ?assertMatch({error, {wasm_link, _, _}}, wasm2beam:instantiate(wasm2beam_guest, ?LOG(fun() -> ok end))).

check_unknown_imports() ->
    Unknown = {error, {wasm_link, unknown_import, #{module => <<"env">>, name => <<"log">>}}},
    ?assertEqual(Unknown, wasm2beam:instantiate(wasm2beam_guest)),
    ?assertEqual(Unknown, wasm2beam:instantiate(wasm2beam_guest, #{<<"env">> => #{}})),
    ?assertEqual(Unknown, wasm2beam:instantiate(wasm2beam_guest, #{<<"env">> => guest()})).

check_import_types() ->
    Wrong = fun(Value) ->
        {error, {wasm_link, incompatible_import_type, #{name := <<"log">>}} = Reason} =
            wasm2beam:instantiate(wasm2beam_guest, ?LOG(Value)),
        Reason
    end,
    {_, _, #{expected := {func, {[i32], []}}, found := {'fun', 3}}} = Wrong(fun(_, _, _) -> ok end),
    {_, _, #{found := {memory, 1, none}}} = Wrong(wasm2beam:memory(1, none)),
    {_, _, #{found := {func, {[i32, i32], [i32]}}}} = Wrong(wasm2beam:export(guest(), <<"add">>)),
    Wrong({wasm2beam_funcref, self(), 1 bsl 24 bor 1}),
    Wrong({no_such_module, f}),
    Wrong(17),
    Nothing = #{memories => [], tables => [], globals => [], exports => [], elements => [], data => []},
    Import = fun(Description, Value) ->
        with(Nothing#{imports => [{<<"a">>, <<"b">>, Description}]}),
        case wasm2beam:instantiate(wasm2beam_guest, #{<<"a">> => #{<<"b">> => Value}}) of
            {ok, Instance} -> wasm2beam:close(Instance);
            {error, {wasm_link, incompatible_import_type, _}} -> error
        end
    end,
    Check = fun(Value, Cases) ->
        [?assertEqual({Wanted, Value, Expected}, {Wanted, Value, Import(Wanted, Value)}) || {Wanted, Expected} <- Cases]
    end,
    Check(wasm2beam:memory(2, 5), [
        {{memory, 2, 5}, ok},
        {{memory, 0, none}, ok},
        {{memory, 1, 6}, ok},
        {{memory, 3, 5}, error},
        {{memory, 2, 4}, error},
        {{table, funcref, 2, 5}, error},
        {{global, i32, const}, error}
    ]),
    Check(wasm2beam:memory(2, none), [{{memory, 1, 5}, error}]),
    Check(wasm2beam:table(funcref, 2, 5), [
        {{table, funcref, 2, 5}, ok}, {{table, externref, 2, 5}, error}, {{table, funcref, 3, none}, error}
    ]),
    Check(wasm2beam:global(i32, var, 1), [
        {{global, i32, var}, ok}, {{global, i32, const}, error}, {{global, i64, var}, error}
    ]),
    Check(5, [{{global, i32, const}, ok}, {{global, i32, var}, error}, {{global, f64, const}, error}]),
    Check(1 bsl 32, [{{global, i32, const}, error}, {{global, i64, const}, ok}]),
    Check(1.5, [{{global, f32, const}, ok}]),
    Check(nan, [{{global, f64, const}, ok}]),
    Check({any, term}, [{{global, externref, const}, ok}]),
    Check(null, [{{global, funcref, const}, ok}]),
    Check(1, [{{global, funcref, const}, error}]).

%% A memory, a table and a global that two instances share, and that outlive the one that made them.
check_shared() ->
    I = guest(),
    wasm2beam_guest_b:describe((wasm2beam_guest:info())#{
        imports => [
            {<<"i">>, <<"memory">>, {memory, 1, none}},
            {<<"i">>, <<"table">>, {table, funcref, 4, none}},
            {<<"i">>, <<"counter">>, {global, i64, var}},
            {<<"i">>, <<"note">>, {func, {[i32], []}, host}}
        ],
        memories => [],
        tables => [],
        globals => [],
        elements => [{{active, 0, [{'i32.const', 0}]}, funcref, [1]}],
        data => [{{active, 0, [{'i32.const', 9}]}, <<"a">>}]
    }),
    {ok, J} = wasm2beam:instantiate(wasm2beam_guest_b, #{<<"i">> => I}),
    ?assertEqual(<<"hallo">>, wasm2beam:read_memory(I, 8, 5)),
    ?assertEqual([0], wasm2beam:call(J, <<"bump">>, [])),
    ?assertEqual([1], wasm2beam:call(I, <<"bump">>, [])),
    %% Table: 0 is J's add, 1 and 2 are I's add and bump.
    ?assertEqual([7], wasm2beam:call(I, <<"indirect">>, [0, 3, 4])),
    ?assertEqual([9], wasm2beam:call(J, <<"indirect">>, [1, 4, 5])),
    1 = wasm2beam:grow_memory(I, 1),
    ok = wasm2beam:close(I),
    ok = wasm2beam:write_memory(J, 0, <<"still here">>),
    ?assertEqual({<<"still here">>, 2}, {wasm2beam:read_memory(J, 0, 10), wasm2beam:memory_size(J)}),
    ?assertEqual([2], wasm2beam:call(J, <<"bump">>, [])),
    ?assertEqual([9], wasm2beam:call(J, <<"indirect">>, [0, 4, 5])),
    ?error({bad_funcref, _}, wasm2beam:call(J, <<"indirect">>, [1, 4, 5])),
    Before = length(get_keys()),
    ok = wasm2beam:close(J),
    %% The instance, its segments, the memory and the table.
    ?assertEqual(4, Before - length(get_keys())).

check_plain_globals() ->
    with(#{
        imports => [
            {<<"g">>, <<"base">>, {global, i32, const}},
            {<<"g">>, <<"ref">>, {global, externref, const}}
        ],
        globals => [
            {i32, const, [{'global.get', 0}, {'i32.const', 2}, 'i32.mul', {'i32.const', -3}, 'i32.add']},
            {i64, const, [{'i64.const', 5}, {'i64.const', 7}, 'i64.sub', {'i64.const', 1 bsl 40}, 'i64.mul']},
            {f32, const, [{'f32.const', 16#3FC00000}]},
            {f64, const, [{'f64.const', 16#7FF8000000000000}]},
            {funcref, const, [{'ref.func', 1}]},
            {funcref, const, ['ref.null']},
            {externref, const, [{'global.get', 1}]},
            {externref, const, ['ref.null']}
        ],
        exports => [{<<$a, (I + $0)>>, {global, I}} || I <- lists:seq(0, 9)],
        elements => []
    }),
    Values = fun(Instance) -> [wasm2beam:get_global(Instance, Name) || {Name, _} <- wasm2beam:exports(Instance)] end,
    I = instance_of(#{<<"g">> => #{<<"base">> => 50, <<"ref">> => {a, term}}}),
    ?assertMatch(
        [50, {a, term}, 97, -2199023255552, 1.5, nan, {wasm2beam_funcref, _, _}, null, {a, term}, null], Values(I)
    ).

%% What a failed instantiation wrote into the table of another instance stays callable.
check_trap_leaves_functions() ->
    Table = wasm2beam:table(funcref, 2, none),
    with(#{
        imports => [{<<"e">>, <<"t">>, {table, funcref, 1, none}}, {<<"e">>, <<"f">>, {func, {[i32], []}, host}}],
        tables => [],
        elements => [{{active, 0, [{'i32.const', 0}]}, funcref, [1]}, {{active, 0, [{'i32.const', 2}]}, funcref, [1]}]
    }),
    Imports = #{<<"e">> => #{<<"t">> => Table, <<"f">> => fun(_) -> ok end}},
    {error, {wasm_trap, out_of_bounds_table_access, #{index := 1}}} = wasm2beam:instantiate(wasm2beam_guest, Imports),
    ?assertEqual([3], wasm2beam:call_ref({wasm2beam_funcref, self(), 1 bsl 24 bor 1}, [1, 2])).

%% Every width, called as generated code calls: plainly up to 20 parameters, with a tuple beyond.
check_wide_functions() ->
    [
        begin
            Args = lists:seq(1, Arity),
            Call = fun(Fun) ->
                case wasm2beam_bind:is_packed(Arity) of
                    true -> Fun(list_to_tuple(Args));
                    false -> apply(Fun, Args)
                end
            end,
            ?assertEqual(Args, Call(wasm2beam_bind:applied(fun(List) -> List end, Arity))),
            Collect = wasm2beam_bind:applied(fun(List) -> List end, Arity + 1),
            Arity < 20 andalso
                ?assertEqual([first | Args], Call(wasm2beam_bind:first(Collect, first, Arity)))
        end
     || Arity <- [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 250]
    ].

instance_of(Imports) ->
    {ok, Instance} = wasm2beam:instantiate(wasm2beam_guest, Imports),
    Instance.
