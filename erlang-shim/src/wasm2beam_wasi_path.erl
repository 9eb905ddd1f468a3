%% Calls on paths, each relative to the folder of a descriptor. wasm2beam_wasi_resolve says how a path is found and
%% which errors that has; all of them fail with `badf', `notdir' for a descriptor that is no folder, `notcapable',
%% `ilseq' and `inval' for a path that is no text, `fault', and with what the file system says.
-module(wasm2beam_wasi_path).

-include("wasm2beam_wasi.hrl").

-export([path_open/10, path_filestat_get/6, path_filestat_set_times/8, path_readlink/7]).
-export([path_create_directory/4, path_remove_directory/4, path_unlink_file/4]).
-export([path_rename/7, path_link/8, path_symlink/6]).

-type pointer() :: wasm2beam_wasi_guest:pointer().
-type size() :: non_neg_integer().
-type fd() :: non_neg_integer().
-type flags() :: non_neg_integer().
-type u64() :: non_neg_integer().

-define(FOLLOW, 1).
-define(O_CREAT, 1).
-define(O_DIRECTORY, 2).
-define(O_EXCL, 4).
-define(O_TRUNC, 8).
-define(O_ALL, 15).

%% @doc Opens a file or folder and writes its descriptor. Rights that mean nothing for it are left out; others must be
%% among those that the folder hands down. Fails with `inval' for unknown flags or contradictions, `exist', `noent',
%% `notdir', `isdir' for a folder that is to be written or created, `loop' for a link that is not to be followed,
%% `rofs', `mfile', and `notsup' for what is neither file nor folder.
-spec path_open(#call{}, fd(), flags(), pointer(), size(), flags(), u64(), u64(), flags(), pointer()) -> ok.
path_open(Call, Fd, LookupFlags, Pointer, Length, OpenFlags, Rights, Inheriting, FdFlags, Result) ->
    Needed = ?RIGHT_PATH_OPEN bor create_right(OpenFlags) bor truncate_right(OpenFlags),
    {Fs, Base, #descriptor{inheriting = Gives}} = folder(Call, Fd, Needed),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    wasm2beam_wasi_guest:check(Call, Result, 4),
    OpenFlags =< ?O_ALL andalso FdFlags =< ?FDFLAGS_ALL orelse wasm2beam_wasi_errno:fail(inval),
    OpenFlags band (?O_CREAT bor ?O_DIRECTORY) =/= (?O_CREAT bor ?O_DIRECTORY) orelse wasm2beam_wasi_errno:fail(inval),
    wasm2beam_wasi_state:check_room(Call),
    Follow =
        case OpenFlags band (?O_CREAT bor ?O_EXCL) of
            ?O_CREAT bor ?O_EXCL -> nofollow;
            _ -> follow(LookupFlags)
        end,
    Found = wasm2beam_wasi_resolve:path(Fs, Base, Path, Follow),
    {What, Meaningful} = open_found(Fs, Found, OpenFlags, Rights, Gives),
    Descriptor = #descriptor{
        what = What,
        rights = Rights band Meaningful,
        inheriting = Inheriting band Gives,
        flags = FdFlags
    },
    wasm2beam_wasi_guest:write_u32(Call, Result, wasm2beam_wasi_state:add(Call, Descriptor)).

%% @doc Writes what is known of a file.
-spec path_filestat_get(#call{}, fd(), flags(), pointer(), size(), pointer()) -> ok.
path_filestat_get(Call, Fd, LookupFlags, Pointer, Length, Result) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_FILESTAT_GET),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    {_, Stat} = existing(wasm2beam_wasi_resolve:path(Fs, Base, Path, follow(LookupFlags))),
    wasm2beam_wasi_guest:write(Call, Result, wasm2beam_wasi_filestat:encode(Call, Stat)).

%% @doc Sets times. Fails with `inval' where the flags contradict each other.
-spec path_filestat_set_times(#call{}, fd(), flags(), pointer(), size(), u64(), u64(), flags()) ->
    ok.
path_filestat_set_times(Call, Fd, LookupFlags, Pointer, Length, Accessed, Modified, Flags) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_FILESTAT_SET_TIMES),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    Times = wasm2beam_wasi_filestat:times(Call, Accessed, Modified, Flags),
    {Found, _} = existing(wasm2beam_wasi_resolve:path(Fs, Base, Path, follow(LookupFlags))),
    wasm2beam_wasi_fs:set_times(Fs, Found, Times).

%% @doc Writes the target of a symbolic link, cut where the buffer ends. Fails with `inval' for anything else.
-spec path_readlink(#call{}, fd(), pointer(), size(), pointer(), size(), pointer()) -> ok.
path_readlink(Call, Fd, Pointer, Length, Buffer, BufferLength, Result) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_READLINK),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    wasm2beam_wasi_guest:check(Call, Buffer, BufferLength),
    wasm2beam_wasi_guest:check(Call, Result, 4),
    {Found, #{type := Type}} = existing(wasm2beam_wasi_resolve:path(Fs, Base, Path, nofollow)),
    Type =:= symlink orelse wasm2beam_wasi_errno:fail(inval),
    Target = wasm2beam_wasi_fs:read_link(Fs, Found),
    Used = min(byte_size(Target), BufferLength),
    wasm2beam_wasi_guest:write(Call, Buffer, binary_part(Target, 0, Used)),
    wasm2beam_wasi_guest:write_u32(Call, Result, Used).

%% @doc Makes a folder. Fails with `exist', `rofs'.
-spec path_create_directory(#call{}, fd(), pointer(), size()) -> ok.
path_create_directory(Call, Fd, Pointer, Length) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_CREATE_DIRECTORY),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    %% A slash behind the name says what it is going to be; a link of that name is in the way all the same.
    case wasm2beam_wasi_resolve:path(Fs, Base, string:trim(Path, trailing, "/"), nofollow) of
        {Found, missing, _} -> wasm2beam_wasi_fs:make_dir(Fs, Found);
        _ -> wasm2beam_wasi_errno:fail(exist)
    end.

%% @doc Removes an empty folder. Fails with `notdir', `notempty', `inval' for the folder of the descriptor itself,
%% `rofs'.
-spec path_remove_directory(#call{}, fd(), pointer(), size()) -> ok.
path_remove_directory(Call, Fd, Pointer, Length) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_REMOVE_DIRECTORY),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    {Found, #{type := Type}} = existing(wasm2beam_wasi_resolve:path(Fs, Base, Path, nofollow)),
    Type =:= directory orelse wasm2beam_wasi_errno:fail(notdir),
    Found =/= Base orelse wasm2beam_wasi_errno:fail(inval),
    wasm2beam_wasi_fs:remove_dir(Fs, Found).

%% @doc Removes a file or a symbolic link. Fails with `isdir' for a folder, `rofs'.
-spec path_unlink_file(#call{}, fd(), pointer(), size()) -> ok.
path_unlink_file(Call, Fd, Pointer, Length) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_UNLINK_FILE),
    Path = wasm2beam_wasi_guest:path(Call, Pointer, Length),
    {Found, #{type := Type}} = existing(wasm2beam_wasi_resolve:path(Fs, Base, Path, nofollow)),
    Type =/= directory orelse wasm2beam_wasi_errno:fail(isdir),
    wasm2beam_wasi_fs:unlink(Fs, Found).

%% @doc Renames. What is there by the new name is replaced, a folder only by a folder and where it is empty. Fails with
%% `isdir', `notdir', `notempty', `inval' for a folder that would come to lie in itself, `xdev', `busy' for the folder
%% of a descriptor, `rofs'.
-spec path_rename(#call{}, fd(), pointer(), size(), fd(), pointer(), size()) -> ok.
path_rename(Call, OldFd, OldPointer, OldLength, NewFd, NewPointer, NewLength) ->
    {OldFs, OldBase, _} = folder(Call, OldFd, ?RIGHT_PATH_RENAME_SOURCE),
    {NewFs, NewBase, _} = folder(Call, NewFd, ?RIGHT_PATH_RENAME_TARGET),
    OldPath = wasm2beam_wasi_guest:path(Call, OldPointer, OldLength),
    NewPath = wasm2beam_wasi_guest:path(Call, NewPointer, NewLength),
    wasm2beam_wasi_fs:same(OldFs, NewFs) orelse wasm2beam_wasi_errno:fail(xdev),
    {From, #{type := Type}} = existing(wasm2beam_wasi_resolve:path(OldFs, OldBase, OldPath, nofollow)),
    {To, There, End} = wasm2beam_wasi_resolve:path(NewFs, NewBase, NewPath, nofollow),
    From =/= OldBase andalso To =/= NewBase orelse wasm2beam_wasi_errno:fail(busy),
    check_replacement(Type, There, End),
    Type =/= directory orelse To =:= From orelse not lists:prefix(From, To) orelse wasm2beam_wasi_errno:fail(inval),
    wasm2beam_wasi_fs:rename(OldFs, From, To).

%% @doc Gives a file a further name. Fails with `exist', `perm' for a folder, `noent' for a name that ends with a slash,
%% `inval' where links are to be followed, `xdev', `rofs'.
-spec path_link(#call{}, fd(), flags(), pointer(), size(), fd(), pointer(), size()) -> ok.
path_link(Call, OldFd, LookupFlags, OldPointer, OldLength, NewFd, NewPointer, NewLength) ->
    {OldFs, OldBase, _} = folder(Call, OldFd, ?RIGHT_PATH_LINK_SOURCE),
    {NewFs, NewBase, _} = folder(Call, NewFd, ?RIGHT_PATH_LINK_TARGET),
    OldPath = wasm2beam_wasi_guest:path(Call, OldPointer, OldLength),
    NewPath = wasm2beam_wasi_guest:path(Call, NewPointer, NewLength),
    follow(LookupFlags) =:= nofollow orelse wasm2beam_wasi_errno:fail(inval),
    wasm2beam_wasi_fs:same(OldFs, NewFs) orelse wasm2beam_wasi_errno:fail(xdev),
    {From, #{type := Type}} = existing(wasm2beam_wasi_resolve:path(OldFs, OldBase, OldPath, nofollow)),
    Type =/= directory orelse wasm2beam_wasi_errno:fail(perm),
    To = new_name(wasm2beam_wasi_resolve:path(NewFs, NewBase, NewPath, nofollow)),
    wasm2beam_wasi_fs:link(OldFs, From, To).

%% @doc Makes a symbolic link. Where it leads is looked at when it is followed; an absolute target leads nowhere and
%% fails with `notcapable' at once. Fails with `exist', `noent' for an empty target, `rofs'.
-spec path_symlink(#call{}, pointer(), size(), fd(), pointer(), size()) -> ok.
path_symlink(Call, OldPointer, OldLength, Fd, NewPointer, NewLength) ->
    {Fs, Base, _} = folder(Call, Fd, ?RIGHT_PATH_SYMLINK),
    Target = wasm2beam_wasi_guest:path(Call, OldPointer, OldLength),
    Path = wasm2beam_wasi_guest:path(Call, NewPointer, NewLength),
    case Target of
        <<>> -> wasm2beam_wasi_errno:fail(noent);
        <<"/", _/binary>> -> wasm2beam_wasi_errno:fail(notcapable);
        _ -> ok
    end,
    wasm2beam_wasi_fs:symlink(Fs, Target, new_name(wasm2beam_wasi_resolve:path(Fs, Base, Path, nofollow))).

%% Internal

folder(Call, Fd, Rights) ->
    case wasm2beam_wasi_state:descriptor(Call, Fd) of
        #descriptor{what = {dir, Fs, Path}} -> {Fs, Path, wasm2beam_wasi_state:capable(Call, Fd, Rights)};
        _ -> wasm2beam_wasi_errno:fail(notdir)
    end.

follow(?FOLLOW) -> follow;
follow(0) -> nofollow;
follow(_Flags) -> wasm2beam_wasi_errno:fail(inval).

create_right(Flags) when Flags band ?O_CREAT =/= 0 -> ?RIGHT_PATH_CREATE_FILE;
create_right(_Flags) -> 0.

truncate_right(Flags) when Flags band ?O_TRUNC =/= 0 -> ?RIGHT_PATH_FILESTAT_SET_SIZE;
truncate_right(_Flags) -> 0.

%% A path that is there, and may end as it does.
existing({_, missing, _}) -> wasm2beam_wasi_errno:fail(noent);
existing({Path, #{type := directory} = Stat, _}) -> {Path, Stat};
existing({_, _, slash}) -> wasm2beam_wasi_errno:fail(notdir);
existing({Path, Stat, plain}) -> {Path, Stat}.

%% A path that is not there, for a file.
new_name({Path, missing, plain}) -> Path;
new_name({_, missing, slash}) -> wasm2beam_wasi_errno:fail(noent);
new_name(_) -> wasm2beam_wasi_errno:fail(exist).

check_replacement(directory, missing, _) -> ok;
check_replacement(_, missing, slash) -> wasm2beam_wasi_errno:fail(notdir);
check_replacement(_, missing, plain) -> ok;
check_replacement(directory, #{type := directory}, _) -> ok;
check_replacement(directory, _, _) -> wasm2beam_wasi_errno:fail(notdir);
check_replacement(_, #{type := directory}, _) -> wasm2beam_wasi_errno:fail(isdir);
check_replacement(_, _, slash) -> wasm2beam_wasi_errno:fail(notdir);
check_replacement(_, _, plain) -> ok.

%% What a new descriptor is of, and the rights that mean anything for it.
open_found(_Fs, {_, #{}, _}, Flags, _Rights, _Gives) when Flags band 5 =:= ?O_CREAT bor ?O_EXCL ->
    wasm2beam_wasi_errno:fail(exist);
open_found(Fs, {Path, #{type := directory}, _}, Flags, Rights, Gives) ->
    Flags band (?O_CREAT bor ?O_TRUNC) =:= 0 andalso Rights band ?RIGHT_FD_WRITE =:= 0 orelse
        wasm2beam_wasi_errno:fail(isdir),
    check_rights(Rights band ?RIGHTS_DIR, Gives),
    {{dir, Fs, Path}, ?RIGHTS_DIR};
open_found(_Fs, {_, #{type := symlink}, _}, _Flags, _Rights, _Gives) ->
    wasm2beam_wasi_errno:fail(loop);
open_found(Fs, {Path, #{type := regular}, plain}, Flags, Rights, Gives) when Flags band ?O_DIRECTORY =:= 0 ->
    open_file(Fs, Path, Flags, Rights, Gives);
open_found(_Fs, {_, #{type := Type}, plain}, Flags, _, _) when Type =/= regular, Flags band ?O_DIRECTORY =:= 0 ->
    wasm2beam_wasi_errno:fail(notsup);
open_found(_Fs, {_, #{}, _}, _Flags, _Rights, _Gives) ->
    wasm2beam_wasi_errno:fail(notdir);
open_found(Fs, {Path, missing, plain}, Flags, Rights, Gives) when Flags band ?O_CREAT =/= 0 ->
    open_file(Fs, Path, Flags, Rights, Gives);
open_found(_Fs, {_, missing, slash}, Flags, _Rights, _Gives) when Flags band ?O_CREAT =/= 0 ->
    wasm2beam_wasi_errno:fail(isdir);
open_found(_Fs, {_, missing, _}, _Flags, _Rights, _Gives) ->
    wasm2beam_wasi_errno:fail(noent).

open_file(Fs, Path, Flags, Rights, Gives) ->
    check_rights(Rights band ?RIGHTS_FILE, Gives),
    Write = Rights band ?RIGHT_FD_WRITE =/= 0,
    Mode = #{
        write => Write,
        create => Flags band ?O_CREAT =/= 0,
        exclusive => Flags band ?O_EXCL =/= 0,
        truncate => Flags band ?O_TRUNC =/= 0
    },
    {{file, Fs, wasm2beam_wasi_fs:open(Fs, Path, Mode)}, file_rights(Write)}.

%% Guests ask for all rights of a file that they only read, also where nothing may be written.
file_rights(true) -> ?RIGHTS_FILE;
file_rights(false) -> ?RIGHTS_FILE band (bnot (?RIGHT_FD_ALLOCATE bor ?RIGHT_FD_FILESTAT_SET_SIZE)).

check_rights(Wanted, Gives) ->
    Wanted band (bnot Gives) =:= 0 orelse wasm2beam_wasi_errno:fail(notcapable).
