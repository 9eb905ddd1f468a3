%% The kernel sieve, as one writes it in Erlang: atomics, a cell for a number.
-module(twin_sieve).

-export([run/1]).

-define(LIMIT, 16384).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    run(0, N, atomics:new(?LIMIT, [{signed, false}]), 0).

run(N, N, _Composite, Sum) ->
    Sum;
run(I, N, Composite, Sum) ->
    clear(Composite, ?LIMIT),
    Count = count(Composite, 2, 0),
    Flag = atomics:get(Composite, (I band (?LIMIT - 1)) + 1),
    run(I + 1, N, Composite, (Sum + (Count bxor Flag)) band 16#FFFFFFFF).

clear(_Composite, 0) ->
    ok;
clear(Composite, Index) ->
    atomics:put(Composite, Index, 0),
    clear(Composite, Index - 1).

count(_Composite, ?LIMIT, Count) ->
    Count;
count(Composite, I, Count) ->
    case atomics:get(Composite, I + 1) of
        0 when I < 128 ->
            mark(Composite, I * I, I),
            count(Composite, I + 1, Count + 1);
        0 ->
            count(Composite, I + 1, Count + 1);
        1 ->
            count(Composite, I + 1, Count)
    end.

mark(Composite, J, I) when J < ?LIMIT ->
    atomics:put(Composite, J + 1, 1),
    mark(Composite, J + I, I);
mark(_Composite, _J, _I) ->
    ok.
