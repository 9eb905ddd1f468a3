%% The table of all calls, and what they have in common: numbers become unsigned, error codes become results.
%%
%% A call is a function of one of the families: it takes the call's context and the parameters, returns ok or fails by
%% wasm2beam_wasi_errno:fail/1. Both versions of the interface have the same calls, with some other layouts.
-module(wasm2beam_wasi_calls).

-include("wasm2beam_wasi.hrl").

-export([imports/1, names/0]).

%% @doc The imports of both versions for an environment, by its key.
-spec imports(wasm2beam_store:key()) -> #{binary() => #{binary() => fun()}}.
imports(Key) ->
    #{
        <<"wasi_snapshot_preview1">> => space(Key, preview1),
        <<"wasi_unstable">> => space(Key, unstable)
    }.

%% @doc The names of all calls.
-spec names() -> [binary()].
names() ->
    [atom_to_binary(Name) || {Name, _, _} <- table()].

%% Internal

%% Parameters: w an unsigned word, l an unsigned, s a signed number of 64 bits.
table() ->
    [
        {args_get, wasm2beam_wasi_args, "ww"},
        {args_sizes_get, wasm2beam_wasi_args, "ww"},
        {environ_get, wasm2beam_wasi_args, "ww"},
        {environ_sizes_get, wasm2beam_wasi_args, "ww"},
        {clock_res_get, wasm2beam_wasi_clock, "ww"},
        {clock_time_get, wasm2beam_wasi_clock, "wlw"},
        {fd_advise, wasm2beam_wasi_fd, "wllw"},
        {fd_allocate, wasm2beam_wasi_fd, "wll"},
        {fd_close, wasm2beam_wasi_fd, "w"},
        {fd_datasync, wasm2beam_wasi_fd, "w"},
        {fd_fdstat_get, wasm2beam_wasi_fdstat, "ww"},
        {fd_fdstat_set_flags, wasm2beam_wasi_fdstat, "ww"},
        {fd_fdstat_set_rights, wasm2beam_wasi_fdstat, "wll"},
        {fd_filestat_get, wasm2beam_wasi_fdstat, "ww"},
        {fd_filestat_set_size, wasm2beam_wasi_fdstat, "wl"},
        {fd_filestat_set_times, wasm2beam_wasi_fdstat, "wllw"},
        {fd_pread, wasm2beam_wasi_fd, "wwwlw"},
        {fd_prestat_dir_name, wasm2beam_wasi_fdstat, "www"},
        {fd_prestat_get, wasm2beam_wasi_fdstat, "ww"},
        {fd_pwrite, wasm2beam_wasi_fd, "wwwlw"},
        {fd_read, wasm2beam_wasi_fd, "wwww"},
        {fd_readdir, wasm2beam_wasi_fdstat, "wwwlw"},
        {fd_renumber, wasm2beam_wasi_fd, "ww"},
        {fd_seek, wasm2beam_wasi_fd, "wsww"},
        {fd_sync, wasm2beam_wasi_fd, "w"},
        {fd_tell, wasm2beam_wasi_fd, "ww"},
        {fd_write, wasm2beam_wasi_fd, "wwww"},
        {path_create_directory, wasm2beam_wasi_path, "www"},
        {path_filestat_get, wasm2beam_wasi_path, "wwwww"},
        {path_filestat_set_times, wasm2beam_wasi_path, "wwwwllw"},
        {path_link, wasm2beam_wasi_path, "wwwwwww"},
        {path_open, wasm2beam_wasi_path, "wwwwwllww"},
        {path_readlink, wasm2beam_wasi_path, "wwwwww"},
        {path_remove_directory, wasm2beam_wasi_path, "www"},
        {path_rename, wasm2beam_wasi_path, "wwwwww"},
        {path_symlink, wasm2beam_wasi_path, "wwwww"},
        {path_unlink_file, wasm2beam_wasi_path, "www"},
        {poll_oneoff, wasm2beam_wasi_poll, "wwww"},
        {proc_exit, wasm2beam_wasi_proc, "w"},
        {proc_raise, wasm2beam_wasi_proc, "w"},
        {random_get, wasm2beam_wasi_random, "ww"},
        {sched_yield, wasm2beam_wasi_proc, ""},
        {sock_accept, wasm2beam_wasi_proc, "www"},
        {sock_recv, wasm2beam_wasi_proc, "wwwwww"},
        {sock_send, wasm2beam_wasi_proc, "wwwww"},
        {sock_shutdown, wasm2beam_wasi_proc, "ww"}
    ].

space(Key, Version) ->
    maps:from_list([
        {atom_to_binary(Name), import(Key, Version, Family, Name, Parameters)}
     || {Name, Family, Parameters} <- table()
    ]).

%% With the instance before the parameters.
import(Key, Version, Family, Name, Parameters) ->
    Run = fun([Instance | Args]) ->
        Call = #call{key = Key, instance = Instance, memory = memory(Instance), version = Version},
        try apply(Family, Name, [Call | unsigned(Parameters, Args)]) of
            ok -> 0
        catch
            throw:{wasi_errno, Errno} -> wasm2beam_wasi_errno:code(Errno)
        end
    end,
    wasm2beam_bind:applied(Run, length(Parameters) + 1).

memory(Instance) ->
    case wasm2beam_instance:memory(Instance) of
        {ok, Memory} -> Memory;
        error -> none
    end.

unsigned([], []) -> [];
unsigned([$w | Parameters], [Arg | Args]) -> [Arg band 16#FFFFFFFF | unsigned(Parameters, Args)];
unsigned([$l | Parameters], [Arg | Args]) -> [Arg band 16#FFFFFFFFFFFFFFFF | unsigned(Parameters, Args)];
unsigned([$s | Parameters], [Arg | Args]) -> [Arg | unsigned(Parameters, Args)].
