%% What is known of files, in the layouts of both versions, and the times that calls set.
-module(wasm2beam_wasi_filestat).

-include("wasm2beam_wasi.hrl").

-export([size/1, encode/2, filetype/1, times/4]).

-define(ATIM, 1).
-define(ATIM_NOW, 2).
-define(MTIM, 4).
-define(MTIM_NOW, 8).

%% @doc Bytes of a filestat.
-spec size(#call{}) -> 56 | 64.
size(#call{version = preview1}) -> 64;
size(#call{version = unstable}) -> 56.

%% @doc A filestat. The older version counts links in 32 bits.
-spec encode(#call{}, wasm2beam_wasi_fs:stat()) -> binary().
encode(#call{version = Version}, Stat) ->
    #{type := Type, inode := Inode, links := Links, size := Size} = Stat,
    #{atime := Accessed, mtime := Modified, ctime := Changed} = Stat,
    Head = <<0:64, Inode:64/little, (filetype(Type)), 0:24>>,
    Count =
        case Version of
            preview1 -> <<0:32, Links:64/little>>;
            unstable -> <<Links:32/little>>
        end,
    <<Head/binary, Count/binary, Size:64/little, Accessed:64/little, Modified:64/little, Changed:64/little>>.

%% @doc The number of a type.
-spec filetype(wasm2beam_wasi_fs:type()) -> 0 | 2 | 3 | 4 | 7.
filetype(other) -> 0;
filetype(device) -> 2;
filetype(directory) -> 3;
filetype(regular) -> 4;
filetype(symlink) -> 7.

%% @doc Times to be set, by flags; fails with `inval' where they contradict each other or are unknown.
-spec times(#call{}, non_neg_integer(), non_neg_integer(), non_neg_integer()) -> wasm2beam_wasi_fs:times().
times(Call, Accessed, Modified, Flags) ->
    Flags =< 16#F orelse wasm2beam_wasi_errno:fail(inval),
    {
        time(Call, Accessed, Flags band ?ATIM, Flags band ?ATIM_NOW),
        time(Call, Modified, Flags band ?MTIM, Flags band ?MTIM_NOW)
    }.

%% Internal

time(_Call, _Time, 0, 0) -> keep;
time(_Call, Time, _, 0) -> Time;
time(Call, _Time, 0, _) -> wasm2beam_wasi_clock:now(Call, realtime);
time(_Call, _Time, _, _) -> wasm2beam_wasi_errno:fail(inval).
