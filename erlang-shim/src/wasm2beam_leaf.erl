%% A leaf of a linear memory: 4 KiB as a tuple of 256 rows, each an in-place tuple of 4 words, little-endian; and what stands for it until it is first touched: the pieces of data that will be in it.
%%
%% Pieces are `{Offset, Binary}', newest first, later ones over earlier ones; no pieces mean zeros. Offsets and lengths
%% are bytes within the leaf; the caller has checked that they lie in it.
-module(wasm2beam_leaf).

-export([new/1, part/3, whole/1, add_piece/3, get/2, set/3, read/3, write/3, fill/4, copy/7]).

-export_type([leaf/0, pieces/0]).

%% Each would be called several times even to copy a byte.
-compile({inline, [row/2, row_in/3, up_to_row/1, joined/1]}).

-type leaf() :: tuple().
-type pieces() :: [{0..4095, binary()}].

-define(SIZE, 4096).
%% Bytes in a row.
-define(ROW, 16).
%% A shift, since OTP 25 divides by powers of two as by anything else.
-define(ROW_BITS, 4).
%% A word as it lies in memory.
-define(LE, 32/little).
%% Pieces of one leaf that are kept before they are put together. Bounds both the work of an add and that of a read.
-define(MAX_PIECES, 32).

%% @doc A leaf with these contents. Always new tuples, never literals.
-spec new(pieces()) -> leaf().
new(Pieces) ->
    Leaf = wasm2beam_cells:new(),
    lists:foldr(fun({Offset, Bytes}, ok) -> write(Leaf, Offset, Bytes) end, ok, Pieces),
    Leaf.

%% @doc A word by its index, from 0.
-spec get(leaf(), 0..1023) -> 0..16#FFFFFFFF.
get(Leaf, Index) ->
    wasm2beam_cells:get(row(Leaf, Index * 4), (Index band 3) + 1).

%% @doc Replaces a word.
-spec set(leaf(), 0..1023, 0..16#FFFFFFFF) -> ok.
set(Leaf, Index, Word) ->
    wasm2beam_cells:set(row(Leaf, Index * 4), (Index band 3) + 1, Word).

%% @doc Length bytes from Offset of what the pieces stand for.
-spec part(pieces(), 0..4095, 1..4096) -> binary().
part([{At, Piece} | _], Offset, Length) when At =< Offset, Offset + Length =< At + byte_size(Piece) ->
    binary_part(Piece, Offset - At, Length);
part(Pieces, Offset, Length) ->
    lists:foldr(fun(Piece, Bytes) -> lay(Piece, Offset, Bytes) end, zeros(Length), Pieces).

%% @doc 4,096 bytes as pieces. They go on sharing what they are a part of.
-spec whole(binary()) -> pieces().
whole(Page) ->
    [{0, Page}].

%% @doc The pieces after a further write at Offset.
-spec add_piece(pieces(), 0..4095, binary()) -> pieces().
add_piece(_Pieces, 0, Bytes) when byte_size(Bytes) =:= ?SIZE ->
    case is_zero(Bytes) of
        true -> [];
        false -> whole(Bytes)
    end;
add_piece([], Offset, Bytes) ->
    case is_zero(Bytes) of
        true -> [];
        false -> [{Offset, own(Bytes)}]
    end;
add_piece(Pieces, Offset, Bytes) ->
    End = Offset + byte_size(Bytes),
    Seen = [Piece || {At, Old} = Piece <- Pieces, At < Offset orelse At + byte_size(Old) > End],
    case length(Seen) < ?MAX_PIECES of
        true -> [{Offset, own(Bytes)} | Seen];
        false -> whole(part([{Offset, Bytes} | Seen], 0, ?SIZE))
    end.

%% @doc Length bytes from Offset of a leaf.
-spec read(leaf(), 0..4095, 1..4096) -> iodata().
read(Leaf, Offset, Length) ->
    First = Offset bsr ?ROW_BITS,
    Skip = Offset - First * ?ROW,
    Last = up_to_row(Offset + Length),
    Rows = wasm2beam_cells:read_rows(Leaf, First, Last),
    case (Last - First) * ?ROW of
        Length -> Rows;
        _ -> binary_part(joined(Rows), Skip, Length)
    end.

%% @doc Writes bytes from Offset on.
-spec write(leaf(), 0..4095, binary()) -> ok.
write(Leaf, Offset, Bytes) ->
    case -Offset band (?ROW - 1) of
        0 ->
            write_rows(Leaf, Offset bsr ?ROW_BITS, Bytes);
        Head when byte_size(Bytes) =< Head ->
            write_part(Leaf, Offset, Bytes);
        Head ->
            <<Part:Head/binary, Rest/binary>> = Bytes,
            write_part(Leaf, Offset, Part),
            write_rows(Leaf, (Offset + Head) bsr ?ROW_BITS, Rest)
    end.

%% @doc Sets Count bytes from Offset on.
-spec fill(leaf(), 0..4095, 1..4096, byte()) -> ok.
fill(Leaf, Offset, Count, Byte) ->
    First = up_to_row(Offset),
    Last = (Offset + Count) bsr ?ROW_BITS,
    Word = Byte * 16#01010101,
    case First =< Last of
        true ->
            fill_part(Leaf, Offset, First * ?ROW - Offset, Word),
            wasm2beam_cells:fill_rows(Leaf, First, Last, Word),
            fill_part(Leaf, Last * ?ROW, Offset + Count - Last * ?ROW, Word);
        false ->
            fill_part(Leaf, Offset, Count, Word)
    end.

%% @doc Copies to Count bytes from To on what lies from From on in another leaf and at the start of Next. Where they are
%% one leaf, Step says which end to begin at, so that nothing is overwritten before it is read: 1 upwards, -1 downwards.
-spec copy(leaf(), 0..4095, 1..4096, leaf(), 0..4095, leaf(), 1 | -1) -> ok.
copy(Leaf, To, Count, LeafFrom, From, Next, Step) ->
    First = up_to_row(To),
    Last = (To + Count) bsr ?ROW_BITS,
    Head = First * ?ROW - To,
    Tail = To + Count - Last * ?ROW,
    case First =< Last of
        true when Step > 0 ->
            copy_part(Leaf, To, Head, LeafFrom, From, Next),
            copy_rows(Leaf, First, Last, LeafFrom, From + Head, Next, Step),
            copy_part(Leaf, Last * ?ROW, Tail, LeafFrom, From + Count - Tail, Next);
        true ->
            copy_part(Leaf, Last * ?ROW, Tail, LeafFrom, From + Count - Tail, Next),
            copy_rows(Leaf, First, Last, LeafFrom, From + Head, Next, Step),
            copy_part(Leaf, To, Head, LeafFrom, From, Next);
        false ->
            copy_part(Leaf, To, Count, LeafFrom, From, Next)
    end.

%% Internal

%% The number of the first row that begins at an offset or behind it.
up_to_row(Offset) ->
    (Offset + ?ROW - 1) bsr ?ROW_BITS.

joined([Bytes]) -> Bytes;
joined(Parts) -> iolist_to_binary(Parts).

write_rows(Leaf, Row, Bytes) ->
    Last = Row + (byte_size(Bytes) bsr ?ROW_BITS),
    wasm2beam_cells:write_rows(Leaf, Row, Last, Bytes),
    case byte_size(Bytes) band (?ROW - 1) of
        0 -> ok;
        Tail -> write_part(Leaf, Last * ?ROW, binary_part(Bytes, byte_size(Bytes), -Tail))
    end.

%% What follows lies in one row each.

write_part(Leaf, Offset, Bytes) ->
    First = Offset band (?ROW - 1),
    <<A:?LE, B:?LE, C:?LE, D:?LE, _/binary>> = <<0:First/unit:8, Bytes/binary, 0:?ROW/unit:8>>,
    wasm2beam_cells:put_part(row(Leaf, Offset), First, First + byte_size(Bytes), A, B, C, D).

fill_part(_Leaf, _Offset, 0, _Word) ->
    ok;
fill_part(Leaf, Offset, Count, Word) ->
    First = Offset band (?ROW - 1),
    wasm2beam_cells:put_part(row(Leaf, Offset), First, First + Count, Word, Word, Word, Word).

copy_rows(_Leaf, Row, Row, _LeafFrom, _From, _Next, _Step) ->
    ok;
copy_rows(Leaf, Row, Last, _LeafFrom, From, Next, Step) when From >= ?SIZE ->
    wasm2beam_cells:copy_rows(Leaf, Row, Last, Next, From - ?SIZE, 0, Step);
copy_rows(Leaf, Row, Last, LeafFrom, From, Next, Step) ->
    wasm2beam_cells:copy_rows(Leaf, Row, Last, LeafFrom, From, Next, Step).

copy_part(_Leaf, _To, 0, _LeafFrom, _From, _Next) ->
    ok;
copy_part(Leaf, To, Count, LeafFrom, From, Next) ->
    First = To band (?ROW - 1),
    RowFrom = row_in(LeafFrom, Next, From),
    RowNext = row_in(LeafFrom, Next, From + Count - 1),
    wasm2beam_cells:copy_part(row(Leaf, To), First, First + Count, RowFrom, RowNext, (From - First) band (?ROW - 1)).

row_in(Leaf, _Next, Offset) when Offset < ?SIZE -> row(Leaf, Offset);
row_in(_Leaf, Next, Offset) -> row(Next, Offset - ?SIZE).

%% Rows stay where they are: this is no read of what is written in place.
row(Leaf, Offset) ->
    element((Offset bsr ?ROW_BITS) + 1, Leaf).

zeros(Length) ->
    binary:copy(<<0>>, Length).

%% Most show it by their first byte. (As a pattern, that many zeros would be made an integer of.)
is_zero(<<0, _/binary>> = Bytes) -> Bytes =:= zeros(byte_size(Bytes));
is_zero(_) -> false.

%% What there is of a piece in bytes that begin at an offset lies over them.
lay({At, Piece}, Offset, Bytes) ->
    First = max(At, Offset),
    Count = min(At + byte_size(Piece), Offset + byte_size(Bytes)) - First,
    case Count > 0 of
        true ->
            Skip = First - Offset,
            <<Before:Skip/binary, _:Count/binary, After/binary>> = Bytes,
            <<Before/binary, (binary_part(Piece, First - At, Count))/binary, After/binary>>;
        false ->
            Bytes
    end.

%% A part of a leaf must not keep a large binary of the embedder's alive.
own(Bytes) ->
    case binary:referenced_byte_size(Bytes) > 4 * ?SIZE of
        true -> binary:copy(Bytes);
        false -> Bytes
    end.
