%% Values at the Erlang API and in generated code, and the way between them.
%%
%% Three forms of one value. API: integers (results signed, arguments signed or unsigned), floats, `infinity',
%% `neg_infinity', `nan', `{nan, Bits}', `null', `{wasm2beam_funcref, Pid, Integer}', any term. Internal: words, pairs
%% of words for an i64, funcrefs as integers, the rest as at the API. Stored, in cells and constant expressions: as
%% internal, but floats as their bits (f32 one word, f64 a pair). A wrong API value raises `{wasm_value, Type, Term}'.
-module(wasm2beam_value).

-export([to_i32/1, to_i64/1, to_f32/1, to_f64/1, to_funcref/1, to_externref/1]).
-export([from_i32/1, from_i64/2, from_funcref/1]).
-export([results/2, pack/2, unpack/2, to_stored/2, from_stored/2, is_type/1, is_reference/1]).

-export_type([type/0, word/0, value/0, stored/0, funcref/0]).

-type type() :: i32 | i64 | f32 | f64 | funcref | externref.
-type word() :: 0..16#FFFFFFFF.
-type real() :: float() | infinity | neg_infinity | nan | {nan, pos_integer()}.
-type funcref() :: {wasm2beam_funcref, pid(), non_neg_integer()}.
%% An API value.
-type value() :: integer() | real() | funcref() | null | term().
-type stored() :: integer() | {word(), word()} | term().

-define(WORD, 16#FFFFFFFF).
%% Values of one tuple where more are passed than a BEAM function takes; an i64 counts twice.
-define(CHUNK_SLOTS, 100).

%% @doc An integer from -2^31 to 2^32-1 as an unsigned word.
-spec to_i32(term()) -> word().
to_i32(Value) when is_integer(Value), Value >= -16#80000000, Value =< ?WORD ->
    Value band ?WORD;
to_i32(Value) ->
    wasm2beam_error:raise_value(i32, Value).

%% @doc An integer from -2^63 to 2^64-1 as two words, high and low.
-spec to_i64(term()) -> {word(), word()}.
to_i64(Value) when is_integer(Value), Value >= -16#8000000000000000, Value =< 16#FFFFFFFFFFFFFFFF ->
    {(Value bsr 32) band ?WORD, Value band ?WORD};
to_i64(Value) ->
    wasm2beam_error:raise_value(i64, Value).

%% @doc A float, rounded to single precision, or one of the other reals; a NaN's bits are 32.
-spec to_f32(term()) -> real().
to_f32(Value) when is_float(Value) ->
    wasm2beam_float:f32_demote_f64(Value);
to_f32(Value) when Value =:= infinity; Value =:= neg_infinity; Value =:= nan ->
    Value;
to_f32({nan, 16#7FC00000}) ->
    nan;
to_f32({nan, Bits}) when is_integer(Bits), Bits > 16#7F800000, Bits =< 16#7FFFFFFF ->
    {nan, Bits};
to_f32({nan, Bits}) when is_integer(Bits), Bits > 16#FF800000, Bits =< 16#FFFFFFFF ->
    {nan, Bits};
to_f32(Value) ->
    wasm2beam_error:raise_value(f32, Value).

%% @doc A float or one of the other reals; a NaN's bits are 64.
-spec to_f64(term()) -> real().
to_f64(Value) when is_float(Value); Value =:= infinity; Value =:= neg_infinity; Value =:= nan ->
    Value;
to_f64({nan, 16#7FF8000000000000}) ->
    nan;
to_f64({nan, Bits}) when is_integer(Bits), Bits > 16#7FF0000000000000, Bits =< 16#7FFFFFFFFFFFFFFF ->
    {nan, Bits};
to_f64({nan, Bits}) when is_integer(Bits), Bits > 16#FFF0000000000000, Bits =< 16#FFFFFFFFFFFFFFFF ->
    {nan, Bits};
to_f64(Value) ->
    wasm2beam_error:raise_value(f64, Value).

%% @doc `null' or a funcref of an open instance of this process, as the integer of generated code.
-spec to_funcref(term()) -> integer().
to_funcref(null) ->
    -1;
to_funcref({wasm2beam_funcref, Pid, Funcref} = Value) when Pid =:= self(), is_integer(Funcref) ->
    case wasm2beam_instance:is_funcref(Funcref) of
        true -> Funcref;
        false -> wasm2beam_error:raise_value(funcref, Value)
    end;
to_funcref(Value) ->
    wasm2beam_error:raise_value(funcref, Value).

