%% Control of an instance by its embedder: fuel, time and cancelling, of modules that were compiled with fuel.
-module(wasm2beam_control).

-export([fuel/1, set_fuel/2, add_fuel/2, within/3, cancel/1]).

%% @doc See wasm2beam:fuel/1.
-spec fuel(wasm2beam:instance()) -> wasm2beam_fuel:fuel().
fuel(Instance) ->
    wasm2beam_fuel:remaining(wasm2beam_instance:cells(Instance)).

%% @doc See wasm2beam:set_fuel/2.
-spec set_fuel(wasm2beam:instance(), wasm2beam_fuel:fuel()) -> ok.
set_fuel(Instance, Fuel) ->
    Cells = metered(Instance, fuel),
    _ = wasm2beam_instantiate:options(#{fuel => Fuel}),
    wasm2beam_fuel:refill(Cells, Fuel).

%% @doc See wasm2beam:add_fuel/2.
-spec add_fuel(wasm2beam:instance(), non_neg_integer()) -> wasm2beam_fuel:fuel().
add_fuel(Instance, Units) ->
    Cells = metered(Instance, fuel),
    is_integer(Units) andalso Units >= 0 orelse wasm2beam_error:raise({bad_option, fuel, Units}),
    Sum =
        case wasm2beam_fuel:remaining(Cells) of
            infinity -> infinity;
            Fuel -> Fuel + Units
        end,
    set_fuel(Instance, Sum),
    Sum.

%% @doc Calls Fun, in which calls of the instance have so many milliseconds.
-spec within(wasm2beam:instance(), timeout(), fun(() -> Result)) -> Result.
within(Instance, Timeout, Fun) ->
    _ = wasm2beam_instantiate:options(#{timeout => Timeout}),
    wasm2beam_fuel:within(metered(Instance, timeout), Timeout, Fun).

%% @doc See wasm2beam:cancel/1.
-spec cancel(wasm2beam:instance()) -> ok.
cancel(Instance) ->
    wasm2beam_instance:is_handle(Instance) orelse wasm2beam_error:raise({not_an_instance, Instance}),
    Module = wasm2beam_instance:module(Instance),
    case wasm2beam_fuel:is_metered(wasm2beam_instance:info(Module)) of
        true -> wasm2beam_fuel:cancel(wasm2beam_instance:key(Instance));
        false -> wasm2beam_error:raise({not_metered, Module, cancel})
    end.

%% Internal

%% The cells of an instance of a module that was compiled with fuel.
metered(Instance, What) ->
    Cells = wasm2beam_instance:cells(Instance),
    tuple_size(Cells) > 1 orelse wasm2beam_error:raise({not_metered, wasm2beam_instance:module(Instance), What}),
    Cells.
