%% The way to a name in a folder of the operating system, which no other process can divert while it is gone.
%%
%% Erlang has no call to open a file relative to an open folder. Where the system names what a process has open (Linux:
%% /proc/self/fd/N), `/proc/self/fd/N/name' is such a call: the folders on the way are opened one after the other, each
%% as a name in the one before, and each must be the folder, by device and inode, that had the name just before it was
%% opened. A link in its place is thereby found out, and later exchanges change nothing any more. Elsewhere (`plain') a
%% name is the path itself.
-module(wasm2beam_wasi_way).

-include_lib("kernel/include/file.hrl").

-export([root/1, path/2, use/3, of_open/2, identity/1]).

-export_type([root/0, kind/0]).

-type kind() :: named | plain.
-opaque root() :: {Folder :: binary(), kind()}.
-type path() :: wasm2beam_wasi_fs:path().

-define(OPEN_FILES, "/proc/self/fd/").

%% @doc The folder by this name as the start of ways. Errors are those of the module file, and `enotdir'.
-spec root(binary()) -> {ok, root()} | {error, term()}.
root(Folder) ->
    case file:read_file_info(Folder, [raw]) of
        {ok, #file_info{type = directory} = Info} -> {ok, {Folder, kind(Folder, Info)}};
        {ok, _} -> {error, enotdir};
        {error, _} = Error -> Error
    end.

%% @doc The path itself: what it leads to may change at any moment.
-spec path(root(), path()) -> binary().
path({Root, _}, Path) -> iolist_to_binary([Root | [[$/, Name] || Name <- Path]]).

%% @doc Calls Use with a name for what is at Path below the root, to be used before Use returns, and tells whether that
%% name can be relied on. The last name may be that of a symbolic link, and the root's own: the embedder has said it.
%% Errors are those of the module file, and `eacces' where a folder was exchanged meanwhile.
-spec use(root(), path(), fun((binary(), kind()) -> Result)) -> Result | {error, term()}.
use({_, Kind} = Root, Path, Use) when Path =:= []; Kind =:= plain ->
    Use(path(Root, Path), Kind);
use({Root, named}, Path, Use) ->
    case file:open(Root, [read, raw, binary, directory]) of
        {ok, Folder} -> descend(Folder, Path, Use);
        {error, _} = Error -> Error
    end.

%% @doc A name of what is open, which holds while it is.
-spec of_open(root(), file:fd()) -> {ok, binary()} | plain.
of_open({_, named}, File) -> {ok, open_name(File)};
of_open({_, plain}, _File) -> plain.

%% @doc What tells a file from all others.
-spec identity(file:file_info()) -> {non_neg_integer(), non_neg_integer()}.
identity(#file_info{major_device = Device, inode = Inode}) -> {Device, Inode}.

%% Internal

%% Whether the name of an open folder leads to it: a system may lack such names, or have other things there.
kind(Folder, Info) ->
    case file:open(Folder, [read, raw, binary, directory]) of
        {ok, File} ->
            try file:read_file_info(open_name(File), [raw]) of
                {ok, There} ->
                    case identity(There) =:= identity(Info) of
                        true -> named;
                        false -> plain
                    end;
                {error, _} ->
                    plain
            catch
                error:_ -> plain
            after
                file:close(File)
            end;
        {error, _} ->
            plain
    end.

%% Not documented, but there in every release from OTP 21 on; kind/2 finds out where it is not as it was.
open_name(File) ->
    <<Number:32/native>> = prim_file:get_handle(File),
    <<?OPEN_FILES, (integer_to_binary(Number))/binary>>.

%% Folder is closed in any case.
descend(Folder, [Name], Use) ->
    try
        Use(below(Folder, Name), named)
    after
        file:close(Folder)
    end;
descend(Folder, [Name | Rest], Use) ->
    Entered =
        try
            enter(below(Folder, Name))
        after
            file:close(Folder)
        end,
    case Entered of
        {ok, Next} -> descend(Next, Rest, Use);
        {error, _} = Error -> Error
    end.

below(Folder, Name) -> <<(open_name(Folder))/binary, $/, Name/binary>>.

enter(Name) ->
    case file:read_link_info(Name, [raw]) of
        {ok, #file_info{type = directory} = Info} -> enter(Name, identity(Info));
        {ok, #file_info{type = symlink}} -> {error, eacces};
        {ok, _} -> {error, enotdir};
        {error, _} = Error -> Error
    end.

enter(Name, Identity) ->
    case file:open(Name, [read, raw, binary, directory]) of
        {ok, Folder} ->
            case file:read_file_info(Folder, [raw]) of
                {ok, #file_info{major_device = Device, inode = Inode}} when {Device, Inode} =:= Identity -> {ok, Folder};
                _ -> refused(Folder)
            end;
        {error, _} = Error ->
            Error
    end.

refused(Folder) ->
    _ = file:close(Folder),
    {error, eacces}.
