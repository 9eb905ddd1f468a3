%% The kernel crc32, as one writes it in Erlang: the table is a tuple, the text a binary. (erlang:crc32/1 is C.)
-module(twin_crc32).

-export([run/1]).

-define(LENGTH, 4096).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    Table = list_to_tuple([entry(I, 8) || I <- lists:seq(0, 255)]),
    run(N, Table, text(?LENGTH, 1, <<>>), 16#FFFFFFFF) bxor 16#FFFFFFFF.

run(0, _Table, _Text, Crc) -> Crc;
run(N, Table, Text, Crc) -> run(N - 1, Table, Text, crc(Text, Table, Crc)).

crc(<<Byte, Rest/binary>>, Table, Crc) ->
    crc(Rest, Table, element(((Crc bxor Byte) band 16#FF) + 1, Table) bxor (Crc bsr 8));
crc(<<>>, _Table, Crc) ->
    Crc.

entry(X, 0) -> X;
entry(X, Bits) when X band 1 =:= 1 -> entry((X bsr 1) bxor 16#EDB88320, Bits - 1);
entry(X, Bits) -> entry(X bsr 1, Bits - 1).

text(0, _Random, Text) ->
    Text;
text(Left, Random, Text) ->
    Next = (Random * 1664525 + 1013904223) band 16#FFFFFFFF,
    text(Left - 1, Next, <<Text/binary, (Next bsr 24)>>).
