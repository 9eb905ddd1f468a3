-module(shop_tests).

-include_lib("eunit/include/eunit.hrl").

stateless_test() ->
    ?assertEqual(-16#80000000, shop_ints:add(16#7FFFFFFF, 1)),
    ?assertEqual({-3, -1}, shop_ints:divide(-7, 2)).

host_test() ->
    ?assertEqual({ok, 3500}, shop:total([{1, 2}, {2, 3}])).

types_test() ->
    {ok, {shop_ints, [{debug_info, {debug_info_v1, Backend, Data}}]}} =
        beam_lib:chunks(code:which(shop_ints), [debug_info]),
    {ok, Forms} = Backend:debug_info(erlang_v1, shop_ints, Data, []),
    [Spec] = [erl_pp:form(Form) || {attribute, _, spec, {{divide, 2}, _}} = Form <- Forms],
    ?assertEqual(
        <<"-spec divide(wasm2beam:i64(), wasm2beam:i64()) -> {wasm2beam:i64(), wasm2beam:i64()}. ">>,
        iolist_to_binary(re:replace(Spec, "\\s+", " ", [global]))
    ).

%% What a release takes is what the application names.
modules_test() ->
    ok = load(shop),
    {ok, Modules} = application:get_key(shop, modules),
    ?assertEqual([], [shop, shop_ints, shop_ints_wasm, shop_prices, shop_prices_wasm] -- Modules).

load(Application) ->
    case application:load(Application) of
        {error, {already_loaded, Application}} -> ok;
        Other -> Other
    end.
