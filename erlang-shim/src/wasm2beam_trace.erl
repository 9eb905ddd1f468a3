%% Stack traces of guests: the frames of WebAssembly functions in a trace of the BEAM, with the calls that the guest's
%% compiler, or wasm2beam, had inlined, which the BEAM knows nothing of.
%%
%% A compiled module says in the locations of its frames where they come from: a source file and line where it carries
%% DWARF, else the byte offset in the WebAssembly module. What was inlined at such a place is in the table that
%% `'$wasm2beam'(inlined)' gives. Names of guests are binaries here: they never become atoms.
-module(wasm2beam_trace).

-export([frames/1, innermost/1, text/1, inlined/1]).

-export_type([frame/0, place/0]).

%% module, name of the function, place. `alternatives': the frame was inlined into one of these, and nothing tells which.
-type frame() :: #{
    module := module(), function := binary(), at := place(), inlined := boolean(), alternatives => [place(), ...]
}.
-type place() :: {Source :: binary(), Line :: pos_integer()} | {offset, non_neg_integer()}.

%% @doc The frames of WebAssembly functions, the innermost first; a frame that is `inlined' stands before the one that
%% it was inlined into.
-spec frames(erlang:stacktrace()) -> [frame()].
frames(Stacktrace) ->
    lists:append([element(2, Each) || Each <- expand_all(Stacktrace)]).

%% @doc The innermost WebAssembly function that the trace itself has, and its place in it; what was inlined there is not
%% looked up.
-spec innermost(erlang:stacktrace()) -> {binary(), place()} | none.
innermost([{Module, Function, _, Location} | Outer]) ->
    case is_list(Location) andalso lists:keyfind(line, 1, Location) of
        {line, Line} ->
            case guest(Module) of
                {ok, Whole} ->
                    File = file_name(proplists:get_value(file, Location, "")),
                    {own_name(Whole, guest_name(Function)), place(Whole, File, Line)};
                error ->
                    innermost(Outer)
            end;
        false ->
            innermost(Outer)
    end;
innermost([]) ->
    none.

%% @doc The frames as lines, `at NAME (FILE:LINE)' each.
-spec text(erlang:stacktrace()) -> binary().
text(Stacktrace) ->
    shown_frames(frames(Stacktrace)).

%% @doc The same where the trace itself does not say it all; else nothing.
-spec inlined(term()) -> binary().
inlined(Stacktrace) when is_list(Stacktrace) ->
    Expanded = expand_all(Stacktrace),
    case lists:any(fun({Told, _}) -> Told =:= table end, Expanded) of
        true -> shown_frames(lists:append([Frames || {_, Frames} <- Expanded]));
        false -> <<>>
    end;
inlined(_) ->
    <<>>.

%% Internal

shown_frames(Frames) ->
    unicode:characters_to_binary(lists:join("\n", [line(Frame) || Frame <- Frames])).

%% For each frame of the BEAM the guest's frames, and whether the trace, or a table of the module, tells of them.
expand_all(Stacktrace) ->
    [expand(Module, guest_name(Function), Location) || {Module, Function, _, Location} <- Stacktrace].

expand(Module, Function, [_ | _] = Location) ->
    case lists:keyfind(line, 1, Location) of
        {line, Line} -> expand(Module, Function, Line, proplists:get_value(file, Location, ""));
        false -> {trace, []}
    end;
expand(_Module, _Function, _Location) ->
    {trace, []}.

expand(Module, Function, Line, File) ->
    case guest(Module) of
        {ok, Whole} -> with_inlined(Whole, Function, file_name(File), Line);
        error -> {trace, []}
    end.

%% The compiled module that describes itself: this one, or the one that it is a part of. A typed module that stands in front
%% of a compiled one is none.
guest(Module) ->
    case erlang:function_exported(Module, '$wasm2beam', 1) of
        true -> guest(Module, Module:'$wasm2beam'(whole));
        false -> error
    end.

guest(Module, undefined) ->
    case wasm2beam_instance:compiled(Module) of
        Module -> {ok, Module};
        _ -> error
    end;
guest(_Part, Whole) ->
    {ok, Whole}.

%% The loader's file names are lists of bytes.
file_name(File) ->
    unicode:characters_to_binary(File, latin1, latin1).

place(Module, File, Line) ->
    #{source := Source} = Module:'$wasm2beam'(info),
    Size = byte_size(Source),
    case File of
        Source -> {offset, Line};
        <<Source:Size/binary, $+, Base/binary>> -> beyond(File, Line, Base);
        _ -> {File, Line}
    end.

beyond(File, Line, Base) ->
    case string:to_integer(Base) of
        {Offset, <<>>} when is_integer(Offset) -> {offset, Offset + Line};
        _ -> {File, Line}
    end.

with_inlined(Module, Function, File, Line) ->
    case alternatives(Module, Function, File, Line) of
        [] -> as_traced(Function, frame(Module, Function, place(Module, File, Line), false));
        [{At, Calls}] -> {table, chain(Module, Function, At, Calls)};
        Several -> {table, ambiguous(Module, Function, Several)}
    end.

