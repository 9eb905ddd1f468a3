%% Patterns of host names, as in `allowed_hosts': `*' stands for any characters, `?' for one, `[a-z]' for one of those,
%% `[!a-z]' for one of the others. A pattern matches the whole name, dots included, whatever the case of its letters.
%%
%% A `*' is tried again only from the last one on, so that the time is bounded by the product of both lengths.
-module(wasm2beam_extism_glob).

-export([matches/2]).

%% @doc Whether the name matches the pattern. A bracket that is not closed stands for itself.
-spec matches(Name :: binary(), Pattern :: binary()) -> boolean().
matches(Name, Pattern) ->
    run(binary_to_list(string:lowercase(Name)), parse(string:lowercase(Pattern)), none).

%% Internal

parse(<<>>) ->
    [];
parse(<<$*, Rest/binary>>) ->
    [any_many | parse(Rest)];
parse(<<$?, Rest/binary>>) ->
    [any_one | parse(Rest)];
parse(<<$[, Rest/binary>> = Pattern) ->
    case class(Rest) of
        {Class, More} -> [Class | parse(More)];
        error -> [{one, C} || C <- binary_to_list(Pattern)]
    end;
parse(<<C, Rest/binary>>) ->
    [{one, C} | parse(Rest)].

class(<<$!, Rest/binary>>) -> members(Rest, none_of);
class(Rest) -> members(Rest, one_of).

%% The first member may be a closing bracket.
members(<<C, Rest/binary>>, Kind) ->
    case binary:split(Rest, <<$]>>) of
        [Inside, More] -> {{Kind, ranges(<<C, Inside/binary>>)}, More};
        [_] -> error
    end;
members(<<>>, _Kind) ->
    error.

ranges(<<From, $-, To, Rest/binary>>) -> [{From, To} | ranges(Rest)];
ranges(<<C, Rest/binary>>) -> [{C, C} | ranges(Rest)];
ranges(<<>>) -> [].

%% Retry: name and pattern behind the last `*', where the name is one character shorter each time.
run(Name, [any_many | Pattern], _Retry) ->
    run(Name, Pattern, {Name, Pattern});
run([], [], _Retry) ->
    true;
run([C | Name], [Element | Pattern], Retry) ->
    case fits(C, Element) of
        true -> run(Name, Pattern, Retry);
        false -> again(Retry)
    end;
run(_Name, _Pattern, Retry) ->
    again(Retry).

again({[_ | Name], Pattern}) -> run(Name, Pattern, {Name, Pattern});
again(_) -> false.

fits(_C, any_one) -> true;
fits(C, {one, C}) -> true;
fits(_C, {one, _}) -> false;
fits(C, {one_of, Ranges}) -> within(C, Ranges);
fits(C, {none_of, Ranges}) -> not within(C, Ranges).

within(C, Ranges) ->
    lists:any(fun({From, To}) -> C >= From andalso C =< To end, Ranges).
