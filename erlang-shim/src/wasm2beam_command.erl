%% Serves the command line: loads compiled modules, makes instances and calls them, as requests on a pipe ask for.
%%
%% A request is fields separated by spaces, names in hexadecimal, then for `load' and `restore' a line feed and the bytes of a
%% BEAM file or a snapshot; an answer is fields likewise. Each has its length before it, in four bytes. The pipe is file descriptor 3, so
%% that standard input and output are left to the guests. Instances live in a worker process, which `reset' replaces;
%% the node ends with the pipe, whatever the worker is doing.
-module(wasm2beam_command).

-export([start/0]).

-define(DESCRIPTOR, 3).
%% Frames that a trace may have.
-define(BACKTRACE, 64).

%% What the worker knows: instances by number, and those that later modules may import from, by name.
-record(session, {
    port :: port(),
    instances = #{} :: #{binary() => wasm2beam_instance:handle()},
    registered = #{} :: wasm2beam_link:imports(),
    wasi = none :: none | wasm2beam_wasi:wasi()
}).

%% @doc Serves until the pipe is closed, then ends the node. Greets with `ready RELEASE'.
-spec start() -> ok.
start() ->
    _ = erlang:system_flag(backtrace_depth, ?BACKTRACE),
    _ = spawn(fun serve/0),
    ok.

%% Internal

serve() ->
    Port = open_port({fd, ?DESCRIPTOR, ?DESCRIPTOR}, [{packet, 4}, binary, eof]),
    answer(Port, [<<"ready">>, list_to_binary(erlang:system_info(otp_release))]),
    route(Port, start_worker(Port)).

route(Port, {Worker, Monitor} = Current) ->
    receive
        {Port, {data, <<"reset">>}} ->
            _ = exit(Worker, kill),
            receive
                {'DOWN', Monitor, process, Worker, _} -> ok
            end,
            answer(Port, [<<"ok">>]),
            route(Port, start_worker(Port));
        {Port, {data, Request}} ->
            Worker ! {request, Request},
            route(Port, Current);
        {Port, eof} ->
            halt(0, [{flush, false}]);
        {'DOWN', Monitor, process, Worker, Reason} ->
            answer(Port, [<<"lost">>, hex(shown(Reason))]),
            route(Port, start_worker(Port))
    end.

