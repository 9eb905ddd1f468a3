%% Hot code upgrade: a new instance of new code that goes on with the memory and the globals of an instance of old code.
%%
%% That is right only where the new module sees in the memory what the old one left there: the same memories, globals and
%% initial data, and the same types of functions in the same places of tables, since a guest's pointers to functions are
%% places in a table. What differs refuses the upgrade, as `{wasm_upgrade, Reason}', and the old instance stays as it is.
-module(wasm2beam_upgrade).

-export([run/4, carry_over/2]).

-export_type([error/0]).

-type error() ::
    {wasm_upgrade,
        running
        | {memories | tables | globals | data | elements | imports, term()}
        | {table_changed, non_neg_integer()}
        | {global_reference, non_neg_integer()}}.

%% @doc A new instance of Module with what Instance holds; the old one is closed.
-spec run(wasm2beam_instance:handle(), module(), wasm2beam_link:imports(), wasm2beam_instantiate:options()) ->
    {ok, wasm2beam_instance:handle()} | {error, term()}.
run(Instance, Module, Imports, Options) ->
    Parts = wasm2beam_instance:parts(Instance),
    try check(Parts, wasm2beam_instance:info(Module)) of
        ok ->
            case wasm2beam_instantiate:run(Module, Imports, Options, {upgrade, Parts}) of
                {ok, New} ->
                    wasm2beam_instance:close(Instance),
                    {ok, New};
                {error, _} = Error ->
                    Error
            end
    catch
        throw:{wasm_upgrade, _} = Reason -> {error, Reason};
        error:{wasm_error, _} = Reason -> {error, Reason}
    end.

%% @doc Globals and dropped segments, into an instance that has the memory already.
-spec carry_over(map(), wasm2beam_instance:handle()) -> ok.
carry_over(#{globals := Old, info := Info, segments := {Elements, Data}}, Handle) ->
    #{globals := New} = wasm2beam_instance:parts(Handle),
    Imported = length(kept_imports(global, Info)),
    lists:foreach(
        fun({From, To}) ->
            case wasm2beam_global:type(From) of
                {global, _, var} -> wasm2beam_global:write(To, wasm2beam_global:read(From));
                {global, _, const} -> ok
            end
        end,
        lists:zip(lists:nthtail(Imported, Old), lists:nthtail(Imported, New))
    ),
    wasm2beam_instance:keep_only_segments(Handle, maps:keys(Elements), maps:keys(Data)).

%% Internal
check(#{running := true}, _New) ->
    fail(running);
check(#{info := Old} = Parts, New) ->
    [same(Key, kept_imports(Kind, Old), kept_imports(Kind, New)) || {Key, Kind} <- kinds()],
    check_memories(own_memories(Parts), maps:get(memories, New)),
    same(tables, maps:get(tables, Old), maps:get(tables, New)),
    same(globals, maps:get(globals, Old), maps:get(globals, New)),
    same(data, maps:get(data, Old), maps:get(data, New)),
    same(elements, element_types(Old), element_types(New)),
    check_globals(maps:get(globals, Parts), 0),
    check_tables(Parts).

-spec fail(term()) -> no_return().
fail(Reason) ->
    throw({wasm_upgrade, Reason}).

same(_What, Same, Same) -> ok;
same(What, Old, New) -> fail({What, first_difference(Old, New, 0)}).

first_difference([Same | Old], [Same | New], Index) -> first_difference(Old, New, Index + 1);
first_difference(_Old, _New, Index) -> Index.

kinds() ->
    [{imports, memory}, {imports, table}, {imports, global}].

%% Functions are called by name, and may come and go.
kept_imports(Kind, #{imports := Imports}) ->
    [Import || {_, _, Description} = Import <- Imports, element(1, Description) =:= Kind].

own_memories(#{memories := Memories, info := Info}) ->
    lists:nthtail(length(kept_imports(memory, Info)), Memories).

check_memories(Present, Declared) when length(Present) =:= length(Declared) ->
    lists:foreach(
        fun({Index, Memory, {Min, Max}}) ->
            Pages = wasm2beam_memory:pages(Memory),
            Pages >= Min andalso (Max =:= none orelse Pages =< Max) orelse fail({memories, Index})
        end,
        lists:zip3(lists:seq(0, length(Present) - 1), Present, Declared)
    );
check_memories(Present, _Declared) ->
    fail({memories, length(Present)}).

%% Segments as what code sees of them: where they go, and for each reference the type of the function.
element_types(#{elements := Elements, functions := Functions, types := Types}) ->
    TypeOf = fun
        (Index) when is_integer(Index) -> element(element(Index + 1, Functions) + 1, Types);
        ([{'ref.func', Index}]) -> element(element(Index + 1, Functions) + 1, Types);
        (Other) -> Other
    end,
    [{Mode, Type, [TypeOf(Item) || Item <- Items]} || {Mode, Type, Items} <- Elements].

%% A reference to a function of the old code means nothing in the new one.
check_globals([], _Index) ->
    ok;
check_globals([Global | Globals], Index) ->
    case {wasm2beam_global:type(Global), wasm2beam_global:read(Global)} of
        {{global, funcref, var}, Funcref} when Funcref =/= -1 -> fail({global_reference, Index});
        _ -> check_globals(Globals, Index + 1)
    end.

%% The module's own tables begin anew from the new segments, so that they must be as the old ones left them. What is
%% imported comes with the imports.
check_tables(#{info := Info, tables := Tables} = Parts) ->
    Imported = length(kept_imports(table, Info)),
    Written = written(Parts),
    lists:foreach(
        fun({Index, Table, {_, Min, _}}) ->
            Before = {Min, maps:to_list(maps:get(Index, Written, #{}))},
            {wasm2beam_table:length(Table), lists:sort(wasm2beam_table:contents(Table))} =:= Before orelse
                fail({table_changed, Index})
        end,
        own_tables(Imported, lists:nthtail(Imported, Tables), maps:get(tables, Info))
    ).

own_tables(First, Tables, Declared) ->
    lists:zip3(lists:seq(First, First + length(Tables) - 1), Tables, Declared).

%% By table, what its active segments wrote: references that are not null, by index.
written(#{info := #{elements := Elements}, globals := Globals, base := Base}) ->
    Context = {maps:from_list(lists:zip(lists:seq(0, length(Globals) - 1), Globals)), Base},
    lists:foldl(fun(Segment, Written) -> write(Segment, Context, Written) end, #{}, Elements).

write({{active, Table, At}, Type, Items}, {_, Base} = Context, Written) ->
    Offset = wasm2beam_const:evaluate(At, i32, Context),
    References = [reference(Item, Type, Base, Context) || Item <- Items],
    Before = maps:get(Table, Written, #{}),
    {_, After} = lists:foldl(fun put_reference/2, {Offset, Before}, References),
    Written#{Table => After};
write(_Passive, _Context, Written) ->
    Written.

reference(Index, _Type, Base, _Context) when is_integer(Index) -> Base bor Index;
reference(Expression, Type, _Base, Context) -> wasm2beam_const:evaluate(Expression, Type, Context).

put_reference(Null, {Index, Written}) when Null =:= -1; Null =:= null -> {Index + 1, maps:remove(Index, Written)};
put_reference(Reference, {Index, Written}) -> {Index + 1, Written#{Index => Reference}}.
