%% The kernel nbody, as one writes it in Erlang: bodies are tuples in a list. The operations come in the order of the C
%% source, so that the bits are the same.
-module(twin_nbody).

-export([run/1]).

-define(STEP, 0.01).

%% @doc The checksum of the C kernel.
-spec run(non_neg_integer()) -> non_neg_integer().
run(N) ->
    lists:foldl(fun checksum/2, 0, run(N, bodies())).

bodies() ->
    [
        {0.0, 0.0, 0.0, -0.000387, -0.003277, 0.000024, 39.478417},
        {4.841431, -1.160320, -0.103622, 0.606326, 2.811987, -0.025218, 0.037694},
        {8.343367, 4.124799, -0.403523, -1.010774, 1.825662, 0.008416, 0.011286},
        {12.894369, -15.111151, -0.223308, 1.082791, 0.868713, -0.010833, 0.001724},
        {15.379697, -25.919315, 0.179259, 0.979091, 0.594699, -0.034756, 0.002034}
    ].

run(0, Bodies) -> Bodies;
run(N, Bodies) -> run(N - 1, [move(Body) || Body <- pull(Bodies)]).

move({X, Y, Z, Vx, Vy, Vz, Mass}) ->
    {X + ?STEP * Vx, Y + ?STEP * Vy, Z + ?STEP * Vz, Vx, Vy, Vz, Mass}.

%% The bodies with the velocities that their attraction gives them.
pull([]) ->
    [];
pull([Body | Others]) ->
    {Body1, Others1} = pull(Body, Others, []),
    [Body1 | pull(Others1)].

pull(Body, [], Done) ->
    {Body, lists:reverse(Done)};
pull({X, Y, Z, Vx, Vy, Vz, Mass}, [{Xb, Yb, Zb, Vxb, Vyb, Vzb, Massb} | Others], Done) ->
    Dx = X - Xb,
    Dy = Y - Yb,
    Dz = Z - Zb,
    Square = Dx * Dx + Dy * Dy + Dz * Dz,
    Magnitude = ?STEP / (Square * math:sqrt(Square)),
    Body = {X, Y, Z, Vx - Dx * Massb * Magnitude, Vy - Dy * Massb * Magnitude, Vz - Dz * Massb * Magnitude, Mass},
    Other =
        {Xb, Yb, Zb, Vxb + Dx * Mass * Magnitude, Vyb + Dy * Mass * Magnitude, Vzb + Dz * Mass * Magnitude, Massb},
    pull(Body, Others, [Other | Done]).

checksum(Body, Sum) ->
    <<High:32, Low:32>> = <<(element(1, Body))/float>>,
    (Sum * 31 + (High bxor Low)) band 16#FFFFFFFF.
