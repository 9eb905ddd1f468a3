#!/usr/bin/env escript
%% Runs numeric instructions of the runtime on operands given as bits.
%%
%% numeric.escript EBIN PLAN OPERANDS ANSWERS: PLAN holds terms {Function, [Parameter], Result, Count}; OPERANDS for each of
%% them Count lists of 64-bit integers; ANSWERS receives 9 bytes for each list: 0 and the result's bits, or another byte
%% and zeros: 1 integer_divide_by_zero, 2 integer_overflow, 3 invalid_conversion_to_integer, 4 anything else.
-mode(compile).

main([Ebin, Plan, Operands, Answers]) ->
    true = code:add_patha(Ebin),
    {ok, Rows} = file:consult(Plan),
    {ok, Input} = file:read_file(Operands),
    {ok, Output} = file:open(Answers, [write, raw, binary]),
    <<>> = lists:foldl(fun(Row, Rest) -> run(Row, Rest, Output) end, Input, Rows),
    ok = file:close(Output).

run({Function, Parameters, Result, Count}, Input, Output) ->
    Size = 8 * length(Parameters) * Count,
    <<Lists:Size/binary, Rest/binary>> = Input,
    Module = module(Function, Parameters, Result),
    Bytes = [answer(Module, Function, Parameters, Result, List) || <<List:(8 * length(Parameters))/binary>> <= Lists],
    ok = file:write(Output, Bytes),
    Rest.

%% Where the contract says that an instruction is found.
module(_, Parameters, Result) ->
    case lists:any(fun(Type) -> Type =:= f32 orelse Type =:= f64 end, [Result | Parameters]) of
        true -> wasm2beam_float;
        false -> wasm2beam_int
    end.

answer(Module, Function, Parameters, Result, List) ->
    Arguments = lists:append([argument(Type, Bits) || {Type, <<Bits:8/binary>>} <- pairs(Parameters, List)]),
    try apply(Module, Function, Arguments) of
        Value -> <<0, (result(Result, Value)):64>>
    catch
        error:{wasm_trap, integer_divide_by_zero} -> <<1, 0:64>>;
        error:{wasm_trap, integer_overflow} -> <<2, 0:64>>;
        error:{wasm_trap, invalid_conversion_to_integer} -> <<3, 0:64>>;
        Class:Reason:Stack ->
            io:format(standard_error, "~p~p: ~p ~p~n~p~n", [Function, Arguments, Class, Reason, Stack]),
            <<4, 0:64>>
    end.

pairs(Types, Bits) -> lists:zip(Types, [Word || <<Word:8/binary>> <= Bits]).

argument(i32, <<Word:64>>) -> [Word];
argument(i64, <<High:32, Low:32>>) -> [High, Low];
argument(f32, <<Word:64>>) -> [wasm2beam_float_bits:f32_from_bits(Word)];
argument(f64, <<High:32, Low:32>>) -> [wasm2beam_float_bits:f64_from_bits(High, Low)].

%% The bits, after a check that the value is in internal form.
result(i32, Word) when Word >= 0, Word =< 16#FFFFFFFF -> Word;
result(i64, {High, Low}) when High >= 0, High =< 16#FFFFFFFF, Low >= 0, Low =< 16#FFFFFFFF -> (High bsl 32) bor Low;
result(f32, F) ->
    Word = wasm2beam_float_bits:f32_bits(F),
    {same, _} = {same(wasm2beam_float_bits:f32_from_bits(Word), F), F},
    Word;
result(f64, F) ->
    {High, Low} = wasm2beam_float_bits:f64_bits(F),
    {same, _} = {same(wasm2beam_float_bits:f64_from_bits(High, Low), F), F},
    (High bsl 32) bor Low.

same(A, B) when is_float(A), is_float(B), A == B -> same;
same(A, A) -> same;
same(_, _) -> different.
