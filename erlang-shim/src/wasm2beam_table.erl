%% Tables of references.
%%
%% A table's elements are flat, in an in-place tuple `{Size, Element0, ...}' that generated code reads by itself
%% (funcref only), or sparse, in an `array'. Cells reach no further than element 1,024 of a tuple, so a write beyond
%% makes a flat table sparse: element 1 of the old tuple becomes 0 and every access by generated code comes here. Enough
%% reads by the slow way pay for making it flat again. The spare elements of a flat table are null.
%%
%% spec: exec/runtime#table-instances
-module(wasm2beam_table).

-export([new/4, type/1, key/1, slot/1, settle/1, attach/3, detach/2]).
-export([length/1, put_list/3, contents/1, replace/3]).
-export([get/3, set/4, element/3, size/2, grow/4, growth/3, fill/5, copy/6, init/6, elem_drop/2, call/4]).

-export_type([table/0, slot/0]).

-compile({no_auto_import, [length/1]}).

-opaque table() :: {?MODULE, funcref | externref, wasm2beam_store:key()}.
%% What the state of an instance holds: cells of a funcref table, a constant for an externref table.
-type slot() :: wasm2beam_store:cells() | externref.
%% A reference in internal form.
-type reference_value() :: integer() | term().
-type index() :: non_neg_integer().

-define(WORD, 16#FFFFFFFF).
%% The last element of a tuple that cells can reach.
-define(REACH, 1024).
%% Larger tables stay sparse: a table that is merely declared must not cost its size.
-define(MAX_FLAT, 1048576).

-record(table, {
    max :: non_neg_integer() | none,
    limit :: non_neg_integer(),
    elements :: {flat, wasm2beam_store:cells()} | {sparse, array:array()},
    %% Reads by the slow way since the table became sparse.
    reads = 0 :: non_neg_integer(),
    %% The instances whose states hold the slot, and where.
    users = #{} :: #{{wasm2beam_store:key(), pos_integer()} => []}
}).

%% @doc A table of Min null references that may grow to Max elements, and never beyond Limit, which the embedder sets.
%% It is sparse at first; settle/1 makes it flat. spec: exec/modules#alloc-table
-spec new(funcref | externref, index(), index() | none, index()) -> table().
new(Type, Min, Max, Limit) ->
    Elements = array:new(Min, [{fixed, true}, {default, null(Type)}]),
    Ceiling =
        case Max of
            none -> Limit;
            _ -> min(Max, Limit)
        end,
    {?MODULE, Type, wasm2beam_store:new(#table{max = Max, limit = Ceiling, elements = {sparse, Elements}})}.

%% @doc The present type: reference type, size now, declared maximum. spec: exec/modules#external-typing
-spec type(table()) -> {table, funcref | externref, index(), index() | none}.
type({?MODULE, Type, _Key} = Table) ->
    #table{max = Max, elements = Elements} = state(Table),
    {table, Type, count(Elements), Max}.

-spec key(table()) -> wasm2beam_store:key().
key({?MODULE, _Type, Key}) -> Key.

%% @doc Number of elements.
-spec length(table()) -> index().
length(Table) ->
    count((state(Table))#table.elements).

%% @doc What goes into the state of an instance: the cells, or cells `{0}' while the table is sparse.
-spec slot(table()) -> slot().
slot({?MODULE, externref, _Key}) ->
    externref;
slot({?MODULE, funcref, _Key} = Table) ->
    case (state(Table))#table.elements of
        {flat, Cells} -> Cells;
        {sparse, _} -> wasm2beam_store:cells([0])
    end.

