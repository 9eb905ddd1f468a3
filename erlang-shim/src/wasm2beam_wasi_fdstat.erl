%% Calls that ask what a descriptor is, or change that: flags, rights, size, times, preopened folders, entries.
-module(wasm2beam_wasi_fdstat).

-include("wasm2beam_wasi.hrl").

-export([fd_fdstat_get/3, fd_fdstat_set_flags/3, fd_fdstat_set_rights/4]).
-export([fd_filestat_get/3, fd_filestat_set_size/3, fd_filestat_set_times/5]).
-export([fd_prestat_get/3, fd_prestat_dir_name/4, fd_readdir/6]).

-type pointer() :: wasm2beam_wasi_guest:pointer().
-type fd() :: non_neg_integer().
-type u64() :: non_neg_integer().

-define(DIRENT, 24).
-define(MAX_SIZE, 16#7FFFFFFFFFFFFFFF).

%% @doc Writes type, flags and rights. Fails with `badf'.
-spec fd_fdstat_get(#call{}, fd(), pointer()) -> ok.
fd_fdstat_get(Call, Fd, Result) ->
    #descriptor{what = What, flags = Flags, rights = Rights, inheriting = Inheriting} =
        wasm2beam_wasi_state:descriptor(Call, Fd),
    Type = wasm2beam_wasi_filestat:filetype(type(What)),
    Stat = <<Type, 0, Flags:16/little, 0:32, Rights:64/little, Inheriting:64/little>>,
    wasm2beam_wasi_guest:write(Call, Result, Stat).

%% @doc Sets the flags; `rsync' has no effect. Fails with `badf', `notcapable', `inval' for unknown
%% flags.
-spec fd_fdstat_set_flags(#call{}, fd(), non_neg_integer()) -> ok.
fd_fdstat_set_flags(Call, Fd, Flags) ->
    Descriptor = wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_FDSTAT_SET_FLAGS),
    Flags =< ?FDFLAGS_ALL orelse wasm2beam_wasi_errno:fail(inval),
    wasm2beam_wasi_state:replace(Call, Fd, Descriptor#descriptor{flags = Flags}).

%% @doc Takes rights away. Fails with `badf', and with `notcapable' where that would give new ones.
-spec fd_fdstat_set_rights(#call{}, fd(), u64(), u64()) -> ok.
fd_fdstat_set_rights(Call, Fd, Rights, Inheriting) ->
    #descriptor{rights = Has, inheriting = Gives} = Descriptor = wasm2beam_wasi_state:descriptor(Call, Fd),
    case Rights band (bnot Has) =:= 0 andalso Inheriting band (bnot Gives) =:= 0 of
        true -> wasm2beam_wasi_state:replace(Call, Fd, Descriptor#descriptor{rights = Rights, inheriting = Inheriting});
        false -> wasm2beam_wasi_errno:fail(notcapable)
    end.

%% @doc Writes what is known of the file. Fails with `badf', `notcapable', and what the file system says.
-spec fd_filestat_get(#call{}, fd(), pointer()) -> ok.
fd_filestat_get(Call, Fd, Result) ->
    #descriptor{what = What} = wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_FILESTAT_GET),
    wasm2beam_wasi_guest:write(Call, Result, wasm2beam_wasi_filestat:encode(Call, stat(What))).

%% @doc Cuts or extends a file. Fails with `badf', `notcapable', `fbig', `rofs', and what the file system says.
-spec fd_filestat_set_size(#call{}, fd(), u64()) -> ok.
fd_filestat_set_size(Call, Fd, Size) ->
    #descriptor{what = {file, Fs, File}} = wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_FILESTAT_SET_SIZE),
    Size =< ?MAX_SIZE orelse wasm2beam_wasi_errno:fail(fbig),
    wasm2beam_wasi_fs:truncate(Fs, File, Size).

%% @doc Sets times. Fails with `badf', `notcapable', `inval', `rofs', and what the file system says.
-spec fd_filestat_set_times(#call{}, fd(), u64(), u64(), non_neg_integer()) -> ok.
fd_filestat_set_times(Call, Fd, Accessed, Modified, Flags) ->
    #descriptor{what = What} = wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_FILESTAT_SET_TIMES),
    Times = wasm2beam_wasi_filestat:times(Call, Accessed, Modified, Flags),
    case What of
        {file, Fs, File} ->
            wasm2beam_wasi_fs:set_file_times(Fs, File, Times);
        {dir, Fs, Path} ->
            _ = wasm2beam_wasi_resolve:check_dir(Fs, Path),
            wasm2beam_wasi_fs:set_times(Fs, Path, Times)
    end.

%% @doc Writes the length of the name of a preopened folder. Fails with `badf' for any other descriptor.
-spec fd_prestat_get(#call{}, fd(), pointer()) -> ok.
fd_prestat_get(Call, Fd, Result) ->
    Name = preopened(Call, Fd),
    wasm2beam_wasi_guest:write(Call, Result, <<0:32, (byte_size(Name)):32/little>>).

%% @doc Writes the name of a preopened folder. Fails with `badf' for any other descriptor, `nametoolong' where the place
%% is too small.
-spec fd_prestat_dir_name(#call{}, fd(), pointer(), non_neg_integer()) -> ok.
fd_prestat_dir_name(Call, Fd, Pointer, Length) ->
    Name = preopened(Call, Fd),
    byte_size(Name) =< Length orelse wasm2beam_wasi_errno:fail(nametoolong),
    wasm2beam_wasi_guest:write(Call, Pointer, Name).

%% @doc Writes entries, the last one cut where the buffer ends; a buffer that is not full is the last. A cookie is the
%% number of entries before it, in the folder as it was when cookie 0 was asked for, unless other folders with very many
%% entries were read since. Fails with `badf', `notcapable',
%% `notdir', and what the file system says.
-spec fd_readdir(#call{}, fd(), pointer(), non_neg_integer(), u64(), pointer()) -> ok.
fd_readdir(Call, Fd, Buffer, Length, Cookie, Result) ->
    Descriptor = directory(Call, Fd),
    wasm2beam_wasi_guest:check(Call, Buffer, Length),
    wasm2beam_wasi_guest:check(Call, Result, 4),
    Entries = entries(Call, Fd, Descriptor, Cookie),
    Bytes = iolist_to_binary(dirents(Entries, Cookie, Length)),
    Used = min(byte_size(Bytes), Length),
    wasm2beam_wasi_guest:write(Call, Buffer, binary_part(Bytes, 0, Used)),
    wasm2beam_wasi_guest:write_u32(Call, Result, Used).

%% Internal

type({file, _, _}) ->
    regular;
type({dir, _, _}) ->
    directory;
type({stream, _, Stream}) ->
    case wasm2beam_wasi_stream:is_terminal(Stream) of
        true -> device;
        false -> other
    end.

stat({file, Fs, File}) ->
    wasm2beam_wasi_fs:file_stat(Fs, File);
stat({dir, Fs, Path}) ->
    wasm2beam_wasi_resolve:check_dir(Fs, Path);
stat({stream, _, _} = What) ->
    #{type => type(What), inode => 0, links => 1, size => 0, atime => 0, mtime => 0, ctime => 0}.

preopened(Call, Fd) ->
    case wasm2beam_wasi_state:descriptor(Call, Fd) of
        #descriptor{preopened = none} -> wasm2beam_wasi_errno:fail(badf);
        #descriptor{preopened = Name} -> Name
    end.

directory(Call, Fd) ->
    case wasm2beam_wasi_state:descriptor(Call, Fd) of
        #descriptor{what = {dir, _, _}} -> wasm2beam_wasi_state:capable(Call, Fd, ?RIGHT_FD_READDIR);
        _ -> wasm2beam_wasi_errno:fail(notdir)
    end.

entries(_Call, _Fd, #descriptor{entries = Entries}, Cookie) when Cookie > 0, Entries =/= none ->
    Entries;
entries(Call, Fd, #descriptor{what = {dir, Fs, Path}}, _Cookie) ->
    #{inode := Inode} = wasm2beam_wasi_resolve:check_dir(Fs, Path),
    Own = [{<<".">>, directory, Inode}, {<<"..">>, directory, Inode}],
    Entries = list_to_tuple(Own ++ wasm2beam_wasi_fs:list(Fs, Path)),
    wasm2beam_wasi_state:keep_entries(Call, Fd, Entries),
    Entries.

%% As many entries as it takes to fill the buffer.
dirents(Entries, Cookie, Left) when Cookie < tuple_size(Entries), Left > 0 ->
    {Name, Type, Inode} = element(Cookie + 1, Entries),
    Next = Cookie + 1,
    Head = <<Next:64/little, Inode:64/little, (byte_size(Name)):32/little>>,
    Tail = <<(wasm2beam_wasi_filestat:filetype(Type)), 0:24>>,
    [Head, Tail, Name | dirents(Entries, Next, Left - ?DIRENT - byte_size(Name))];
dirents(_Entries, _Cookie, _Left) ->
    [].
