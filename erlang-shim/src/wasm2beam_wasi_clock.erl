%% Clocks: clock_res_get and clock_time_get.
%%
%% A clock of the embedder's is a fun from the clock's name to nanoseconds; `system' is the node's own. Its monotonic
%% clock begins at zero with the environment, and its processor times are those of the whole node since then, in
%% milliseconds.
-module(wasm2beam_wasi_clock).

-include("wasm2beam_wasi.hrl").

-export([new/1, clock_res_get/3, clock_time_get/4, now/2, name/1]).

-export_type([clock/0, name/0]).

-type name() :: realtime | monotonic | process_cputime | thread_cputime.
-type clock() :: fun((name()) -> non_neg_integer()).

-define(MILLISECOND, 1000000).

%% @doc The clock for an option; raises `{wasm_error, {bad_option, clock, _}}'.
-spec new(term()) -> clock().
new(system) ->
    Start = erlang:monotonic_time(nanosecond),
    {Spent, _} = erlang:statistics(runtime),
    fun
        (realtime) ->
            erlang:system_time(nanosecond);
        (monotonic) ->
            erlang:monotonic_time(nanosecond) - Start;
        (_) ->
            {Now, _} = erlang:statistics(runtime),
            (Now - Spent) * ?MILLISECOND
    end;
new(Fun) when is_function(Fun, 1) ->
    Fun;
new(Other) ->
    wasm2beam_error:raise({bad_option, clock, Other}).

%% @doc Writes the resolution of a clock in nanoseconds. Fails with `inval' for an unknown clock.
-spec clock_res_get(#call{}, non_neg_integer(), wasm2beam_wasi_guest:pointer()) -> ok.
clock_res_get(Call, Id, Result) ->
    wasm2beam_wasi_guest:write_u64(Call, Result, resolution(name(Id))).

%% @doc Writes the time of a clock in nanoseconds. Fails with `inval' for an unknown clock, `overflow' where a clock of
%% the embedder's gives what 64 bits do not hold.
-spec clock_time_get(#call{}, non_neg_integer(), non_neg_integer(), wasm2beam_wasi_guest:pointer()) -> ok.
clock_time_get(Call, Id, _Precision, Result) ->
    wasm2beam_wasi_guest:write_u64(Call, Result, now(Call, name(Id))).

%% @doc The time of a clock.
-spec now(#call{}, name()) -> non_neg_integer().
now(Call, Name) ->
    case ((wasm2beam_wasi_state:current(Call))#wasi.clock)(Name) of
        Time when is_integer(Time), Time >= 0, Time =< 16#FFFFFFFFFFFFFFFF -> Time;
        _ -> wasm2beam_wasi_errno:fail(overflow)
    end.

%% @doc The name of a clock's number; fails with `inval'.
-spec name(non_neg_integer()) -> name().
name(0) -> realtime;
name(1) -> monotonic;
name(2) -> process_cputime;
name(3) -> thread_cputime;
name(_) -> wasm2beam_wasi_errno:fail(inval).

%% Internal

resolution(realtime) -> 1000;
resolution(monotonic) -> 1000;
resolution(_) -> ?MILLISECOND.
