%% Standard input, output and error of a guest, as values that the embedder chooses.
%%
%% For input: `empty', iodata, `{io, Device}', a fun from a length to bytes (at most so many) or `eof', `{file, Name}',
%% `{descriptor, N}' (a file descriptor of the operating system; `{terminal, N}' where it is one), `inherit'.
%% For output: `discard', `{io, Device}', a fun that takes bytes, `{send, Pid, Tag}' (messages `{Tag, Bytes}'),
%% `collect' (wasm2beam_wasi:output/2), `{descriptor, N}', `{terminal, N}', `inherit' (the group leader's).
%% Bytes pass unchanged, except that a device of characters gets UTF-8 as characters.
-module(wasm2beam_wasi_stream).

-export([open/2, read/2, write/2, close/1, free/1, collected/1, is_terminal/1, ready/2]).

-export_type([input/0, output/0, stream/0]).

-type input() ::
    inherit
    | empty
    | iodata()
    | {io, io:device()}
    | fun((pos_integer()) -> binary() | eof)
    | {file, file:name_all()}
    | {descriptor | terminal, non_neg_integer()}.
-type output() ::
    inherit
    | discard
    | collect
    | {io, io:device()}
    | fun((binary()) -> term())
    | {send, pid(), term()}
    | {descriptor | terminal, non_neg_integer()}.
-type stream() :: tuple() | empty | discard.

%% Milliseconds between two looks at a queue that empties.
-define(QUEUE_POLL, 2).
-define(CHUNK, 65536).

%% @doc A stream for reading (`in') or writing (`out', standard output or `err', standard error). Raises
%% `{wasm_error, {bad_option, _, _}}' for a value that is none of the above, or for a file that cannot be read.
-spec open(in | out | err, term()) -> stream().
open(in, inherit) -> device_reader(standard_io);
open(out, inherit) -> written_device(standard_io);
open(err, inherit) -> written_device(standard_error);
open(in, empty) -> empty;
open(in, {io, Device}) -> device_reader(Device);
open(in, Fun) when is_function(Fun, 1) -> {reader, Fun, cell(<<>>)};
open(in, {file, Name}) -> open_file(Name);
open(in, {Kind, Number}) when Kind =:= descriptor; Kind =:= terminal -> {Kind, Number, cell(unopened)};
open(in, Bytes) when is_binary(Bytes); is_list(Bytes) -> open_bytes(Bytes);
open(_, discard) -> discard;
open(_, collect) -> {collect, cell([])};
open(_, {io, Device}) -> written_device(Device);
open(_, {send, Pid, Tag}) when is_pid(Pid) -> {send, Pid, Tag};
open(_, Fun) when is_function(Fun, 1) -> {writer, Fun};
open(_, {Kind, Number}) when Kind =:= descriptor; Kind =:= terminal -> {Kind, Number, cell(unopened)};
open(Which, Other) -> bad(Which, Other).

%% @doc At least one and at most Length bytes, or none at the end.
-spec read(stream(), non_neg_integer()) -> {ok, binary()} | {error, term()}.
read(_Stream, 0) -> {ok, <<>>};
read(empty, _Length) -> {ok, <<>>};
read({bytes, Cell}, Length) -> {ok, take(Cell, Length)};
read({reader, Fun, Cell}, Length) -> read_fun(Fun, Cell, Length);
read({file, File}, Length) -> read_file(File, Length);
read({_, Number, Cell}, Length) -> read_descriptor(Number, Cell, Length).

