%% Float instructions that generated code computes together in float registers, done one by one where one of them has an
%% operand or a result that is not finite.
%%
%% Consumes a program, which the compiler wrote, and its operands; produces its results.
%%
%% spec: exec/numerics#floating-point-operations
-module(wasm2beam_float_run).

-export([run/3]).

-export_type([operation/0, operand/0]).

-type operand() :: Position :: pos_integer() | {Constant :: term()}.
%% A function of wasm2beam_float, or `float' for a number that is an exact float.
-type operation() :: {Function :: atom(), [operand()]}.

%% Each operation's result is appended to the operands, where later ones find it by its position, from 1. A single result
%% is returned by itself, several as a tuple.
-spec run([operation()], [Result :: pos_integer()], Operands :: tuple()) -> term().
run([{Function, Operands} | Operations], Results, Values) ->
    Arguments = [operand(Operand, Values) || Operand <- Operands],
    run(Operations, Results, erlang:append_element(Values, operate(Function, Arguments)));
run([], [Result], Values) -> element(Result, Values);
run([], Results, Values) -> list_to_tuple([element(Result, Values) || Result <- Results]).

operand({Constant}, _) -> Constant;
operand(Position, Values) -> element(Position, Values).

operate(float, [Number]) -> float(Number);
operate(Function, Arguments) -> apply(wasm2beam_float, Function, Arguments).
