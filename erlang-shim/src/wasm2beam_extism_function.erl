%% Host functions of the embedder's for plug-ins: their types, and the way of a call from a guest to a fun and back.
%%
%% `ptr' is a handle as an integer that is not negative. `bytes' and `string' are handles, too, but the fun gets what
%% the block holds, and a block is made of what it returns (iodata). The guest keeps the blocks that it passes, and owns
%% those that it gets.
-module(wasm2beam_extism_function).

-export([check/1, space/1, name/1, type/1, import/2]).

-export_type([function_/0, type/0]).

-type type() :: i32 | i64 | f32 | f64 | ptr | bytes | string.
%% function: with a parameter for each of params, or one more to get the current plug-in (wasm2beam_extism_current)
%% first; or `{Module, Function}'. It returns ok, a value, or a tuple of values. At most 20 parameters.
-type function_() :: #{
    name := binary(),
    namespace => binary(),
    params := [type()],
    results := [type()],
    function := fun() | {module(), atom()}
}.

-define(USER, <<"extism:host/user">>).
-define(ENV, <<"extism:host/env">>).

%% @doc The functions, if they can be linked; raises `{wasm_error, {bad_option, functions, _}}' for one that cannot.
-spec check([function_()]) -> [function_()].
check(Functions) when is_list(Functions) ->
    Places = [{space(Function), name(Function)} || Function <- Functions, is_valid(Function) orelse bad(Function)],
    length(lists:usort(Places)) =:= length(Places) orelse bad(Places -- lists:usort(Places)),
    Functions;
check(Other) ->
    bad(Other).

-spec space(function_()) -> binary().
space(Function) -> maps:get(namespace, Function, ?USER).

-spec name(function_()) -> binary().
name(#{name := Name}) -> Name.

%% @doc The type as Wasm has it.
-spec type(function_()) -> {[wasm2beam_value:type()], [wasm2beam_value:type()]}.
type(#{params := Params, results := Results}) ->
    {[wasm_type(Type) || Type <- Params], [wasm_type(Type) || Type <- Results]}.

%% @doc What is linked, for the plug-in with this key.
-spec import(wasm2beam_store:key(), function_()) -> fun().
import(Key, #{params := Params, results := Results, function := Function}) ->
    Arity = length(Params),
    {Fun, WantsCurrent} = callable(Function, Arity),
    First = [wasm2beam_extism_current:new(Key) || WantsCurrent],
    case {lists:any(fun is_handle/1, Params ++ Results), First} of
        {false, []} ->
            wasm2beam_bind:plain(Fun, Arity);
        {false, [Current]} ->
            wasm2beam_bind:first(Fun, Current, Arity);
        {true, _} ->
            Import = fun(Values) -> result(Key, Results, apply(Fun, First ++ arguments(Key, Params, Values))) end,
            wasm2beam_bind:applied(Import, Arity)
    end.

%% Internal

-spec bad(term()) -> no_return().
bad(Term) ->
    wasm2beam_error:raise({bad_option, functions, Term}).

is_valid(#{name := Name, params := Params, results := Results, function := Function} = All) ->
    maps:keys(All) -- [name, namespace, params, results, function] =:= [] andalso
        is_binary(Name) andalso is_binary(space(All)) andalso space(All) =/= ?ENV andalso
        is_list(Params) andalso is_list(Results) andalso lists:all(fun is_type/1, Params ++ Results) andalso
        not wasm2beam_bind:is_packed(length(Params)) andalso
        callable(Function, length(Params)) =/= error;
is_valid(_) ->
    false.

is_type(Type) -> lists:member(Type, [i32, i64, f32, f64, ptr, bytes, string]).

is_handle(Type) -> lists:member(Type, [ptr, bytes, string]).

wasm_type(Type) ->
    case is_handle(Type) of
        true -> i64;
        false -> Type
    end.

%% The fun, and whether it wants to know the plug-in.
callable(Function, Arity) when is_function(Function, Arity) ->
    {Function, false};
callable(Function, Arity) when is_function(Function, Arity + 1) ->
    {Function, true};
callable({Module, Name}, Arity) when is_atom(Module), is_atom(Name) ->
    _ = code:ensure_loaded(Module),
    case {erlang:function_exported(Module, Name, Arity), erlang:function_exported(Module, Name, Arity + 1)} of
        {true, _} -> {erlang:make_fun(Module, Name, Arity), false};
        {false, true} -> {erlang:make_fun(Module, Name, Arity + 1), true};
        {false, false} -> error
    end;
callable(_, _Arity) ->
    error.

arguments(_Key, [], []) -> [];
arguments(Key, [Type | Types], [Value | Values]) -> [argument(Key, Type, Value) | arguments(Key, Types, Values)].

argument(_Key, ptr, Value) ->
    Value band 16#FFFFFFFFFFFFFFFF;
argument(Key, bytes, Value) ->
    wasm2beam_extism_current:read(wasm2beam_extism_current:new(Key), argument(Key, ptr, Value));
argument(Key, string, Value) ->
    Bytes = argument(Key, bytes, Value),
    case unicode:characters_to_binary(Bytes) of
        Bytes -> Bytes;
        _ -> wasm2beam_extism_state:abort(Key, host, <<"a string that was passed to the host is no UTF-8">>)
    end;
argument(_Key, _Type, Value) ->
    Value.

result(_Key, [], _) -> ok;
result(Key, [Type], Value) -> returned(Key, Type, Value);
result(Key, Types, Values) when is_tuple(Values), tuple_size(Values) =:= length(Types) ->
    list_to_tuple([returned(Key, Type, Value) || {Type, Value} <- lists:zip(Types, tuple_to_list(Values))]);
result(_Key, Types, Value) ->
    wasm2beam_error:raise({bad_results, Types, Value}).

returned(Key, Type, Value) when Type =:= bytes; Type =:= string ->
    wasm2beam_extism_current:store(wasm2beam_extism_current:new(Key), Value);
returned(_Key, _Type, Value) ->
    Value.
