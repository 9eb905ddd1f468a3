%% Linking: finds for each import of a module the value that the embedder gives, and checks its type.
%%
%% Consumes the import list of a module and the embedder's map of maps (or of instances); produces the resolved imports
%% in order, or the first error as `{wasm_link, unknown_import | incompatible_import_type, Details}'.
%% spec: exec/modules#instantiation
-module(wasm2beam_link).

-export([resolve/3]).

-export_type([imports/0, description/0, resolved/0, link_error/0]).

%% By module name: values by name, an instance that exports them, or a module of behaviour wasm2beam_host.
-type imports() :: #{binary() => #{binary() => term()} | wasm2beam_instance:handle() | module()}.
-type description() ::
    {func, {[wasm2beam_value:type()], [wasm2beam_value:type()]}, host | {module(), atom()}}
    | {table, funcref | externref, non_neg_integer(), non_neg_integer() | none}
    | {memory, non_neg_integer(), non_neg_integer() | none}
    | {global, wasm2beam_value:type(), const | var}.
%% A function as the fun that the state holds, `bound' where generated code calls it by name; a value for a global.
-type resolved() ::
    {func, fun() | bound}
    | {table, wasm2beam_table:table()}
    | {memory, wasm2beam_memory:mem()}
    | {global, wasm2beam_global:global()}
    | {value, wasm2beam_value:type(), wasm2beam_value:stored()}.
-type link_error() :: {wasm_link, unknown_import | incompatible_import_type, map()}.

%% The most arguments a fun is called with, its first one, the instance, included. docs/abi.md
-define(MAX_ARGUMENTS, 250).

