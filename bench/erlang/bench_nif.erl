%% The functions of bench/nif_host, a NIF host of wasmtime; the environment variable BENCH_NIF names its library.
-module(bench_nif).

-export([compile/1, instantiate/1, start/3, resume/2, direct/3, read/3, write/3]).
-export([fiber_instantiate/1, fiber_start/3, fiber_resume/2]).
-nifs([compile/1, instantiate/1, start/3, resume/2, direct/3, read/3, write/3]).
-nifs([fiber_instantiate/1, fiber_start/3, fiber_resume/2]).
-on_load(load/0).

-type compiled() :: reference().
-type instance() :: reference().
-type progress() :: {done, integer()} | {host, integer()}.

load() ->
    erlang:load_nif(os:getenv("BENCH_NIF"), 0).

%% @doc The module as machine code.
-spec compile(binary()) -> compiled().
compile(_Bytes) -> erlang:nif_error(not_loaded).

%% @doc An instance whose calls run on other threads.
-spec instantiate(compiled()) -> instance().
instantiate(_Compiled) -> erlang:nif_error(not_loaded).

%% @doc Calls `add(A, B)', or `call_host(A)' where B is nil; progress() comes as messages to the caller.
-spec start(instance(), integer(), integer() | nil) -> ok.
start(_Instance, _A, _B) -> erlang:nif_error(not_loaded).

%% @doc Answers `{host, _}'.
-spec resume(instance(), integer()) -> ok.
resume(_Instance, _Value) -> erlang:nif_error(not_loaded).

%% @doc Calls `add(A, B)' on this scheduler.
-spec direct(instance(), integer(), integer()) -> integer().
direct(_Instance, _A, _B) -> erlang:nif_error(not_loaded).

-spec read(instance(), non_neg_integer(), non_neg_integer()) -> binary().
read(_Instance, _Offset, _Length) -> erlang:nif_error(not_loaded).

-spec write(instance(), non_neg_integer(), binary()) -> ok.
write(_Instance, _Offset, _Bytes) -> erlang:nif_error(not_loaded).

%% @doc An instance whose calls run on this scheduler, on a stack of their own.
-spec fiber_instantiate(compiled()) -> instance().
fiber_instantiate(_Compiled) -> erlang:nif_error(not_loaded).

%% @doc As start/3, with the progress returned.
-spec fiber_start(instance(), integer(), integer() | nil) -> progress().
fiber_start(_Instance, _A, _B) -> erlang:nif_error(not_loaded).

%% @doc As resume/2, with the progress returned.
-spec fiber_resume(instance(), integer()) -> progress().
fiber_resume(_Instance, _Value) -> erlang:nif_error(not_loaded).
