%% A linear memory, private to its process.
%%
%% A root tuple `{Generation, Slot0, ...}' with 16 slots a page of 64 KiB; a slot is 0 or a leaf (wasm2beam_leaf), which
%% is made when it is first touched. Contents that were written before, data segments above all, wait as pieces. The
%% root is replaced when leaves are made or the memory outgrows it; an old root lacks leaves but never has wrong ones.
%% `Mem' is small: the state hangs in the store, the cells `{Generation, Pages}' are shared with generated code.
%%
%% spec: exec/runtime#memory-instances
-module(wasm2beam_memory).

-export([new/3, type/1, key/1, cells/1, pages/1]).
-export([load/3, store/4, root/1, grow/2, fill/4, copy/5, init/6, data_drop/2]).
-export([read/3, write/3]).

-export_type([mem/0, root/0]).

-opaque mem() :: {?MODULE, wasm2beam_store:key(), wasm2beam_store:cells()}.
-type root() :: tuple().
-type address() :: non_neg_integer().

-define(PAGE, 65536).
-define(LEAF, 4096).
-define(LEAVES_PER_PAGE, 16).
-define(MAX_PAGES, 65536).
-define(WORD, 16#FFFFFFFF).

-record(memory, {
    root :: root(),
    pieces = #{} :: #{non_neg_integer() => wasm2beam_leaf:pieces()},
    max :: non_neg_integer() | none,
    limit :: non_neg_integer()
}).

%% @doc A memory of Min pages that may grow to Max pages, and never beyond Limit pages, which the embedder sets.
%% The caller has checked Min against Limit. spec: exec/modules#alloc-mem
-spec new(non_neg_integer(), non_neg_integer() | none, non_neg_integer()) -> mem().
new(Min, Max, Limit) ->
    Root = erlang:make_tuple(1 + Min * ?LEAVES_PER_PAGE, 0),
    Key = wasm2beam_store:new(#memory{root = Root, max = Max, limit = min(Limit, ceiling(Max))}),
    {?MODULE, Key, wasm2beam_store:cells([0, Min])}.

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

%% @doc Loads 1, 2 or 4 bytes as an unsigned integer, at any address, aligned or not. Makes the leaf where it is missing.
%% Traps. spec: exec/instructions#memory-instructions
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

%% @doc The current root.
-spec root(mem()) -> root().
root(Mem) ->
    (state(Mem))#memory.root.

%% @doc Grows by Delta pages: the old size in pages, or 2^32-1 where that is not possible.
%% spec: exec/modules#grow-mem
-spec grow(mem(), non_neg_integer()) -> 0..16#FFFFFFFF.
grow({?MODULE, _Key, Cells} = Mem, Delta) ->
    #memory{root = Root, limit = Limit} = Memory = state(Mem),
    Old = pages(Mem),
    Pages = Old + Delta,
    case Pages =< Limit of
        false ->
            ?WORD;
        true ->
            case 1 + Pages * ?LEAVES_PER_PAGE > tuple_size(Root) of
                true -> replace_root(Mem, Memory, extend(Root, Pages, Limit));
                false -> ok
            end,
            wasm2beam_cells:set(Cells, 2, Pages),
            Old
    end.

%% @doc Sets Length bytes to Byte (its low eight bits). Traps. spec: exec/instructions#exec-memory-fill
-spec fill(mem(), address(), non_neg_integer(), non_neg_integer()) -> ok.
fill(Mem, Address, Byte, Length) ->
    check(Mem, Address, Length),
    Page = binary:copy(<<Byte>>, min(Length, ?LEAF)),
    edit(Mem, Address, Length, fun(_From, Count) -> binary_part(Page, 0, Count) end).

%% @doc Copies Length bytes; the ranges may overlap. Traps. spec: exec/instructions#exec-memory-copy
-spec copy(mem(), mem(), address(), address(), non_neg_integer()) -> ok.
copy(MemTo, MemFrom, To, From, Length) ->
    check(MemFrom, From, Length),
    check(MemTo, To, Length),
    case key(MemTo) =:= key(MemFrom) andalso From < To andalso To < From + Length of
        true -> copy_down(MemTo, To, From, Length);
        false -> copy_up(MemTo, MemFrom, To, From, Length)
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

%% @doc Writes the bytes from Offset on. Makes no leaves: what falls into missing ones waits for their first touch. Traps.
-spec write(mem(), address(), binary()) -> ok.
write(Mem, Offset, Bytes) ->
    Length = byte_size(Bytes),
    check(Mem, Offset, Length),
    edit(Mem, Offset, Length, fun(From, Count) -> binary_part(Bytes, From, Count) end).

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

out_of_bounds() ->
    wasm2beam_trap:raise(out_of_bounds_memory_access).

%% Words and leaves

word(Mem, Index) ->
    wasm2beam_cells:get(touched(Mem, Index bsr 10), (Index band 1023) + 1).

merge(Mem, Index, Mask, Value) ->
    Leaf = touched(Mem, Index bsr 10),
    Cell = (Index band 1023) + 1,
    Old = wasm2beam_cells:get(Leaf, Cell),
    wasm2beam_cells:set(Leaf, Cell, (Old band (bnot Mask)) bor Value).

%% The leaf, made where it is missing. The caller has checked that it lies within the memory.
touched(Mem, Number) ->
    #memory{root = Root} = Memory = state(Mem),
    case element(Number + 2, Root) of
        0 -> touch(Mem, Memory, Number);
        Leaf -> Leaf
    end.

%% A new leaf copies the root. Making as many leaves at once as the root has thousands of slots keeps all those copies
%% together no larger than the leaves themselves.
touch(Mem, #memory{root = Root, pieces = Pieces} = Memory, Number) ->
    Slots = pages(Mem) * ?LEAVES_PER_PAGE,
    Chunk = max(1, Slots div 1024),
    First = Number - Number rem Chunk,
    Last = min(First + Chunk, Slots) - 1,
    Made = [
        {Each, wasm2beam_leaf:new(maps:get(Each, Pieces, []))}
     || Each <- lists:seq(First, Last), element(Each + 2, Root) =:= 0
    ],
    Rest = maps:without([Each || {Each, _} <- Made], Pieces),
    replace_root(Mem, Memory#memory{pieces = Rest}, plant(Made, Root)),
    {Number, Leaf} = lists:keyfind(Number, 1, Made),
    Leaf.

plant([{Number, Leaf}], Root) ->
    setelement(Number + 2, Root, Leaf);
plant([{First, _} | _] = Made, Root) ->
    {Before, From} = lists:split(First + 1, tuple_to_list(Root)),
    list_to_tuple(Before ++ plant(Made, First, From)).

plant([], _Number, Slots) -> Slots;
plant([{Number, Leaf} | Made], Number, [_ | Slots]) -> [Leaf | plant(Made, Number + 1, Slots)];
plant(Made, Number, [Slot | Slots]) -> [Slot | plant(Made, Number + 1, Slots)].

%% The only place where a root changes: a new generation, told to generated code through the cells.
replace_root({?MODULE, _Key, Cells} = Mem, Memory, Root) ->
    Generation = element(1, Root) + 1,
    keep(Mem, Memory#memory{root = setelement(1, Root, Generation)}),
    wasm2beam_cells:set(Cells, 1, Generation).

%% An eighth more than needed, so that growth page by page does not copy the root each time. Slots beyond the size stay
%% 0 and lead to the bounds check.
extend(Root, Pages, Limit) ->
    Room = min(Limit, Pages + Pages div 8),
    list_to_tuple(tuple_to_list(Root) ++ lists:duplicate(1 + Room * ?LEAVES_PER_PAGE - tuple_size(Root), 0)).

%% Ranges

read_leaves(_Memory, _Address, 0, Parts) ->
    joined(Parts);
read_leaves(Memory, Address, Length, Parts) ->
    Offset = Address band (?LEAF - 1),
    Count = min(Length, ?LEAF - Offset),
    Part = read_leaf(Memory, Address div ?LEAF, Offset, Count),
    read_leaves(Memory, Address + Count, Length - Count, [Part | Parts]).

joined([Part]) -> Part;
joined(Parts) -> iolist_to_binary(lists:reverse(Parts)).

read_leaf(#memory{root = Root, pieces = Pieces}, Number, Offset, Count) ->
    case element(Number + 2, Root) of
        0 -> binary_part(wasm2beam_leaf:page(maps:get(Number, Pieces, [])), Offset, Count);
        Leaf -> wasm2beam_leaf:read(Leaf, Offset, Count)
    end.

%% Writes a range leaf by leaf; Bytes(From, Count) gives the part that begins From bytes after the start of the range.
edit(Mem, Address, Length, Bytes) ->
    #memory{root = Root, pieces = Pieces0} = Memory = state(Mem),
    case edit_leaves(Root, Pieces0, Address, 0, Length, Bytes) of
        Pieces0 -> ok;
        Pieces -> keep(Mem, Memory#memory{pieces = Pieces})
    end.

edit_leaves(_Root, Pieces, _Address, Length, Length, _Bytes) ->
    Pieces;
edit_leaves(Root, Pieces0, Address, From, Length, Bytes) ->
    Number = (Address + From) div ?LEAF,
    Offset = (Address + From) band (?LEAF - 1),
    Count = min(Length - From, ?LEAF - Offset),
    Pieces =
        case element(Number + 2, Root) of
            0 ->
                wait(Pieces0, Number, Offset, Bytes(From, Count));
            Leaf ->
                wasm2beam_leaf:write(Leaf, Offset, Bytes(From, Count)),
                Pieces0
        end,
    edit_leaves(Root, Pieces, Address, From + Count, Length, Bytes).

wait(Pieces, Number, Offset, Bytes) ->
    case wasm2beam_leaf:add_piece(maps:get(Number, Pieces, []), Offset, Bytes) of
        [] -> maps:remove(Number, Pieces);
        Waiting -> Pieces#{Number => Waiting}
    end.

copy_up(_MemTo, _MemFrom, _To, _From, 0) ->
    ok;
copy_up(MemTo, MemFrom, To, From, Length) ->
    Count = min(Length, ?LEAF - To band (?LEAF - 1)),
    write(MemTo, To, read(MemFrom, From, Count)),
    copy_up(MemTo, MemFrom, To + Count, From + Count, Length - Count).

%% The target overlaps the end of the source: from the end backwards, so that nothing is overwritten before it is read.
copy_down(_Mem, _To, _From, 0) ->
    ok;
copy_down(Mem, To, From, Length) ->
    Count = min(Length, ((To + Length - 1) band (?LEAF - 1)) + 1),
    Rest = Length - Count,
    write(Mem, To + Rest, read(Mem, From + Rest, Count)),
    copy_down(Mem, To, From, Rest).
