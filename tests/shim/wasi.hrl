%% Calls of WASI from Erlang: an instance of the hand-written guest lends its memory, and the imports are called as its
%% code would call them. Three test modules include it; each test runs in a process of its own.
-include_lib("eunit/include/eunit.hrl").

-compile([export_all, nowarn_export_all]).

-define(BIG, 16#FFFFFFFF).
-define(ALL, 16#3FFFFFFF).

-define(SUCCESS, 0).
-define(ACCES, 2).
-define(BADF, 8).
-define(BUSY, 10).
-define(EXIST, 20).
-define(FAULT, 21).
-define(FBIG, 22).
-define(ILSEQ, 25).
-define(INVAL, 28).
-define(IO, 29).
-define(ISDIR, 31).
-define(LOOP, 32).
-define(MFILE, 33).
-define(NAMETOOLONG, 37).
-define(NOENT, 44).
-define(NOSPC, 51).
-define(NOTDIR, 54).
-define(NOTEMPTY, 55).
-define(NOTSOCK, 57).
-define(NOTSUP, 58).
-define(OVERFLOW, 61).
-define(PERM, 63).
-define(ROFS, 69).
-define(SPIPE, 70).
-define(XDEV, 75).
-define(NOTCAPABLE, 76).

%% Addresses that the tests use: results, vectors, paths, data.
-define(RESULT, 1024).
-define(VECTORS, 2048).
-define(PATH, 4096).
-define(DATA, 32768).

all_test_() ->
    {foreach, fun() -> ok end, [
        {timeout, 60, {spawn, {atom_to_list(Name), fun() -> ?MODULE:Name() end}}}
     || {Name, 0} <- ?MODULE:module_info(exports), lists:prefix("check_", atom_to_list(Name))
    ]}.

%% A guest with an environment of its own, for the calls to come in this process.
give(Options) ->
    give(Options, <<"wasi_snapshot_preview1">>).

give(Options, Version) ->
    wasm2beam_guest:describe(wasm2beam_guest:info()),
    {ok, Instance} = wasm2beam:instantiate(wasm2beam_guest, #{<<"env">> => #{<<"log">> => fun(_) -> ok end}}),
    Wasi = wasm2beam_wasi:new(Options),
    put(guest, {Instance, Wasi, maps:get(Version, wasm2beam_wasi:imports(Wasi))}),
    Wasi.

call(Name, Args) ->
    {Instance, _, Space} = get(guest),
    apply(maps:get(atom_to_binary(Name), Space), [Instance | Args]).

poke(Address, Bytes) ->
    {Instance, _, _} = get(guest),
    wasm2beam:write_memory(Instance, Address, Bytes).

peek(Address, Length) ->
    {Instance, _, _} = get(guest),
    wasm2beam:read_memory(Instance, Address, Length).

u32() ->
    <<Number:32/little>> = peek(?RESULT, 4),
    Number.

u64() ->
    <<Number:64/little>> = peek(?RESULT, 8),
    Number.

%% Address and length of a path in the memory: each in a place of its own, until the room for them is used up.
path(Path) ->
    Length = iolist_size(Path),
    Address =
        case get(room) of
            Next when is_integer(Next), Next + Length =< ?DATA -> Next;
            _ -> ?PATH
        end,
    put(room, Address + Length),
    poke(Address, Path),
    [Address, Length].

write(Fd, Bytes) ->
    poke(?DATA, Bytes),
    poke(?VECTORS, <<?DATA:32/little, (iolist_size(Bytes)):32/little>>),
    call(fd_write, [Fd, ?VECTORS, 1, ?RESULT]).

read(Fd, Length) ->
    poke(?VECTORS, <<?DATA:32/little, Length:32/little>>),
    case call(fd_read, [Fd, ?VECTORS, 1, ?RESULT]) of
        ?SUCCESS -> peek(?DATA, u32());
        Errno -> Errno
    end.

%% Opens below descriptor 3, following links, with all rights: the descriptor, or `{error, Errno}'.
open(Path) -> open(Path, 0).
open(Path, Flags) -> open(Path, Flags, ?ALL).
open(Path, Flags, Rights) -> open(3, 1, Path, Flags, Rights, 0).

directory(Path) -> open(Path, 2, ?ALL band (bnot 16#40)).

open(Fd, Lookup, Path, Flags, Rights, FdFlags) ->
    case call(path_open, [Fd, Lookup] ++ path(Path) ++ [Flags, Rights, ?ALL, FdFlags, ?RESULT]) of
        ?SUCCESS -> u32();
        Errno -> {error, Errno}
    end.