%% @doc Writes all bytes. `sigpipe' says that a reader behind a descriptor has gone away.
-spec write(stream(), binary()) -> ok | {error, term()}.
write(discard, _Bytes) ->
    ok;
write({collect, Cell}, Bytes) ->
    change(Cell, [Bytes | content(Cell)]);
write({device, Device, Cell}, Bytes) ->
    write_device(Device, Cell, Bytes);
write({writer, Fun}, Bytes) ->
    _ = Fun(Bytes),
    ok;
write({send, Pid, Tag}, Bytes) ->
    _ = Pid ! {Tag, Bytes},
    ok;
write({_, Number, Cell}, Bytes) ->
    write_descriptor(Number, Cell, Bytes).

%% @doc Ends the stream: what was written is out then, as far as the operating system is concerned.
-spec close(stream()) -> ok.
close({file, File}) ->
    _ = file:close(File),
    ok;
close({device, Device, Cell}) ->
    _ = write_rest(Device, content(Cell)),
    change(Cell, <<>>);
close({Kind, _Number, Cell}) when Kind =:= descriptor; Kind =:= terminal ->
    close_descriptor(content(Cell)),
    change(Cell, unopened);
close(_Stream) ->
    ok.

%% @doc Gives up what a stream needed, after close/1.
-spec free(stream()) -> ok.
free({collect, Cell}) -> wasm2beam_store:release(Cell);
free({bytes, Cell}) -> wasm2beam_store:release(Cell);
free({_, _, Cell}) when is_reference(Cell) -> wasm2beam_store:release(Cell);
free(_Stream) -> ok.

%% @doc What was written to a stream that collects.
-spec collected(stream()) -> binary().
collected({collect, Cell}) -> iolist_to_binary(lists:reverse(content(Cell)));
collected(_Stream) -> <<>>.

%% @doc Whether a person may sit at the other end.
-spec is_terminal(stream()) -> boolean().
is_terminal({terminal, _, _}) -> true;
is_terminal(_Stream) -> false.

%% @doc Waits until a read would not block, at most so many milliseconds, as far as that can be known: where it cannot,
%% the stream counts as ready.
-spec ready(stream(), non_neg_integer()) -> boolean().
ready({Kind, Number, Cell} = Stream, Wait) when Kind =:= descriptor; Kind =:= terminal ->
    case content(Cell) of
        unopened ->
            change(Cell, open_descriptor(Number)),
            ready(Stream, Wait);
        {port, Port, <<>>} ->
            receive
                {Port, {data, Bytes}} -> change(Cell, {port, Port, Bytes}) =:= ok;
                {Port, eof} -> change(Cell, {ended, Port}) =:= ok
            after Wait -> false
            end;
        _ ->
            true
    end;
ready(_Stream, _Wait) ->
    true.

%% Internal

%% What changes while a stream is used; it lives in the process's store like everything of an instance.
cell(Value) -> wasm2beam_store:new(Value).

content(Cell) ->
    {ok, Value} = wasm2beam_store:find(Cell),
    Value.

change(Cell, Value) -> wasm2beam_store:replace(Cell, Value).

-spec bad(atom(), term()) -> no_return().
bad(in, Value) -> wasm2beam_error:raise({bad_option, stdin, Value});
bad(out, Value) -> wasm2beam_error:raise({bad_option, stdout, Value});
bad(err, Value) -> wasm2beam_error:raise({bad_option, stderr, Value}).

device_reader(Device) ->
    {reader, fun(_Length) -> read_line(Device) end, cell(<<>>)}.

open_bytes(Bytes) ->
    try
        {bytes, cell(iolist_to_binary(Bytes))}
    catch
        error:badarg -> bad(in, Bytes)
    end.

open_file(Name) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, File} -> {file, File};
        {error, _} -> bad(in, {file, Name})
    end.

take(Cell, Length) ->
    Bytes = content(Cell),
    Count = min(Length, byte_size(Bytes)),
    <<Taken:Count/binary, Rest/binary>> = Bytes,
    change(Cell, Rest),
    Taken.

%% A fun may give more than was asked for: the rest waits.
read_fun(Fun, Cell, Length) ->
    case content(Cell) of
        <<>> ->
            case Fun(Length) of
                eof ->
                    {ok, <<>>};
                {error, Reason} ->
                    {error, Reason};
                Bytes ->
                    change(Cell, iolist_to_binary(Bytes)),
                    {ok, take(Cell, Length)}
            end;
        _ ->
            {ok, take(Cell, Length)}
    end.

read_file(File, Length) ->
    case file:read(File, Length) of
        eof -> {ok, <<>>};
        Result -> Result
    end.

%% A line at most, so that a person's answer arrives when it is given.
read_line(Device) ->
    case io:get_line(Device, "") of
        eof -> eof;
        {error, Reason} -> {error, Reason};
        Line -> unicode:characters_to_binary(Line, unicode, encoding(Device))
    end.

written_device(Device) ->
    {device, Device, cell(<<>>)}.

%% A device of bytes gets bytes. One of characters gets UTF-8 as characters, an unfinished one when its rest comes.
write_device(Device, Cell, Bytes) ->
    case encoding(Device) of
        latin1 ->
            file:write(Device, Bytes);
        unicode ->
            case unicode:characters_to_binary([content(Cell), Bytes]) of
                Whole when is_binary(Whole) ->
                    change(Cell, <<>>),
                    put_characters(Device, Whole);
                {incomplete, Whole, Rest} ->
                    change(Cell, iolist_to_binary(Rest)),
                    put_characters(Device, Whole);
                {error, _, _} ->
                    All = <<(content(Cell))/binary, Bytes/binary>>,
                    change(Cell, <<>>),
                    write_rest(Device, All)
            end
    end.

put_characters(Device, Text) ->
    try
        io:put_chars(Device, Text)
    catch
        error:Reason -> {error, Reason}
    end.

%% What is no UTF-8 is taken for Latin-1.
write_rest(_Device, <<>>) -> ok;
write_rest(Device, Bytes) -> file:write(Device, Bytes).

encoding(Device) ->
    case io:getopts(Device) of
        Options when is_list(Options) -> proplists:get_value(encoding, Options, latin1);
        {error, _} -> latin1
    end.

%% Descriptors of the operating system. What can be opened anew by name (files, pipes, terminals) is read as a file, so
%% that no more is read than the guest takes; a socket only as a port, whose data arrive as messages.

read_descriptor(Number, Cell, Length) ->
    case content(Cell) of
        unopened ->
            change(Cell, open_descriptor(Number)),
            read_descriptor(Number, Cell, Length);
        {opened, File} ->
            read_file(File, Length);
        {ended, _} ->
            {ok, <<>>};
        {port, Port, <<>>} ->
            receive
                {Port, {data, Bytes}} -> change(Cell, {port, Port, Bytes});
                {Port, eof} -> change(Cell, {ended, Port})
            end,
            read_descriptor(Number, Cell, Length);
        {port, Port, Bytes} ->
            Count = min(Length, byte_size(Bytes)),
            <<Taken:Count/binary, Rest/binary>> = Bytes,
            change(Cell, {port, Port, Rest}),
            {ok, Taken}
    end.

open_descriptor(Number) ->
    case file:open(["/dev/fd/", integer_to_list(Number)], [read, raw, binary]) of
        {ok, File} -> {opened, File};
        {error, _} -> {port, open_port({fd, Number, Number}, [in, binary, stream, eof]), <<>>}
    end.

%% A reader that went away closes the port; it must not take the guest's process with it.
write_descriptor(Number, Cell, Bytes) ->
    case content(Cell) of
        unopened ->
            Port = open_port({fd, Number, Number}, [out, binary, stream]),
            true = unlink(Port),
            change(Cell, {port, Port, <<>>}),
            write_port(Port, Bytes);
        {port, Port, <<>>} ->
            write_port(Port, Bytes)
    end.

%% Waits where the other side takes it slowly: a port is busy beyond a few kilobytes.
write_port(_Port, <<>>) ->
    ok;
write_port(Port, Bytes) ->
    Count = min(byte_size(Bytes), ?CHUNK),
    <<Chunk:Count/binary, Rest/binary>> = Bytes,
    try port_command(Port, Chunk) of
        true -> write_port(Port, Rest)
    catch
        error:badarg -> {error, sigpipe}
    end.

close_descriptor({opened, File}) ->
    _ = file:close(File),
    ok;
close_descriptor({port, Port, _}) ->
    drain(Port),
    close_port(Port);
close_descriptor({ended, Port}) ->
    close_port(Port);
close_descriptor(unopened) ->
    ok.

drain(Port) ->
    case erlang:port_info(Port, queue_size) of
        {queue_size, Left} when Left > 0 ->
            timer:sleep(?QUEUE_POLL),
            drain(Port);
        _ ->
            ok
    end.

close_port(Port) ->
    try
        true = port_close(Port),
        ok
    catch
        error:badarg -> ok
    end.
