%% The kernel fnv1a, as one writes it in Erlang: one integer of 64 bits, which is a big one most of the time.
-module(twin_fnv1a).

-export([run/1]).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    Hash = run(0, N, 16#CBF29CE484222325),
    (Hash bxor (Hash bsr 32)) band 16#FFFFFFFF.

run(N, N, Hash) -> Hash;
run(I, N, Hash) -> run(I + 1, N, hash(<<I:32/little>>, Hash)).

hash(<<Byte, Rest/binary>>, Hash) ->
    hash(Rest, ((Hash bxor Byte) * 16#100000001B3) band 16#FFFFFFFFFFFFFFFF);
hash(<<>>, Hash) ->
    Hash.
