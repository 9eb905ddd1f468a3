%% The supervisor of what compiles and loads modules at run time. It owns the table of loaded modules, so that a pool that
%% is restarted knows who uses what.
-module(wasm2beam_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

-spec start_link() -> {ok, pid()}.
start_link() ->
    {ok, _} = supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-spec init([]) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init([]) ->
    ok = wasm2beam_pool:new_table(),
    Children = [#{id => Module, start => {Module, start_link, []}} || Module <- [wasm2beam_pool, wasm2beam_compiler]],
    {ok, {#{strategy => one_for_one, intensity => 5, period => 10}, Children}}.
