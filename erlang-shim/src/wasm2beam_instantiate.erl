%% Instantiation: from a compiled module, imports and options to an open instance.
%%
%% Link errors, limits and wrong arguments come before anything exists, so that they leave nothing behind. A trap in a
%% segment or in the start function closes the instance again, unless others may hold references to its functions by
%% then, in a table or a global that it imports: those must stay callable (spec: exec/modules#instantiation).
-module(wasm2beam_instantiate).

-export([run/3, run/4, options/1]).

-export_type([options/0, error/0, source/0]).

%% max_depth: nested calls before `call_stack_exhausted' (default 100,000). max_memory: pages that a memory may have; or a
%% budget that several instances share.
%% max_table: elements that a table may have (default 10,000,000). fuel: instructions (default infinity); timeout: milliseconds
%% that a call from outside may take (default infinity); both of modules that were compiled with fuel.
-type options() :: #{
    max_depth => pos_integer(),
    max_memory => wasm2beam_memory:bound(),
    max_table => non_neg_integer(),
    fuel => wasm2beam_fuel:fuel(),
    timeout => timeout()
}.
-type error() ::
    wasm2beam_link:link_error()
    | {wasm_limit, memory | table, #{needed := non_neg_integer(), limit := non_neg_integer()}}
    | {wasm_trap, wasm2beam_trap:reason(), #{
        in := element_segment | data_segment | start, index => non_neg_integer(), stacktrace => list()
    }}
    | {wasm_error, wasm2beam_error:reason()}.

%% Where an instance's contents come from: the module's segments and start function; a snapshot; an instance of other code,
%% as its parts.
-type source() :: fresh | {snapshot, binary(), wasm2beam_snapshot:options()} | {upgrade, map()}.

-define(MAX_FUEL, ((1 bsl 52) - 1)).
-define(DEFAULTS, #{max_depth => 100000, max_memory => 65536, max_table => 10000000}).

%% @doc Makes an instance of Module. Exceptions that are not traps, raised by host functions that the start function
%% calls, pass through.
-spec run(module() | wasm2beam_pool:handle(), wasm2beam_link:imports(), options()) -> {ok, wasm2beam_instance:handle()} | {error, error()}.
run(Module, Imports, Options) ->
    run(Module, Imports, Options, fresh).

%% @doc The same with contents from elsewhere. Also fails with what wasm2beam_snapshot and wasm2beam_upgrade throw.
-spec run(module() | wasm2beam_pool:handle(), wasm2beam_link:imports(), options(), source()) ->
    {ok, wasm2beam_instance:handle()} | {error, error() | wasm2beam_snapshot:error() | wasm2beam_upgrade:error()}.
run(Module, Imports, Options, Source) ->
    wasm2beam_cells_loader:ensure(),
    case wasm2beam_pool:hold(Module) of
        {ok, Name, Hold} ->
            case prepare(Name, Imports, Options) of
                {ok, Handle, Info, Resolved, All} ->
                    wasm2beam_pool:attach(Hold, wasm2beam_instance:key(Handle)),
                    build(Handle, Info, Resolved, All, beginning(Source, Name));
                {error, _} = Error ->
                    wasm2beam_pool:drop(Hold),
                    Error
            end;
        {error, released} ->
            {error, {wasm_error, {released, Module}}}
    end.

%% @doc All options with their defaults; raises `{wasm_error, {bad_option, Key, Value}}'.
-spec options(options()) -> options().
options(Options) when is_map(Options) ->
    maps:foreach(fun check_option/2, Options),
    maps:merge(?DEFAULTS, Options);
options(Options) ->
    wasm2beam_error:raise({bad_option, options, Options}).

%% Internal

check_option(max_depth, Value) when is_integer(Value), Value > 0, Value =< 16#FFFFFFFF -> ok;
check_option(max_memory, Value) when is_integer(Value), Value >= 0, Value =< 65536 -> ok;
check_option(max_memory, {wasm2beam_budget, _}) -> ok;
check_option(max_table, Value) when is_integer(Value), Value >= 0, Value =< 16#FFFFFFFF -> ok;
check_option(fuel, Value) when is_integer(Value), Value >= 0, Value =< ?MAX_FUEL; Value =:= infinity -> ok;
check_option(timeout, Value) when is_integer(Value), Value >= 0, Value =< 16#FFFFFFFF; Value =:= infinity -> ok;
check_option(Key, Value) -> wasm2beam_error:raise({bad_option, Key, Value}).

prepare(Module, Imports, Options) ->
    try
        All = options(Options),
        Info = wasm2beam_instance:info(Module),
        ok = check_metered(Module, Info, All),
        ok = check_limits(Info, All),
        Key = wasm2beam_store:new(wasm2beam_fuel:key(Info), none),
        Handle = wasm2beam_instance:handle(Key, wasm2beam_instance:compiled(Module)),
        try wasm2beam_link:resolve(maps:get(imports, Info), Imports, Handle) of
            {ok, Resolved} -> {ok, Handle, Info, Resolved, All};
            {error, _} = Error -> abandon(Key, Error)
        catch
            error:{wasm_error, _} = Reason -> abandon(Key, {error, Reason})
        end
    catch
        error:{wasm_error, _} = Misuse -> {error, Misuse};
        throw:{limit, Limit} -> {error, Limit}
    end.

abandon(Key, Error) ->
    wasm2beam_store:release(Key),
    Error.

%% A module that was initialised at build time begins there.
beginning(fresh, Module) ->
    case wasm2beam_instance:initial(Module) of
        none -> fresh;
        Snapshot -> {snapshot, Snapshot, #{}}
    end;
beginning(Source, _Module) ->
    Source.

check_metered(Module, Info, Options) ->
    Needed = [Key || Key <- [fuel, timeout], maps:get(Key, Options, infinity) =/= infinity],
    case Needed =:= [] orelse wasm2beam_fuel:is_metered(Info) of
        true -> ok;
        false -> wasm2beam_error:raise({not_metered, Module, hd(Needed)})
    end.

check_limits(#{memories := Memories, tables := Tables}, #{max_memory := MaxMemory, max_table := MaxTable}) ->
    [limit(memory, Min, pages(MaxMemory)) || {Min, _} <- Memories],
    [limit(table, Min, MaxTable) || {_, Min, _} <- Tables],
    ok.

pages(Limit) when is_integer(Limit) -> Limit;
pages(Budget) -> wasm2beam_budget:left(Budget).

limit(_Kind, Needed, Limit) when Needed =< Limit -> ok;
limit(Kind, Needed, Limit) -> throw({limit, {wasm_limit, Kind, #{needed => Needed, limit => Limit}}}).

build(Handle, Info, Resolved, Options, Source) ->
    Id = wasm2beam_store:new_instance_id(wasm2beam_instance:key(Handle)),
    Memories = memories(Resolved, Info, Options, Source),
    Tables = tables(Resolved, Info, Options),
    {Globals, Context} = globals(Resolved, Info, Id bsl 24),
    Elements = indexed(maps:get(elements, Info)),
    Data = indexed(maps:get(data, Info)),
    Outcome = run_segments(Source, Tables, Elements, Memories, Data, Context),
    lists:foreach(fun wasm2beam_table:settle/1, Tables),
    Functions = [Fun || {func, Fun} <- Resolved],
    Passive = {passive_elements(Elements, Context), maps:from_list([{I, Bytes} || {I, {passive, Bytes}} <- Data])},
    Exports = maps:from_list(maps:get(exports, Info)),
    Cells = wasm2beam_fuel:cells(Info, Options),
    _ = wasm2beam_instance:state(Handle, Id, Info, Cells, {Memories, Tables, Globals, Functions}, Passive, Exports),
    case Outcome of
        ok ->
            begin_life(Source, Handle, Info, Id bsl 24);
        {trap, Reason, Where} ->
            give_up(Handle, Info),
            {error, {wasm_trap, Reason, Where}}
    end.

memories(Resolved, #{memories := Own}, #{max_memory := Limit}, Source) ->
    Imported = [Memory || {memory, Memory} <- Resolved],
    retain([wasm2beam_memory:key(Memory) || Memory <- Imported]),
    Imported ++ own_memories(Source, length(Imported), Own, Limit).

own_memories({upgrade, #{memories := Memories}}, Imported, Own, Limit) ->
    Kept = lists:nthtail(Imported, Memories),
    retain([wasm2beam_memory:key(Memory) || Memory <- Kept]),
    [wasm2beam_memory:limit(Memory, Max, Limit) || {Memory, {_, Max}} <- lists:zip(Kept, Own)],
    Kept;
own_memories(_Source, _Imported, Own, Limit) ->
    [wasm2beam_memory:new(Min, Max, Limit) || {Min, Max} <- Own].

tables(Resolved, #{tables := Own}, #{max_table := Limit}) ->
    Imported = [Table || {table, Table} <- Resolved],
    retain([wasm2beam_table:key(Table) || Table <- Imported]),
    Imported ++ [wasm2beam_table:new(Type, Min, Max, Limit) || {Type, Min, Max} <- Own].

%% All globals in order, and the context for constant expressions: each may refer to the globals before it.
globals(Resolved, #{globals := Own}, Base) ->
    Shared = [Global || {global, Global} <- Resolved],
    retain(lists:append([wasm2beam_global:keys(Global) || Global <- Shared])),
    Imported = lists:append([imported_global(Each) || Each <- Resolved]),
    Context0 = {maps:from_list(indexed(Imported)), Base},
    {Rest, Context} = lists:mapfoldl(fun own_global/2, Context0, Own),
    {Imported ++ Rest, Context}.

imported_global({global, Global}) -> [Global];
imported_global({value, Type, Stored}) -> [wasm2beam_global:new(Type, const, Stored)];
imported_global(_) -> [].

own_global({Type, Mutability, Expression}, {Known, Base} = Context) ->
    Global = wasm2beam_global:new(Type, Mutability, wasm2beam_const:evaluate(Expression, Type, Context)),
    {Global, {Known#{map_size(Known) => Global}, Base}}.

retain(Keys) ->
    lists:foreach(fun wasm2beam_store:retain/1, Keys).

indexed(List) ->
    lists:zip(lists:seq(0, length(List) - 1), List).

%% Active segments, in order, element segments first: what precedes a trap stays written.
%% spec: exec/modules#instantiation
run_segments({snapshot, _, _}, _Tables, _Elements, _Memories, _Data, _Context) ->
    ok;
run_segments({upgrade, _}, Tables, Elements, _Memories, _Data, Context) ->
    run_segments(fresh, Tables, Elements, [], [], Context);
run_segments(fresh, Tables, Elements, Memories, Data, Context) ->
    TableTuple = list_to_tuple(Tables),
    MemoryTuple = list_to_tuple(Memories),
    case each(Elements, element_segment, fun(Segment) -> run_element(Segment, TableTuple, Context) end) of
        ok -> each(Data, data_segment, fun(Segment) -> run_data(Segment, MemoryTuple, Context) end);
        Trap -> Trap
    end.

each([], _Where, _Run) ->
    ok;
each([{Index, Segment} | Segments], Where, Run) ->
    try Run(Segment) of
        ok -> each(Segments, Where, Run)
    catch
        error:{wasm_trap, Reason} -> {trap, Reason, #{in => Where, index => Index}}
    end.

run_element({{active, Index, At}, Type, Items}, Tables, Context) ->
    Offset = wasm2beam_const:evaluate(At, i32, Context),
    wasm2beam_table:put_list(element(Index + 1, Tables), Offset, references(Type, Items, Context));
run_element(_Segment, _Tables, _Context) ->
    ok.

run_data({{active, Index, At}, Bytes}, Memories, Context) ->
    wasm2beam_memory:write(element(Index + 1, Memories), wasm2beam_const:evaluate(At, i32, Context), Bytes);
run_data(_Segment, _Memories, _Context) ->
    ok.

passive_elements(Elements, Context) ->
    maps:from_list([{I, list_to_tuple(references(Type, Items, Context))} || {I, {passive, Type, Items}} <- Elements]).

references(Type, Items, {_, Base} = Context) ->
    [reference(Type, Item, Base, Context) || Item <- Items].

reference(_Type, Index, Base, _Context) when is_integer(Index) -> Base bor Index;
reference(Type, Expression, _Base, Context) -> wasm2beam_const:evaluate(Expression, Type, Context).

begin_life(fresh, Handle, Info, Base) ->
    start(Handle, Info, Base);
begin_life({snapshot, Binary, Options}, Handle, Info, _Base) ->
    try
        Snapshot = wasm2beam_snapshot:decode(wasm2beam_instance:module(Handle), Info, Binary),
        ok = wasm2beam_snapshot:apply(Handle, Snapshot, Options),
        {ok, Handle}
    catch
        throw:{wasm_snapshot, _} = Reason ->
            wasm2beam_instance:close(Handle),
            {error, Reason};
        Class:Reason:Stacktrace ->
            wasm2beam_instance:close(Handle),
            erlang:raise(Class, Reason, Stacktrace)
    end;
begin_life({upgrade, Parts}, Handle, _Info, _Base) ->
    ok = wasm2beam_upgrade:carry_over(Parts, Handle),
    {ok, Handle}.

start(Handle, #{start := none}, _Base) ->
    {ok, Handle};
start(Handle, #{start := Index} = Info, Base) ->
    try wasm2beam_instance:call_function(Base bor Index, []) of
        _ -> {ok, Handle}
    catch
        error:{wasm_trap, Reason}:Stacktrace ->
            give_up(Handle, Info),
            {error, {wasm_trap, Reason, #{in => start, stacktrace => Stacktrace}}};
        Class:Reason:Stacktrace ->
            give_up(Handle, Info),
            erlang:raise(Class, Reason, Stacktrace)
    end.

give_up(Handle, #{imports := Imports}) ->
    case lists:any(fun holds_references/1, Imports) of
        true -> ok;
        false -> wasm2beam_instance:close(Handle)
    end.

holds_references({_, _, {table, _, _, _}}) -> true;
holds_references({_, _, {global, funcref, var}}) -> true;
holds_references(_) -> false.
