%% Fuel, time and cancelling: what instances of modules that were compiled with fuel have beside the others.
%%
%% Generated code takes what it costs from the fuel at hand, a cell of the instance, and comes here when that is not
%% enough. The rest is in reserve, so that charge/2 sees the deadline and the flag every ?PORTION units at least. The
%% cells are right at any time: whoever catches an exception or calls back into the instance finds what is left.
%%
%% The flag by which another process cancels is an `atomics' of one word: the key of the instance's handle.
-module(wasm2beam_fuel).

-export([enter/2, charge/2, poll/1]).
-export([is_metered/1, key/1, cells/2]).
-export([remaining/1, refill/2, within/3, cancel/1, is_cancelled/1, is_over/1]).

-export_type([fuel/0]).

-type fuel() :: non_neg_integer() | infinity.

%% Elements of the cells: docs/abi.md. The depth that is left, fuel at hand, fuel in reserve, when the call from outside
%% has to end and how long it may take (monotonic time, milliseconds), the depth that is left outside of calls.
-define(DEPTH, 1).
-define(AT_HAND, 2).
-define(RESERVE, 3).
-define(DEADLINE, 4).
-define(TIMEOUT, 5).
-define(MAX_DEPTH, 6).

-define(PORTION, 10000).
%% No limit, as an integer that a cell can hold and that no limit reaches.
-define(NONE, (1 bsl 52)).

-define(CELLS, 2).

%% For generated code

%% @doc As wasm2beam_instance:enter/2. A call from outside begins, unless the instance waits for a host function: its time
%% runs from now on, and whatever was cancelled before is over.
-spec enter(wasm2beam_instance:handle(), module()) -> wasm2beam_instance:state().
enter(Handle, Module) ->
    S = wasm2beam_instance:enter(Handle, Module),
    Cells = element(?CELLS, S),
    case is_idle(Cells) of
        true ->
            ok = atomics:put(wasm2beam_instance:key(Handle), 1, 0),
            wasm2beam_cells:set(Cells, ?DEADLINE, deadline(wasm2beam_cells:get(Cells, ?TIMEOUT)));
        false ->
            ok
    end,
    S.

%% @doc Takes Units that are not at hand, and gives what is at hand then. Traps `cancelled', `timeout' or `out_of_fuel'; what
%% was not enough stays.
-spec charge(wasm2beam_instance:state(), non_neg_integer()) -> non_neg_integer().
charge(S, Units) ->
    poll(S),
    Cells = element(?CELLS, S),
    case remaining(Cells) of
        infinity -> at_hand(Cells, max(?PORTION, Units) - Units);
        Fuel when Fuel < Units -> wasm2beam_trap:raise(out_of_fuel);
        Fuel -> share(Cells, Fuel - Units)
    end.

%% @doc Traps `cancelled' or `timeout' where it is time for that.
-spec poll(wasm2beam_instance:state()) -> ok.
poll(S) ->
    Cells = element(?CELLS, S),
    atomics:get(wasm2beam_instance:key(element(1, S)), 1) =:= 0 orelse stop(Cells, cancelled),
    is_late(Cells) andalso stop(Cells, timeout),
    ok.

%% For the runtime

%% @doc Whether a module counts instructions.
-spec is_metered(map()) -> boolean().
is_metered(Info) ->
    maps:get(fuel, Info, false).

%% @doc A key for the handle of an instance.
-spec key(map()) -> wasm2beam_store:key().
key(Info) ->
    case is_metered(Info) of
        true -> atomics:new(1, [{signed, false}]);
        false -> make_ref()
    end.