%% @doc Resolves imports. Handle is the importing instance, for host functions that want it as their first argument.
%% Raises `{wasm_error, {bad_imports, _}}' where Imports is not of its type.
-spec resolve([{binary(), binary(), description()}], imports(), wasm2beam_instance:handle()) ->
    {ok, [resolved()]} | {error, link_error()}.
resolve(Descriptions, Imports, Handle) ->
    check_imports(Imports),
    resolve_all(Descriptions, Imports, Handle, []).

%% Internal

check_imports(Imports) when is_map(Imports) ->
    maps:foreach(fun check_namespace/2, Imports);
check_imports(Imports) ->
    wasm2beam_error:raise({bad_imports, Imports}).

check_namespace(Name, Space) when is_binary(Name), is_map(Space) ->
    Valid =
        case wasm2beam_instance:is_handle(Space) of
            true -> is_tuple(wasm2beam_instance:open(Space));
            false -> lists:all(fun is_binary/1, maps:keys(Space))
        end,
    Valid orelse wasm2beam_error:raise({bad_imports, Space}),
    ok;
check_namespace(Name, Space) when is_binary(Name), is_atom(Space) ->
    wasm2beam_host:is_host(Space) orelse wasm2beam_error:raise({not_a_host, Space}),
    ok;
check_namespace(Name, Space) ->
    wasm2beam_error:raise({bad_imports, #{Name => Space}}).

resolve_all([], _Imports, _Handle, Resolved) ->
    {ok, lists:reverse(Resolved)};
resolve_all([{_Module, _Name, {func, _Type, {_, _}}} | Descriptions], Imports, Handle, Resolved) ->
    resolve_all(Descriptions, Imports, Handle, [{func, bound} | Resolved]);
resolve_all([{Module, Name, Description} | Descriptions], Imports, Handle, Resolved) ->
    Where = #{module => Module, name => Name},
    case lookup(Module, Name, Imports) of
        error ->
            {error, {wasm_link, unknown_import, Where}};
        {ok, Value} ->
            case match(Description, Value, Handle) of
                {ok, Each} ->
                    resolve_all(Descriptions, Imports, Handle, [Each | Resolved]);
                error ->
                    Details = Where#{expected => expected(Description), found => found(Value)},
                    {error, {wasm_link, incompatible_import_type, Details}}
            end
    end.

lookup(Module, Name, Imports) ->
    case Imports of
        #{Module := Space} when is_atom(Space) ->
            wasm2beam_host:find(Space, Name);
        #{Module := Space} ->
            case wasm2beam_instance:is_handle(Space) of
                true -> wasm2beam_instance:find_export(Space, Name);
                false -> maps:find(Name, Space)
            end;
        #{} -> error
    end.

match({global, Type, const} = Wanted, Value, _Handle) ->
    case wasm2beam_extern:is_extern(Value) of
        true -> match_extern(Wanted, Value);
        false -> plain_global(Type, Value)
    end;
match({func, Type, host}, Value, Handle) ->
    match_function(Type, Value, Handle);
match(Wanted, Value, _Handle) ->
    match_extern(Wanted, Value).

match_extern(Wanted, Value) ->
    case wasm2beam_extern:is_extern(Value) of
        true ->
            {Kind, Content} = Extern = wasm2beam_extern:value(Value),
            case wasm2beam_extern:matches(wasm2beam_extern:type(Extern), Wanted) of
                true -> {ok, {Kind, Content}};
                false -> error
            end;
        false ->
            error
    end.

%% A plain value will make an immutable global of its own.
plain_global(Type, Value) ->
    try wasm2beam_value:to_stored(Type, Value) of
        Stored -> {ok, {value, Type, Stored}}
    catch
        error:{wasm_value, _, _} -> error
    end.

match_function({Parameters, _} = Type, Value, Handle) ->
    Arity = length(Parameters),
    case Value of
        {wasm2beam_funcref, _, _} ->
            match_funcref(Type, Value);
        {Module, Name} when is_atom(Module), is_atom(Name) ->
            match_remote(Module, Name, Arity, Handle);
        _ when is_function(Value) ->
            match_fun(Value, Arity, Handle);
        _ ->
            case wasm2beam_host:type(Value) of
                Type ->
                    {Module, Name} = wasm2beam_host:remote(Value),
                    match_remote(Module, Name, Arity, Handle);
                _ ->
                    match_exported(Type, Value)
            end
    end.

match_exported({Parameters, _} = Type, Value) ->
    case match_extern({func, Type}, Value) of
        {ok, {func, {Instance, Name, Mode, _}}} -> {ok, {func, exported(Instance, Name, Mode, length(Parameters))}};
        error -> error
    end.

exported(Instance, Name, plain, Arity) ->
    Module = wasm2beam_instance:module(Instance),
    wasm2beam_bind:first(erlang:make_fun(Module, Name, Arity + 1), Instance, Arity);
exported(Instance, Name, packed, Arity) ->
    Module = wasm2beam_instance:module(Instance),
    wasm2beam_bind:applied(fun(Args) -> Module:Name(Instance, list_to_tuple(Args)) end, Arity).

match_funcref({Parameters, _} = Type, Value) ->
    Funcref = wasm2beam_value:to_funcref(Value),
    case wasm2beam_instance:function_type(Funcref) of
        Type ->
            Call = fun(Args) -> wasm2beam_instance:call_function(Funcref, Args) end,
            {ok, {func, wasm2beam_bind:applied(Call, length(Parameters))}};
        _ ->
            error
    end.

%% Beyond the border a host function takes one tuple as well.
match_fun(Fun, Arity, Handle) when Arity > ?MAX_ARGUMENTS ->
    if
        is_function(Fun, 1) -> {ok, {func, Fun}};
        is_function(Fun, 2) -> {ok, {func, fun(Args) -> Fun(Handle, Args) end}};
        true -> error
    end;
match_fun(Fun, Arity, Handle) ->
    if
        is_function(Fun, Arity) -> {ok, {func, wasm2beam_bind:plain(Fun, Arity)}};
        is_function(Fun, Arity + 1) -> {ok, {func, wasm2beam_bind:first(Fun, Handle, Arity)}};
        true -> error
    end.

match_remote(Module, Name, Arity, Handle) ->
    _ = code:ensure_loaded(Module),
    Given =
        case Arity > ?MAX_ARGUMENTS of
            true -> 1;
            false -> Arity
        end,
    case {is_exported(Module, Name, Given), is_exported(Module, Name, Given + 1)} of
        {true, _} -> match_fun(erlang:make_fun(Module, Name, Given), Arity, Handle);
        {false, true} -> match_fun(erlang:make_fun(Module, Name, Given + 1), Arity, Handle);
        {false, false} -> error
    end.

is_exported(Module, Name, Arity) ->
    erlang:function_exported(Module, Name, Arity) orelse erlang:is_builtin(Module, Name, Arity).

%% What an error says of both sides.

expected({func, Type, host}) -> {func, Type};
expected(Description) -> Description.

found(Value) when is_function(Value) ->
    {arity, Arity} = erlang:fun_info(Value, arity),
    {'fun', Arity};
found(Value) ->
    case {wasm2beam_extern:is_extern(Value), wasm2beam_host:type(Value)} of
        {true, _} -> wasm2beam_extern:type(wasm2beam_extern:value(Value));
        {false, none} -> Value;
        {false, Type} -> {func, Type}
    end.
