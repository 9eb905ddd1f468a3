#!/usr/bin/env escript
%% -*- erlang -*-
%%! +S 1 -hidden
%% OTP's own opinion of generated code, for many modules in one virtual machine.
%%
%% Consumes file names, one a line, on standard input; answers each with one line as soon as it is done, `ok FILE` or
%% `failed FILE: REASONS`. A `.S` file goes through beam_validator, with only set_tuple_element (whose use here the
%% validator does not know) replaced by a test that the target is a tuple; a `.beam` file goes through beam_disasm.
-mode(compile).

main(_) ->
    ok = io:setopts([{encoding, unicode}]),
    serve().

serve() ->
    case io:get_line("") of
        eof ->
            ok;
        Line ->
            File = string:trim(Line),
            Answer = try check(filename:extension(File), File)
                     catch Class:Reason:Stack -> {failed, [io_lib:format("~0tp", [{Class, Reason, Stack}])]}
                     end,
            case Answer of
                ok -> io:format("ok ~ts~n", [File]);
                {failed, Reasons} -> io:format("failed ~ts: ~ts~n", [File, one_line(Reasons)])
            end,
            serve()
    end.

check(".S", File) ->
    {ok, Terms} = file:consult(File),
    {[{module, Name}, {exports, Exports}, {attributes, Attributes}, {labels, Labels}], Code} = lists:split(4, Terms),
    {Functions, LastLabel} = functions(Code, Labels, []),
    case validate({Name, Exports, Attributes, Functions, LastLabel}) of
        ok ->
            ok;
        {error, Errors} ->
            {failed, [beam_validator:format_error(E) || {_, Es} <- Errors, {_, beam_validator, E} <- Es]}
    end;
check(".beam", File) ->
    case beam_disasm:file(File) of
        {beam_file, _, _, _, _, Functions} when Functions =/= [] -> ok;
        Other -> {failed, [io_lib:format("~0tP", [Other, 30])]}
    end.

%% OTP 29 wants the definitions of native records as well.
validate({Name, Exports, Attributes, Functions, LastLabel} = Module) ->
    case list_to_integer(erlang:system_info(otp_release)) >= 29 of
        true -> beam_validator:validate({Name, Exports, Attributes, #{}, Functions, LastLabel}, strong);
        false -> beam_validator:validate(Module, strong)
    end.

functions([], Label, Acc) ->
    {lists:reverse(Acc), Label};
functions([{function, Name, Arity, Entry} | Rest], Label0, Acc) ->
    {Code, More} = lists:splitwith(fun(I) -> not (is_tuple(I) andalso element(1, I) =:= function) end, Rest),
    {Tested, Label} = test_stores(Code, Label0, [], []),
    functions(More, Label, [{function, Name, Arity, Entry, Tested} | Acc]).

%% Each store is tested with a way out of its own, behind the function's code: the stack may differ from store to store.
test_stores([{set_tuple_element, _Value, Tuple, _Index} | Code], Label, Acc, Exits) ->
    Test = {test, is_tuple, {f, Label}, [Tuple]},
    test_stores(Code, Label + 1, [Test | Acc], [{label, Label}, {badmatch, {atom, not_a_tuple}} | Exits]);
test_stores([Instruction | Code], Label, Acc, Exits) ->
    test_stores(Code, Label, [Instruction | Acc], Exits);
test_stores([], Label, Acc, Exits) ->
    {lists:reverse(Acc, Exits), Label}.

one_line(Text) ->
    lists:join(" ", string:lexemes(unicode:characters_to_list(Text), "\n ")).