%% @doc The cells of an instance.
-spec cells(map(), wasm2beam_instantiate:options()) -> wasm2beam_store:cells().
cells(Info, #{max_depth := Depth} = Options) ->
    case is_metered(Info) of
        true ->
            Fuel = limit(maps:get(fuel, Options, infinity)),
            Timeout = limit(maps:get(timeout, Options, infinity)),
            wasm2beam_store:cells([Depth, 0, Fuel, ?NONE, Timeout, Depth]);
        false ->
            wasm2beam_store:cells([Depth])
    end.

%% @doc What is left, of cells. Without a count there is no limit.
-spec remaining(wasm2beam_store:cells()) -> fuel().
remaining(Cells) when tuple_size(Cells) =:= 1 ->
    infinity;
remaining(Cells) ->
    case wasm2beam_cells:get(Cells, ?RESERVE) of
        ?NONE -> infinity;
        Reserve -> Reserve + wasm2beam_cells:get(Cells, ?AT_HAND)
    end.

%% @doc Sets what is left. It may be done at any time, also by a host function.
-spec refill(wasm2beam_store:cells(), fuel()) -> ok.
refill(Cells, Fuel) ->
    wasm2beam_cells:set(Cells, ?AT_HAND, 0),
    wasm2beam_cells:set(Cells, ?RESERVE, limit(Fuel)).

%% @doc Runs a function, within which a call from outside, or one that is going on, has to end after so many milliseconds.
-spec within(wasm2beam_store:cells(), timeout(), fun(() -> Result)) -> Result.
within(Cells, Timeout, Fun) ->
    {Cell, Old, New} =
        case is_idle(Cells) of
            true ->
                {?TIMEOUT, wasm2beam_cells:get(Cells, ?TIMEOUT), limit(Timeout)};
            false ->
                Deadline = wasm2beam_cells:get(Cells, ?DEADLINE),
                {?DEADLINE, Deadline, min(Deadline, deadline(limit(Timeout)))}
        end,
    wasm2beam_cells:set(Cells, Cell, New),
    try
        Fun()
    after
        wasm2beam_cells:set(Cells, Cell, Old)
    end.

%% @doc Sets the flag of an instance, from any process of its node.
-spec cancel(wasm2beam_store:key()) -> ok.
cancel(Key) ->
    atomics:put(Key, 1, 1).

%% @doc Whether the call that is going on in an instance, of whatever process, is to end.
-spec is_cancelled(wasm2beam_instance:handle()) -> boolean().
is_cancelled(Handle) ->
    is_metered(wasm2beam_instance:info(wasm2beam_instance:module(Handle))) andalso
        atomics:get(wasm2beam_instance:key(Handle), 1) =/= 0.

%% @doc Whether the call that is going on in an instance of this process is to end: it traps as soon as the guest goes on.
-spec is_over(wasm2beam_instance:handle()) -> boolean().
is_over(Handle) ->
    Cells = wasm2beam_instance:cells(Handle),
    tuple_size(Cells) > 1 andalso (is_cancelled(Handle) orelse is_late(Cells)).

%% Internal

is_late(Cells) ->
    case wasm2beam_cells:get(Cells, ?DEADLINE) of
        ?NONE -> false;
        Deadline -> now_ms() >= Deadline
    end.

is_idle(Cells) ->
    wasm2beam_cells:get(Cells, ?DEPTH) =:= wasm2beam_cells:get(Cells, ?MAX_DEPTH).

deadline(?NONE) -> ?NONE;
deadline(Timeout) -> now_ms() + Timeout.

now_ms() ->
    erlang:monotonic_time(millisecond).

limit(infinity) -> ?NONE;
limit(Number) -> Number.

share(Cells, Fuel) ->
    Portion = min(Fuel, ?PORTION),
    wasm2beam_cells:set(Cells, ?RESERVE, Fuel - Portion),
    at_hand(Cells, Portion).

at_hand(Cells, Fuel) ->
    wasm2beam_cells:set(Cells, ?AT_HAND, Fuel),
    Fuel.

%% Whoever catches this and goes on in the instance comes back here at the next charge.
-spec stop(wasm2beam_store:cells(), cancelled | timeout) -> no_return().
stop(Cells, Reason) ->
    refill(Cells, remaining(Cells)),
    wasm2beam_trap:raise(Reason).
