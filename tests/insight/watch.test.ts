// What a running instance lets be seen of it: tracing and profiling by the names of its functions, events, its present
// size; and that no report ever holds a memory.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { otpRelease, runProgram, withFolder } from '../harness/erlang.ts';

const ROOT = join(import.meta.dirname, '../..');
const ELIXIR = join(ROOT, 'erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin');
const PATIENCE = 60_000;

const withGuest = <T>(use: (folder: string) => Promise<T>, fuel = false): Promise<T> =>
  withFolder(async (folder) => {
    const { bytes } = parseWat(readFileSync(join(import.meta.dirname, 'watched.wat'), 'utf8'));
    writeFileSync(
      join(folder, 'guest.beam'),
      compile(bytes, { name: 'guest', fuel, inline: false, otp: await otpRelease() }),
    );
    return use(folder);
  });

const IMPORTS = `#{<<"env">> => #{<<"log">> => fun(0) -> error(refused); (_) -> ok end}}`;

/** What an Erlang program prints, with the guest at hand, and an instance of it in I. */
const erlang = (program: string): Promise<string[]> =>
  withGuest((folder) => runProgram(folder, `{ok, I} = wasm2beam:instantiate(guest, ${IMPORTS}), ${program}`));

describe('tracing', () => {
  test('shows calls by name, and with the flag arity no arguments', { timeout: PATIENCE }, async () => {
    const lines = await erlang(`
      Self = self(),
      Tracer = {fun({trace, _, call, MFA}, N) -> Self ! MFA, N + 1; (_, N) -> N end, 0},
      {ok, _} = dbg:tracer(process, Tracer),
      {ok, _} = dbg:p(self(), [call, arity]),
      {ok, _} = dbg:tpl(guest, '_', '_', []),
      4 = guest:steps(I, 2) - 146,
      ok = dbg:stop_clear(),
      Drain = fun Loop(Seen) -> receive {guest, _, _} = MFA -> Loop([MFA | Seen]) after 200 -> lists:reverse(Seen) end end,
      [Told({F, is_integer(A)}) || {guest, F, A} <- Drain([])]`);
    const calls = ['{steps,true}', "{'$wasm2beam',true}", '{steps,true}', '{steps,true}', '{inner,true}'];
    for (const call of calls) expect(lines).toContain(call);
    expect(lines.filter((line) => line === '{inner,true}')).toHaveLength(2);
    expect(lines.every((line) => line.endsWith(',true}'))).toBe(true);
  });

  test('sees arguments where it is asked for some of them only', { timeout: PATIENCE }, async () => {
    const lines = await erlang(`
      Self = self(),
      {ok, _} = dbg:tracer(process, {fun({trace, _, call, {M, F, _}, Seen}, _) -> Self ! {M, F, Seen}; (_, _) -> ok end, ok}),
      {ok, _} = dbg:p(self(), [call, arity]),
      {ok, _} = dbg:tp(guest, outer, 2, [{['_', '$1'], [], [{message, '$1'}]}]),
      11 = guest:outer(I, 10),
      ok = dbg:stop_clear(),
      receive Seen -> Told(Seen) after 5000 -> Told(nothing) end`);
    expect(lines).toEqual(['{guest,outer,10}']);
  });

  test('of profilers tells calls by name', { timeout: PATIENCE }, async () => {
    const work = `fun() -> {ok, J} = wasm2beam:instantiate(guest, ${IMPORTS}), guest:steps(J, 50) end`;
    // OTP 27 has a newer one.
    const isOld = (await otpRelease()) < 27;
    const lines = await erlang(
      isOld
        ? `{ok, _} = eprof:profile([], ${work}), eprof:analyze(total)`
        : `[tprof:profile(${work}, #{type => Type, report => total, pattern => {guest, '_', '_'}}) || Type <- [call_count, call_time]]`,
    );
    const count = isOld ? 1 : 2;
    expect(lines.filter((line) => /^guest:inner\/\d+ +50 /.test(line))).toHaveLength(count);
    expect(lines.filter((line) => /^guest:steps\/\d+ +50 /.test(line)).length).toBeGreaterThanOrEqual(count);
  });
});

test("the JIT tells Linux's perf the names of functions", { timeout: PATIENCE }, async () => {
  const program = `{module, guest} = code:ensure_loaded(guest),
    File = "/tmp/perf-" ++ os:getpid() ++ ".map", {ok, Map} = file:read_file(File), ok = file:delete(File),
    _ = file:delete("/tmp/jit-" ++ os:getpid() ++ ".dump"), io:put_chars(Map)`;
  const output = (await withGuest((folder) => runProgram(folder, program, ['+JPperf', 'true']))).join('\n');
  expect(output).toMatch(/^0x[0-9a-f]+ [0-9a-f]+ \$guest:inner\/\d$/m);
  expect(output).toMatch(/ \$guest:steps\/\d$/m);
});

