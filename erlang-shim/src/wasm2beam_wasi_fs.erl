%% File systems that a guest may be given: the behaviour, and the one way in to them.
%%
%% A file system is a module and a term of its own. Paths are lists of names from its root, never `.' or `..'; whatever
%% leads to the last one is a folder, which wasm2beam_wasi_path has made sure of. Symbolic links are never followed
%% here. Callbacks return `{error, Posix}', as those of the module file; the functions here fail with the code for it,
%% and with `rofs' where a file system was given for reading only and would be changed.
-module(wasm2beam_wasi_fs).

-export([stat/2, read_link/2, list/2, open/3, close/2]).
-export([pread/4, pwrite/4, file_stat/2, truncate/3, sync/2, set_file_times/3]).
-export([set_times/3, make_dir/2, remove_dir/2, unlink/2, rename/3, link/3, symlink/3]).
-export([check_writable/1, same/2]).

-export_type([fs/0, path/0, stat/0, type/0, times/0, mode/0, entry/0]).

%% Module, its term, and whether the guest may change anything.
-type fs() :: {module(), State :: term(), rw | ro}.
-type path() :: [binary()].
-type type() :: regular | directory | symlink | device | other.
%% Times in nanoseconds since 1970.
-type stat() :: #{
    type := type(),
    inode := non_neg_integer(),
    links := non_neg_integer(),
    size := non_neg_integer(),
    atime := non_neg_integer(),
    mtime := non_neg_integer(),
    ctime := non_neg_integer()
}.
%% Access and modification.
-type times() :: {keep | non_neg_integer(), keep | non_neg_integer()}.
%% create: make the file where it is missing; exclusive: it must be missing; truncate: empty it.
-type mode() :: #{write := boolean(), create := boolean(), exclusive := boolean(), truncate := boolean()}.
-type entry() :: {Name :: binary(), type(), Inode :: non_neg_integer()}.
-type result() :: ok | {error, term()}.

-callback stat(State :: term(), path()) -> {ok, stat()} | {error, term()}.
-callback read_link(State :: term(), path()) -> {ok, binary()} | {error, term()}.
%% Without `.' and `..', in any order.
-callback list(State :: term(), path()) -> {ok, [entry()]} | {error, term()}.
%% A regular file. A folder is `eisdir', a symbolic link `eloop'.
-callback open(State :: term(), path(), mode()) -> {ok, File :: term()} | {error, term()}.
-callback close(State :: term(), File :: term()) -> result().
%% Fewer bytes than asked for at the end of the file, none behind it.
-callback pread(State :: term(), File :: term(), non_neg_integer(), pos_integer()) ->
    {ok, binary()} | {error, term()}.
-callback pwrite(State :: term(), File :: term(), non_neg_integer(), binary()) -> result().
-callback file_stat(State :: term(), File :: term()) -> {ok, stat()} | {error, term()}.
-callback truncate(State :: term(), File :: term(), non_neg_integer()) -> result().
-callback sync(State :: term(), File :: term()) -> result().
-callback set_file_times(State :: term(), File :: term(), times()) -> result().
-callback set_times(State :: term(), path(), times()) -> result().
-callback make_dir(State :: term(), path()) -> result().
%% `enotempty' where it holds anything.
-callback remove_dir(State :: term(), path()) -> result().
-callback unlink(State :: term(), path()) -> result().
-callback rename(State :: term(), path(), path()) -> result().
-callback link(State :: term(), path(), path()) -> result().
-callback symlink(State :: term(), Target :: binary(), path()) -> result().

-spec stat(fs(), path()) -> {ok, stat()} | {error, term()}.
stat({Module, State, _}, Path) -> Module:stat(State, Path).

-spec read_link(fs(), path()) -> binary().
read_link({Module, State, _}, Path) -> value(Module:read_link(State, Path)).

%% @doc Sorted by name, so that a folder reads the same whatever holds it.
-spec list(fs(), path()) -> [entry()].
list({Module, State, _}, Path) -> lists:sort(value(Module:list(State, Path))).

-spec open(fs(), path(), mode()) -> term().
open({Module, State, _} = Fs, Path, #{write := Write, create := Create, truncate := Truncate} = Mode) ->
    case Write orelse Truncate of
        true -> check_writable(Fs);
        false -> ok
    end,
    case Create andalso stat(Fs, Path) =:= {error, enoent} of
        true -> check_writable(Fs);
        false -> ok
    end,
    value(Module:open(State, Path, Mode)).

%% @doc Does not fail: what is closed is gone, whatever the file system says of it.
-spec close(fs(), term()) -> result().
close({Module, State, _}, File) -> Module:close(State, File).

-spec pread(fs(), term(), non_neg_integer(), pos_integer()) -> binary().
pread({Module, State, _}, File, Offset, Length) -> value(Module:pread(State, File, Offset, Length)).

-spec pwrite(fs(), term(), non_neg_integer(), binary()) -> ok.
pwrite({Module, State, _}, File, Offset, Bytes) -> done(Module:pwrite(State, File, Offset, Bytes)).

-spec file_stat(fs(), term()) -> stat().
file_stat({Module, State, _}, File) -> value(Module:file_stat(State, File)).

-spec truncate(fs(), term(), non_neg_integer()) -> ok.
truncate({Module, State, _} = Fs, File, Size) ->
    check_writable(Fs),
    done(Module:truncate(State, File, Size)).

-spec sync(fs(), term()) -> ok.
sync({Module, State, _}, File) -> done(Module:sync(State, File)).

-spec set_file_times(fs(), term(), times()) -> ok.
set_file_times({Module, State, _} = Fs, File, Times) ->
    check_writable(Fs),
    done(Module:set_file_times(State, File, Times)).

-spec set_times(fs(), path(), times()) -> ok.
set_times({Module, State, _} = Fs, Path, Times) ->
    check_writable(Fs),
    done(Module:set_times(State, Path, Times)).

-spec make_dir(fs(), path()) -> ok.
make_dir({Module, State, _} = Fs, Path) ->
    check_writable(Fs),
    done(Module:make_dir(State, Path)).

-spec remove_dir(fs(), path()) -> ok.
remove_dir({Module, State, _} = Fs, Path) ->
    check_writable(Fs),
    done(Module:remove_dir(State, Path)).

-spec unlink(fs(), path()) -> ok.
unlink({Module, State, _} = Fs, Path) ->
    check_writable(Fs),
    done(Module:unlink(State, Path)).

-spec rename(fs(), path(), path()) -> ok.
rename({Module, State, _} = Fs, From, To) ->
    check_writable(Fs),
    done(Module:rename(State, From, To)).

-spec link(fs(), path(), path()) -> ok.
link({Module, State, _} = Fs, From, To) ->
    check_writable(Fs),
    done(Module:link(State, From, To)).

-spec symlink(fs(), binary(), path()) -> ok.
symlink({Module, State, _} = Fs, Target, Path) ->
    check_writable(Fs),
    done(Module:symlink(State, Target, Path)).

%% @doc Fails with `rofs' where the file system was given for reading only.
-spec check_writable(fs()) -> ok.
check_writable({_, _, rw}) -> ok;
check_writable({_, _, ro}) -> wasm2beam_wasi_errno:fail(rofs).

%% @doc Whether both are one file system, given in the same way.
-spec same(fs(), fs()) -> boolean().
same(One, Other) -> One =:= Other.

%% Internal

value({ok, Value}) -> Value;
value({error, Reason}) -> wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason)).

done(ok) -> ok;
done({error, Reason}) -> wasm2beam_wasi_errno:fail(wasm2beam_wasi_errno:of_posix(Reason)).
