%% A linear memory, private to its process.
%%
%% A root tuple `{Generation, Slot0, ...}' with a slot for each 4 KiB; a slot is 0 or a leaf (wasm2beam_leaf), which is
%% made when it is first touched. Contents that were written before, data segments above all, wait as pieces. The root
%% ends where nothing was touched yet and is replaced when leaves are made; an old root lacks leaves but never has wrong
%% ones. `Mem' is small: the state hangs in the store, the cells `{Generation, Pages}' are shared with generated code.
%%
%% spec: exec/runtime#memory-instances
-module(wasm2beam_memory).

-export([new/3, type/1, key/1, cells/1, pages/1, touched_bytes/1, contents/1, replace/3, limit/3]).
-export([load/3, load64/2, fetch/3, fetch64/2, store/4, store64/4, root/1, grow/2, fill/4, copy/5, init/6, data_drop/2]).
-export([read/3, write/3]).

-export_type([mem/0, root/0, bound/0]).

%% What every operation does, however small.
-compile({inline, [state/1, key/1, cells/1, pages/1, check/3, slot/2]}).

-opaque mem() :: {?MODULE, wasm2beam_store:key(), wasm2beam_store:cells()}.
-type root() :: tuple().
-type address() :: non_neg_integer().
%% What the embedder allows: pages for a memory, or pages for all memories that have the same budget.
-type bound() :: non_neg_integer() | wasm2beam_budget:budget().

