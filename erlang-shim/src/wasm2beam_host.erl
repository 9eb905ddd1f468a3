%% Modules of host functions: given in place of the map of functions that a WebAssembly module imports under one name.
%%
%% Such a module says of each function its name there, its WebAssembly type, and by what name it exports it, with as many
%% parameters as the type has or one more to get the instance first. The types are compared with those of the imports
%% when an instance is made. In Elixir `use Wasm2Beam.Host' writes the callback.
-module(wasm2beam_host).

-export([is_host/1, find/2, type/1, remote/1]).

-export_type([host_function/0]).

-type signature() :: {[wasm2beam_value:type()], [wasm2beam_value:type()]}.
%% A function of such a module, as a value to be imported.
-type host_function() :: {?MODULE, signature(), module(), atom()}.

-callback wasm_functions() -> [{Name :: binary(), signature(), Function :: atom()}].

%% @doc Whether the term names a module of this behaviour.
-spec is_host(term()) -> boolean().
is_host(Module) when is_atom(Module) ->
    _ = code:ensure_loaded(Module),
    erlang:function_exported(Module, wasm_functions, 0);
is_host(_Term) ->
    false.

%% @doc The function that is imported by this name.
-spec find(module(), binary()) -> {ok, host_function()} | error.
find(Module, Name) ->
    case lists:keyfind(Name, 1, Module:wasm_functions()) of
        {Name, Type, Function} -> {ok, {?MODULE, Type, Module, Function}};
        false -> error
    end.

%% @doc The type that the function was declared with; `none' for any other term.
-spec type(host_function() | term()) -> signature() | none.
type({?MODULE, Type, _Module, _Function}) -> Type;
type(_Term) -> none.

-spec remote(host_function()) -> {module(), atom()}.
remote({?MODULE, _Type, Module, Function}) -> {Module, Function}.
