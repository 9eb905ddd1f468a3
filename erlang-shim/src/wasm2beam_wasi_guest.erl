%% The guest's memory as WASI calls see it: every pointer is checked, and one that leads outside gives the code `fault'.
%%
%% Numbers are little-endian. Nothing is written before the whole range is known to be inside.
-module(wasm2beam_wasi_guest).

-include("wasm2beam_wasi.hrl").

-export([check/3, read/3, write/3, write_u32/3, write_u64/3]).
-export([vectors/3, gather/2, scatter/3, path/3]).

-export_type([pointer/0, vector/0]).

-type pointer() :: 0..16#FFFFFFFF.
-type vector() :: {pointer(), Length :: 0..16#FFFFFFFF}.

-define(PAGE, 65536).
%% As IOV_MAX of Linux.
-define(MAX_VECTORS, 1024).
%% Bytes of one call; vectors may all name the same memory, so that its size is no bound.
-define(MAX_TRANSFER, 16#400000).
-define(MAX_PATH, 4096).

%% @doc Fails with `fault' unless Length bytes from Pointer on are in the memory.
-spec check(#call{}, pointer(), non_neg_integer()) -> ok.
check(#call{memory = none}, _Pointer, _Length) ->
    wasm2beam_wasi_errno:fail(fault);
check(#call{memory = Memory}, Pointer, Length) ->
    case Pointer + Length =< wasm2beam_memory:pages(Memory) * ?PAGE of
        true -> ok;
        false -> wasm2beam_wasi_errno:fail(fault)
    end.

-spec read(#call{}, pointer(), non_neg_integer()) -> binary().
read(#call{memory = Memory} = Call, Pointer, Length) ->
    check(Call, Pointer, Length),
    wasm2beam_memory:read(Memory, Pointer, Length).

-spec write(#call{}, pointer(), binary()) -> ok.
write(#call{memory = Memory} = Call, Pointer, Bytes) ->
    check(Call, Pointer, byte_size(Bytes)),
    wasm2beam_memory:write(Memory, Pointer, Bytes).

-spec write_u32(#call{}, pointer(), non_neg_integer()) -> ok.
write_u32(Call, Pointer, Number) ->
    write(Call, Pointer, <<Number:32/little>>).

-spec write_u64(#call{}, pointer(), non_neg_integer()) -> ok.
write_u64(Call, Pointer, Number) ->
    write(Call, Pointer, <<Number:64/little>>).

%% @doc The vectors of an array of iovec or ciovec, each inside the memory, cut at the bytes that one call may move.
%% Fails with `inval' where there are more than 1,024, or where their lengths exceed 32 bits.
-spec vectors(#call{}, pointer(), non_neg_integer()) -> [vector()].
vectors(_Call, _Pointer, Count) when Count > ?MAX_VECTORS ->
    wasm2beam_wasi_errno:fail(inval);
vectors(Call, Pointer, Count) ->
    Array = read(Call, Pointer, Count * 8),
    Vectors = [{Start, Length} || <<Start:32/little, Length:32/little>> <= Array],
    lists:foreach(fun({Start, Length}) -> check(Call, Start, Length) end, Vectors),
    case lists:sum([Length || {_, Length} <- Vectors]) > 16#FFFFFFFF of
        true -> wasm2beam_wasi_errno:fail(inval);
        false -> cut(Vectors, ?MAX_TRANSFER)
    end.

%% @doc The bytes that the vectors name.
-spec gather(#call{}, [vector()]) -> binary().
gather(Call, [{Start, Length}]) ->
    read(Call, Start, Length);
gather(Call, Vectors) ->
    iolist_to_binary([read(Call, Start, Length) || {Start, Length} <- Vectors]).

%% @doc Writes bytes, which are no more than the vectors hold, to where they point.
-spec scatter(#call{}, [vector()], binary()) -> ok.
scatter(_Call, _Vectors, <<>>) ->
    ok;
scatter(Call, [{Start, Length} | Vectors], Bytes) ->
    Count = min(Length, byte_size(Bytes)),
    <<Part:Count/binary, Rest/binary>> = Bytes,
    write(Call, Start, Part),
    scatter(Call, Vectors, Rest).

%% @doc A path or another text: UTF-8 without NUL, at most 4,096 bytes.
-spec path(#call{}, pointer(), non_neg_integer()) -> binary().
path(Call, Pointer, Length) ->
    check(Call, Pointer, Length),
    Length =< ?MAX_PATH orelse wasm2beam_wasi_errno:fail(nametoolong),
    Path = read(Call, Pointer, Length),
    case unicode:characters_to_binary(Path) of
        Path -> ok;
        _ -> wasm2beam_wasi_errno:fail(ilseq)
    end,
    binary:match(Path, <<0>>) =:= nomatch orelse wasm2beam_wasi_errno:fail(inval),
    Path.

%% Internal

cut([], _Left) -> [];
cut([{Start, Length} | _], Left) when Length >= Left -> [{Start, Left}];
cut([{_, Length} = Vector | Vectors], Left) -> [Vector | cut(Vectors, Left - Length)].
