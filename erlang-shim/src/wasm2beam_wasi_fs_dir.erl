%% A folder of the operating system as a file system for guests.
%%
%% Nothing here follows a symbolic link: what is opened must be the file that was looked up, and wasm2beam_wasi_way sees
%% to the folders that lead to it, also while another process exchanges them for links. (stat/2 alone takes a path as it
%% is: what it tells is asked again by whatever opens or changes something.) Where the operating system does not name
%% what is open, a way is looked at again after something was opened, and a gap is left. Times are whole seconds.
-module(wasm2beam_wasi_fs_dir).

-behaviour(wasm2beam_wasi_fs).

-include_lib("kernel/include/file.hrl").

-export([new/1]).
-export([stat/2, read_link/2, list/2, open/3, close/2, pread/4, pwrite/4, file_stat/2, truncate/3, sync/2]).
-export([set_file_times/3, set_times/3, make_dir/2, remove_dir/2, unlink/2, rename/3, link/3, symlink/3]).

-type root() :: wasm2beam_wasi_way:root().
-type path() :: wasm2beam_wasi_fs:path().
%% The open file and where it was, for its times.
-opaque file() :: {file:fd(), path()}.
-type result() :: ok | {error, term()}.

-export_type([root/0, file/0]).

-define(SECOND, 1000000000).

