%% The application. Modules compiled at build time, and their instances, run without it being started: it serves compiling
%% at run time only.
-module(wasm2beam_app).
-behaviour(application).

-export([start/2, stop/1]).

-spec start(application:start_type(), term()) -> {ok, pid()}.
start(_Type, _Arguments) ->
    {ok, _} = wasm2beam_sup:start_link().

-spec stop(term()) -> ok.
stop(_State) ->
    ok.
