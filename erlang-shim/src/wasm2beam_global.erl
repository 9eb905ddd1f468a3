%% Globals. What an instance's state holds of one is its slot: an in-place tuple of one or two words for numbers and
%% funcrefs, and a key of the store for an externref, which may be any term and therefore never lies in a cell.
%%
%% Values come and go in stored form (wasm2beam_value), except where a function says API value.
%% spec: exec/runtime#global-instances
-module(wasm2beam_global).

-export([new/3, type/1, slot/1, keys/1, read/1, write/2, value/1, assign/2]).
-export([get/1, set/2]).

-export_type([global/0, slot/0]).

-compile({no_auto_import, [get/1]}).

-opaque global() :: {?MODULE, wasm2beam_value:type(), const | var, slot()}.
-type slot() :: wasm2beam_store:cells() | {externref, wasm2beam_store:key()}.

%% @doc A new global with a value in stored form. spec: exec/modules#alloc-global
-spec new(wasm2beam_value:type(), const | var, wasm2beam_value:stored()) -> global().
new(externref, Mutability, Term) ->
    {?MODULE, externref, Mutability, {externref, wasm2beam_store:new(Term)}};
new(Type, Mutability, {High, Low}) ->
    {?MODULE, Type, Mutability, wasm2beam_store:cells([High, Low])};
new(Type, Mutability, Word) ->
    {?MODULE, Type, Mutability, wasm2beam_store:cells([Word])}.

-spec type(global()) -> {global, wasm2beam_value:type(), const | var}.
type({?MODULE, Type, Mutability, _Slot}) -> {global, Type, Mutability}.

%% @doc What generated code finds in the instance's state.
-spec slot(global()) -> slot().
slot({?MODULE, _Type, _Mutability, Slot}) -> Slot.

%% @doc The store's keys that the global lives on.
-spec keys(global()) -> [wasm2beam_store:key()].
keys({?MODULE, externref, _Mutability, {externref, Key}}) -> [Key];
keys(_Global) -> [].

%% @doc The value in stored form.
-spec read(global()) -> wasm2beam_value:stored().
read({?MODULE, externref, _Mutability, Slot}) ->
    get(Slot);
read({?MODULE, Type, _Mutability, Cells}) when Type =:= i64; Type =:= f64 ->
    {wasm2beam_cells:get(Cells, 1), wasm2beam_cells:get(Cells, 2)};
read({?MODULE, _Type, _Mutability, Cells}) ->
    wasm2beam_cells:get(Cells, 1).

%% @doc The API value.
-spec value(global()) -> wasm2beam_value:value().
value({?MODULE, Type, _Mutability, _Slot} = Global) ->
    wasm2beam_value:from_stored(Type, read(Global)).

%% @doc Sets the global to an API value; the caller has checked that it is mutable.
-spec assign(global(), term()) -> ok.
assign({?MODULE, Type, _Mutability, _Slot} = Global, Value) ->
    write(Global, wasm2beam_value:to_stored(Type, Value)).

%% @doc Sets the global to a value in stored form.
-spec write(global(), wasm2beam_value:stored()) -> ok.
write({?MODULE, Type, _Mutability, Slot}, Value) ->
    case {Type, Value} of
        {externref, Term} ->
            set(Slot, Term);
        {_, {High, Low}} ->
            wasm2beam_cells:set(Slot, 1, High),
            wasm2beam_cells:set(Slot, 2, Low);
        {_, Word} ->
            wasm2beam_cells:set(Slot, 1, Word)
    end.

%% @doc global.get of an externref.
-spec get(slot()) -> term().
get({externref, Key}) ->
    case wasm2beam_store:find(Key) of
        {ok, Term} -> Term;
        error -> wasm2beam_error:raise({closed, global})
    end.

%% @doc global.set of an externref.
-spec set(slot(), term()) -> ok.
set({externref, Key}, Term) ->
    wasm2beam_store:replace(Key, Term).
