%% Calls on the process, and on sockets, of which a guest has none: proc_exit, proc_raise, sched_yield, sock_*.
-module(wasm2beam_wasi_proc).

-include("wasm2beam_wasi.hrl").

-export([proc_exit/2, proc_raise/2, sched_yield/1]).
-export([sock_accept/4, sock_recv/7, sock_send/6, sock_shutdown/3]).

-type fd() :: non_neg_integer().
-type pointer() :: wasm2beam_wasi_guest:pointer().

-define(LAST_SIGNAL, 30).

%% @doc Leaves the guest, by an exception that wasm2beam_wasi:run/2 and start/3 catch.
-spec proc_exit(#call{}, non_neg_integer()) -> no_return().
proc_exit(#call{key = Key}, Status) ->
    throw({wasm2beam_wasi_exit, Key, Status}).

%% @doc There are no signals: `inval' for an unknown one, else `notsup'.
-spec proc_raise(#call{}, non_neg_integer()) -> no_return().
proc_raise(_Call, Signal) when Signal > ?LAST_SIGNAL -> wasm2beam_wasi_errno:fail(inval);
proc_raise(_Call, _Signal) -> wasm2beam_wasi_errno:fail(notsup).

%% @doc Lets other processes of the node run.
-spec sched_yield(#call{}) -> ok.
sched_yield(_Call) ->
    erlang:yield(),
    ok.

%% @doc Fails with `badf', else with `notsock': no descriptor is a socket.
-spec sock_accept(#call{}, fd(), non_neg_integer(), pointer()) -> no_return().
sock_accept(Call, Fd, _Flags, _Result) ->
    refuse(Call, Fd).

%% @doc As sock_accept/4.
-spec sock_recv(#call{}, fd(), pointer(), non_neg_integer(), non_neg_integer(), pointer(), pointer()) -> no_return().
sock_recv(Call, Fd, _Array, _Count, _Flags, _Length, _OutFlags) ->
    refuse(Call, Fd).

%% @doc As sock_accept/4.
-spec sock_send(#call{}, fd(), pointer(), non_neg_integer(), non_neg_integer(), pointer()) -> no_return().
sock_send(Call, Fd, _Array, _Count, _Flags, _Length) ->
    refuse(Call, Fd).

%% @doc As sock_accept/4.
-spec sock_shutdown(#call{}, fd(), non_neg_integer()) -> no_return().
sock_shutdown(Call, Fd, _How) ->
    refuse(Call, Fd).

%% Internal

-spec refuse(#call{}, fd()) -> no_return().
refuse(Call, Fd) ->
    _ = wasm2beam_wasi_state:descriptor(Call, Fd),
    wasm2beam_wasi_errno:fail(notsock).
