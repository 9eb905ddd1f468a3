%% Requests of guests, answered by a server on the loopback address that says what it was sent.
-module(wasm2beam_extism_http_tests).

-include_lib("eunit/include/eunit.hrl").

-define(HOSTS, [<<"127.0.0.*">>, <<"localhost">>]).

http_test_() ->
    {setup, fun() -> start(gen_tcp, []) end, fun stop/1, fun(Server) ->
        {inparallel, [
            {atom_to_list(Name), {timeout, 30, fun() -> Test(Server) end}}
         || {Name, Test} <- [
                {methods, fun methods/1},
                {headers, fun headers/1},
                {statuses, fun statuses/1},
                {redirections, fun redirections/1},
                {bounds, fun bounds/1},
                {timeouts, fun timeouts/1},
                {cancelling, fun cancelling/1},
                {refusals, fun refusals/1},
                {mailbox, fun mailbox/1}
            ]
        ]}
    end}.

methods(Server) ->
    ?assertEqual({ok, 200, <<"GET /a?b=c []">>}, ask(Server, <<"/a?b=c">>, #{})),
    ?assertEqual({ok, 200, <<"GET / []">>}, ask(Server, <<>>, #{})),
    [
        ?assertEqual({ok, 200, <<Method/binary, " /echo [body]">>}, ask(Server, <<"/echo">>, #{method => Method}, <<"body">>))
     || Method <- [<<"POST">>, <<"PUT">>, <<"PATCH">>, <<"DELETE">>]
    ],
    ?assertEqual({ok, 200, <<"POST /echo []">>}, ask(Server, <<"/echo">>, #{method => <<"post">>})),
    ?assertEqual({ok, 200, <<"OPTIONS /echo []">>}, ask(Server, <<"/echo">>, #{method => <<"OPTIONS">>})),
    ?assertEqual({ok, 200, <<>>}, ask(Server, <<"/echo">>, #{method => <<"HEAD">>})),
    ?assertEqual({error, <<"an HTTP request of this method has no body">>}, ask(Server, <<"/">>, #{}, <<"x">>)),
    ?assertEqual({error, <<"HTTP method BREW is not supported">>}, ask(Server, <<"/">>, #{method => <<"brew">>})).

headers(Server) ->
    {ok, 200, Seen} = ask(Server, <<"/headers">>, #{headers => #{<<"X-One">> => <<"1 2">>, <<"Content-Type">> => <<"a/b">>}}),
    ?assertMatch({_, _}, binary:match(Seen, <<"x-one: 1 2\r\n">>)),
    ?assertMatch({_, _}, binary:match(Seen, <<"content-type: a/b\r\n">>)),
    {ok, 200, Headers, _} = request(Server, <<"/">>, #{}, <<>>, #{}),
    ?assertMatch(#{<<"x-server">> := <<"test \x{e9}"/utf8>>}, Headers),
    [
        ?assertEqual({error, <<"invalid value of an HTTP header">>}, ask(Server, <<"/">>, #{headers => #{<<"A">> => Value}}))
     || Value <- [<<"x\r\nB: c">>, <<"x\n">>, <<0>>]
    ],
    [
        ?assertEqual({error, <<"invalid name of an HTTP header">>}, ask(Server, <<"/">>, #{headers => #{Name => <<"a">>}}))
     || Name <- [<<"A: b\r\nC">>, <<>>, <<"a b">>, <<"A\n">>]
    ].

statuses(Server) ->
    [
        ?assertEqual({ok, Status, <<"body">>}, ask(Server, <<"/status/", (integer_to_binary(Status))/binary>>, #{}))
     || Status <- [200, 201, 206, 400, 404, 500]
    ],
    ?assertEqual({ok, 204, <<>>}, ask(Server, <<"/status/204">>, #{})).

redirections(Server) ->
    Post = #{method => <<"POST">>},
    ?assertEqual({ok, 200, <<"GET /echo []">>}, ask(Server, <<"/redirect/302/echo">>, Post, <<"body">>)),
    ?assertEqual({ok, 200, <<"GET /echo []">>}, ask(Server, <<"/redirect/303/echo">>, Post, <<"body">>)),
    ?assertEqual({ok, 200, <<"POST /echo [body]">>}, ask(Server, <<"/redirect/307/echo">>, Post, <<"body">>)),
    ?assertEqual({ok, 200, <<"POST /echo [body]">>}, ask(Server, <<"/redirect/308/echo">>, Post, <<"body">>)),
    ?assertMatch({error, <<"too many redirections from ", _/binary>>}, ask(Server, <<"/circle">>, #{})),
    ?assertEqual({ok, 302, <<"body">>}, ask(Server, <<"/status/302">>, #{})),
    ?assertEqual({error, <<"HTTP request to http://127.1.1.1:1/ is not allowed">>}, ask(Server, <<"/away">>, #{})),
    %% What is secret goes to no other host.
    Secret = #{headers => #{<<"Authorization">> => <<"secret">>, <<"X-Other">> => <<"o">>}},
    {ok, 200, Same} = ask(Server, <<"/redirect/302/headers">>, Secret),
    ?assertMatch({_, _}, binary:match(Same, <<"authorization: secret">>)),
    {ok, 200, Other} = ask(Server, <<"/other">>, Secret),
    ?assertEqual(nomatch, binary:match(Other, <<"secret">>)),
    ?assertMatch({_, _}, binary:match(Other, <<"x-other: o">>)).

bounds(Server) ->
    TooLarge = {error, <<"HTTP response exceeds the configured maximum number of bytes: 1000">>},
    Limit = #{max_http_response_bytes => 1000},
    {ok, 200, _, Body} = request(Server, <<"/bytes/1000">>, #{}, <<>>, Limit),
    ?assertEqual(1000, byte_size(Body)),
    ?assertEqual(TooLarge, request(Server, <<"/bytes/1001">>, #{}, <<>>, Limit)),
    ?assertEqual(TooLarge, request(Server, <<"/endless">>, #{}, <<>>, Limit)),
    ?assertEqual(TooLarge, request(Server, <<"/bytes404/2000">>, #{}, <<>>, Limit)),
    {ok, 200, _, Large} = request(Server, <<"/bytes/300000">>, #{}, <<>>, #{}),
    ?assertEqual(300000, byte_size(Large)).

timeouts(Server) ->
    Soon = fun() -> erlang:monotonic_time(millisecond) + 300 end,
    ?assertEqual({error, timeout}, request(Server, <<"/silent">>, #{}, <<>>, #{deadline => Soon()})),
    ?assertEqual({error, timeout}, request(Server, <<"/drip">>, #{}, <<>>, #{deadline => Soon()})),
    ?assertEqual({error, timeout}, request(Server, <<"/">>, #{}, <<>>, #{deadline => Soon() - 1000})).

%% Before the answer and in the midst of it; nobody waits for the rest.
cancelling(Server) ->
    [
        begin
            Json = json(#{url => url(Server, Path)}),
            Started = fun(Pid) ->
                self() ! {request, Pid},
                _ = timer:apply_after(Delay, wasm2beam_extism_http, cancel, [Pid]),
                ok
            end,
            ?assertEqual({error, cancelled}, wasm2beam_extism_http:guest_request(Json, <<>>, manifest(#{}), infinity, Started)),
            ?assertNot(receive {request, Pid} -> is_process_alive(Pid) end)
        end
     || {Path, Delay} <- [{<<"/silent">>, 0}, {<<"/silent">>, 100}, {<<"/drip">>, 200}]
    ].

refusals({_, Port, _} = Server) ->
    Number = integer_to_binary(Port),
    Ask = fun(Url) -> guest_request(json(#{url => Url}), <<>>, manifest(#{}), infinity) end,
    [
        ?assertMatch({Url, {error, <<"Invalid URL: ", _/binary>>}}, {Url, Ask(Url)})
     || Url <- [
            <<>>,
            <<"/">>,
            <<"ftp://localhost/">>,
            <<"http:///x">>,
            <<"http://local host/">>,
            <<"http://localhost/\x{e9}"/utf8>>,
            <<"http://localhost%00.evil/">>,
            <<"http://localhost/\r\nX: y">>
        ]
    ],
    ?assertMatch({error, <<"HTTP request to ", _/binary>>}, Ask(<<"http://localhost:", Number/binary, "@evil.test/">>)),
    ?assertMatch({error, <<"HTTP request to ", _/binary>>}, Ask(<<"http://evil.test/?localhost">>)),
    ?assertMatch({error, <<"HTTP request to ", _/binary>>}, Ask(<<"http://evil.test#localhost">>)),
    ?assertEqual(
        {ok, 200, <<"GET /x []">>}, short(Ask(<<"HTTP://user@LOCALHOST:", Number/binary, "/x#fragment">>))
    ),
    ?assertMatch({error, <<"HTTP request to ", _/binary>>},
        guest_request(json(#{url => url(Server, <<"/">>)}), <<>>, manifest(#{allowed_hosts => []}), infinity)
    ),
    {ok, Listen} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Closed} = inet:port(Listen),
    ok = gen_tcp:close(Listen),
    ?assertMatch({error, <<"cannot connect", _/binary>>}, Ask(<<"http://127.0.0.1:", (integer_to_binary(Closed))/binary>>)).

mailbox(Server) ->
    self() ! mine,
    _ = ask(Server, <<"/">>, #{}),
    _ = request(Server, <<"/endless">>, #{}, <<>>, #{max_http_response_bytes => 10}),
    ?assertEqual({messages, [mine]}, process_info(self(), messages)).

%% A certificate that nobody knows is refused.
tls_test_() ->
    {timeout, 30, fun() ->
        {ok, _} = application:ensure_all_started(ssl),
        ok = logger:set_application_level(ssl, none),
        Signed = [{digest, sha256}, {key, {namedCurve, secp256r1}}],
        Chain = #{root => Signed, intermediates => [], peer => Signed},
        #{server_config := Config} = public_key:pkix_test_data(#{server_chain => Chain, client_chain => Chain}),
        {_, Port, _} = Server = start(ssl, Config),
        Url = <<"https://localhost:", (integer_to_binary(Port))/binary, "/">>,
        Answer = guest_request(json(#{url => Url}), <<>>, manifest(#{}), infinity),
        stop(Server),
        ok = logger:unset_application_level(ssl),
        {error, Message} = Answer,
        ?assertMatch({_, _}, binary:match(Message, <<"unknown_ca">>))
    end}.

%% Asking

ask(Server, Path, Fields) ->
    ask(Server, Path, Fields, <<>>).

ask(Server, Path, Fields, Body) ->
    short(request(Server, Path, Fields, Body, #{})).

short({ok, Status, _, Body}) -> {ok, Status, Body};
short(Error) -> Error.

request(Server, Path, Fields, Body, Limits) ->
    Json = json(Fields#{url => url(Server, Path)}),
    Deadline = maps:get(deadline, Limits, infinity),
    guest_request(Json, Body, manifest(maps:remove(deadline, Limits)), Deadline).

guest_request(Json, Body, Manifest, Deadline) ->
    wasm2beam_extism_http:guest_request(Json, Body, Manifest, Deadline, fun(_Pid) -> ok end).

url({_, Port, _}, Path) ->
    <<"http://127.0.0.1:", (integer_to_binary(Port))/binary, Path/binary>>.

manifest(Fields) ->
    maps:merge(#{allowed_hosts => ?HOSTS, max_http_response_bytes => 1000000}, Fields).

json(Fields) ->
    Members = [[$", atom_to_binary(Key), "\":", json_value(Value)] || {Key, Value} <- maps:to_list(Fields)],
    iolist_to_binary([${, lists:join($,, Members), $}]).

json_value(Object) when is_map(Object) -> wasm2beam_json:encode(Object);
json_value(Text) ->
    Object = wasm2beam_json:encode(#{<<>> => Text}),
    binary:part(Object, 4, byte_size(Object) - 5).

%% The server

start(Transport, Options) ->
    Parent = self(),
    Pid = spawn(fun() ->
        {ok, Listen} = Transport:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {packet, raw} | Options]),
        Parent ! {self(), port(Transport, Listen)},
        accept(Transport, Listen)
    end),
    receive
        {Pid, Port} -> {Pid, Port, Transport}
    end.

port(gen_tcp, Listen) ->
    {ok, Port} = inet:port(Listen),
    Port;
port(ssl, Listen) ->
    {ok, {_, Port}} = ssl:sockname(Listen),
    Port.

stop({Pid, _, _}) ->
    exit(Pid, kill).

accept(gen_tcp, Listen) ->
    {ok, Socket} = gen_tcp:accept(Listen),
    Pid = spawn(fun() ->
        receive
            go -> serve(Socket, <<>>)
        end
    end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(gen_tcp, Listen);
accept(ssl, Listen) ->
    {ok, Socket} = ssl:transport_accept(Listen),
    _ = ssl:handshake(Socket, 5000),
    accept(ssl, Listen).

serve(Socket, Buffer) ->
    case binary:split(Buffer, <<"\r\n\r\n">>) of
        [Head, Rest] ->
            [First | Lines] = binary:split(Head, <<"\r\n">>, [global]),
            Length = lists:sum([
                binary_to_integer(Value)
             || Line <- Lines,
                [Name, Value] <- [binary:split(Line, <<": ">>)],
                string:lowercase(Name) =:= <<"content-length">>
            ]),
            Body = body(Socket, Rest, Length),
            [Method, Path, _] = binary:split(First, <<" ">>, [global]),
            answer(Socket, Method, Path, [string:lowercase(Head), "\r\n"], Body),
            gen_tcp:close(Socket);
        [_] ->
            {ok, More} = gen_tcp:recv(Socket, 0),
            serve(Socket, <<Buffer/binary, More/binary>>)
    end.

body(_Socket, Rest, Length) when byte_size(Rest) >= Length ->
    Rest;
body(Socket, Rest, Length) ->
    {ok, More} = gen_tcp:recv(Socket, 0),
    body(Socket, <<Rest/binary, More/binary>>, Length).

answer(Socket, <<"HEAD">>, _, _, _) ->
    send(Socket, 200, [], <<>>);
answer(Socket, _, <<"/status/204">>, _, _) ->
    send(Socket, 204, [], <<>>);
answer(Socket, _, <<"/status/206">>, _, _) ->
    send(Socket, 206, ["Content-Range: bytes 0-3/9\r\n"], <<"body">>);
answer(Socket, _, <<"/status/", Status/binary>>, _, _) ->
    send(Socket, binary_to_integer(Status), [], <<"body">>);
answer(Socket, _, <<"/redirect/", Status:3/binary, Path/binary>>, _, _) ->
    send(Socket, binary_to_integer(Status), ["Location: ", Path, "\r\n"], <<"moved">>);
answer(Socket, _, <<"/circle">>, _, _) ->
    send(Socket, 302, ["Location: /circle\r\n"], <<>>);
answer(Socket, _, <<"/away">>, _, _) ->
    send(Socket, 302, ["Location: http://127.1.1.1:1/\r\n"], <<>>);
answer(Socket, _, <<"/other">>, _, _) ->
    {ok, Port} = inet:port(Socket),
    send(Socket, 302, ["Location: http://localhost:", integer_to_list(Port), "/headers\r\n"], <<>>);
answer(Socket, _, <<"/headers">>, Head, _) ->
    send(Socket, 200, [], iolist_to_binary(Head));
answer(Socket, _, <<"/bytes/", Count/binary>>, _, _) ->
    send(Socket, 200, [], binary:copy(<<"x">>, binary_to_integer(Count)));
answer(Socket, _, <<"/bytes404/", Count/binary>>, _, _) ->
    send(Socket, 404, [], binary:copy(<<"x">>, binary_to_integer(Count)));
answer(Socket, _, <<"/endless">>, _, _) ->
    ok = gen_tcp:send(Socket, <<"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n">>),
    endless(Socket, 0);
answer(Socket, _, <<"/drip">>, _, _) ->
    ok = gen_tcp:send(Socket, <<"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n">>),
    endless(Socket, 50);
answer(_Socket, _, <<"/silent">>, _, _) ->
    timer:sleep(5000);
answer(Socket, Method, Path, _, Body) ->
    send(Socket, 200, [], <<Method/binary, " ", Path/binary, " [", Body/binary, "]">>).

endless(Socket, Pause) ->
    case gen_tcp:send(Socket, <<"4\r\nabcd\r\n">>) of
        ok ->
            timer:sleep(Pause),
            endless(Socket, Pause);
        {error, _} ->
            ok
    end.

send(Socket, Status, Headers, Body) ->
    Length = ["Content-Length: ", integer_to_list(byte_size(Body)), "\r\n"],
    Head = ["HTTP/1.1 ", integer_to_list(Status), " X\r\nX-Server: test ", 16#E9, "\r\nConnection: close\r\n"],
    ok = gen_tcp:send(Socket, [Head, Length, Headers, "\r\n", Body]).
