%% JSON, as far as plug-ins need it: a strict decoder with bounds, and an encoder of objects that hold texts.
%%
%% Objects become maps with binaries as keys, arrays lists, texts binaries in UTF-8, `true', `false' and `null' atoms. A
%% key that is given twice is refused, and so are texts that are no Unicode, numbers of more than 64 characters and
%% anything behind the value. spec: RFC 8259
-module(wasm2beam_json).

-export([decode/1, decode/2, encode/1, format_error/1]).

-export_type([json/0, limits/0, error/0]).

-type json() :: null | boolean() | number() | binary() | [json()] | #{binary() => json()}.
%% max_bytes: of the whole text (default 1 MiB). max_depth: arrays and objects in each other (default 32).
-type limits() :: #{max_bytes => non_neg_integer(), max_depth => non_neg_integer()}.
-type reason() :: too_large | too_deep | unexpected_end | unexpected | duplicate_key | bad_text | bad_number.
-type error() :: {reason(), Offset :: non_neg_integer()}.

-define(DEFAULTS, #{max_bytes => 16#100000, max_depth => 32}).
-define(MAX_NUMBER, 64).

%% @equiv decode(Text, #{})
-spec decode(binary()) -> {ok, json()} | {error, error()}.
decode(Text) ->
    decode(Text, #{}).

%% @doc The value of a text; an error tells at which byte.
-spec decode(binary(), limits()) -> {ok, json()} | {error, error()}.
decode(Text, Limits) ->
    #{max_bytes := MaxBytes, max_depth := MaxDepth} = maps:merge(?DEFAULTS, Limits),
    Size = byte_size(Text),
    try
        Size =< MaxBytes orelse fail(too_large, Text),
        {Value, Rest} = value(blank(Text), MaxDepth),
        case blank(Rest) of
            <<>> -> {ok, Value};
            More -> fail(unexpected, More)
        end
    catch
        throw:{?MODULE, Reason, Left} -> {error, {Reason, Size - byte_size(Left)}}
    end.

%% @doc An object of texts, its keys in order. Texts are UTF-8.
-spec encode(#{binary() => binary()}) -> binary().
encode(Object) ->
    Members = [[quoted(Key), $:, quoted(Value)] || {Key, Value} <- lists:sort(maps:to_list(Object))],
    iolist_to_binary([${, lists:join($,, Members), $}]).

%% @doc An error in words.
-spec format_error(error()) -> binary().
format_error({Reason, Offset}) ->
    iolist_to_binary(io_lib:format("~s at byte ~b of the JSON text", [words(Reason), Offset])).

%% Internal

words(too_large) -> "too many bytes";
words(too_deep) -> "too many arrays and objects in each other";
words(unexpected_end) -> "unexpected end";
words(unexpected) -> "unexpected character";
words(duplicate_key) -> "a key that was there before";
words(bad_text) -> "a text that is no Unicode";
words(bad_number) -> "no number".

-spec fail(reason(), binary()) -> no_return().
fail(Reason, Rest) ->
    throw({?MODULE, Reason, Rest}).

blank(<<C, Rest/binary>>) when C =:= $\s; C =:= $\n; C =:= $\r; C =:= $\t -> blank(Rest);
blank(Rest) -> Rest.

value(<<"null", Rest/binary>>, _Depth) -> {null, Rest};
value(<<"true", Rest/binary>>, _Depth) -> {true, Rest};
value(<<"false", Rest/binary>>, _Depth) -> {false, Rest};
value(<<$", Rest/binary>>, _Depth) -> text(Rest);
value(<<C, _/binary>> = Text, 0) when C =:= $[; C =:= ${ -> fail(too_deep, Text);
value(<<$[, Rest/binary>>, Depth) -> array(blank(Rest), Depth - 1);
value(<<${, Rest/binary>>, Depth) -> object(blank(Rest), Depth - 1);
value(<<C, _/binary>> = Text, _Depth) when C =:= $-; C >= $0, C =< $9 -> number(Text);
value(<<>>, _Depth) -> fail(unexpected_end, <<>>);
value(Text, _Depth) -> fail(unexpected, Text).

array(<<$], Rest/binary>>, _Depth) -> {[], Rest};
array(Text, Depth) -> elements(Text, Depth, []).

elements(Text, Depth, Before) ->
    {Value, Rest} = value(Text, Depth),
    Values = [Value | Before],
    case blank(Rest) of
        <<$,, More/binary>> -> elements(blank(More), Depth, Values);
        <<$], More/binary>> -> {lists:reverse(Values), More};
        <<>> -> fail(unexpected_end, <<>>);
        More -> fail(unexpected, More)
    end.

object(<<$}, Rest/binary>>, _Depth) -> {#{}, Rest};
object(Text, Depth) -> members(Text, Depth, #{}).

members(<<$", Rest0/binary>> = Text, Depth, Before) ->
    {Key, Rest1} = text(Rest0),
    is_map_key(Key, Before) andalso fail(duplicate_key, Text),
    case blank(Rest1) of
        <<$:, Rest2/binary>> ->
            {Value, Rest3} = value(blank(Rest2), Depth),
            Members = Before#{Key => Value},
            case blank(Rest3) of
                <<$,, More/binary>> -> members(blank(More), Depth, Members);
                <<$}, More/binary>> -> {Members, More};
                <<>> -> fail(unexpected_end, <<>>);
                More -> fail(unexpected, More)
            end;
        <<>> ->
            fail(unexpected_end, <<>>);
        More ->
            fail(unexpected, More)
    end;
members(<<>>, _Depth, _Before) ->
    fail(unexpected_end, <<>>);
members(Text, _Depth, _Before) ->
    fail(unexpected, Text).

%% What needs no escape is taken as it is, in one piece.
text(Text) ->
    text(Text, plain_length(Text, 0), []).

text(Text, Length, Before) ->
    <<Plain:Length/binary, Rest/binary>> = Text,
    is_utf8(Plain) orelse fail(bad_text, Text),
    case Rest of
        <<$", More/binary>> ->
            {joined(Before, Plain), More};
        <<$\\, More0/binary>> ->
            {Character, More} = escape(More0, Rest),
            text(More, plain_length(More, 0), [Character, Plain | Before]);
        <<>> ->
            fail(unexpected_end, <<>>);
        _ ->
            fail(unexpected, Rest)
    end.

joined([], Plain) -> Plain;
joined(Before, Plain) -> iolist_to_binary(lists:reverse(Before, [Plain])).

plain_length(Text, Length) ->
    case Text of
        <<_:Length/binary, C, _/binary>> when C >= 16#20, C =/= $", C =/= $\\ -> plain_length(Text, Length + 1);
        _ -> Length
    end.

is_utf8(Bytes) ->
    is_binary(unicode:characters_to_binary(Bytes)).

escape(<<$", Rest/binary>>, _Start) -> {<<$">>, Rest};
escape(<<$\\, Rest/binary>>, _Start) -> {<<$\\>>, Rest};
escape(<<$/, Rest/binary>>, _Start) -> {<<$/>>, Rest};
escape(<<$b, Rest/binary>>, _Start) -> {<<$\b>>, Rest};
escape(<<$f, Rest/binary>>, _Start) -> {<<$\f>>, Rest};
escape(<<$n, Rest/binary>>, _Start) -> {<<$\n>>, Rest};
escape(<<$r, Rest/binary>>, _Start) -> {<<$\r>>, Rest};
escape(<<$t, Rest/binary>>, _Start) -> {<<$\t>>, Rest};
escape(<<$u, Digits:4/binary, Rest/binary>>, Start) -> unicode_escape(unit(Digits, Start), Rest, Start);
escape(_, Start) -> fail(bad_text, Start).

%% Two units make one character beyond the first plane.
unicode_escape(High, <<"\\u", Digits:4/binary, Rest/binary>>, Start) when High >= 16#D800, High =< 16#DBFF ->
    case unit(Digits, Start) of
        Low when Low >= 16#DC00, Low =< 16#DFFF ->
            {<<(16#10000 + ((High band 16#3FF) bsl 10) + (Low band 16#3FF))/utf8>>, Rest};
        _ ->
            fail(bad_text, Start)
    end;
unicode_escape(Unit, _Rest, Start) when Unit >= 16#D800, Unit =< 16#DFFF ->
    fail(bad_text, Start);
unicode_escape(Unit, Rest, _Start) ->
    {<<Unit/utf8>>, Rest}.

unit(Digits, Start) ->
    lists:all(fun is_hex/1, binary_to_list(Digits)) orelse fail(bad_text, Start),
    binary_to_integer(Digits, 16).

is_hex(C) ->
    (C >= $0 andalso C =< $9) orelse (C >= $a andalso C =< $f) orelse (C >= $A andalso C =< $F).

number(Text) ->
    Length = number_length(Text, 0),
    Length =< ?MAX_NUMBER orelse fail(bad_number, Text),
    <<Number:Length/binary, Rest/binary>> = Text,
    {number_value(Number, Text), Rest}.

number_length(Text, Length) ->
    case Text of
        <<_:Length/binary, C, _/binary>> when C >= $0, C =< $9; C =:= $.; C =:= $e; C =:= $E; C =:= $-; C =:= $+ ->
            number_length(Text, Length + 1);
        _ ->
            Length
    end.

number_value(Number, Text) ->
    case re:run(Number, "^(-?(?:0|[1-9][0-9]*))(\\.[0-9]+)?([eE][-+]?[0-9]+)?$", [{capture, all_but_first, binary}]) of
        {match, [Integer]} -> binary_to_integer(Integer);
        {match, [Integer, Fraction]} -> float_value([Integer, Fraction], Text);
        {match, [Integer, <<>>, Exponent]} -> float_value([Integer, ".0", Exponent], Text);
        {match, Parts} -> float_value(Parts, Text);
        nomatch -> fail(bad_number, Text)
    end.

float_value(Parts, Text) ->
    try
        binary_to_float(iolist_to_binary(Parts))
    catch
        error:badarg -> fail(bad_number, Text)
    end.

quoted(Text) ->
    [$", [escaped(C) || <<C/utf8>> <= Text], $"].

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(C) when C < 16#20 -> io_lib:format("\\u~4.16.0b", [C]);
escaped(C) -> <<C/utf8>>.
