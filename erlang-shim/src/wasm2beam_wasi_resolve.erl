%% From a guest's path to the names that lead from the root of a file system to the file, without ever leaving the
%% folder it is relative to: neither by `..', nor by an absolute path, nor by a symbolic link.
%%
%% Every name but the last is looked up, one after the other, and symbolic links are followed here alone, so that what
%% a file system gets names folders only, up to the last. The names of the folder itself are looked up anew each time:
%% one of them may have become a link since it was opened.
-module(wasm2beam_wasi_resolve).

-export([path/4, check_dir/2]).

-export_type([found/0]).

%% What is there, and whether the path ended with a slash, which only a folder may.
-type found() :: {wasm2beam_wasi_fs:path(), missing | wasm2beam_wasi_fs:stat(), plain | slash}.

-define(MAX_LINKS, 40).
-define(MAX_NAME, 255).
%% Bytes of all names together.
-define(MAX_PATH, 4096).

%% @doc Resolves Path from the folder Base. `follow' follows a link that the path itself names. Fails with `noent',
%% `notdir', `loop', `nametoolong', `notcapable' where it would lead outside, and what the file system says.
-spec path(wasm2beam_wasi_fs:fs(), wasm2beam_wasi_fs:path(), binary(), follow | nofollow) -> found().
path(_Fs, _Base, <<>>, _Follow) ->
    wasm2beam_wasi_errno:fail(noent);
path(Fs, Base, Path, Follow) ->
    _ = check_dir(Fs, Base),
    Names = names(Path),
    End =
        case lists:last(binary:split(Path, <<"/">>, [global])) of
            <<>> -> slash;
            <<".">> -> slash;
            <<"..">> -> slash;
            _ -> plain
        end,
    {Result, Found} = walk(Fs, Base, Names, [], {Follow, End}, ?MAX_LINKS),
    {Result, Found, End}.

%% @doc What is known of a folder by its names from the root. Fails with `noent' where it is none any more.
-spec check_dir(wasm2beam_wasi_fs:fs(), wasm2beam_wasi_fs:path()) -> wasm2beam_wasi_fs:stat().
check_dir(Fs, Path) ->
    check_dir(Fs, [], Path).

%% Internal

check_dir(Fs, Above, Below) ->
    case {wasm2beam_wasi_fs:stat(Fs, Above), Below} of
        {{ok, #{type := directory} = Stat}, []} -> Stat;
        {{ok, #{type := directory}}, [Name | Rest]} -> check_dir(Fs, Above ++ [Name], Rest);
        {_, _} -> wasm2beam_wasi_errno:fail(noent)
    end.

%% The names of a relative path.
names(<<"/", _/binary>>) ->
    wasm2beam_wasi_errno:fail(notcapable);
names(Path) ->
    Names = [Name || Name <- binary:split(Path, <<"/">>, [global]), Name =/= <<>>, Name =/= <<".">>],
    lists:all(fun(Name) -> byte_size(Name) =< ?MAX_NAME end, Names) orelse wasm2beam_wasi_errno:fail(nametoolong),
    Names.

%% Below holds the names from Base to the folder reached, the last one first.
walk(Fs, Base, [], Below, _End, _Links) ->
    Path = joined(Base, Below),
    {Path, check_dir(Fs, Path)};
walk(_Fs, _Base, [<<"..">> | _], [], _End, _Links) ->
    wasm2beam_wasi_errno:fail(notcapable);
walk(Fs, Base, [<<"..">> | Names], [_ | Below], End, Links) ->
    walk(Fs, Base, Names, Below, End, Links);
walk(Fs, Base, [Name | Names], Below, End, Links) ->
    Path = joined(Base, [Name | Below]),
    case wasm2beam_wasi_fs:stat(Fs, Path) of
        {ok, #{type := symlink} = Stat} ->
            case Names =:= [] andalso End =:= {nofollow, plain} of
                true -> {Path, Stat};
                false -> follow(Fs, Base, Path, Names, Below, End, Links)
            end;
        {ok, #{type := directory}} ->
            walk(Fs, Base, Names, [Name | Below], End, Links);
        {ok, Stat} when Names =:= [] ->
            {Path, Stat};
        {ok, _} ->
            wasm2beam_wasi_errno:fail(notdir);
        {error, enoent} when Names =:= [] ->
            {Path, missing};
        {error, Reason} ->
            wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason))
    end.

follow(_Fs, _Base, _Path, _Names, _Below, _End, 0) ->
    wasm2beam_wasi_errno:fail(loop);
follow(Fs, Base, Path, Names, Below, End, Links) ->
    walk(Fs, Base, names(wasm2beam_wasi_fs:read_link(Fs, Path)) ++ Names, Below, End, Links - 1).

joined(Base, Below) ->
    Path = Base ++ lists:reverse(Below),
    case lists:sum([byte_size(Name) + 1 || Name <- Path]) > ?MAX_PATH of
        true -> wasm2beam_wasi_errno:fail(nametoolong);
        false -> Path
    end.
