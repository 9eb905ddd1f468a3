%% What the command line says of a guest's surroundings, as options of wasm2beam_wasi.
%%
%% Consumes fields of a request: `arg:TEXT', `env:NAME:VALUE', `dir:HOST:GUEST:rw|ro', `stdin:FILE', `terminal:N', texts
%% in hexadecimal. Streams are those of the operating system.
-module(wasm2beam_wasi_command).

-export([options/1]).

%% @doc The options that the fields ask for, in their order.
-spec options([binary()]) -> wasm2beam_wasi:options().
options(Fields) ->
    Split = [binary:split(Field, <<":">>, [global]) || Field <- Fields],
    Terminals = [binary_to_integer(Number) || [<<"terminal">>, Number] <- Split],
    Input =
        case [text(File) || [<<"stdin">>, File] <- Split] of
            [File] -> {file, File};
            [] -> descriptor(0, Terminals)
        end,
    #{
        arguments => [text(Argument) || [<<"arg">>, Argument] <- Split],
        environment => [{text(Name), text(Value)} || [<<"env">>, Name, Value] <- Split],
        folders => [
            {text(Guest), text(Host), access(Access)}
         || [<<"dir">>, Host, Guest, Access] <- Split
        ],
        stdin => Input,
        stdout => descriptor(1, Terminals),
        stderr => descriptor(2, Terminals)
    }.

%% Internal

descriptor(Number, Terminals) ->
    case lists:member(Number, Terminals) of
        true -> {terminal, Number};
        false -> {descriptor, Number}
    end.

text(Field) -> binary:decode_hex(Field).

access(<<"rw">>) -> rw;
access(<<"ro">>) -> ro.
