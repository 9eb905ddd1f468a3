%% Constant expressions: initial values of globals, offsets and items of segments. They are evaluated when an instance
%% is made, from the list form of docs/abi.md, and give a value in stored form (wasm2beam_value).
%%
%% The compiler has validated them: the stack never runs dry, and only numbers meet arithmetic.
%% spec: valid/instructions#constant-expressions, exec/numerics
-module(wasm2beam_const).

-export([evaluate/3]).

-export_type([expression/0, context/0]).

-type instruction() ::
    {'i32.const' | 'i64.const', integer()}
    | {'f32.const' | 'f64.const' | 'global.get' | 'ref.func', non_neg_integer()}
    | 'ref.null'
    | 'i32.add'
    | 'i32.sub'
    | 'i32.mul'
    | 'i64.add'
    | 'i64.sub'
    | 'i64.mul'.
-type expression() :: [instruction()].
%% The globals an expression may refer to, by index, and the base of the instance's function references.
-type context() :: {#{non_neg_integer() => wasm2beam_global:global()}, non_neg_integer()}.

-define(MASK32, 16#FFFFFFFF).
-define(MASK64, 16#FFFFFFFFFFFFFFFF).

%% @doc The value of an expression of this type.
-spec evaluate(expression(), wasm2beam_value:type(), context()) -> wasm2beam_value:stored().
evaluate(['ref.null'], funcref, _Context) ->
    -1;
evaluate(['ref.null'], externref, _Context) ->
    null;
evaluate(Expression, _Type, Context) ->
    [Value] = lists:foldl(fun(Instruction, Stack) -> step(Instruction, Stack, Context) end, [], Expression),
    Value.

%% Internal

step({'i32.const', Value}, Stack, _Context) -> [Value band ?MASK32 | Stack];
step({'i64.const', Value}, Stack, _Context) -> [pair(Value) | Stack];
step({'f32.const', Bits}, Stack, _Context) -> [Bits | Stack];
step({'f64.const', Bits}, Stack, _Context) -> [pair(Bits) | Stack];
step({'global.get', Index}, Stack, {Globals, _}) -> [wasm2beam_global:read(maps:get(Index, Globals)) | Stack];
step({'ref.func', Index}, Stack, {_, Base}) -> [Base bor Index | Stack];
step('i32.add', [B, A | Stack], _Context) -> [(A + B) band ?MASK32 | Stack];
step('i32.sub', [B, A | Stack], _Context) -> [(A - B) band ?MASK32 | Stack];
step('i32.mul', [B, A | Stack], _Context) -> [(A * B) band ?MASK32 | Stack];
step('i64.add', [B, A | Stack], _Context) -> [pair(whole(A) + whole(B)) | Stack];
step('i64.sub', [B, A | Stack], _Context) -> [pair(whole(A) - whole(B)) | Stack];
step('i64.mul', [B, A | Stack], _Context) -> [pair(whole(A) * whole(B)) | Stack].

whole({High, Low}) ->
    (High bsl 32) bor Low.

pair(Value) ->
    Bits = Value band ?MASK64,
    {Bits bsr 32, Bits band ?MASK32}.
