#!/usr/bin/env escript
%% -*- erlang -*-
%% Compares terms in the external format with the same terms as text.
%%
%% Consumes lines `BASE64 TEXT` on standard input; answers each with `same` or with both terms as Erlang reads them. Terms
%% are compared by their encoding, which tells 0.0 from -0.0 and 1 from 1.0 on every release.
-mode(compile).

main(_) ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            [Encoded, Text] = string:split(string:trim(Line), " "),
            Decoded = binary_to_term(base64:decode(Encoded)),
            {ok, Tokens, _} = erl_scan:string(Text ++ "."),
            {ok, Parsed} = erl_parse:parse_term(Tokens),
            case term_to_binary(Decoded) =:= term_to_binary(Parsed) of
                true -> io:format("same~n");
                false -> io:format("~w is not ~w~n", [Decoded, Parsed])
            end,
            main([])
    end.