describe('events', () => {
  const HANDLER = `Handler = fun([wasm2beam | Event], Measurements, Metadata, told) ->
      Told({Event, lists:sort(maps:keys(Measurements)), maps:without([stacktrace, instance], Metadata)})
    end,
    All = [[wasm2beam, call, start], [wasm2beam, call, stop], [wasm2beam, call, exception], [wasm2beam, trap],
           [wasm2beam, memory, grow], [wasm2beam, instantiate, start], [wasm2beam, instantiate, stop]]`;

  test('tell of calls, traps, growth and instances', { timeout: PATIENCE }, async () => {
    const lines = await erlang(`${HANDLER},
      ok = wasm2beam_events:attach(one, All, Handler, told),
      {error, already_exists} = wasm2beam_events:attach(one, All, Handler, told),
      [11] = wasm2beam:call(I, outer, [10]),
      {'EXIT', {{wasm_trap, _}, _}} = (catch wasm2beam:call(I, <<"outer">>, [0])),
      {'EXIT', {refused, _}} = (catch wasm2beam:call(I, "log", [0])),
      1 = guest:grow(I, 1),
      {'EXIT', _} = (catch wasm2beam:grow_memory(I, 9)),
      {error, _} = wasm2beam:instantiate(guest),
      ok = wasm2beam_events:detach(one),
      {error, not_found} = wasm2beam_events:detach(one),
      [] = wasm2beam_events:handlers(),
      [11] = wasm2beam:call(I, outer, [10]),
      Told(done)`);
    const of = (name: string, more = ''): string => `#{function => <<"${name}">>,${more}module => guest}`;
    expect(lines).toEqual([
      `{[call,start],[monotonic_time,system_time],${of('outer')}}`,
      `{[call,stop],[duration,monotonic_time],${of('outer')}}`,
      `{[call,start],[monotonic_time,system_time],${of('outer')}}`,
      `{[call,exception],[duration,monotonic_time],${of('outer', 'kind => error,').replace('}', ',reason => {wasm_trap,integer_divide_by_zero}}')}}`,
      `{[trap],[],${of('outer').replace('}', ',reason => integer_divide_by_zero}')}}`,
      `{[call,start],[monotonic_time,system_time],${of('log')}}`,
      `{[call,exception],[duration,monotonic_time],${of('log', 'kind => error,').replace('}', ',reason => refused}')}}`,
      '{[memory,grow],[delta,pages],#{result => ok}}',
      '{[memory,grow],[delta,pages],#{result => error}}',
      '{[instantiate,start],[monotonic_time,system_time],#{module => guest}}',
      '{[instantiate,stop],[duration,monotonic_time],#{module => guest,result => error}}',
      'done',
    ]);
  });

  test('outlive a handler that fails: it is detached', { timeout: PATIENCE }, async () => {
    const lines = await erlang(`
      logger:set_primary_config(level, none),
      ok = wasm2beam_events:attach({a, 1}, [wasm2beam, call, stop], fun(_, _, _, _) -> error(mine) end, none),
      ok = wasm2beam_events:attach({a, 2}, [wasm2beam, call, stop], fun(_, _, _, Pid) -> Pid ! seen end, self()),
      [11] = wasm2beam:call(I, outer, [10]),
      Told(wasm2beam_events:handlers()),
      receive seen -> Told(seen) after 0 -> Told(nothing) end`);
    expect(lines).toEqual(['[{{a,2},[[wasm2beam,call,stop]]}]', 'seen']);
  });
});

test('info tells the present size and the calls', { timeout: PATIENCE }, async () => {
  const lines = await erlang(`
    Told(wasm2beam:info(I)),
    ok = guest:fill(I, 1), _ = guest:grow(I, 2), [11] = wasm2beam:call(I, outer, [10]), _ = (catch guest:outer(I, 0)),
    ok = wasm2beam:write_memory(I, 4, <<"x">>),
    #{calls := Calls, memories := [Memory]} = wasm2beam:info(I),
    Told(Calls), Told(Memory)`);
  expect(lines).toEqual([
    '#{calls => 0,fuel => infinity,max_depth => 100000,memories => [#{max => 4,pages => 1,touched => 0}],module => guest,tables => [3]}',
    '4',
    '#{max => 4,pages => 3,touched => 65536}',
  ]);
});

