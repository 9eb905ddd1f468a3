%% The kernel search, as one writes it in Erlang: the text is a binary, the table of skips a tuple.
-module(twin_search).

-export([run/1]).

-define(LENGTH, 16384).
-define(PATTERN, 6).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    {Text, Random} = text(?LENGTH, 1, <<>>),
    run(N, Text, Random, 0).

run(0, _Text, _Random, Sum) ->
    Sum;
run(N, Text, Random, Sum) ->
    Next = next(Random),
    At =
        case Next bsr 18 of
            Beyond when Beyond > ?LENGTH - ?PATTERN -> 0;
            Within -> Within
        end,
    Matches = matches(Text, binary:part(Text, At, ?PATTERN)),
    run(N - 1, Text, Next, (Sum * 31 + Matches) band 16#FFFFFFFF).

matches(Text, Pattern) ->
    Known = maps:from_list([{binary:at(Pattern, I), ?PATTERN - 1 - I} || I <- lists:seq(0, ?PATTERN - 2)]),
    Skips = list_to_tuple([maps:get(Byte, Known, ?PATTERN) || Byte <- lists:seq(0, 255)]),
    matches(Text, Pattern, Skips, 0, 0).

matches(_Text, _Pattern, _Skips, At, Sum) when At > ?LENGTH - ?PATTERN ->
    Sum;
matches(Text, Pattern, Skips, At, Sum) ->
    Last = binary:at(Text, At + ?PATTERN - 1),
    Found = same(Text, Pattern, At, ?PATTERN - 1),
    Sum1 =
        case Found of
            true -> Sum + At;
            false -> Sum
        end,
    matches(Text, Pattern, Skips, At + element(Last + 1, Skips), Sum1).

same(_Text, _Pattern, _At, I) when I < 0 ->
    true;
same(Text, Pattern, At, I) ->
    case binary:at(Text, At + I) =:= binary:at(Pattern, I) of
        true -> same(Text, Pattern, At, I - 1);
        false -> false
    end.

text(0, Random, Text) ->
    {Text, Random};
text(Left, Random, Text) ->
    Next = next(Random),
    text(Left - 1, Next, <<Text/binary, (element((Next bsr 30) + 1, {$a, $c, $g, $t}))>>).

next(Random) ->
    (Random * 1664525 + 1013904223) band 16#FFFFFFFF.
