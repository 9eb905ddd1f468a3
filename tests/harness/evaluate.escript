#!/usr/bin/env escript
%% -*- erlang -*-
%% Loads BEAM files and evaluates Erlang expressions, one a line on standard input, each in a process of its own.
%%
%% Consumes the files' names (without .beam) as arguments; answers each expression with one line: its value, or the class
%% and the reason of its exception, as terms with floats that read back.
-mode(compile).

main(Files) ->
    [{module, _} = code:load_abs(File) || File <- Files],
    serve().

serve() ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            {Pid, Monitor} = spawn_monitor(fun() -> exit({answer, evaluate(Line)}) end),
            receive
                {'DOWN', Monitor, process, Pid, {answer, Answer}} -> io:format("~w~n", [Answer]);
                {'DOWN', Monitor, process, Pid, Reason} -> io:format("~w~n", [{exit, Reason}])
            end,
            serve()
    end.

evaluate(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    try
        {value, Value, _} = erl_eval:exprs(Expressions, []),
        Value
    catch
        Class:Reason -> {Class, Reason}
    end.
