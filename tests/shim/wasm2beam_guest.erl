%% The hand-written module of guest.hrl.
-module(wasm2beam_guest).
-include("guest.hrl").
