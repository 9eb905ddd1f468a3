#!/usr/bin/env escript
%% -*- erlang -*-
%% JavaScript in QuickJS on the BEAM: javascript.escript EBIN BEAM SCRIPT ... evaluates each script in an engine of its own,
%% with functions of the host that are written here, and prints what the script prints, a line `== SCRIPT' before it.
%%
%% A value of JavaScript is a pointer that the engine gave, and is given back to it by qjs_free_value.
-mode(compile).

main([Ebin, Beam | Scripts]) ->
    true = code:add_patha(Ebin),
    ok = io:setopts([{encoding, utf8}]),
    {ok, Code} = file:read_file(Beam),
    {module, quickjs} = code:load_binary(quickjs, Beam, Code),
    lists:foreach(fun run/1, Scripts).

run(Script) ->
    io:format("== ~ts~n", [filename:basename(Script)]),
    {ok, Source} = file:read_file(Script),
    Env = #{
        <<"host_call">> => fun host_call/6,
        <<"host_interrupt">> => fun() -> 0 end,
        <<"host_promise_rejection">> => fun(_, _, _) -> ok end,
        <<"host_module_normalize">> => fun(_, _) -> 0 end,
        <<"host_module_load">> => fun(_, _) -> 0 end,
        <<"host_get_timezone_offset">> => fun(_, _) -> 0 end
    },
    {ok, Engine, Wasi} = wasm2beam_wasi:start(quickjs, #{imports => #{<<"env">> => Env}, random => {seed, 1}}),
    0 = call(Engine, qjs_init, []),
    %% Of its own stack, so that endless recursion is an error that a script can catch.
    call(Engine, qjs_set_max_stack_size, [200000]),
    [register_function(Engine, Name) || Name <- [print, upper, add, negate, lookup, fail, each]],
    free(Engine, checked(Engine, evaluate(Engine, Source, filename:basename(Script)))),
    run_jobs(Engine),
    call(Engine, qjs_destroy, []),
    ok = wasm2beam:close(Engine),
    ok = wasm2beam_wasi:close(Wasi).

%% The functions that scripts may call.

host(_, print, Values) ->
    io:format("~ts~n", [lists:join(" ", [shown(Value) || Value <- Values])]),
    undefined;
host(_, upper, [Text]) ->
    string:uppercase(Text);
host(_, add, [A, B]) ->
    sum(A, B);
host(_, negate, [Flag]) ->
    not Flag;
host(_, lookup, [Key]) ->
    maps:get(Key, #{<<"city">> => <<"Zürich"/utf8>>, <<"nul">> => null, <<"list">> => 3}, undefined);
host(_, fail, [Message]) ->
    throw({script_error, Message});
%% Calls a function of the script with 1 to N, and sums what it returns.
host(Engine, each, [{object, Function}, N]) ->
    lists:foldl(
        fun(I, Sum) ->
            Result = checked(Engine, apply_function(Engine, Function, [float(I)])),
            Value = from_value(Engine, Result),
            free(Engine, Result),
            sum(Sum, Value)
        end,
        0.0,
        lists:seq(1, trunc(N))
    ).

sum(A, B) when is_float(A), is_float(B) -> A + B;
sum(nan, _) -> nan;
sum(_, nan) -> nan;
sum(infinity, _) -> infinity;
sum(_, undefined) -> nan.

%% As String of JavaScript does it, whole numbers and texts alone: scripts turn the rest into text themselves.
shown(Text) when is_binary(Text) -> Text;
shown({object, _} = Object) -> error({not_printable, Object});
shown(Float) when is_float(Float) -> number(Float);
shown(nan) -> "NaN";
shown(infinity) -> "Infinity";
shown(Atom) -> atom_to_list(Atom).

number(Float) when Float == trunc(Float), abs(Float) < 1.0e21 -> integer_to_list(trunc(Float));
number(Float) -> io_lib:format("~w", [Float]).

%% The engine's side.

register_function(Engine, Name) ->
    Text = atom_to_binary(Name),
    Pointer = put_text(Engine, Text),
    Function = call(Engine, qjs_new_host_function, [Pointer, byte_size(Text), 0]),
    Global = call(Engine, qjs_get_global, []),
    _ = call(Engine, qjs_set_prop_string, [Global, Pointer, Function]),
    [free(Engine, Value) || Value <- [Global, Function]],
    call(Engine, wasm_free, [Pointer]).

evaluate(Engine, Source, Name) ->
    Code = put_text(Engine, Source),
    File = put_text(Engine, list_to_binary(Name)),
    Result = call(Engine, qjs_eval, [Code, byte_size(Source), File, 0]),
    [call(Engine, wasm_free, [Pointer]) || Pointer <- [Code, File]],
    Result.

run_jobs(Engine) ->
    case call(Engine, qjs_is_job_pending, []) of
        0 ->
            ok;
        _ ->
            true = call(Engine, qjs_execute_pending_job, []) >= 0,
            run_jobs(Engine)
    end.

apply_function(Engine, Function, Arguments) ->
    Values = [to_value(Engine, Argument) || Argument <- Arguments],
    Array = call(Engine, wasm_malloc, [4 * length(Values)]),
    ok = wasm2beam:write_memory(Engine, Array, << <<Value:32/little>> || Value <- Values >>),
    Undefined = call(Engine, qjs_get_undefined, []),
    Result = call(Engine, qjs_call, [Function, Undefined, length(Values), Array]),
    [free(Engine, Value) || Value <- [Undefined | Values]],
    call(Engine, wasm_free, [Array]),
    Result.

%% The engine asks for a host function by its name; the arguments are its own. 0 says that an exception is pending.
host_call(Engine, NameAt, NameLength, _This, Count, Array) ->
    Name = binary_to_existing_atom(wasm2beam:read_memory(Engine, NameAt, NameLength)),
    Arguments = [from_value(Engine, Value) || <<Value:32/little>> <= wasm2beam:read_memory(Engine, Array, 4 * Count)],
    try
        to_value(Engine, host(Engine, Name, Arguments))
    catch
        throw:{script_error, Message} ->
            Error = call(Engine, qjs_new_error, []),
            Key = put_text(Engine, <<"message">>),
            Text = to_value(Engine, Message),
            call(Engine, qjs_set_prop_string, [Error, Key, Text]),
            call(Engine, qjs_throw, [Error]),
            [free(Engine, Value) || Value <- [Error, Text]],
            call(Engine, wasm_free, [Key]),
            0
    end.

%% A result, or the exception in its place as a throw, with the exception's text.
checked(Engine, Value) ->
    case call(Engine, qjs_is_exception, [Value]) of
        0 ->
            Value;
        _ ->
            Exception = call(Engine, qjs_get_exception, []),
            Key = put_text(Engine, <<"message">>),
            Message = call(Engine, qjs_get_prop_string, [Exception, Key]),
            Text = from_value(Engine, Message),
            [free(Engine, Each) || Each <- [Message, Exception, Value]],
            call(Engine, wasm_free, [Key]),
            throw({script_error, Text})
    end.

from_value(Engine, Value) ->
    Tests = [
        {qjs_is_number, fun() -> call(Engine, qjs_get_float64, [Value]) end},
        {qjs_is_string, fun() -> get_text(Engine, Value) end},
        {qjs_is_bool, fun() -> call(Engine, qjs_get_bool, [Value]) =/= 0 end},
        {qjs_is_undefined, fun() -> undefined end},
        {qjs_is_null, fun() -> null end},
        {qjs_is_object, fun() -> {object, Value} end},
        {qjs_is_big_int, fun() -> get_text(Engine, Value) end}
    ],
    {_, Read} = hd([Test || {Name, _} = Test <- Tests, call(Engine, Name, [Value]) =/= 0]),
    Read().

to_value(Engine, undefined) -> call(Engine, qjs_get_undefined, []);
to_value(Engine, null) -> call(Engine, qjs_get_null, []);
to_value(Engine, true) -> call(Engine, qjs_get_true, []);
to_value(Engine, false) -> call(Engine, qjs_get_false, []);
to_value(Engine, Text) when is_binary(Text) ->
    Pointer = put_text(Engine, Text),
    Value = call(Engine, qjs_new_string, [Pointer, byte_size(Text)]),
    call(Engine, wasm_free, [Pointer]),
    Value;
to_value(Engine, Integer) when is_integer(Integer) -> to_value(Engine, float(Integer));
to_value(Engine, Number) -> call(Engine, qjs_new_number, [Number]).

get_text(Engine, Value) ->
    Room = call(Engine, wasm_malloc, [4]),
    Pointer = call(Engine, qjs_get_string_len, [Value, Room]),
    <<Length:32/little>> = wasm2beam:read_memory(Engine, Room, 4),
    Text = wasm2beam:read_memory(Engine, Pointer, Length),
    call(Engine, qjs_free_cstring, [Pointer]),
    call(Engine, wasm_free, [Room]),
    Text.

%% With a NUL behind it.
put_text(Engine, Text) ->
    Pointer = call(Engine, wasm_malloc, [byte_size(Text) + 1]),
    ok = wasm2beam:write_memory(Engine, Pointer, <<Text/binary, 0>>),
    Pointer.

free(Engine, Value) ->
    call(Engine, qjs_free_value, [Value]).

call(Engine, Name, Arguments) ->
    case wasm2beam:call(Engine, Name, Arguments) of
        [Result] -> Result;
        [] -> ok
    end.
