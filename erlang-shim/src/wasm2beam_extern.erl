%% External values: what one instance exports and another imports, as an opaque term of the embedder's.
%%
%% An extern belongs to the process that made it, like the instance it came from. Matching follows the specification:
%% a size that is at least, a maximum that is at most what is asked for, everything else equal.
-module(wasm2beam_extern).

-export([new/2, value/1, content/3, name/1, is_extern/1, type/1, matches/2]).

-export_type([extern/0, kind/0, content/0, type/0]).

-type extern() :: {wasm2beam_extern, pid(), kind(), content()}.
-type kind() :: func | table | memory | global.
-type function_type() :: {[wasm2beam_value:type()], [wasm2beam_value:type()]}.
-type content() ::
    {wasm2beam_instance:handle(), atom(), plain | packed, function_type()}
    | wasm2beam_memory:mem()
    | wasm2beam_table:table()
    | wasm2beam_global:global().
-type type() ::
    {func, function_type()}
    | {table, funcref | externref, non_neg_integer(), non_neg_integer() | none}
    | {memory, non_neg_integer(), non_neg_integer() | none}
    | {global, wasm2beam_value:type(), const | var}.

-spec new(kind(), content()) -> extern().
new(Kind, Content) ->
    {wasm2beam_extern, self(), Kind, Content}.

%% @doc Kind and content of an extern of this process; anything else is an error.
-spec value(term()) -> {kind(), content()}.
value({wasm2beam_extern, Pid, Kind, Content}) when Pid =:= self() -> {Kind, Content};
value({wasm2beam_extern, Pid, _Kind, _Content}) -> wasm2beam_error:raise({foreign_process, Pid});
value(Term) -> wasm2beam_error:raise({not_an_extern, Term}).

%% @doc The content of an extern of this kind; anything else is an error, in which it has this name.
-spec content(kind(), term(), term()) -> content().
content(Kind, Name, Extern) ->
    case value(Extern) of
        {Kind, Content} -> Content;
        {Other, _} -> wasm2beam_error:raise({wrong_kind, Name, Kind, Other})
    end.

%% @doc The name of an export as modules have it.
-spec name(wasm2beam:name()) -> binary().
name(Name) when is_binary(Name) ->
    Name;
name(Name) when is_atom(Name) ->
    atom_to_binary(Name);
name(Name) ->
    try unicode:characters_to_binary(Name) of
        Binary when is_binary(Binary) -> Binary;
        _ -> wasm2beam_error:raise({unknown_export, Name})
    catch
        error:badarg -> wasm2beam_error:raise({unknown_export, Name})
    end.

-spec is_extern(term()) -> boolean().
is_extern({wasm2beam_extern, Pid, _Kind, _Content}) -> is_pid(Pid);
is_extern(_Term) -> false.

%% @doc The present type. spec: exec/modules#external-typing
-spec type({kind(), content()}) -> type().
type({func, {_Handle, _Name, _Mode, Type}}) -> {func, Type};
type({memory, Mem}) -> wasm2beam_memory:type(Mem);
type({table, Table}) -> wasm2beam_table:type(Table);
type({global, Global}) -> wasm2beam_global:type(Global).

%% @doc Whether a value of the first type may be imported as the second. spec: valid/types#import-subtyping
-spec matches(type(), type()) -> boolean().
matches({memory, Size, Max}, {memory, MinWanted, MaxWanted}) -> limits(Size, Max, MinWanted, MaxWanted);
matches({table, Type, Size, Max}, {table, Type, MinWanted, MaxWanted}) -> limits(Size, Max, MinWanted, MaxWanted);
matches(Type, Wanted) -> Type =:= Wanted.

%% Internal

limits(Size, _Max, MinWanted, none) -> Size >= MinWanted;
limits(Size, Max, MinWanted, MaxWanted) -> Size >= MinWanted andalso Max =/= none andalso Max =< MaxWanted.
