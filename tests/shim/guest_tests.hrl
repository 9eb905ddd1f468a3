%% What tests with the module of guest.hrl have in common: their functions check_NAME/0, and instances to check.

-include_lib("eunit/include/eunit.hrl").

-compile([export_all, nowarn_export_all]).

-define(LOG(Fun), #{<<"env">> => #{<<"log">> => Fun}}).
-define(error(Reason, Expression), ?assertError({wasm_error, Reason}, Expression)).

%% Each test in a process of its own: what one leaves behind does not help the next. A busy machine takes its time.
all_test_() ->
    {foreach, fun() -> with(#{}) end, [
        {timeout, 60, {spawn, {atom_to_list(Name), fun() -> ?MODULE:Name() end}}}
     || {Name, 0} <- ?MODULE:module_info(exports), lists:prefix("check_", atom_to_list(Name))
    ]}.

guest() ->
    guest(fun(_) -> ok end).

guest(Log) ->
    {ok, Instance} = wasm2beam:instantiate(wasm2beam_guest, ?LOG(Log)),
    Instance.

with(Changes) ->
    wasm2beam_guest:describe(maps:merge(wasm2beam_guest:info(), Changes)).

get_keys_in_use() ->
    length([Key || Key <- get_keys(), is_reference(Key)]).
