%% Traps: the one exception that WebAssembly code itself raises, `error({wasm_trap, Reason})'.
%%
%% Reason is the specification's text as an atom, `_' for a space. Generated code raises the same term inline, so that
%% the stack trace begins with the Wasm function; this module raises it for the runtime and gives it words.
-module(wasm2beam_trap).

-export([raise/1, text/1, described/2, format_error/2]).

-export_type([reason/0]).

-type reason() :: atom().

%% @doc Raises the trap. The arguments of the failing function are withheld (`none'): they may hold a memory.
%% spec: exec/runtime#syntax-trap
-spec raise(reason()) -> no_return().
raise(Reason) ->
    erlang:error({wasm_trap, Reason}, none, [{error_info, #{module => ?MODULE}}]).

%% @doc The trap in words: `<<"wasm trap: integer divide by zero">>'.
-spec text(reason()) -> binary().
text(Reason) ->
    Words = binary:replace(atom_to_binary(Reason), <<"_">>, <<" ">>, [global]),
    <<"wasm trap: ", Words/binary>>.

%% @doc A text, and below it the guest's frames where some of them were inlined, so that the trace does not show them.
-spec described(binary(), term()) -> binary().
described(Text, Stacktrace) ->
    case wasm2beam_trace:inlined(Stacktrace) of
        <<>> -> Text;
        Frames -> <<Text/binary, "\n", Frames/binary>>
    end.

%% @doc Called by `erl_error' (and by Elixir) for an exception that names this module in its `error_info'. The texts
%% are binaries because Elixir takes nothing else.
-spec format_error(term(), term()) -> #{atom() => binary()}.
format_error({wasm_trap, Reason}, Stacktrace) when is_atom(Reason) ->
    #{general => described(text(Reason), Stacktrace)};
format_error(_Reason, _Stacktrace) ->
    #{}.
