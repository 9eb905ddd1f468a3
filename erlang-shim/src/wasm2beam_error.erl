%% Errors of use: what the embedder did wrong, raised as `error({wasm_error, Reason})', and the words for every error
%% term of the runtime.
%%
%% An error changes nothing: it is raised before anything was written. The terms are small, whatever the embedder
%% passed, because a message never prints more than a few hundred characters of it.
-module(wasm2beam_error).

-export([raise/1, raise_value/2, raise_term/1, text/1, format_error/2]).

-export_type([reason/0]).

-type reason() ::
    {not_an_instance, term()}
    | {not_an_extern, term()}
    | {foreign_process, pid()}
    | {closed, module() | memory | table | global}
    | {wrong_module, Expected :: module(), Found :: module()}
    | {not_compiled, module()}
    | {module_changed, module()}
    | {unknown_export, term()}
    | {wrong_kind, term(), Expected :: atom(), Found :: atom()}
    | {arity, term(), Expected :: non_neg_integer(), Found :: non_neg_integer()}
    | {bad_arguments, term(), term()}
    | {out_of_bounds, Offset :: term(), Length :: term(), Size :: non_neg_integer()}
    | {grow, Pages :: non_neg_integer(), Delta :: non_neg_integer()}
    | {immutable, term()}
    | {bad_funcref, term()}
    | {bad_results, Expected :: [atom()], term()}
    | {bad_option, term(), term()}
    | {bad_imports, term()}
    | {bad_module, term()}
    | {not_a_host, module()}
    | {released, term()}
    | {bad_type, term()}
    | {not_metered, module(), What :: atom()}
    | no_cells
    | narrow_machine.

%% @doc Raises `error({wasm_error, Reason})'.
-spec raise(reason()) -> no_return().
raise(Reason) ->
    erlang:error({wasm_error, Reason}, none, [{error_info, #{module => ?MODULE}}]).

%% @doc Raises `error({wasm_value, Type, Term})': Term is no API value of Type.
-spec raise_value(wasm2beam_value:type(), term()) -> no_return().
raise_value(Type, Term) ->
    erlang:error({wasm_value, Type, Term}, none, [{error_info, #{module => ?MODULE}}]).

%% @doc Raises `error(Term)' for a term that text/1 has words for.
-spec raise_term(term()) -> no_return().
raise_term(Term) ->
    erlang:error(Term, none, [{error_info, #{module => ?MODULE}}]).

%% @doc Called by `erl_error' (and by Elixir) for an exception that names this module in its `error_info'.
-spec format_error(term(), term()) -> #{atom() => binary()}.
format_error(Reason, _Stacktrace) ->
    #{general => text(Reason)}.

%% @doc Any error term of the runtime in words: reasons of exceptions, and what stands in `{error, Reason}'.
-spec text(term()) -> binary().
text({wasm_trap, Reason}) when is_atom(Reason) ->
    wasm2beam_trap:text(Reason);
text({wasm_trap, Reason, #{in := Where}}) when is_atom(Reason) ->
    format("~ts (in the module's ~s)", [wasm2beam_trap:text(Reason), where(Where)]);
text({wasm_value, Type, Term}) ->
    format("expected ~s, got ~ts", [wanted(Type), shown(Term)]);
text({wasm_link, Reason, #{module := Module, name := Name} = Details}) ->
    format("~ts: ~ts.~ts~ts", [words(Reason), Module, Name, mismatch(Details)]);
text({wasm_limit, Kind, #{needed := Needed, limit := Limit}}) ->
    format("~s of ~b ~s exceeds the limit of ~b", [Kind, Needed, unit(Kind), Limit]);
text({wasm_compile, Kind, Details}) ->
    uncompiled(Kind, Details);
text({wasm_snapshot, Reason}) ->
    format("snapshot: ~ts", [snapshot_text(Reason)]);
text({wasm_upgrade, Reason}) ->
    format("the instance cannot go on with this module: ~ts", [upgrade_text(Reason)]);
text({wasm_error, Reason}) ->
    misuse(Reason);
text(Other) ->
    shown(Other).

%% Internal

uncompiled(Kind, Message) when is_binary(Message), Kind =/= ended ->
    format("~ts module: ~ts", [Kind, Message]);
uncompiled(too_large, {Size, Limit}) ->
    format("a module of ~b bytes exceeds the limit of ~b", [Size, Limit]);
uncompiled(timeout, Milliseconds) ->
    format("compiling took longer than ~b ms", [Milliseconds]);
uncompiled(pool_exhausted, Limit) ->
    format("all ~b names for modules compiled at run time are in use", [Limit]);
uncompiled(queue_full, Limit) ->
    format("~b modules wait to be compiled already", [Limit]);
uncompiled(no_node, none) ->
    <<"Node, which compiles WebAssembly, is not on the path">>;
uncompiled(ended, Reason) ->
    format("the compiler ended: ~ts", [shown(Reason)]).

misuse({not_an_instance, Term}) ->
    format("not a WebAssembly instance: ~ts", [shown(Term)]);
misuse({not_an_extern, Term}) ->
    format("not a memory, table, global or function of an instance: ~ts", [shown(Term)]);
misuse({foreign_process, Pid}) ->
    format("belongs to process ~p and was used by ~p", [Pid, self()]);
misuse({closed, What}) ->
    format("the instance is closed: ~ts", [shown(What)]);
misuse({wrong_module, Expected, Found}) ->
    format("an instance of ~ts was passed to ~ts", [shown(Found), shown(Expected)]);
misuse({not_compiled, Module}) ->
    format("~ts is not loaded or was not compiled from WebAssembly", [shown(Module)]);
misuse({module_changed, Module}) ->
    format("~ts was replaced by another version after the instance was made", [shown(Module)]);
misuse({unknown_export, Name}) ->
    format("no such export: ~ts", [shown(Name)]);
misuse({wrong_kind, Name, Expected, Found}) ->
    format("~ts is a ~s, not a ~s", [shown(Name), kind(Found), kind(Expected)]);
misuse({arity, Name, Expected, Found}) ->
    format("~ts takes ~b arguments, got ~b", [shown(Name), Expected, Found]);
misuse({bad_arguments, Name, Term}) ->
    format("the arguments of ~ts are a list, got ~ts", [shown(Name), shown(Term)]);
misuse({out_of_bounds, Offset, Length, Size}) ->
    format("offset ~ts and length ~ts are not within the ~b bytes of the memory", [shown(Offset), shown(Length), Size]);
misuse({grow, Pages, Delta}) ->
    format("a memory of ~b pages cannot grow by ~b", [Pages, Delta]);
misuse({immutable, Name}) ->
    format("the global ~ts is immutable", [shown(Name)]);
misuse({bad_funcref, Term}) ->
    format("not a function of an open instance: ~ts", [shown(Term)]);
misuse({bad_results, Types, Term}) ->
    format("expected a tuple of ~b results, got ~ts", [length(Types), shown(Term)]);
misuse({bad_option, Key, Value}) ->
    format("unknown option or bad value: ~ts => ~ts", [shown(Key), shown(Value)]);
misuse({bad_imports, Term}) ->
    format("imports are maps from binaries to maps from binaries to values, to instances or to modules of host functions; got ~ts", [shown(Term)]);
misuse({not_a_host, Module}) ->
    format("~ts is no module of host functions: it exports no wasm_functions/0", [shown(Module)]);
misuse({bad_module, Term}) ->
    format("neither the bytes of a module nor what compile gave: ~ts", [shown(Term)]);
misuse({released, _Module}) ->
    <<"the module was released, or the process that compiled it ended">>;
misuse({bad_type, Term}) ->
    format("not a type: ~ts", [shown(Term)]);
misuse({not_metered, Module, What}) ->
    format(
        "~ts was compiled without fuel, which ~s needs: use `wasm2beam compile --fuel', or the option fuel of the Mix "
        "compiler or the rebar3 hook",
        [shown(Module), What]
    );
misuse(no_cells) ->
    <<"wasm2beam_cells was not found in the priv folder of the wasm2beam application">>;
misuse(narrow_machine) ->
    <<"wasm2beam needs a 64-bit Erlang virtual machine">>;
misuse(Other) ->
    shown(Other).

snapshot_text(running) -> "the instance is in the middle of a call";
snapshot_text(externref) -> "it holds an externref, and no function was given to save or load it";
snapshot_text(foreign_function) -> "it holds a function of another instance";
snapshot_text(no_snapshot) -> "the binary is none";
snapshot_text({version, Version}) -> format("version ~b is not known here", [Version]);
snapshot_text(damaged) -> "the binary is damaged";
snapshot_text(other_module) -> "it was taken of another module";
snapshot_text({memory, Pages}) -> format("a memory of ~b pages is too large here, or smaller than the imported one", [Pages]);
snapshot_text({table, Size}) -> format("a table of ~b elements is too large here, or smaller than the imported one", [Size]).

upgrade_text(running) -> "it is in the middle of a call";
upgrade_text({table_changed, Index}) -> format("table ~b was changed after the start", [Index]);
upgrade_text({global_reference, Index}) -> format("global ~b holds a function", [Index]);
upgrade_text({What, Index}) -> format("~s number ~b differs", [What, Index]).

wanted(i32) -> "an i32 (an integer from -2147483648 to 4294967295)";
wanted(i64) -> "an i64 (an integer from -9223372036854775808 to 18446744073709551615)";
wanted(f32) -> "an f32 (a float, infinity, neg_infinity, nan or {nan, Bits})";
wanted(f64) -> "an f64 (a float, infinity, neg_infinity, nan or {nan, Bits})";
wanted(funcref) -> "a funcref of this process or null";
wanted(Type) -> shown(Type).

where(element_segment) -> "element segments";
where(data_segment) -> "data segments";
where(start) -> "start function".

mismatch(#{expected := Expected, found := Found}) ->
    format(" (expected ~ts, found ~ts)", [shown(Expected), shown(Found)]);
mismatch(_) ->
    "".

unit(memory) -> "pages";
unit(table) -> "elements".

kind(func) -> "function";
kind(Kind) -> atom_to_list(Kind).

words(Atom) ->
    binary:replace(atom_to_binary(Atom), <<"_">>, <<" ">>, [global]).

%% Cut at depth and at length: the term is the embedder's and may be anything.
shown(Term) ->
    unicode:characters_to_binary(io_lib:format("~0tP", [Term, 12], [{chars_limit, 200}])).

format(Format, Args) ->
    unicode:characters_to_binary(io_lib:format(Format, Args)).
