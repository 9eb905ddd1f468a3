%% The store: what exists in a process besides code (instances, memories, tables, externref globals).
%%
%% Everything hangs in the process dictionary, always inside a fun of no arguments, so that a crash report shows
%% `#Fun<...>' and never a memory. An entry's key is a reference; it is counted, because a memory that two instances
%% share must outlive the one that made it. The counts and the numbers of the instances are in one entry of their own.
%%
%% spec: exec/runtime#store
-module(wasm2beam_store).

-export([new/1, new/2, find/1, replace/2, retain/1, release/1]).
-export([new_instance_id/1, find_instance/1, forget_instance/1]).
-export([cells/1]).

-export_type([key/0, cells/0]).

%% Of an instance that can be cancelled it is the flag by which that is done.
-type key() :: reference() | atomics:atomics_ref().
%% A tuple of small integers that is written in place; only `wasm2beam_cells' may read or write its elements.
-type cells() :: tuple().

-define(BOOKS, '$wasm2beam').

-record(books, {
    next_id = 1 :: pos_integer(),
    instances = #{} :: #{pos_integer() => key()},
    counts = #{} :: #{key() => pos_integer()}
}).

%% @doc A new entry, counted once.
-spec new(term()) -> key().
new(Value) ->
    new(make_ref(), Value).

%% @doc A new entry under a reference of the caller's, counted once.
-spec new(key(), term()) -> key().
new(Key, Value) ->
    put(Key, fun() -> Value end),
    Books = books(),
    keep(Books#books{counts = maps:put(Key, 1, Books#books.counts)}),
    Key.

%% @doc The entry, or `error' where it was released or belongs to another process.
-spec find(key()) -> {ok, term()} | error.
find(Key) ->
    case get(Key) of
        Value when is_function(Value, 0) -> {ok, Value()};
        _ -> error
    end.

%% @doc Replaces an entry that exists.
-spec replace(key(), term()) -> ok.
replace(Key, Value) ->
    put(Key, fun() -> Value end),
    ok.

%% @doc Counts one more owner.
-spec retain(key()) -> ok.
retain(Key) ->
    Books = books(),
    keep(Books#books{counts = maps:update_with(Key, fun(Count) -> Count + 1 end, 1, Books#books.counts)}).

%% @doc Counts one owner less; the last one takes the entry away. Releasing what is gone already does nothing.
-spec release(key()) -> ok.
release(Key) ->
    #books{counts = Counts} = Books = books(),
    case Counts of
        #{Key := 1} ->
            erase(Key),
            keep(Books#books{counts = maps:remove(Key, Counts)});
        #{Key := Count} ->
            keep(Books#books{counts = Counts#{Key := Count - 1}});
        #{} ->
            ok
    end.

%% @doc The number, unique in this process, under which the instance's functions are known in funcrefs.
-spec new_instance_id(key()) -> pos_integer().
new_instance_id(Key) ->
    #books{next_id = Id, instances = Instances} = Books = books(),
    keep(Books#books{next_id = Id + 1, instances = Instances#{Id => Key}}),
    Id.

%% @doc The key of the instance with this number, or `error' where it is closed.
-spec find_instance(integer()) -> {ok, key()} | error.
find_instance(Id) ->
    maps:find(Id, (books())#books.instances).

%% @doc Ends the life of an instance number. It is never given again.
-spec forget_instance(pos_integer()) -> ok.
forget_instance(Id) ->
    Books = books(),
    keep(Books#books{instances = maps:remove(Id, Books#books.instances)}).

%% @doc A new in-place tuple. Built here, from an argument the compiler cannot see, so that it is never folded into a
%% literal, which all processes would share.
-spec cells([integer(), ...]) -> cells().
cells(Words) ->
    list_to_tuple(Words).

%% Internal

books() ->
    case get(?BOOKS) of
        undefined -> #books{};
        Books -> Books()
    end.

keep(Books) ->
    put(?BOOKS, fun() -> Books end),
    ok.
