%% The kernel quicksort, as one writes it in Erlang: in place, in atomics.
-module(twin_quicksort).

-export([run/1]).

-define(LENGTH, 4096).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    run(N, atomics:new(?LENGTH, [{signed, true}]), 1, 0).

run(0, _Numbers, _Random, Sum) ->
    Sum;
run(N, Numbers, Random, Sum) ->
    Random1 = fill(Numbers, 1, Random),
    sort(Numbers, 1, ?LENGTH),
    run(N - 1, Numbers, Random1, sum(Numbers, 1, Sum)).

fill(_Numbers, Index, Random) when Index > ?LENGTH ->
    Random;
fill(Numbers, Index, Random) ->
    Next = (Random * 1664525 + 1013904223) band 16#FFFFFFFF,
    atomics:put(Numbers, Index, (Next bxor 16#80000000) - 16#80000000),
    fill(Numbers, Index + 1, Next).

sum(_Numbers, Index, Sum) when Index > ?LENGTH -> Sum;
sum(Numbers, Index, Sum) -> sum(Numbers, Index + 64, (Sum * 31 + atomics:get(Numbers, Index)) band 16#FFFFFFFF).

sort(Numbers, Low, High) when Low < High ->
    % As in C, where positions begin with 0.
    Pivot = atomics:get(Numbers, Low + (High - Low) div 2),
    Middle = partition(Numbers, Pivot, Low, High),
    sort(Numbers, Low, Middle),
    sort(Numbers, Middle + 1, High);
sort(_Numbers, _Low, _High) ->
    ok.

partition(Numbers, Pivot, From, To) ->
    {I, Small} = up(Numbers, Pivot, From),
    {J, Large} = down(Numbers, Pivot, To),
    case I >= J of
        true ->
            J;
        false ->
            atomics:put(Numbers, I, Large),
            atomics:put(Numbers, J, Small),
            partition(Numbers, Pivot, I + 1, J - 1)
    end.

up(Numbers, Pivot, I) ->
    case atomics:get(Numbers, I) of
        Number when Number < Pivot -> up(Numbers, Pivot, I + 1);
        Number -> {I, Number}
    end.

down(Numbers, Pivot, J) ->
    case atomics:get(Numbers, J) of
        Number when Number > Pivot -> down(Numbers, Pivot, J - 1);
        Number -> {J, Number}
    end.