%% The trace says as much, unless the function has another name.
as_traced(Function, #{function := Function} = Frame) -> {trace, [Frame]};
as_traced(_Function, Frame) -> {table, [Frame]}.

chain(Module, Function, At, []) ->
    [frame(Module, Function, At, false)];
chain(Module, Function, At, [{Name, Caller} | Calls]) ->
    [frame(Module, Name, At, true) | chain(Module, Function, Caller, Calls)].

%% Which of several it was nobody can tell: the innermost function, and where in it or where it may have been called.
ambiguous(Module, Function, [{At, Calls} | _] = Several) ->
    case {lists:usort([Each || {_, Each} <- Several]), lists:usort([Name || {_, [{Name, _} | _]} <- Several])} of
        {[_], _} ->
            [Innermost | Outer] = chain(Module, Function, At, Calls),
            [Innermost#{alternatives => lists:usort([Each || {Each, _} <- Several])} | Outer];
        {_, [Name]} ->
            Callers = lists:usort([Caller || {_, [{_, Caller} | _]} <- Several]),
            [frame(Module, Name, At, true), (frame(Module, Function, hd(Callers), false))#{alternatives => Callers}];
        _ ->
            [frame(Module, Function, At, false)]
    end.

frame(Module, Function, At, true) ->
    #{module => Module, function => Function, at => At, inlined => true};
frame(Module, Function, At, false) ->
    #{module => Module, function => own_name(Module, Function), at => At, inlined => false}.

%% A module from a stranger has functions f0, f1, ..., and its own names in its description.
own_name(Module, <<"f", Digits/binary>> = Function) ->
    case {maps:get(names, Module:'$wasm2beam'(info), #{}), string:to_integer(Digits)} of
        {Names, {Index, <<>>}} when is_integer(Index) -> maps:get(Index, Names, Function);
        _ -> Function
    end;
own_name(_Module, Function) ->
    Function.

%% What `erlc' makes a function of its own from (a loop or a join in Core Erlang) is called after its Wasm function, which
%% may be called `-NAME/NUMBER-' where an entry point has its name.
guest_name(Function) ->
    lists:foldl(fun inner_name/2, atom_to_binary(Function), [
        <<"^-(.*)/[0-9]+-(?:loop|join)[0-9]+/[0-9]+-[0-9]+-$">>, <<"^-(.*)/[0-9]+-$">>
    ]).

inner_name(Pattern, Name) ->
    case re:run(Name, Pattern, [dotall, {capture, [1], binary}]) of
        {match, [Own]} -> Own;
        nomatch -> Name
    end.

line(#{function := Function, at := At} = Frame) ->
    Where =
        case Frame of
            #{alternatives := [_, _ | _] = Places} -> lists:join(" or ", [shown(Place) || Place <- Places]);
            _ -> shown(At)
        end,
    ["at ", printable(Function), " (", Where, ")"].

shown({offset, Offset}) -> ["offset 0x", string:lowercase(integer_to_list(Offset, 16))];
shown({File, Line}) -> [printable(File), ":", integer_to_binary(Line)].

%% The guest's bytes as text, with nothing in it that a terminal obeys.
printable(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> [visible(Character) || Character <- Text];
        _ -> "?"
    end.

visible(Character) when Character < 32; Character >= 127, Character < 160 -> $?;
visible(Character) -> Character.

%% The table of inlined calls: deflated; strings, with their size before them, then functions, each with the size of its
%% entries. A string is named by its position among the strings. docs/abi.md

alternatives(Module, Function, File, Line) ->
    case Module:'$wasm2beam'(inlined) of
        Table when is_binary(Table) ->
            {Size, Rest} = number(zlib:uncompress(Table)),
            <<Strings:Size/binary, Functions/binary>> = Rest,
            Entries = entries(Strings, Functions, Function),
            [as_places(Module, Each) || Each <- find_entry(Entries, Strings, File, Line)];
        undefined ->
            []
    end.

as_places(Module, {{File, Line}, Calls}) ->
    {place(Module, File, Line), [{Name, place(Module, From, At)} || {Name, {From, At}} <- Calls]}.

entries(_Strings, <<>>, _Function) ->
    <<>>;
entries(Strings, Functions, Function) ->
    {Name, Rest0} = number(Functions),
    {Size, Rest1} = number(Rest0),
    <<Entries:Size/binary, Rest/binary>> = Rest1,
    case string_at(Strings, Name) of
        Function -> Entries;
        _ -> entries(Strings, Rest, Function)
    end.

find_entry(<<>>, _Strings, _File, _Line) ->
    [];
find_entry(Entries, Strings, File, Line) ->
    {At, Rest0} = location(Entries, Strings),
    {Count, Rest1} = number(Rest0),
    {Alternatives, Rest} = repeat(Count, Rest1, fun(Bytes) -> alternative(Bytes, Strings) end),
    case At of
        {File, Line} -> Alternatives;
        _ -> find_entry(Rest, Strings, File, Line)
    end.

alternative(Bytes, Strings) ->
    {At, Rest0} = location(Bytes, Strings),
    {Count, Rest1} = number(Rest0),
    {Calls, Rest} = repeat(Count, Rest1, fun(Each) -> call(Each, Strings) end),
    {{At, Calls}, Rest}.

call(Bytes, Strings) ->
    {Name, Rest0} = number(Bytes),
    {Caller, Rest} = location(Rest0, Strings),
    {{string_at(Strings, Name), Caller}, Rest}.

location(Bytes, Strings) ->
    {File, Rest0} = number(Bytes),
    {Line, Rest} = number(Rest0),
    {{string_at(Strings, File), Line}, Rest}.

repeat(0, Bytes, _Read) ->
    {[], Bytes};
repeat(Count, Bytes, Read) ->
    {First, Rest0} = Read(Bytes),
    {Others, Rest} = repeat(Count - 1, Rest0, Read),
    {[First | Others], Rest}.

string_at(Strings, Position) ->
    <<_:Position/binary, Bytes/binary>> = Strings,
    {Size, Rest} = number(Bytes),
    binary_part(Rest, 0, Size).

%% An unsigned number in LEB128.
number(<<0:1, Value:7, Rest/binary>>) ->
    {Value, Rest};
number(<<1:1, Low:7, Rest0/binary>>) ->
    {High, Rest} = number(Rest0),
    {High bsl 7 bor Low, Rest}.
