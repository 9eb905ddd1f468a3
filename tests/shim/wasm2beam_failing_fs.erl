%% A file system in which one call fails with an error of the tests' choice: its state is {Call, Error}. There is a file
%% `f', a folder `d' and a symbolic link `l', all of them empty. With the state {entries, Count} nothing fails, folders
%% have so many entries, and the process is told `listed' each time.
-module(wasm2beam_failing_fs).

-behaviour(wasm2beam_wasi_fs).

-export([stat/2, read_link/2, list/2, open/3, close/2, pread/4, pwrite/4, file_stat/2, truncate/3, sync/2]).
-export([set_file_times/3, set_times/3, make_dir/2, remove_dir/2, unlink/2, rename/3, link/3, symlink/3]).

stat(_, []) -> {ok, described(directory)};
stat({stat, Reason}, _) -> {error, Reason};
stat(_, [<<"f">>]) -> {ok, described(regular)};
stat(_, [<<"d">>]) -> {ok, described(directory)};
stat(_, [<<"l">>]) -> {ok, described(symlink)};
stat(_, _) -> {error, enoent}.

read_link(State, _) -> answer(State, read_link, {ok, <<"f">>}).
list({entries, Count}, _) ->
    self() ! listed,
    {ok, [{integer_to_binary(Number), regular, Number} || Number <- lists:seq(1, Count)]};
list(State, _) -> answer(State, list, {ok, []}).
open(State, _, _) -> answer(State, open, {ok, file}).
close(State, file) -> answer(State, close, ok).
pread(State, file, _, _) -> answer(State, pread, {ok, <<>>}).
pwrite(State, file, _, _) -> answer(State, pwrite, ok).
file_stat(State, file) -> answer(State, file_stat, {ok, described(regular)}).
truncate(State, file, _) -> answer(State, truncate, ok).
sync(State, file) -> answer(State, sync, ok).
set_file_times(State, file, _) -> answer(State, set_file_times, ok).
set_times(State, _, _) -> answer(State, set_times, ok).
make_dir(State, _) -> answer(State, make_dir, ok).
remove_dir(State, _) -> answer(State, remove_dir, ok).
unlink(State, _) -> answer(State, unlink, ok).
rename(State, _, _) -> answer(State, rename, ok).
link(State, _, _) -> answer(State, link, ok).
symlink(State, _, _) -> answer(State, symlink, ok).

answer({Call, Reason}, Call, _) -> {error, Reason};
answer(_, _, Answer) -> Answer.

described(Type) ->
    #{type => Type, inode => 1, links => 1, size => 0, atime => 0, mtime => 0, ctime => 0}.
