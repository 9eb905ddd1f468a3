%% The kernel fib, as one writes it in Erlang.
-module(twin_fib).

-export([run/1]).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    run(0, N, 0).

run(N, N, Sum) -> Sum;
run(I, N, Sum) -> run(I + 1, N, (Sum * 31 + fib(12 + I band 7)) band 16#FFFFFFFF).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
