%% Calls of exported functions, and of functions by reference, with lists of arguments and results.
-module(wasm2beam_call).

-export([run/3, reference/2]).

%% @doc Calls an export. Name is what the caller calls it.
-spec run(wasm2beam_extern:extern(), wasm2beam:name(), [wasm2beam:value()]) -> [wasm2beam:value()].
run(Extern, Name, Args) ->
    Function = wasm2beam_extern:content(func, Name, Extern),
    case wasm2beam_events:is_attached() of
        false -> invoke(Function, Name, Args);
        true -> watched(Function, Name, Args)
    end.

%% @doc See wasm2beam:call_ref/2.
-spec reference(wasm2beam_value:funcref() | wasm2beam_extern:extern(), [wasm2beam:value()]) -> [wasm2beam:value()].
reference({wasm2beam_funcref, _, _} = Value, Args) ->
    Funcref = wasm2beam_value:to_funcref(Value),
    {Parameters, Results} = wasm2beam_instance:function_type(Funcref),
    check_arity(Value, Parameters, Args),
    results(Results, wasm2beam_instance:call_function(Funcref, Args));
reference(null, _Args) ->
    wasm2beam_error:raise({bad_funcref, null});
reference(Extern, Args) ->
    {Handle, _, _, _} = Function = wasm2beam_extern:content(func, function, Extern),
    _ = wasm2beam_instance:open(Handle),
    invoke(Function, function, Args).

%% Internal

watched({Instance, _, _, _} = Function, Name, Args) ->
    Module = wasm2beam_instance:module(Instance),
    Metadata = #{instance => Instance, module => Module, function => wasm2beam_extern:name(Name)},
    wasm2beam_events:span([wasm2beam, call], Metadata, fun() -> {invoke(Function, Name, Args), #{}} end).

%% The instance was found open just before, by the module that is loaded now.
invoke({Handle, Function, Mode, {Parameters, Results}}, Name, Args) ->
    Module = wasm2beam_instance:module(Handle),
    check_arity(Name, Parameters, Args),
    case Mode of
        plain -> results(Results, apply(Module, Function, [Handle | Args]));
        packed -> results(Results, Module:Function(Handle, list_to_tuple(Args)))
    end.

check_arity(_Name, Parameters, Args) when length(Args) =:= length(Parameters) ->
    ok;
%% The guard also fails for an improper list.
check_arity(Name, Parameters, Args) when length(Args) >= 0 ->
    wasm2beam_error:raise({arity, Name, length(Parameters), length(Args)});
check_arity(Name, _Parameters, Args) ->
    wasm2beam_error:raise({bad_arguments, Name, Args}).

results([], _) -> [];
results([_], Value) -> [Value];
results(_, Values) -> tuple_to_list(Values).
