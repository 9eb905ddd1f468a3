%% The hand-written module of guest.hrl once more, for what takes two.
-module(wasm2beam_guest_b).
-include("guest.hrl").
