%% A shop that computes in WebAssembly, compiled with the project.
-module(shop).

-export([total/1]).

%% @doc What so many of each article cost, in cents.
-spec total([{Article :: pos_integer(), Count :: pos_integer()}]) -> {ok, integer()} | {error, term()}.
total(Basket) ->
    Price = fun(1) -> 250; (2) -> 1000 end,
    wasm2beam:with_instance(shop_prices, #{<<"shop">> => #{<<"price">> => Price}}, fun(Instance) ->
        [shop_prices:'add-to-basket'(Instance, Article, Count) || {Article, Count} <- Basket],
        shop_prices:total(Instance)
    end).