-define(PAGE, 65536).
-define(LEAF, 4096).
%% Shifts, since OTP 25 divides by powers of two as by anything else.
-define(LEAF_BITS, 12).
-define(LEAVES_PER_PAGE, 16).
-define(MAX_PAGES, 65536).
%% Of the first root, at most: a large memory that is only declared costs no more.
-define(FIRST_SLOTS, 1024).
%% Leaves made at once, at most: 512 KiB.
-define(MAX_CHUNK, 128).
-define(WORD, 16#FFFFFFFF).

-record(memory, {
    root :: root(),
    pieces = #{} :: #{non_neg_integer() => wasm2beam_leaf:pieces()},
    max :: non_neg_integer() | none,
    limit :: non_neg_integer(),
    budget :: none | wasm2beam_budget:budget()
}).

%% @doc A memory of Min pages that may grow to Max pages, and never beyond what the embedder allows. The caller has
%% checked Min against that. spec: exec/modules#alloc-mem
-spec new(non_neg_integer(), non_neg_integer() | none, bound()) -> mem().
new(Min, Max, Bound) ->
    Root = erlang:make_tuple(1 + min(Min * ?LEAVES_PER_PAGE, ?FIRST_SLOTS), 0),
    Memory = bounded(#memory{root = Root, max = Max, limit = 0, budget = none}, Bound),
    true = take(Memory, Min),
    {?MODULE, wasm2beam_store:new(Memory), wasm2beam_store:cells([0, Min])}.

bounded(#memory{max = Max} = Memory, Limit) when is_integer(Limit) ->
    Memory#memory{limit = min(Limit, ceiling(Max)), budget = none};
bounded(#memory{max = Max} = Memory, Budget) ->
    Memory#memory{limit = ceiling(Max), budget = Budget}.

take(#memory{budget = none}, _Pages) -> true;
take(#memory{budget = Budget}, Pages) -> wasm2beam_budget:take(Budget, Pages).

%% @doc The present type: size now and declared maximum. spec: exec/modules#external-typing
-spec type(mem()) -> {memory, non_neg_integer(), non_neg_integer() | none}.
type(Mem) ->
    #memory{max = Max} = state(Mem),
    {memory, pages(Mem), Max}.

-spec key(mem()) -> wasm2beam_store:key().
key({?MODULE, Key, _Cells}) -> Key.

%% @doc The in-place tuple `{Generation, Pages}'.
-spec cells(mem()) -> wasm2beam_store:cells().
cells({?MODULE, _Key, Cells}) -> Cells.

%% @doc Size in pages.
-spec pages(mem()) -> non_neg_integer().
pages({?MODULE, _Key, Cells}) -> wasm2beam_cells:get(Cells, 2).

%% @doc Bytes that were touched or written, in steps of 4 KiB: all others are zero and take next to nothing.
-spec touched_bytes(mem()) -> non_neg_integer().
touched_bytes(Mem) ->
    #memory{root = Root, pieces = Pieces} = state(Mem),
    [_Generation | Slots] = tuple_to_list(Root),
    ?LEAF * (map_size(Pieces) + length([Leaf || Leaf <- Slots, Leaf =/= 0])).

%% @doc The leaves that were touched or written, each with its number, in ascending order; all others are zero.
-spec contents(mem()) -> [{non_neg_integer(), binary()}].
contents(Mem) ->
    #memory{root = Root, pieces = Pieces} = Memory = state(Mem),
    Made = [Number || Number <- lists:seq(0, tuple_size(Root) - 2), slot(Number, Root) =/= 0],
    [{Number, iolist_to_binary(read_leaf(Memory, Number, 0, ?LEAF))} || Number <- lists:merge(Made, lists:sort(maps:keys(Pieces)))].

%% @doc Sets size and contents; `error', and nothing changed, where the memory is larger or cannot grow to that size. Makes
%% no leaves: what falls into missing ones waits for their first touch.
-spec replace(mem(), non_neg_integer(), [{non_neg_integer(), binary()}]) -> ok | error.
replace(Mem, Pages, Leaves) ->
    #memory{limit = Limit, root = Root} = Memory = state(Mem),
    Old = pages(Mem),
    case Pages >= Old andalso Pages =< Limit andalso take(Memory, Pages - Old) of
        true ->
            wasm2beam_cells:set(cells(Mem), 2, Pages),
            Waiting = [{Number, wasm2beam_leaf:whole(Bytes)} || {Number, Bytes} <- Leaves, slot(Number, Root) =:= 0],
            keep(Mem, Memory#memory{pieces = maps:from_list(Waiting)}),
            Made = [Number || Number <- lists:seq(0, tuple_size(Root) - 2), slot(Number, Root) =/= 0],
            lists:foreach(fun(Number) -> wasm2beam_leaf:fill(slot(Number, Root), 0, ?LEAF, 0) end, Made),
            lists:foreach(
                fun({Number, Bytes}) -> wasm2beam_leaf:write(slot(Number, Root), 0, Bytes) end,
                [Leaf || {Number, _} = Leaf <- Leaves, slot(Number, Root) =/= 0]
            );
        false ->
            error
    end.

%% @doc Sets the declared maximum, and the pages that the embedder allows. The memory may be larger than that already.
-spec limit(mem(), non_neg_integer() | none, non_neg_integer()) -> ok.
limit(Mem, Max, Limit) ->
    keep(Mem, bounded((state(Mem))#memory{max = Max}, Limit)).

%% @doc Loads 1, 2 or 4 bytes as an unsigned integer, at any address, aligned or not. Makes the leaf where it is
%% missing. Traps. spec: exec/instructions#memory-instructions
-spec load(mem(), address(), 1 | 2 | 4) -> 0..16#FFFFFFFF.
load(Mem, Address, Bytes) ->
    check(Mem, Address, Bytes),
    Shift = (Address band 3) * 8,
    Mask = (1 bsl (Bytes * 8)) - 1,
    Low = word(Mem, Address bsr 2) bsr Shift,
    case Shift + Bytes * 8 > 32 of
        false -> Low band Mask;
        true -> (Low bor (word(Mem, (Address bsr 2) + 1) bsl (32 - Shift))) band Mask
    end.

%% @doc Stores the low 1, 2 or 4 bytes of Word at any address. Returns the current root. Traps.
%% spec: exec/instructions#memory-instructions
-spec store(mem(), address(), 1 | 2 | 4, non_neg_integer()) -> root().
store(Mem, Address, Bytes, Word) ->
    check(Mem, Address, Bytes),
    Shift = (Address band 3) * 8,
    Mask = (1 bsl (Bytes * 8)) - 1,
    Value = Word band Mask,
    merge(Mem, Address bsr 2, (Mask bsl Shift) band ?WORD, (Value bsl Shift) band ?WORD),
    case Shift + Bytes * 8 > 32 of
        false -> ok;
        true -> merge(Mem, (Address bsr 2) + 1, Mask bsr (32 - Shift), Value bsr (32 - Shift))
    end,
    root(Mem).

%% @doc Eight bytes at any address as two words, the high one first. Traps. spec: exec/instructions#memory-instructions
-spec load64(mem(), address()) -> {High :: 0..16#FFFFFFFF, Low :: 0..16#FFFFFFFF}.
load64(Mem, Address) ->
    check(Mem, Address, 8),
    {load(Mem, Address + 4, 4), load(Mem, Address, 4)}.

%% @doc As load/3 and load64/2, for generated code that looks for more in what may have been made: with the current root.
-spec fetch(mem(), address(), 1 | 2 | 4) -> {0..16#FFFFFFFF, root()}.
fetch(Mem, Address, Bytes) ->
    Word = load(Mem, Address, Bytes),
    {Word, root(Mem)}.

-spec fetch64(mem(), address()) -> {High :: 0..16#FFFFFFFF, Low :: 0..16#FFFFFFFF, root()}.
fetch64(Mem, Address) ->
    {High, Low} = load64(Mem, Address),
    {High, Low, root(Mem)}.

%% @doc Stores two words at any address; none where one of them would trap. Returns the current root.
%% spec: exec/instructions#memory-instructions
-spec store64(mem(), address(), non_neg_integer(), non_neg_integer()) -> root().
store64(Mem, Address, High, Low) ->
    _ = store(Mem, Address + 4, 4, High),
    store(Mem, Address, 4, Low).

%% @doc The current root.
-spec root(mem()) -> root().
root(Mem) ->
    (state(Mem))#memory.root.

%% @doc Grows by Delta pages: the old size in pages, or 2^32-1 where that is not possible.
%% spec: exec/modules#grow-mem
-spec grow(mem(), non_neg_integer()) -> 0..16#FFFFFFFF.
grow({?MODULE, _Key, Cells} = Mem, Delta) ->
    #memory{limit = Limit} = Memory = state(Mem),
    Old = pages(Mem),
    case Old + Delta =< Limit andalso take(Memory, Delta) of
        true ->
            wasm2beam_cells:set(Cells, 2, Old + Delta),
            grown(Old + Delta, Delta, ok),
            Old;
        false ->
            grown(Old, Delta, error),
            ?WORD
    end.

grown(Pages, Delta, Result) ->
    wasm2beam_events:execute([wasm2beam, memory, grow], #{pages => Pages, delta => Delta}, #{result => Result}).

%% @doc Sets Length bytes to Byte (its low eight bits). Traps. spec: exec/instructions#exec-memory-fill
-spec fill(mem(), address(), non_neg_integer(), non_neg_integer()) -> ok.
fill(Mem, Address, Byte, Length) ->
    check(Mem, Address, Length),
    fill_leaves(Mem, root(Mem), Address, Byte band 255, Length).

%% @doc Copies Length bytes; the ranges may overlap. Traps. spec: exec/instructions#exec-memory-copy
-spec copy(mem(), mem(), address(), address(), non_neg_integer()) -> ok.
copy(MemTo, MemFrom, To, From, Length) ->
    check(MemFrom, From, Length),
    check(MemTo, To, Length),
    Root = root(MemFrom),
    case key(MemTo) =:= key(MemFrom) of
        false -> copy_up({MemTo, root(MemTo)}, {MemFrom, Root}, To, From, Length);
        true when From < To, To < From + Length -> copy_down({MemTo, Root}, To, From, Length);
        true -> copy_up({MemTo, Root}, {MemFrom, Root}, To, From, Length)
    end.

%% @doc Copies from a data segment of the instance. Traps. spec: exec/instructions#exec-memory-init
-spec init(wasm2beam_instance:state(), mem(), non_neg_integer(), address(), non_neg_integer(), non_neg_integer()) -> ok.
init(S, Mem, Segment, To, From, Length) ->
    Bytes = wasm2beam_instance:data_segment(S, Segment),
    case From + Length =< byte_size(Bytes) of
        true -> write(Mem, To, binary_part(Bytes, From, Length));
        false -> out_of_bounds()
    end.

%% @doc spec: exec/instructions#exec-data-drop
-spec data_drop(wasm2beam_instance:state(), non_neg_integer()) -> ok.
data_drop(S, Segment) ->
    wasm2beam_instance:drop_data_segment(S, Segment).

%% @doc Length bytes from Offset. Makes no leaves. Traps.
-spec read(mem(), address(), non_neg_integer()) -> binary().
read(Mem, Offset, Length) ->
    check(Mem, Offset, Length),
    read_leaves(state(Mem), Offset, Length, []).

%% @doc Writes the bytes from Offset on. Makes no leaves: what falls into missing ones waits for their first touch.
%% Traps.
-spec write(mem(), address(), binary()) -> ok.
write(Mem, Offset, Bytes) ->
    check(Mem, Offset, byte_size(Bytes)),
    #memory{root = Root, pieces = Pieces0} = Memory = state(Mem),
    case write_leaves(Root, Pieces0, Offset, Bytes) of
        Pieces0 -> ok;
        Pieces -> keep(Mem, Memory#memory{pieces = Pieces})
    end.

%% Internal

state({?MODULE, Key, _Cells}) ->
    case wasm2beam_store:find(Key) of
        {ok, Memory} -> Memory;
        error -> wasm2beam_error:raise({closed, memory})
    end.

keep({?MODULE, Key, _Cells}, Memory) ->
    wasm2beam_store:replace(Key, Memory).

ceiling(none) -> ?MAX_PAGES;
ceiling(Max) -> min(Max, ?MAX_PAGES).

check(Mem, Address, Length) ->
    case Address + Length =< pages(Mem) * ?PAGE of
        true -> ok;
        false -> out_of_bounds()
    end.

-spec out_of_bounds() -> no_return().
out_of_bounds() ->
    wasm2beam_trap:raise(out_of_bounds_memory_access).

%% Words and leaves

word(Mem, Index) ->
    wasm2beam_leaf:get(touched(Mem, Index bsr 10), Index band 1023).

merge(Mem, Index, Mask, Value) ->
    Leaf = touched(Mem, Index bsr 10),
    Old = wasm2beam_leaf:get(Leaf, Index band 1023),
    wasm2beam_leaf:set(Leaf, Index band 1023, (Old band (bnot Mask)) bor Value).

%% The leaf, made where it is missing. The caller has checked that it lies within the memory.
touched(Mem, Number) ->
    #memory{root = Root} = Memory = state(Mem),
    case slot(Number, Root) of
        0 -> touch(Mem, Memory, Number);
        Leaf -> Leaf
    end.

slot(Number, Root) when Number + 2 =< tuple_size(Root) -> element(Number + 2, Root);
slot(_Number, _Root) -> 0.

%% A new leaf copies the root. Making several at once in a large memory keeps the copies together about as large as the
%% leaves themselves; more than ?MAX_CHUNK would be a waste where few addresses far from each other are touched.
touch(Mem, #memory{root = Root0, pieces = Pieces} = Memory, Number) ->
    Slots = pages(Mem) * ?LEAVES_PER_PAGE,
    Root = reaching(Number, Root0, Slots),
    Chunk = min(?MAX_CHUNK, max(1, tuple_size(Root) div 512)),
    First = Number - Number rem Chunk,
    Last = min(First + Chunk, tuple_size(Root) - 1) - 1,
    Made = [
        {Each, wasm2beam_leaf:new(maps:get(Each, Pieces, []))}
     || Each <- lists:seq(First, Last), slot(Each, Root) =:= 0
    ],
    Rest = maps:without([Each || {Each, _} <- Made], Pieces),
    replace_root(Mem, Memory#memory{pieces = Rest, root = plant(Made, Root)}),
    {Number, Leaf} = lists:keyfind(Number, 1, Made),
    Leaf.

%% The root with a slot for this leaf, and half as many again as it had, so that a memory that is touched page by page
%% does not copy it each time.
reaching(Number, Root, _Slots) when Number + 2 =< tuple_size(Root) ->
    Root;
reaching(Number, Root, Slots) ->
    Size = min(1 + Slots, max(Number + 2, tuple_size(Root) + tuple_size(Root) div 2)),
    list_to_tuple(tuple_to_list(Root) ++ lists:duplicate(Size - tuple_size(Root), 0)).

%% A root of the next generation with these leaves.
plant([{Number, Leaf}], Root) ->
    setelement(1, setelement(Number + 2, Root, Leaf), element(1, Root) + 1);
plant(Made, Root) ->
    [Generation | Slots] = tuple_to_list(Root),
    list_to_tuple([Generation + 1 | plant(Made, 0, Slots)]).

plant([], _Number, Slots) -> Slots;
plant([{Number, Leaf} | Made], Number, [_ | Slots]) -> [Leaf | plant(Made, Number + 1, Slots)];
plant(Made, Number, [Slot | Slots]) -> [Slot | plant(Made, Number + 1, Slots)].

%% Generated code learns from the cells that there is another root.
replace_root({?MODULE, _Key, Cells} = Mem, #memory{root = Root} = Memory) ->
    keep(Mem, Memory),
    wasm2beam_cells:set(Cells, 1, element(1, Root)).

%% Ranges

read_leaves(_Memory, _Address, 0, Parts) ->
    joined(Parts);
read_leaves(Memory, Address, Length, Parts) ->
    Offset = Address band (?LEAF - 1),
    Count = min(Length, ?LEAF - Offset),
    Part = read_leaf(Memory, Address bsr ?LEAF_BITS, Offset, Count),
    read_leaves(Memory, Address + Count, Length - Count, [Part | Parts]).

joined([Part]) when is_binary(Part) -> Part;
joined([[Row]]) -> Row;
joined(Parts) -> iolist_to_binary(lists:reverse(Parts)).

read_leaf(#memory{root = Root, pieces = Pieces}, Number, Offset, Count) ->
    case slot(Number, Root) of
        0 -> wasm2beam_leaf:part(maps:get(Number, Pieces, []), Offset, Count);
        Leaf -> wasm2beam_leaf:read(Leaf, Offset, Count)
    end.

write_leaves(_Root, Pieces, _Address, <<>>) ->
    Pieces;
write_leaves(Root, Pieces, Address, Bytes) ->
    Space = ?LEAF - Address band (?LEAF - 1),
    case Bytes of
        <<Part:Space/binary, Rest/binary>> ->
            write_leaves(Root, write_leaf(Root, Pieces, Address, Part), Address + Space, Rest);
        _ ->
            write_leaf(Root, Pieces, Address, Bytes)
    end.

write_leaf(Root, Pieces, Address, Bytes) ->
    Offset = Address band (?LEAF - 1),
    case slot(Address bsr ?LEAF_BITS, Root) of
        0 ->
            wait(Pieces, Address bsr ?LEAF_BITS, Offset, Bytes);
        Leaf ->
            wasm2beam_leaf:write(Leaf, Offset, Bytes),
            Pieces
    end.

wait(Pieces, Number, Offset, Bytes) ->
    case wasm2beam_leaf:add_piece(maps:get(Number, Pieces, []), Offset, Bytes) of
        [] -> maps:remove(Number, Pieces);
        Waiting -> Pieces#{Number => Waiting}
    end.

%% What follows goes leaf by leaf, with the root that there was at the start: what it lacks is looked for anew.

target(Mem, Root, Number) ->
    case slot(Number, Root) of
        0 -> touched(Mem, Number);
        Leaf -> Leaf
    end.

%% Leaves that are not there are made, unless they would be zeros.
fill_leaves(_Mem, _Root, _Address, _Byte, 0) ->
    ok;
fill_leaves(Mem, Root, Address, Byte, Length) ->
    Offset = Address band (?LEAF - 1),
    Count = min(Length, ?LEAF - Offset),
    case slot(Address bsr ?LEAF_BITS, Root) of
        0 when Byte =:= 0 -> write(Mem, Address, binary:copy(<<0>>, Count));
        _ -> wasm2beam_leaf:fill(target(Mem, Root, Address bsr ?LEAF_BITS), Offset, Count, Byte)
    end,
    fill_leaves(Mem, Root, Address + Count, Byte, Length - Count).

%% By the leaves of the target; the source may go on in a second leaf.
copy_up(_To, _From, _AddressTo, _AddressFrom, 0) ->
    ok;
copy_up(To, From, AddressTo, AddressFrom, Length) ->
    Count = min(Length, ?LEAF - AddressTo band (?LEAF - 1)),
    copy_leaf(To, From, AddressTo, AddressFrom, Count, 1),
    copy_up(To, From, AddressTo + Count, AddressFrom + Count, Length - Count).

%% The target overlaps the end of the source: from the end backwards, so that nothing is overwritten before it is read.
copy_down(_Both, _AddressTo, _AddressFrom, 0) ->
    ok;
copy_down(Both, AddressTo, AddressFrom, Length) ->
    Count = min(Length, (AddressTo + Length - 1) band (?LEAF - 1) + 1),
    Rest = Length - Count,
    copy_leaf(Both, Both, AddressTo + Rest, AddressFrom + Rest, Count, -1),
    copy_down(Both, AddressTo, AddressFrom, Rest).

%% What is not there yet is read and written as bytes.
copy_leaf({MemTo, RootTo}, {MemFrom, RootFrom}, To, From, Count, Step) ->
    case {slot(From bsr ?LEAF_BITS, RootFrom), slot((From + Count - 1) bsr ?LEAF_BITS, RootFrom)} of
        {Leaf, Next} when Leaf =/= 0, Next =/= 0 ->
            LeafTo = target(MemTo, RootTo, To bsr ?LEAF_BITS),
            wasm2beam_leaf:copy(LeafTo, To band (?LEAF - 1), Count, Leaf, From band (?LEAF - 1), Next, Step);
        _ ->
            write(MemTo, To, read(MemFrom, From, Count))
    end.
