%% A folder of the operating system as a file system for guests.
%%
%% Nothing here follows a symbolic link that is there when it is asked for: what is opened must be the file that was
%% looked up, by its inode, and the way to it must still be one of folders. Erlang has no call to open a file relative
%% to an open folder, so that a process outside which exchanges folders for links at the right moments could still make
%% something be created elsewhere: a folder that such processes can write to is not to be given to a guest.
%% Times are whole seconds.
-module(wasm2beam_wasi_fs_dir).

-behaviour(wasm2beam_wasi_fs).

-include_lib("kernel/include/file.hrl").

-export([new/1]).
-export([stat/2, read_link/2, list/2, open/3, close/2, pread/4, pwrite/4, file_stat/2, truncate/3, sync/2]).
-export([set_file_times/3, set_times/3, make_dir/2, remove_dir/2, unlink/2, rename/3, link/3, symlink/3]).

-type root() :: binary().
-type path() :: wasm2beam_wasi_fs:path().
%% The open file and where it was, for its times.
-opaque file() :: {file:fd(), path()}.
-type result() :: ok | {error, term()}.

-export_type([root/0, file/0]).

-define(SECOND, 1000000000).

%% @doc The folder by this name, relative to the present one. Errors are those of file:read_file_info/1, and `enotdir'.
-spec new(file:name_all()) -> {ok, {?MODULE, root()}} | {error, term()}.
new(Name) ->
    Root = filename:absname(bytes(Name)),
    case file:read_file_info(Root, [raw]) of
        {ok, #file_info{type = directory}} -> {ok, {?MODULE, Root}};
        {ok, _} -> {error, enotdir};
        {error, _} = Error -> Error
    end.

-spec stat(root(), path()) -> {ok, wasm2beam_wasi_fs:stat()} | {error, term()}.
%% The root itself may be a link: the embedder has named it.
stat(Root, []) -> described(file:read_file_info(Root, [raw, {time, posix}]));
stat(Root, Path) -> with_name(Root, Path, fun(Name) -> described(file:read_link_info(Name, [raw, {time, posix}])) end).

-spec read_link(root(), path()) -> {ok, binary()} | {error, term()}.
read_link(Root, Path) ->
    with_name(Root, Path, fun(Name) ->
        case file:read_link_all(Name) of
            {ok, Target} -> {ok, bytes(Target)};
            {error, _} = Error -> Error
        end
    end).

-spec list(root(), path()) -> {ok, [wasm2beam_wasi_fs:entry()]} | {error, term()}.
list(Root, Path) ->
    with_name(Root, Path, fun(Folder) ->
        case file:list_dir_all(Folder) of
            {ok, Names} -> {ok, lists:append([entry(Root, Path, bytes(Name)) || Name <- Names])};
            {error, _} = Error -> Error
        end
    end).

-spec open(root(), path(), wasm2beam_wasi_fs:mode()) -> {ok, file()} | {error, term()}.
open(Root, Path, #{create := Create, exclusive := Exclusive} = Mode) ->
    case stat(Root, Path) of
        {ok, _} when Create, Exclusive -> {error, eexist};
        {ok, #{type := regular, inode := Inode}} -> open_file(Root, Path, Mode, Inode);
        {ok, #{type := directory}} -> {error, eisdir};
        {ok, #{type := symlink}} -> {error, eloop};
        {ok, _} -> {error, enotsup};
        {error, enoent} when Create -> create_file(Root, Path);
        {error, _} = Error -> Error
    end.

-spec close(root(), file()) -> result().
close(_Root, {File, _Path}) -> file:close(File).

-spec pread(root(), file(), non_neg_integer(), pos_integer()) -> {ok, binary()} | {error, term()}.
pread(_Root, {File, _Path}, Offset, Length) ->
    case file:pread(File, Offset, Length) of
        eof -> {ok, <<>>};
        Result -> Result
    end.

-spec pwrite(root(), file(), non_neg_integer(), binary()) -> result().
pwrite(_Root, {File, _Path}, Offset, Bytes) -> file:pwrite(File, Offset, Bytes).

-spec file_stat(root(), file()) -> {ok, wasm2beam_wasi_fs:stat()} | {error, term()}.
file_stat(_Root, {File, _Path}) -> described(file:read_file_info(File, [raw, {time, posix}])).

-spec truncate(root(), file(), non_neg_integer()) -> result().
truncate(_Root, {File, _Path}, Size) ->
    case file:position(File, Size) of
        {ok, Size} -> file:truncate(File);
        {error, _} = Error -> Error
    end.

-spec sync(root(), file()) -> result().
sync(_Root, {File, _Path}) -> file:sync(File).

%% @doc Erlang sets times by name only: `enoent' where another file has the name by now.
-spec set_file_times(root(), file(), wasm2beam_wasi_fs:times()) -> result().
set_file_times(Root, {_, Path} = File, Times) ->
    case {file_stat(Root, File), stat(Root, Path)} of
        {{ok, #{inode := Inode}}, {ok, #{inode := Inode}}} -> set_times(Root, Path, Times);
        _ -> {error, enoent}
    end.

%% @doc Times of a symbolic link itself cannot be set: `enotsup'.
-spec set_times(root(), path(), wasm2beam_wasi_fs:times()) -> result().
set_times(Root, Path, {Accessed, Modified}) ->
    case stat(Root, Path) of
        {ok, #{type := symlink}} ->
            {error, enotsup};
        {ok, #{atime := OldAccessed, mtime := OldModified}} ->
            Info = #file_info{atime = seconds(Accessed, OldAccessed), mtime = seconds(Modified, OldModified)},
            with_name(Root, Path, fun(Name) -> file:write_file_info(Name, Info, [raw, {time, posix}]) end);
        {error, _} = Error ->
            Error
    end.

-spec make_dir(root(), path()) -> result().
make_dir(Root, Path) -> with_name(Root, Path, fun file:make_dir/1).

-spec remove_dir(root(), path()) -> result().
remove_dir(Root, Path) ->
    %% The module file says that a folder with something in it exists.
    case with_name(Root, Path, fun file:del_dir/1) of
        {error, eexist} -> {error, enotempty};
        Result -> Result
    end.

-spec unlink(root(), path()) -> result().
unlink(Root, Path) -> with_name(Root, Path, fun(Name) -> file:delete(Name, [raw]) end).

-spec rename(root(), path(), path()) -> result().
rename(Root, From, To) ->
    Renamed = with_name(Root, From, fun(Old) -> with_name(Root, To, fun(New) -> file:rename(Old, New) end) end),
    case Renamed of
        {error, eexist} -> {error, enotempty};
        Result -> Result
    end.

-spec link(root(), path(), path()) -> result().
link(Root, From, To) ->
    with_name(Root, From, fun(Old) -> with_name(Root, To, fun(New) -> file:make_link(Old, New) end) end).

-spec symlink(root(), binary(), path()) -> result().
symlink(Root, Target, Path) -> with_name(Root, Path, fun(Name) -> file:make_symlink(Target, Name) end).

%% Internal

%% Names as bytes: Erlang passes those to the operating system unchanged.
bytes(Name) when is_binary(Name) -> Name;
bytes(Name) ->
    case unicode:characters_to_binary(Name, unicode, file:native_name_encoding()) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> unicode:characters_to_binary(Name)
    end.

%% On Windows a name could hold what separates names, or what names a drive or a stream.
with_name(Root, Path, Use) ->
    Foreign = filename:basename(<<"a\\b">>) =:= <<"b">>,
    case Foreign andalso lists:any(fun(Name) -> binary:match(Name, [<<"\\">>, <<":">>]) =/= nomatch end, Path) of
        true -> {error, einval};
        false -> Use(iolist_to_binary([Root | [[$/, Name] || Name <- Path]]))
    end.

described({ok, Info}) ->
    #file_info{type = Type, inode = Inode, links = Links, size = Size} = Info,
    #file_info{atime = Accessed, mtime = Modified, ctime = Changed} = Info,
    {ok, #{
        type => Type,
        inode => Inode,
        links => Links,
        size => Size,
        atime => nanoseconds(Accessed),
        mtime => nanoseconds(Modified),
        ctime => nanoseconds(Changed)
    }};
described({error, _} = Error) ->
    Error.

%% What lies before 1970 is shown as 1970.
nanoseconds(Seconds) -> max(0, Seconds) * ?SECOND.

seconds(keep, Nanoseconds) -> Nanoseconds div ?SECOND;
seconds(Nanoseconds, _Old) -> Nanoseconds div ?SECOND.

%% A name that is no UTF-8 is none that a guest could say, and what vanishes meanwhile was not there.
entry(Root, Path, Name) ->
    case {unicode:characters_to_binary(Name), stat(Root, Path ++ [Name])} of
        {Name, {ok, #{type := Type, inode := Inode}}} -> [{Name, Type, Inode}];
        _ -> []
    end.

%% Truncates only when it is clear what was opened.
open_file(Root, Path, #{write := Write, truncate := Truncate}, Inode) ->
    Modes =
        case Write orelse Truncate of
            true -> [read, write, raw, binary];
            false -> [read, raw, binary]
        end,
    case with_name(Root, Path, fun(Name) -> file:open(Name, Modes) end) of
        {ok, Device} ->
            File = {Device, Path},
            case {file_stat(Root, File), is_way(Root, Path)} of
                {{ok, #{inode := Inode}}, true} when Truncate -> truncated(Root, File);
                {{ok, #{inode := Inode}}, true} -> {ok, File};
                _ -> refused(Root, File, eacces)
            end;
        {error, _} = Error ->
            Error
    end.

create_file(Root, Path) ->
    case with_name(Root, Path, fun(Name) -> file:open(Name, [read, write, exclusive, raw, binary]) end) of
        {ok, Device} ->
            case is_way(Root, Path) of
                true -> {ok, {Device, Path}};
                false -> refused(Root, {Device, Path}, eacces)
            end;
        {error, _} = Error ->
            Error
    end.

truncated(Root, File) ->
    case truncate(Root, File, 0) of
        ok -> {ok, File};
        {error, Reason} -> refused(Root, File, Reason)
    end.

refused(Root, File, Reason) ->
    _ = close(Root, File),
    {error, Reason}.

%% Whether all but the last name are those of folders.
is_way(Root, Path) ->
    Above = lists:droplast(Path),
    lists:all(
        fun(Count) ->
            case stat(Root, lists:sublist(Above, Count)) of
                {ok, #{type := directory}} -> true;
                _ -> false
            end
        end,
        lists:seq(1, length(Above))
    ).