%% @doc The folder by this name, relative to the present one. Errors are those of file:read_file_info/1, and `enotdir'.
-spec new(file:name_all()) -> {ok, {?MODULE, root()}} | {error, term()}.
new(Name) ->
    case wasm2beam_wasi_way:root(filename:absname(bytes(Name))) of
        {ok, Root} -> {ok, {?MODULE, Root}};
        {error, _} = Error -> Error
    end.

-spec stat(root(), path()) -> {ok, wasm2beam_wasi_fs:stat()} | {error, term()}.
stat(Root, Path) -> named(Path, fun() -> described(info(Path, wasm2beam_wasi_way:path(Root, Path))) end).

-spec read_link(root(), path()) -> {ok, binary()} | {error, term()}.
read_link(Root, Path) ->
    use(Root, Path, fun(Name, _) ->
        case file:read_link_all(Name) of
            {ok, Target} -> {ok, bytes(Target)};
            {error, _} = Error -> Error
        end
    end).

-spec list(root(), path()) -> {ok, [wasm2beam_wasi_fs:entry()]} | {error, term()}.
list(Root, Path) ->
    %% The folder is one of those on the way, the last one.
    use(Root, Path ++ [<<".">>], fun(Folder, _) ->
        case file:list_dir_all(Folder) of
            {ok, Names} -> {ok, lists:append([entry(Folder, bytes(Name)) || Name <- Names])};
            {error, _} = Error -> Error
        end
    end).

-spec open(root(), path(), wasm2beam_wasi_fs:mode()) -> {ok, file()} | {error, term()}.
open(Root, Path, #{create := Create, exclusive := Exclusive} = Mode) ->
    use(Root, Path, fun(Name, Kind) ->
        case info(Path, Name) of
            {ok, _} when Create, Exclusive -> {error, eexist};
            {ok, #file_info{type = regular} = Info} -> open_file(Root, Path, Name, Kind, Mode, Info);
            {ok, #file_info{type = directory}} -> {error, eisdir};
            {ok, #file_info{type = symlink}} -> {error, eloop};
            {ok, _} -> {error, enotsup};
            {error, enoent} when Create -> create_file(Root, Path, Name, Kind);
            {error, _} = Error -> Error
        end
    end).

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

%% @doc Erlang sets times by name only: `enoent' where what is open has none and another file has its old one by now.
-spec set_file_times(root(), file(), wasm2beam_wasi_fs:times()) -> result().
set_file_times(Root, {Device, Path} = File, Times) ->
    case wasm2beam_wasi_way:of_open(Root, Device) of
        {ok, Name} ->
            write_times(Name, file:read_file_info(Device, [raw, {time, posix}]), Times);
        plain ->
            case {file_stat(Root, File), stat(Root, Path)} of
                {{ok, #{inode := Inode}}, {ok, #{inode := Inode}}} -> set_times(Root, Path, Times);
                _ -> {error, enoent}
            end
    end.

%% @doc Only of files and folders: `enotsup' for a symbolic link and for what is not to be opened.
-spec set_times(root(), path(), wasm2beam_wasi_fs:times()) -> result().
set_times(Root, Path, Times) ->
    use(Root, Path, fun(Name, Kind) ->
        case info(Path, Name) of
            {ok, #file_info{type = Type} = Info} when Type =:= regular; Type =:= directory ->
                case Kind of
                    named -> set_times_opened(Root, Name, Info, Times);
                    plain -> write_times(Name, {ok, Info}, Times)
                end;
            {ok, _} ->
                {error, enotsup};
            {error, _} = Error ->
                Error
        end
    end).

-spec make_dir(root(), path()) -> result().
make_dir(Root, Path) -> use(Root, Path, fun(Name, _) -> file:make_dir(Name) end).

-spec remove_dir(root(), path()) -> result().
remove_dir(Root, Path) ->
    %% The module file says that a folder with something in it exists.
    case use(Root, Path, fun(Name, _) -> file:del_dir(Name) end) of
        {error, eexist} -> {error, enotempty};
        Result -> Result
    end.

-spec unlink(root(), path()) -> result().
unlink(Root, Path) -> use(Root, Path, fun(Name, _) -> file:delete(Name, [raw]) end).

-spec rename(root(), path(), path()) -> result().
rename(Root, From, To) ->
    case use_both(Root, From, To, fun file:rename/2) of
        {error, eexist} -> {error, enotempty};
        Result -> Result
    end.

-spec link(root(), path(), path()) -> result().
link(Root, From, To) -> use_both(Root, From, To, fun file:make_link/2).

-spec symlink(root(), binary(), path()) -> result().
symlink(Root, Target, Path) -> use(Root, Path, fun(Name, _) -> file:make_symlink(Target, Name) end).

%% Internal

%% Names as bytes: Erlang passes those to the operating system unchanged.
bytes(Name) when is_binary(Name) -> Name;
bytes(Name) ->
    case unicode:characters_to_binary(Name, unicode, file:native_name_encoding()) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> unicode:characters_to_binary(Name)
    end.

use(Root, Path, Use) ->
    named(Path, fun() -> wasm2beam_wasi_way:use(Root, Path, Use) end).

use_both(Root, From, To, Use) ->
    use(Root, From, fun(Old, _) -> use(Root, To, fun(New, _) -> Use(Old, New) end) end).

%% On Windows a name could hold what separates names, or what names a drive or a stream.
named(Path, Use) ->
    Foreign = filename:basename(<<"a\\b">>) =:= <<"b">>,
    case Foreign andalso lists:any(fun(Name) -> binary:match(Name, [<<"\\">>, <<":">>]) =/= nomatch end, Path) of
        true -> {error, einval};
        false -> Use()
    end.

%% The root itself may be a link: the embedder has named it.
info([], Name) -> file:read_file_info(Name, [raw, {time, posix}]);
info(_Path, Name) -> file:read_link_info(Name, [raw, {time, posix}]).

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

seconds(keep, Seconds) -> Seconds;
seconds(Nanoseconds, _Old) -> Nanoseconds div ?SECOND.

set_times_opened(Root, Name, #file_info{type = Type} = Info, Times) ->
    case open_known(Name, [read, raw, binary] ++ [directory || Type =:= directory], Info) of
        {ok, Device} ->
            {ok, OpenName} = wasm2beam_wasi_way:of_open(Root, Device),
            Written = write_times(OpenName, {ok, Info}, Times),
            _ = file:close(Device),
            Written;
        {error, _} = Error ->
            Error
    end.

write_times(Name, {ok, #file_info{atime = OldAccessed, mtime = OldModified}}, {Accessed, Modified}) ->
    Info = #file_info{atime = seconds(Accessed, OldAccessed), mtime = seconds(Modified, OldModified)},
    file:write_file_info(Name, Info, [raw, {time, posix}]);
write_times(_Name, {error, _} = Error, _Times) ->
    Error.

%% A name that is no UTF-8 is none that a guest could say, and what vanishes meanwhile was not there.
entry(Folder, Name) ->
    case {unicode:characters_to_binary(Name), described(info([Name], <<Folder/binary, $/, Name/binary>>))} of
        {Name, {ok, #{type := Type, inode := Inode}}} -> [{Name, Type, Inode}];
        _ -> []
    end.

%% Truncates only when it is clear what was opened.
open_file(Root, Path, Name, Kind, #{write := Write, truncate := Truncate}, Info) ->
    Modes =
        case Write orelse Truncate of
            true -> [read, write, raw, binary];
            false -> [read, raw, binary]
        end,
    case open_known(Name, Modes, Info) of
        {ok, Device} ->
            File = {Device, Path},
            case Kind =:= named orelse is_way(Root, Path) of
                true when Truncate -> truncated(Root, File);
                true -> {ok, File};
                false -> refused(Root, File, eacces)
            end;
        {error, _} = Error ->
            Error
    end.

%% What the name led to just now, by what was then known of it.
open_known(Name, Modes, Info) ->
    case file:open(Name, Modes) of
        {ok, Device} ->
            case file:read_file_info(Device, [raw]) of
                {ok, Opened} ->
                    case wasm2beam_wasi_way:identity(Opened) =:= wasm2beam_wasi_way:identity(Info) of
                        true -> {ok, Device};
                        false -> exchanged(Device)
                    end;
                {error, _} ->
                    exchanged(Device)
            end;
        {error, _} = Error ->
            Error
    end.

exchanged(Device) ->
    _ = file:close(Device),
    {error, eacces}.

create_file(Root, Path, Name, Kind) ->
    case file:open(Name, [read, write, exclusive, raw, binary]) of
        {ok, Device} ->
            case Kind =:= named orelse is_way(Root, Path) of
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