%% @doc Makes a funcref table flat unless it is too large, and tells the instances that use it.
-spec settle(table()) -> ok.
settle({?MODULE, funcref, _Key} = Table) ->
    case state(Table) of
        #table{elements = {sparse, Array}, limit = Limit} = State ->
            case array:size(Array) =< ?MAX_FLAT of
                true ->
                    Cells = flat(Array, Limit),
                    keep(Table, State#table{elements = {flat, Cells}, reads = 0}),
                    tell(State#table.users, Cells);
                false ->
                    ok
            end;
        _ ->
            ok
    end;
settle(_Table) ->
    ok.

%% @doc From now on the state of the instance holds the table's slot at Position.
-spec attach(table(), wasm2beam_store:key(), pos_integer()) -> ok.
attach(Table, Instance, Position) ->
    #table{users = Users} = State = state(Table),
    keep(Table, State#table{users = Users#{{Instance, Position} => []}}).

%% @doc Forgets what attach/3 said of the instance.
-spec detach(table(), wasm2beam_store:key()) -> ok.
detach(Table, Instance) ->
    #table{users = Users} = State = state(Table),
    keep(Table, State#table{users = maps:filter(fun({Key, _}, _) -> Key =/= Instance end, Users)}).

%% @doc Writes references in internal form from Index on. Traps.
-spec put_list(table(), index(), [reference_value()]) -> ok.
put_list(Table, Index, Values) ->
    State = state(Table),
    check(State, Index, erlang:length(Values)),
    write(Table, State, Index, Values).

%% @doc The references that are not null, by index.
-spec contents(table()) -> [{index(), reference_value()}].
contents({?MODULE, Type, _Key} = Table) ->
    #table{elements = Elements} = state(Table),
    Null = null(Type),
    case Elements of
        {sparse, Array} -> array:sparse_to_orddict(Array);
        {flat, _} -> [Each || {_, Value} = Each <- numbered(read(Elements, 0, count(Elements))), Value =/= Null]
    end.

%% @doc Sets size and elements; those not named are null. `error', and nothing changed, where the table is larger or cannot
%% grow to that size.
-spec replace(table(), index(), [{index(), reference_value()}]) -> ok | error.
replace({?MODULE, Type, _Key} = Table, Size, Entries) ->
    #table{limit = Limit} = State = state(Table),
    case Size >= length(Table) andalso Size =< Limit of
        true ->
            Empty = array:new(Size, [{fixed, true}, {default, null(Type)}]),
            Array = lists:foldl(fun({Index, Value}, Acc) -> array:set(Index, Value, Acc) end, Empty, Entries),
            Sparse =
                case State of
                    #table{elements = {flat, _}} -> loosen(Table, State);
                    #table{elements = {sparse, _}} -> State
                end,
            keep(Table, Sparse#table{elements = {sparse, Array}}),
            settle(Table);
        false ->
            error
    end.

%% Instructions. Table is an index in the instance's state; values are in internal form.

%% @doc table.get. spec: exec/instructions#exec-table-get
-spec get(wasm2beam_instance:state(), index(), index()) -> reference_value().
get(S, Number, Index) ->
    read_one(wasm2beam_instance:table(S, Number), Index, out_of_bounds_table_access).

%% @doc The funcref that call_indirect finds at Index; traps `undefined_element' beyond the table.
%% spec: exec/instructions#exec-call-indirect
-spec element(wasm2beam_instance:state(), index(), index()) -> integer().
element(S, Number, Index) ->
    read_one(wasm2beam_instance:table(S, Number), Index, undefined_element).

%% @doc table.set. spec: exec/instructions#exec-table-set
-spec set(wasm2beam_instance:state(), index(), index(), reference_value()) -> ok.
set(S, Number, Index, Value) ->
    put_list(wasm2beam_instance:table(S, Number), Index, [Value]).

%% @doc table.size. spec: exec/instructions#exec-table-size
-spec size(wasm2beam_instance:state(), index()) -> index().
size(S, Number) ->
    length(wasm2beam_instance:table(S, Number)).

%% @doc table.grow: the old size, or 2^32-1 where that is not possible. spec: exec/modules#grow-table
-spec grow(wasm2beam_instance:state(), index(), reference_value(), index()) -> wasm2beam_value:word().
grow(S, Number, Value, Delta) ->
    {?MODULE, Type, _} = Table = wasm2beam_instance:table(S, Number),
    #table{elements = Elements, limit = Limit} = State = state(Table),
    Old = count(Elements),
    case Old + Delta =< Limit of
        false ->
            ?WORD;
        true ->
            extend(Table, State, Old + Delta),
            case Value =:= null(Type) of
                true -> ok;
                false -> fill_range(Table, Old, Value, Delta)
            end,
            Old
    end.

%% @doc How many elements table.grow would add: Delta, or none.
-spec growth(wasm2beam_instance:state(), index(), index()) -> index().
growth(S, Number, Delta) ->
    #table{elements = Elements, limit = Limit} = state(wasm2beam_instance:table(S, Number)),
    case count(Elements) + Delta =< Limit of
        true -> Delta;
        false -> 0
    end.

%% @doc table.fill. spec: exec/instructions#exec-table-fill
-spec fill(wasm2beam_instance:state(), index(), index(), reference_value(), index()) -> ok.
fill(S, Number, Index, Value, Length) ->
    Table = wasm2beam_instance:table(S, Number),
    check(state(Table), Index, Length),
    fill_range(Table, Index, Value, Length).

%% @doc table.copy of Length elements, from J of table From to I of table To. spec: exec/instructions#exec-table-copy
-spec copy(wasm2beam_instance:state(), index(), index(), index(), index(), index()) -> ok.
copy(S, To, From, I, J, Length) ->
    Target = wasm2beam_instance:table(S, To),
    #table{elements = Elements} = Source = state(wasm2beam_instance:table(S, From)),
    check(Source, J, Length),
    check(state(Target), I, Length),
    put_list(Target, I, read(Elements, J, Length)).

%% @doc table.init from an element segment of the instance. spec: exec/instructions#exec-table-init
-spec init(wasm2beam_instance:state(), index(), index(), index(), index(), index()) -> ok.
init(S, Number, Segment, I, J, Length) ->
    Table = wasm2beam_instance:table(S, Number),
    References = wasm2beam_instance:element_segment(S, Segment),
    case J + Length =< tuple_size(References) of
        true -> ok;
        false -> out_of_bounds()
    end,
    check(state(Table), I, Length),
    put_list(Table, I, [erlang:element(Each, References) || Each <- lists:seq(J + 1, J + Length)]).

%% @doc elem.drop. spec: exec/instructions#exec-elem-drop
-spec elem_drop(wasm2beam_instance:state(), index()) -> ok.
elem_drop(S, Segment) ->
    wasm2beam_instance:drop_element_segment(S, Segment).

%% @doc The part of call_indirect for functions that are not among the instance's own of that type: traps, or calls a
%% function of another instance with API values. spec: exec/instructions#exec-call-indirect
-spec call(wasm2beam_instance:state(), integer(), {[atom()], [atom()]}, [wasm2beam_value:value()]) -> term().
call(_S, -1, _Type, _Args) ->
    wasm2beam_trap:raise(uninitialized_element);
call(S, Funcref, Type, Args) ->
    case wasm2beam_instance:function_type(Funcref) of
        Type -> call_other(erlang:element(3, S), Funcref, Args);
        _ -> wasm2beam_trap:raise(indirect_call_type_mismatch)
    end.

%% Internal

%% Generated code calls its own functions itself. One that it does not know is a reference that no code ever made, and
%% would come back here for ever.
call_other(Base, Funcref, _Args) when Funcref bsr 24 =:= Base bsr 24 ->
    wasm2beam_error:raise({bad_funcref, wasm2beam_value:from_funcref(Funcref)});
call_other(_Base, Funcref, Args) ->
    wasm2beam_instance:call_function(Funcref, Args).

state({?MODULE, _Type, Key}) ->
    case wasm2beam_store:find(Key) of
        {ok, State} -> State;
        error -> wasm2beam_error:raise({closed, table})
    end.

keep({?MODULE, _Type, Key}, State) ->
    wasm2beam_store:replace(Key, State).

null(funcref) -> -1;
null(externref) -> null.

count({flat, Cells}) -> wasm2beam_cells:get(Cells, 1);
count({sparse, Array}) -> array:size(Array).

check(#table{elements = Elements}, Index, Length) ->
    case Index + Length =< count(Elements) of
        true -> ok;
        false -> out_of_bounds()
    end.

-spec out_of_bounds() -> no_return().
out_of_bounds() ->
    wasm2beam_trap:raise(out_of_bounds_table_access).

%% Reading

numbered(Values) ->
    lists:zip(lists:seq(0, erlang:length(Values) - 1), Values).

read_one(Table, Index, Trap) ->
    #table{elements = Elements} = State = state(Table),
    case Index < count(Elements) of
        true ->
            pay(Table, State),
            read_element(Elements, Index);
        false ->
            wasm2beam_trap:raise(Trap)
    end.

%% A read of a sparse funcref table pays towards a flat one.
pay({?MODULE, funcref, _} = Table, #table{elements = {sparse, Array}, reads = Reads} = State) ->
    case array:size(Array) of
        Size when Size > ?MAX_FLAT -> ok;
        Size when Reads >= 64, Reads * 4 >= Size -> settle(Table);
        _ -> keep(Table, State#table{reads = Reads + 1})
    end;
pay(_Table, _State) ->
    ok.

read({sparse, Array}, Index, Length) ->
    [array:get(Each, Array) || Each <- lists:seq(Index, Index + Length - 1)];
read({flat, _} = Elements, Index, Length) ->
    [read_element(Elements, Each) || Each <- lists:seq(Index, Index + Length - 1)].

%% Beyond the reach of cells a flat tuple is never written, so there element/2 is as safe as with any tuple.
read_element({sparse, Array}, Index) -> array:get(Index, Array);
read_element({flat, Cells}, Index) when Index + 2 =< ?REACH -> wasm2beam_cells:get(Cells, Index + 2);
read_element({flat, Cells}, Index) -> erlang:element(Index + 2, Cells).

%% Writing

write(_Table, _State, _Index, []) ->
    ok;
write(Table, #table{elements = {sparse, Array0}} = State, Index, Values) ->
    {_, Array} = lists:foldl(fun(Value, {At, Acc}) -> {At + 1, array:set(At, Value, Acc)} end, {Index, Array0}, Values),
    keep(Table, State#table{elements = {sparse, Array}});
write(Table, #table{elements = {flat, Cells}} = State, Index, Values) ->
    case Index + erlang:length(Values) + 1 =< ?REACH of
        true -> write_cells(Cells, Index + 2, Values);
        false -> write(Table, loosen(Table, State), Index, Values)
    end.

write_cells(_Cells, _Position, []) ->
    ok;
write_cells(Cells, Position, [Value | Values]) ->
    wasm2beam_cells:set(Cells, Position, Value),
    write_cells(Cells, Position + 1, Values).

fill_range(Table, Index, Value, Length) ->
    fill_range(Table, state(Table), Index, Value, Length).

fill_range(_Table, _State, _Index, _Value, 0) ->
    ok;
fill_range(Table, #table{elements = {sparse, Array0}} = State, Index, Value, Length) ->
    keep(Table, State#table{elements = {sparse, fill_array(Array0, Index, Index + Length, Value)}});
fill_range(Table, State, Index, Value, Length) when Index + Length + 1 =< ?REACH ->
    write(Table, State, Index, lists:duplicate(Length, Value));
fill_range(Table, State, Index, Value, Length) ->
    fill_range(Table, loosen(Table, State), Index, Value, Length).

fill_array(Array, End, End, _Value) -> Array;
fill_array(Array, Index, End, Value) -> fill_array(array:set(Index, Value, Array), Index + 1, End, Value).

extend(Table, #table{elements = {sparse, Array}} = State, Size) ->
    keep(Table, State#table{elements = {sparse, array:resize(Size, Array)}});
extend(Table, #table{elements = {flat, Cells}} = State, Size) ->
    case Size < tuple_size(Cells) of
        true -> wasm2beam_cells:set(Cells, 1, Size);
        false -> extend(Table, loosen(Table, State), Size)
    end.

%% Flat to sparse, and back

loosen(Table, #table{elements = {flat, Cells}} = State) ->
    Size = wasm2beam_cells:get(Cells, 1),
    Array = array:fix(array:resize(Size, array:from_list(lists:sublist(elements_of(Cells), Size), -1))),
    wasm2beam_cells:set(Cells, 1, 0),
    Loose = State#table{elements = {sparse, Array}, reads = 0},
    keep(Table, Loose),
    Loose.

elements_of(Cells) ->
    tl(tuple_to_list(Cells)).

flat(Array, Limit) ->
    Size = array:size(Array),
    Spare = min(Limit, Size + max(16, Size div 8)) - Size,
    wasm2beam_store:cells([Size | array:to_list(Array)] ++ lists:duplicate(Spare, -1)).

tell(Users, Cells) ->
    maps:foreach(fun({Instance, Position}, _) -> wasm2beam_instance:replace_slot(Instance, Position, Cells) end, Users).
