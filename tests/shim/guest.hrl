%% The body of a module as the compiler would write it, by hand: what docs/abi.md demands, over a description that each
%% test chooses. Two modules include it.
%%
%% Functions: 0 env.log (i32) -> (), imported; 1 add (i32 i32) -> i32; 2 bump () -> i64, counts in global 0;
%% 3 fail () -> (), traps; 4 note (i32) -> (), calls 0; 5 indirect (i32 i32 i32) -> i32, through table 0;
%% 6 swap (i64 f32) -> (f32 i64); 7 deep (i32) -> (), as many nested calls.
-export(['$wasm2beam'/1, '$call_0'/3, '$call_1'/4, '$call_2'/2, '$call_3'/2]).
-export([add/3, bump/1, fail/1, note/2, indirect/4, swap/3, deep/2]).
-export([describe/1, info/0, types/0]).

%% State: memory 0 at 5 and 6, table 0 at 7, global 0 at 8, import 0 at 9.
-define(TABLE, 7).
-define(GLOBAL, 8).
-define(LOG, 9).

types() ->
    {{[i32], []}, {[i32, i32], [i32]}, {[], [i64]}, {[], []}, {[i32, i32, i32], [i32]}, {[i64, f32], [f32, i64]}}.

%% A description with everything defined here but the function `log'.
info() ->
    #{
        abi => 2,
        source => <<"guest.wasm">>,
        imports => [{<<"env">>, <<"log">>, {func, {[i32], []}, host}}],
        exports => [
            {<<"add">>, {func, 1, {[i32, i32], [i32]}, {add, plain}}},
            {<<"bump">>, {func, 2, {[], [i64]}, {bump, plain}}},
            {<<"fail">>, {func, 3, {[], []}, {fail, plain}}},
            {<<"note">>, {func, 4, {[i32], []}, {note, plain}}},
            {<<"indirect">>, {func, 5, {[i32, i32, i32], [i32]}, {indirect, plain}}},
            {<<"swap">>, {func, 6, {[i64, f32], [f32, i64]}, {swap, plain}}},
            {<<"deep">>, {func, 7, {[i32], []}, {deep, plain}}},
            {<<"memory">>, {memory, 0}},
            {<<"table">>, {table, 0}},
            {<<"counter">>, {global, 0}}
        ],
        memories => [{1, 2}],
        tables => [{funcref, 4, 10}],
        globals => [{i64, var, [{'i64.const', -1}]}],
        start => none,
        elements => [{{active, 0, [{'i32.const', 1}]}, funcref, [1, 2]}],
        data => [{{active, 0, [{'i32.const', 8}]}, <<"hello">>}, {passive, <<"passive">>}],
        functions => {0, 1, 2, 3, 0, 4, 5, 0},
        types => types(),
        callable => #{
            0 => {'$call_0', plain},
            1 => {'$call_1', plain},
            2 => {'$call_2', plain},
            3 => {'$call_3', plain}
        }
    }.

%% Sets the description of the instances to come.
describe(Info) ->
    persistent_term:put(?MODULE, Info).

'$wasm2beam'(info) -> persistent_term:get(?MODULE);
'$wasm2beam'(_) -> undefined.

'$call_0'(Handle, Funcref, A) ->
    S = enter(Handle),
    case Funcref - element(3, S) of
        0 -> (element(?LOG, S))(A);
        4 -> note(Handle, A);
        7 -> deep(Handle, A)
    end.

'$call_1'(Handle, Funcref, A, B) ->
    1 = Funcref - element(3, enter(Handle)),
    add(Handle, A, B).

'$call_2'(Handle, Funcref) ->
    2 = Funcref - element(3, enter(Handle)),
    bump(Handle).

'$call_3'(Handle, Funcref) ->
    3 = Funcref - element(3, enter(Handle)),
    fail(Handle).

add(Handle, A, B) ->
    _ = enter(Handle),
    Sum = wasm2beam_value:to_i32(A) + wasm2beam_value:to_i32(B),
    wasm2beam_value:from_i32(Sum band 16#FFFFFFFF).

bump(Handle) ->
    Global = element(?GLOBAL, enter(Handle)),
    High = wasm2beam_cells:get(Global, 1),
    Low = wasm2beam_cells:get(Global, 2),
    <<NextHigh:32, NextLow:32>> = <<((High bsl 32 bor Low) + 1):64>>,
    wasm2beam_cells:set(Global, 1, NextHigh),
    wasm2beam_cells:set(Global, 2, NextLow),
    wasm2beam_value:from_i64(NextHigh, NextLow).

fail(Handle) ->
    _ = enter(Handle),
    wasm2beam_trap:raise(unreachable).

note(Handle, A) ->
    Log = element(?LOG, enter(Handle)),
    Word = wasm2beam_value:to_i32(A),
    _ = Log(wasm2beam_value:from_i32(Word)),
    ok.

indirect(Handle, Index, A, B) ->
    S = enter(Handle),
    Table = element(?TABLE, S),
    Funcref =
        case Index < wasm2beam_cells:get(Table, 1) of
            true -> wasm2beam_cells:get(Table, Index + 2);
            false -> wasm2beam_table:element(S, 0, Index)
        end,
    case Funcref - element(3, S) of
        1 -> add(Handle, A, B);
        _ -> wasm2beam_table:call(S, Funcref, {[i32, i32], [i32]}, [A, B])
    end.

swap(Handle, A, B) ->
    _ = enter(Handle),
    {High, Low} = wasm2beam_value:to_i64(A),
    {wasm2beam_value:to_f32(B), wasm2beam_value:from_i64(High, Low)}.

deep(Handle, Count) ->
    nest(element(2, enter(Handle)), Count).

nest(_Cells, 0) ->
    ok;
nest(Cells, Count) ->
    Left = wasm2beam_cells:get(Cells, 1),
    Left > 0 orelse wasm2beam_trap:raise(call_stack_exhausted),
    wasm2beam_cells:set(Cells, 1, Left - 1),
    ok = nest(Cells, Count - 1),
    wasm2beam_cells:set(Cells, 1, Left),
    ok.

enter(Handle) ->
    wasm2beam_instance:enter(Handle, ?MODULE).