test('info tells the fuel that is left', { timeout: PATIENCE }, async () => {
  const program = `{ok, I} = wasm2beam:instantiate(guest, ${IMPORTS}, #{fuel => 1000}), 1000 = maps:get(fuel, wasm2beam:info(I)),
    _ = guest:outer(I, 3), Left = maps:get(fuel, wasm2beam:info(I)), Told(Left < 1000 andalso Left > 950)`;
  expect(await withGuest((folder) => runProgram(folder, program), true)).toEqual(['true']);
});

describe('a memory is never printed nor copied', () => {
  test('by a crash report, an exception or the process dictionary', { timeout: PATIENCE }, async () => {
    const lines = await erlang(`
      Work = fun() ->
        {ok, J} = wasm2beam:instantiate(guest, #{<<"env">> => #{<<"log">> => fun(_) -> error(refused) end}}),
        ok = wasm2beam:write_memory(J, 0, binary:copy(<<"secret!!">>, 8192)),
        <<"secret!!">> = wasm2beam:read_memory(J, 0, 8),
        J
      end,
      Report = fun(Fun) ->
        ok = logger:add_handler(capture, watch_capture, #{config => self()}),
        Pid = proc_lib:spawn(Fun), Monitor = monitor(process, Pid),
        receive {'DOWN', Monitor, process, Pid, Reason} -> ok end,
        receive {log, Text} -> ok after 5000 -> Text = "" end,
        logger:remove_handler(capture),
        Told({length(Text) > 500, length(Text) < 20000, string:find(Text, "secret") =:= nomatch,
          string:find(Text, integer_to_list(binary:decode_unsigned(<<"secr">>, little))) =:= nomatch,
          erts_debug:flat_size(Reason) < 3000})
      end,
      Source = "-module(watch_capture). -export([log/2]). log(#{msg := {report, R}, meta := #{report_cb := F} = M}, #{config := Pid}) ->"
        " Text = case erlang:fun_info(F, arity) of {arity, 1} -> {Fmt, As} = F(R), io_lib:format(Fmt, As);"
        " {arity, 2} -> F(R, #{depth => unlimited, chars_limit => unlimited, single_line => false}) end,"
        " Pid ! {log, lists:flatten(Text)}, M.",
      Forms = fun Split(Text, Done) -> case erl_scan:tokens([], Text, 1) of
          {done, {ok, Tokens, _}, Rest} -> {ok, Form} = erl_parse:parse_form(Tokens), Split(Rest, [Form | Done]);
          _ -> lists:reverse(Done) end end,
      {ok, watch_capture, Beam} = compile:forms(Forms(Source ++ "\\n", [])),
      {module, _} = code:load_binary(watch_capture, "", Beam),
      logger:set_handler_config(default, level, none),
      Report(fun() -> guest:outer(Work(), 0) end),
      Report(fun() -> guest:log(Work(), 5) end),
      Report(fun() -> J = Work(), guest:outer(J, {no, number}) end),
      Report(fun() -> J = Work(), apply(guest, outer, [J, 1, 2, 3]) end)`);
    expect(lines).toEqual(Array.from({ length: 4 }, () => '{true,true,true,true,true}'));
  });

  test('by :sys.get_state of a server, or inspect', { timeout: PATIENCE }, async () => {
    const output = await withGuest(async (folder) => {
      const script = `
        {:ok, server} = Wasm2Beam.Server.start_link(module: :guest, imports: %{env: %{log: fn _ -> :ok end}})
        {:ok, _} = Wasm2Beam.Server.run(server, fn i ->
          :guest.fill(i, ?s)
          Wasm2Beam.Memory.write!(i, 0, "secret")
        end)
        state = :sys.get_state(server)
        IO.inspect(:erts_debug.flat_size(state) < 500)
        IO.inspect(inspect(state, limit: :infinity, printable_limit: :infinity) =~ "secret")
        {:ok, instance} = Wasm2Beam.Server.run(server, & &1)
        IO.inspect(:erts_debug.flat_size(instance) < 50)
        IO.puts(inspect(instance, limit: :infinity, structs: true))
        status = :sys.get_status(server)
        IO.inspect(:erts_debug.flat_size(status) < 2000)`;
      return (await execa('elixir', ['-pa', ELIXIR, '-pa', folder, '-e', script])).stdout;
    });
    expect(output).toMatch(/^true\nfalse\ntrue\n#Wasm2Beam\.Instance<:guest, #PID<[\d.]+>>\ntrue$/);
  });
});
