%% What a module or an instance has and needs: names and types of exports and imports.
-module(wasm2beam_interface).

-export([exports/1, imports/1]).

-type source() :: wasm2beam:instance() | module() | wasm2beam:compiled().

%% @doc See wasm2beam:exports/1.
-spec exports(source()) -> [{binary(), wasm2beam_extern:type()}].
exports(Source) ->
    #{exports := Exports} = Info = description(Source),
    case wasm2beam_instance:is_handle(Source) of
        true ->
            _ = wasm2beam_instance:open(Source),
            [{Name, present(Source, Name)} || {Name, _} <- Exports];
        false ->
            Spaces = maps:from_list([{Kind, list_to_tuple(space(Kind, Info))} || Kind <- [memory, table, global]]),
            [{Name, declared(Export, Spaces)} || {Name, Export} <- Exports]
    end.

%% @doc See wasm2beam:imports/1.
-spec imports(source()) -> [{binary(), binary(), wasm2beam_extern:type()}].
imports(Source) ->
    _ = wasm2beam_instance:is_handle(Source) andalso wasm2beam_instance:open(Source),
    [
        {From, Name, import_type(Description)}
     || {From, Name, Description} <- maps:get(imports, description(Source)),
        not is_bound(Description)
    ].

%% Internal

description(Source) ->
    Named =
        case wasm2beam_instance:is_handle(Source) of
            true -> {ok, wasm2beam_instance:module(Source)};
            false -> wasm2beam_pool:module(Source)
        end,
    case Named of
        {ok, Module} -> wasm2beam_instance:info(Module);
        {error, released} -> wasm2beam_error:raise({released, Source})
    end.

present(Instance, Name) ->
    {ok, Extern} = wasm2beam_instance:find_export(Instance, Name),
    wasm2beam_extern:type(wasm2beam_extern:value(Extern)).

is_bound({func, _, {_, _}}) -> true;
is_bound(_) -> false.

import_type({func, Type, _}) -> {func, Type};
import_type(Description) -> Description.

declared({func, _Index, Type, _}, _Spaces) -> {func, Type};
declared({Kind, Index}, Spaces) -> element(Index + 1, maps:get(Kind, Spaces)).

%% The types of an index space, imported ones first.
space(Kind, #{imports := Imports} = Info) ->
    [Description || {_, _, Description} <- Imports, element(1, Description) =:= Kind] ++ own(Kind, Info).

own(memory, #{memories := Memories}) -> [{memory, Min, Max} || {Min, Max} <- Memories];
own(table, #{tables := Tables}) -> [{table, Type, Min, Max} || {Type, Min, Max} <- Tables];
own(global, #{globals := Globals}) -> [{global, Type, Mutability} || {Type, Mutability, _} <- Globals].
