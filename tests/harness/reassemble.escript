#!/usr/bin/env escript
%% -*- erlang -*-
%% Assembles `.S` text with OTP's own assembler and compares the result with a `.beam` file of ours, byte by byte.
%%
%% Consumes the two files' names; prints `same CHUNKS` with the chunks that were compared, or `different CHUNKS`. OTP 28
%% and later write some chunks in forms of their own, so there only those are compared that are still the same.
-mode(compile).

main([Assembly, Beam]) ->
    {ok, Terms} = file:consult(Assembly),
    {[{module, Name}, {exports, Exports}, {attributes, Attributes}, {labels, Labels}], Code} = lists:split(4, Terms),
    Release = list_to_integer(erlang:system_info(otp_release)),
    Module = case Release >= 29 of
        true -> {Name, Exports, Attributes, #{}, functions(Code), Labels}; % with the definitions of native records
        false -> {Name, Exports, Attributes, functions(Code), Labels}
    end,
    {ok, Reference} = beam_asm:module(Module, [], [], []),
    {ok, Name, Theirs} = beam_lib:all_chunks(Reference),
    {ok, Ours} = file:read_file(Beam),
    {ok, Name, Mine} = beam_lib:all_chunks(Ours),
    Compared = compared(Release),
    case [Chunk || Chunk <- Compared, contents(Chunk, Theirs) =/= contents(Chunk, Mine)] of
        [] -> io:format("same ~ts~n", [lists:join(" ", Compared)]);
        Different -> io:format("different ~ts~n", [lists:join(" ", Different)])
    end.

compared(Release) when Release < 28 -> ["Code", "AtU8", "ImpT", "StrT", "LitT", "Type"];
compared(_) -> ["Code", "ImpT", "StrT"].

functions([]) ->
    [];
functions([{function, Name, Arity, Entry} | Rest]) ->
    {Code, More} = lists:splitwith(fun(I) -> not (is_tuple(I) andalso element(1, I) =:= function) end, Rest),
    [{function, Name, Arity, Entry, Code} | functions(More)].

contents(Name, Chunks) ->
    {Name, Contents} = lists:keyfind(Name, 1, Chunks),
    plain(Name, Contents).

%% We write one highest opcode always; compression is zlib's affair.
plain("Code", <<Start:8/binary, _HighestOpcode:4/binary, Rest/binary>>) -> {Start, Rest};
plain("LitT", <<Size:32, Compressed/binary>>) -> {Size, zlib:uncompress(Compressed)};
plain(_, Contents) -> Contents.