start_worker(Port) ->
    spawn_monitor(fun() -> work(#session{port = Port}) end).

work(#session{port = Port} = Session0) ->
    receive
        {request, Request} ->
            {Fields, Session} =
                try
                    perform(Request, Session0)
                catch
                    Class:Reason:Stacktrace -> {exception(Class, Reason, Stacktrace), Session0}
                end,
            answer(Port, Fields),
            work(Session)
    end.

perform(Request, Session) ->
    case binary:split(Request, <<"\n">>) of
        [Line, Bytes] -> perform_bytes(fields(Line), Bytes, Session);
        [Line] -> perform_fields(fields(Line), Session)
    end.

perform_bytes([<<"restore">>, Name, Number | Options], Snapshot, #session{registered = Imports} = Session) ->
    begun(Number, wasm2beam:restore(binary_to_existing_atom(Name), Snapshot, Imports, limits(Options)), Session);
perform_bytes([<<"load">>, Name], Bytes, Session) ->
    {load(Name, Bytes), Session}.

perform_fields([<<"wasi">> | Fields], #session{registered = Registered} = Session) ->
    Wasi = wasm2beam_wasi:new(wasm2beam_wasi_command:options(Fields)),
    Imports = maps:merge(Registered, wasm2beam_wasi:imports(Wasi)),
    {[<<"ok">>], Session#session{registered = Imports, wasi = Wasi}};
perform_fields([<<"finish">>], #session{wasi = Wasi} = Session) ->
    Wasi =:= none orelse wasm2beam_wasi:close(Wasi),
    {[<<"ok">>], Session#session{wasi = none}};
perform_fields([<<"instantiate">>, Name, Number | Options], #session{registered = Imports} = Session) ->
    begun(Number, wasm2beam:instantiate(binary_to_existing_atom(Name), Imports, limits(Options)), Session);
perform_fields([<<"snapshot">>, Number], #session{instances = Instances} = Session) ->
    {[<<"snapshot">>, hex(wasm2beam:snapshot(maps:get(Number, Instances)))], Session};
perform_fields([<<"register">>, Number, Name], #session{instances = Instances, registered = Registered} = Session) ->
    {[<<"ok">>], Session#session{registered = Registered#{binary:decode_hex(Name) => maps:get(Number, Instances)}}};
perform_fields([<<"invoke">>, Number, Name | Values], #session{instances = Instances} = Session) ->
    Instance = maps:get(Number, Instances),
    Export = wasm2beam:export(Instance, binary:decode_hex(Name)),
    {func, {_, Types}} = wasm2beam_extern:type(wasm2beam_extern:value(Export)),
    Results = wasm2beam:call(Instance, binary:decode_hex(Name), [decode(Value) || Value <- Values]),
    {[<<"values">> | lists:zipwith(fun encode/2, Types, Results)], Session};
perform_fields([<<"fuel">>, Number], #session{instances = Instances} = Session) ->
    Fuel = wasm2beam:fuel(maps:get(Number, Instances)),
    {[<<"fuel">>, integer_to_binary(Fuel)], Session};
perform_fields([<<"refuel">>, Number, Fuel], #session{instances = Instances} = Session) ->
    ok = wasm2beam:set_fuel(maps:get(Number, Instances), binary_to_integer(Fuel)),
    {[<<"ok">>], Session};
perform_fields([<<"get">>, Number, Name], #session{instances = Instances} = Session) ->
    Export = wasm2beam:export(maps:get(Number, Instances), binary:decode_hex(Name)),
    {global, Type, _} = wasm2beam_extern:type(wasm2beam_extern:value(Export)),
    {[<<"values">>, encode(Type, wasm2beam:get_global(Export))], Session}.

begun(Number, {ok, Instance}, #session{instances = Instances} = Session) ->
    {[<<"ok">>], Session#session{instances = Instances#{Number => Instance}}};
begun(_Number, {error, Error}, Session) ->
    {failure(Error), Session}.

limits(Options) ->
    maps:from_list([option(binary:split(Option, <<"=">>)) || Option <- Options]).

option([<<"fuel">>, Units]) -> {fuel, binary_to_integer(Units)};
option([<<"timeout">>, Milliseconds]) -> {timeout, binary_to_integer(Milliseconds)};
option([<<"max_memory">>, Pages]) -> {max_memory, binary_to_integer(Pages)}.

%% Names are the pooled ones of the other side: few, and used again and again.
load(Name, Bytes) ->
    Module = binary_to_atom(Name),
    _ = code:purge(Module),
    case code:load_binary(Module, binary_to_list(Name) ++ ".beam", Bytes) of
        {module, Module} -> [<<"ok">>];
        {error, Reason} -> [<<"error">>, hex([<<"not loaded: ">>, shown(Reason)])]
    end.

failure({wasm_trap, Reason, #{stacktrace := Stacktrace}}) ->
    [<<"trap">>, hex(words(Reason)) | frames(Stacktrace)];
failure({wasm_trap, Reason, _}) ->
    [<<"trap">>, hex(words(Reason))];
failure({wasm_link, Kind, #{module := Module}} = Error) ->
    [<<"link">>, hex(words(Kind)), hex(Module), hex(wasm2beam:format_error(Error))];
failure(Error) ->
    [<<"error">>, hex(wasm2beam:format_error(Error))].

exception(error, {wasm_trap, Reason}, Stacktrace) ->
    [<<"trap">>, hex(words(Reason)) | frames(Stacktrace)];
exception(throw, {wasm2beam_wasi_exit, _, Status}, _Stacktrace) ->
    [<<"exit">>, integer_to_binary(Status)];
exception(error, {Kind, _} = Reason, _Stacktrace) when Kind =:= wasm_error; Kind =:= wasm_snapshot ->
    [<<"error">>, hex(wasm2beam:format_error(Reason))];
exception(error, {wasm_value, _, _} = Reason, _Stacktrace) ->
    [<<"error">>, hex(wasm2beam:format_error(Reason))];
exception(Class, Reason, Stacktrace) ->
    Shown = [shown({Class, Reason}), <<" in ">>, shown([{M, F, arity(A)} || {M, F, A, _} <- lists:sublist(Stacktrace, 3)])],
    [<<"error">>, hex(Shown)].

arity(Args) when is_list(Args) -> length(Args);
arity(Arity) -> Arity.

%% The Wasm functions of a stack trace that tell a position: `NAME:OFFSET', or `NAME:LINE:FILE'.
frames(Stacktrace) ->
    [
        <<(hex(Function))/binary, ":", (position(At))/binary>>
     || #{function := Function, at := At} <- wasm2beam_trace:frames(Stacktrace)
    ].

position({offset, Offset}) -> integer_to_binary(Offset);
position({File, Line}) -> <<(integer_to_binary(Line))/binary, ":", (hex(File))/binary>>.

%% Values: `TYPE:CONTENT', integers in decimal, floats as their bits, references as `null', `func' or a host's number.

decode(Field) ->
    [Type, Content] = binary:split(Field, <<":">>),
    decode(Type, Content).

decode(<<"f32">>, Bits) ->
    wasm2beam_float_bits:f32_from_bits(binary_to_integer(Bits));
decode(<<"f64">>, Content) ->
    Bits = binary_to_integer(Content),
    wasm2beam_float_bits:f64_from_bits(Bits bsr 32, Bits band 16#FFFFFFFF);
decode(_, <<"null">>) ->
    null;
decode(<<"externref">>, Number) ->
    {host, binary_to_integer(Number)};
decode(_, Integer) ->
    binary_to_integer(Integer).

encode(Type, Value) ->
    try
        <<(atom_to_binary(Type))/binary, ":", (content(Type, Value))/binary>>
    catch
        error:_ -> <<"bad:", (hex(shown(Value)))/binary>>
    end.

content(Type, Value) when Type =:= i32; Type =:= i64 ->
    integer_to_binary(Value);
content(f32, Value) ->
    Bits = wasm2beam_float_bits:f32_bits(Value),
    %% More than single precision is no f32, and must not look like one.
    true = wasm2beam_float_bits:f32_from_bits(Bits) == Value,
    integer_to_binary(Bits);
content(f64, Value) ->
    {High, Low} = wasm2beam_float_bits:f64_bits(Value),
    integer_to_binary(High bsl 32 bor Low);
content(_, null) ->
    <<"null">>;
content(funcref, {wasm2beam_funcref, _, _}) ->
    <<"func">>;
content(externref, {host, Number}) ->
    integer_to_binary(Number);
content(externref, _) ->
    <<"host">>.

words(Reason) ->
    binary:replace(atom_to_binary(Reason), <<"_">>, <<" ">>, [global]).

fields(Line) ->
    binary:split(Line, <<" ">>, [global]).

hex(Text) ->
    binary:encode_hex(iolist_to_binary(Text)).

shown(Term) ->
    unicode:characters_to_binary(io_lib:format("~0tP", [Term, 20], [{chars_limit, 300}])).

answer(Port, Fields) ->
    true = port_command(Port, lists:join(<<" ">>, Fields)),
    ok.
