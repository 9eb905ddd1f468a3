%% A leaf of a linear memory: 4 KiB as a tuple of 256 rows, each an in-place tuple of 4 words, little-endian; and what stands for it until it is first touched: the pieces of data that will be in it.
%%
%% Pieces are `{Offset, Binary}', newest first, later ones over earlier ones; no pieces mean zeros. Offsets and lengths
%% are bytes within the leaf; the caller has checked that they lie in it.
-module(wasm2beam_leaf).

-export([new/1, page/1, whole/1, add_piece/3, get/2, set/3, read/3, write/3, fill/4, copy/5, copy_rows/6]).

-export_type([leaf/0, pieces/0]).

-type leaf() :: tuple().
-type pieces() :: [{0..4095, binary()}].

-define(SIZE, 4096).
%% Bytes in a row.
-define(ROW, 16).
-define(ZEROS, <<0:4096/unit:8>>).
%% A word as it lies in memory.
-define(LE, 32/little).
%% Pieces of one leaf that are kept before they are put together. Bounds both the work of an add and that of a read.
-define(MAX_PIECES, 32).
%% From so many words on it is cheaper to list the whole leaf than to fetch them one by one.
-define(MANY_WORDS, 128).

%% @doc A leaf with these contents. Always new tuples, never literals.
-spec new(pieces()) -> leaf().
new([]) ->
    wasm2beam_cells:new();
new(Pieces) ->
    list_to_tuple(to_rows(page(Pieces))).

%% @doc A word by its index, from 0.
-spec get(leaf(), 0..1023) -> 0..16#FFFFFFFF.
get(Leaf, Index) ->
    wasm2beam_cells:get(row(Leaf, Index), (Index band 3) + 1).

%% @doc Replaces a word.
-spec set(leaf(), 0..1023, 0..16#FFFFFFFF) -> ok.
set(Leaf, Index, Word) ->
    wasm2beam_cells:set(row(Leaf, Index), (Index band 3) + 1, Word).

%% @doc The 4,096 bytes that the pieces stand for.
-spec page(pieces()) -> binary().
page([]) ->
    ?ZEROS;
page([{0, Page}]) when byte_size(Page) =:= ?SIZE ->
    Page;
page(Pieces) ->
    lists:foldr(fun splice/2, ?ZEROS, Pieces).

%% @doc 4,096 bytes as pieces. They go on sharing what they are a part of.
-spec whole(binary()) -> pieces().
whole(Page) ->
    [{0, Page}].

%% @doc The pieces after a further write at Offset.
-spec add_piece(pieces(), 0..4095, binary()) -> pieces().
add_piece(Pieces, Offset, Bytes) when byte_size(Bytes) =:= ?SIZE, Offset =:= 0 ->
    add_whole(Pieces, Bytes);
add_piece([], Offset, Bytes) ->
    Length = byte_size(Bytes),
    case binary_part(?ZEROS, 0, Length) of
        Bytes -> [];
        _ -> [{Offset, own(Bytes)}]
    end;
add_piece(Pieces, Offset, Bytes) when length(Pieces) < ?MAX_PIECES ->
    [{Offset, own(Bytes)} | Pieces];
add_piece(Pieces, Offset, Bytes) ->
    [{0, page([{Offset, Bytes} | Pieces])}].

%% @doc Length bytes from Offset of a leaf.
-spec read(leaf(), 0..4095, 1..4096) -> binary().
read(Leaf, Offset, Length) ->
    First = Offset bsr 2,
    Count = ((Offset + Length - 1) bsr 2) - First + 1,
    Bytes = to_bytes(words(Leaf, First, Count), <<>>),
    binary_part(Bytes, Offset band 3, Length).

%% @doc Writes bytes from Offset on.
-spec write(leaf(), 0..4095, binary()) -> ok.
write(Leaf, Offset, Bytes) ->
    case (4 - Offset band 3) band 3 of
        0 ->
            write_words(Leaf, Offset bsr 2, Bytes);
        Gap when byte_size(Bytes) =< Gap ->
            write_part(Leaf, Offset, Bytes);
        Gap ->
            <<Head:Gap/binary, Rest/binary>> = Bytes,
            write_part(Leaf, Offset, Head),
            write_words(Leaf, (Offset + Gap) bsr 2, Rest)
    end.

%% @doc Copies whole words between two leaves, or within one: offsets and length are multiples of four.
-spec copy(leaf(), 0..4092, leaf(), 0..4092, 4..4096) -> ok.
copy(LeafTo, To, LeafFrom, From, Length) ->
    wasm2beam_cells:put_words(LeafTo, (To bsr 2) + 1, words(LeafFrom, From bsr 2, Length bsr 2)).

%% @doc Sets Count bytes from Offset on.
-spec fill(leaf(), 0..4095, 1..4096, byte()) -> ok.
fill(Leaf, Offset, Count, Byte) ->
    First = (Offset + ?ROW - 1) div ?ROW,
    Last = (Offset + Count) div ?ROW,
    case First < Last of
        true ->
            fill_part(Leaf, Offset, First * ?ROW - Offset, Byte),
            wasm2beam_cells:fill_rows(Leaf, First, Last, Byte * 16#01010101),
            fill_part(Leaf, Last * ?ROW, Offset + Count - Last * ?ROW, Byte);
        false ->
            fill_part(Leaf, Offset, Count, Byte)
    end.

%% @doc Copies to whole rows, from Offset on, what lies from From on in another leaf and at the start of Next, or in the
%% same leaf further up.
-spec copy_rows(leaf(), 0..4080, 16..4096, leaf(), 0..4095, leaf()) -> ok.
copy_rows(LeafTo, Offset, Count, LeafFrom, From, Next) ->
    wasm2beam_cells:copy_rows(LeafTo, Offset div ?ROW, (Offset + Count) div ?ROW, LeafFrom, From, Next).

%% Internal

fill_part(_Leaf, _Offset, 0, _Byte) -> ok;
fill_part(Leaf, Offset, Count, Byte) -> write(Leaf, Offset, binary:copy(<<Byte>>, Count)).

%% Rows stay where they are: this is no read of what is written in place.
row(Leaf, Index) ->
    element((Index bsr 2) + 1, Leaf).

add_whole(_, ?ZEROS) -> [];
add_whole(_, Page) -> [{0, Page}].

splice({Offset, Bytes}, Page) ->
    Length = byte_size(Bytes),
    <<Before:Offset/binary, _:Length/binary, After/binary>> = Page,
    <<Before/binary, Bytes/binary, After/binary>>.

%% A part of a leaf must not keep a large binary of the embedder's alive.
own(Bytes) ->
    case binary:referenced_byte_size(Bytes) > 4 * ?SIZE of
        true -> binary:copy(Bytes);
        false -> Bytes
    end.

words(Leaf, First, Count) when Count < ?MANY_WORDS ->
    words_down(Leaf, First, First + Count - 1, []);
words(Leaf, 0, ?SIZE div 4) ->
    wasm2beam_cells:words(Leaf);
words(Leaf, First, Count) ->
    lists:sublist(wasm2beam_cells:words(Leaf), First + 1, Count).

words_down(_Leaf, First, Index, Words) when Index < First ->
    Words;
words_down(Leaf, First, Index, Words) ->
    words_down(Leaf, First, Index - 1, [get(Leaf, Index) | Words]).

%% Whole words first, then what is left.
write_words(_Leaf, _Index, <<>>) ->
    ok;
write_words(Leaf, Index, Bytes) when byte_size(Bytes) < 4 ->
    write_part(Leaf, Index * 4, Bytes);
write_words(Leaf, Index, Bytes) ->
    Count = byte_size(Bytes) bsr 2,
    Whole = binary_part(Bytes, 0, Count * 4),
    wasm2beam_cells:put_words(Leaf, Index + 1, to_words(Whole)),
    case byte_size(Bytes) band 3 of
        0 -> ok;
        Rest -> write_part(Leaf, (Index + Count) * 4, binary_part(Bytes, Count * 4, Rest))
    end.

%% Fewer than four bytes, all within one word.
write_part(Leaf, Offset, Bytes) ->
    Index = Offset bsr 2,
    Skip = Offset band 3,
    Length = byte_size(Bytes),
    Old = get(Leaf, Index),
    <<Before:Skip/binary, _:Length/binary, After/binary>> = <<Old:?LE>>,
    <<Word:?LE>> = <<Before/binary, Bytes/binary, After/binary>>,
    set(Leaf, Index, Word).

to_rows(<<A:?LE, B:?LE, C:?LE, D:?LE, E:?LE, F:?LE, G:?LE, H:?LE, Rest/binary>>) ->
    [{A, B, C, D}, {E, F, G, H} | to_rows(Rest)];
to_rows(<<>>) ->
    [].

%% Eight words at a time: four times as fast as a comprehension.
to_words(<<A:?LE, B:?LE, C:?LE, D:?LE, E:?LE, F:?LE, G:?LE, H:?LE, Rest/binary>>) ->
    [A, B, C, D, E, F, G, H | to_words(Rest)];
to_words(<<A:?LE, Rest/binary>>) ->
    [A | to_words(Rest)];
to_words(<<>>) ->
    [].

to_bytes([A, B, C, D, E, F, G, H | Rest], Bytes) ->
    to_bytes(Rest, <<Bytes/binary, A:?LE, B:?LE, C:?LE, D:?LE, E:?LE, F:?LE, G:?LE, H:?LE>>);
to_bytes([A | Rest], Bytes) ->
    to_bytes(Rest, <<Bytes/binary, A:?LE>>);
to_bytes([], Bytes) ->
    Bytes.