%% @doc Any term is an externref; null is the atom `null'.
-spec to_externref(Value) -> Value when Value :: term().
to_externref(Value) ->
    Value.

%% @doc A word as a signed integer.
-spec from_i32(word()) -> -16#80000000..16#7FFFFFFF.
from_i32(Word) ->
    (Word bxor 16#80000000) - 16#80000000.

%% @doc Two words as a signed integer.
-spec from_i64(word(), word()) -> integer().
from_i64(High, Low) ->
    (from_i32(High) bsl 32) bor Low.

-spec from_funcref(integer()) -> funcref() | null.
from_funcref(-1) -> null;
from_funcref(Funcref) -> {wasm2beam_funcref, self(), Funcref}.

%% @doc What a host function returned for two or more results, as the flat tuple of internal words and terms: an i64
%% takes two elements. Another size raises `{wasm_error, {bad_results, Types, Term}}'.
-spec results([type()], term()) -> tuple().
results(Types, Term) when is_tuple(Term), tuple_size(Term) =:= length(Types) ->
    list_to_tuple(flat(Types, tuple_to_list(Term)));
results(Types, Term) ->
    wasm2beam_error:raise({bad_results, Types, Term}).

%% @doc API values, as a tuple, in the form in which generated code passes more of them than a BEAM function takes
%% arguments: a tuple of tuples of at most 100 internal words and terms.
-spec pack([type()], term()) -> tuple().
pack(Types, Term) ->
    Flat = results(Types, Term),
    list_to_tuple(chunks(Types, tuple_to_list(Flat), 0, [])).

%% @doc The API values, as a tuple, of what pack/2 makes.
-spec unpack([type()], tuple()) -> tuple().
unpack(Types, Packed) ->
    Flat = lists:append([tuple_to_list(Chunk) || Chunk <- tuple_to_list(Packed)]),
    list_to_tuple(api(Types, Flat)).

%% @doc An API value in the form that cells hold.
-spec to_stored(type(), term()) -> stored().
to_stored(i32, Value) ->
    to_i32(Value);
to_stored(i64, Value) ->
    to_i64(Value);
to_stored(f32, Value) ->
    wasm2beam_float:i32_reinterpret_f32(to_f32(Value));
to_stored(f64, Value) ->
    wasm2beam_float:i64_reinterpret_f64(to_f64(Value));
to_stored(funcref, Value) ->
    to_funcref(Value);
to_stored(externref, Value) ->
    Value.

%% @doc The API value of what cells hold.
-spec from_stored(type(), stored()) -> value().
from_stored(i32, Word) -> from_i32(Word);
from_stored(i64, {High, Low}) -> from_i64(High, Low);
from_stored(f32, Bits) -> wasm2beam_float:f32_reinterpret_i32(Bits);
from_stored(f64, {High, Low}) -> wasm2beam_float:f64_reinterpret_i64(High, Low);
from_stored(funcref, Funcref) -> from_funcref(Funcref);
from_stored(externref, Term) -> Term.

-spec is_type(term()) -> boolean().
is_type(Type) ->
    lists:member(Type, [i32, i64, f32, f64, funcref, externref]).

-spec is_reference(term()) -> boolean().
is_reference(Type) ->
    Type =:= funcref orelse Type =:= externref.

%% Internal

flat([], []) ->
    [];
flat([i64 | Types], [Value | Values]) ->
    {High, Low} = to_i64(Value),
    [High, Low | flat(Types, Values)];
flat([Type | Types], [Value | Values]) ->
    [internal(Type, Value) | flat(Types, Values)].

chunks([i64 | Types], [High, Low | Flat], Slots, Chunk) when Slots + 2 =< ?CHUNK_SLOTS ->
    chunks(Types, Flat, Slots + 2, [Low, High | Chunk]);
chunks([Type | Types], [Value | Flat], Slots, Chunk) when Type =/= i64, Slots < ?CHUNK_SLOTS ->
    chunks(Types, Flat, Slots + 1, [Value | Chunk]);
chunks(Types, Flat, _Slots, Chunk) ->
    Tuple = list_to_tuple(lists:reverse(Chunk)),
    case Types of
        [] -> [Tuple];
        _ -> [Tuple | chunks(Types, Flat, 0, [])]
    end.

api([], []) ->
    [];
api([i64 | Types], [High, Low | Flat]) ->
    [from_i64(High, Low) | api(Types, Flat)];
api([i32 | Types], [Word | Flat]) ->
    [from_i32(Word) | api(Types, Flat)];
api([funcref | Types], [Funcref | Flat]) ->
    [from_funcref(Funcref) | api(Types, Flat)];
api([_ | Types], [Value | Flat]) ->
    [Value | api(Types, Flat)].

internal(i32, Value) -> to_i32(Value);
internal(f32, Value) -> to_f32(Value);
internal(f64, Value) -> to_f64(Value);
internal(funcref, Value) -> to_funcref(Value);
internal(externref, Value) -> Value.
