// Time: timeouts of the manifest, and calls that another process cancels.
import { beforeAll, describe, expect, test } from 'vitest';
import { binary, evaluateCases } from './plugins.ts';

const SPINS = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
  (import "extism:host/user" "wait" (func $wait))
  (func (export "echo") (call $output (call $input) (call $length)))
  (func (export "spin") (loop (br 0)))
  (func (export "wait") (call $wait) (call $output (call $input) (call $length)))
  (func (export "ask") (drop (call $request (call $input) (i64.const 0)))))`;
const SPINS_AT_START = '(module (func $start (loop (br 0))) (start $start))';
const SPINS_AT_FIRST = '(module (func (export "_initialize") (loop (br 0))))';
const SPINS_FOR_OTHERS = '(module (func (export "spin") (loop (br 0))))';
const CALLS_OTHER = '(module (import "lib" "spin" (func $spin)) (func (export "spin") (call $spin)))';

const PATIENCE = 60_000;
/** Milliseconds: enough for all that ends, and not much for what does not. */
const TIMEOUT = 300;

const NEW = (wasm: string, more: string, wait = 'ok'): string => `wasm2beam_extism:new(#{wasm => [${wasm}]${more}},
  #{functions => [#{name => <<"wait">>, params => [], results => [], function => fun() -> ${wait} end}]})`;
const TIMED = `, timeout_ms => ${TIMEOUT}`;
const METERED = '#{module => metered}';
const SHOW = `Show = fun({error, {wasm_extism, Kind, #{code := Code, message := Message}}}) -> {Kind, Code, Message}; (Other) -> Other end`;
const CALL = (name: string): string => `wasm2beam_extism:call(P, ${name}, <<"hi">>)`;
/** Cancels the plug-in again and again, in case that it does not run yet, until this process goes on. */
const CANCEL = `Cancel = fun Again() -> timer:sleep(20), ok = wasm2beam_extism:cancel(P), receive stop -> ok after 0 -> Again() end end,
  Canceller = spawn(Cancel)`;

/** A server that takes what it is asked and never answers; Accepted is called when it has taken it. */
const SILENT_SERVER = (accepted: string): string => `Self = self(), spawn(fun() ->
    {ok, Listen} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]), Self ! inet:port(Listen),
    {ok, Socket} = gen_tcp:accept(Listen), {ok, _} = gen_tcp:recv(Socket, 0), ${accepted}, timer:sleep(infinity) end),
  {ok, Port} = receive {ok, _} = Listening -> Listening end,
  Json = iolist_to_binary(io_lib:format("{\\"url\\": \\"http://127.0.0.1:~b/\\"}", [Port]))`;
const LOOPBACK = `, allowed_hosts => [<<"127.0.0.1">>]`;

const CASES = {
  timeout: `{ok, P} = ${NEW(METERED, TIMED)}, ${SHOW}, [Show(Each) || Each <- [${CALL('echo')}, ${CALL('spin')}, ${CALL('echo')}, ${CALL('spin')}, ${CALL('echo')}]]`,
  waits: `{ok, P} = ${NEW(METERED, TIMED, `timer:sleep(${TIMEOUT + 100})`)}, ${SHOW}, [Show(${CALL('wait')}), ${CALL('echo')}]`,
  start: `${SHOW}, [Show(wasm2beam_extism:new(#{wasm => [#{module => Each}]${TIMED}})) || Each <- [start, first]]`,
  other: `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => library, name => <<"lib">>}, #{module => calls}]${TIMED}}),
    ${SHOW}, Show(${CALL('spin')})`,
  ask_timeout: `{ok, P} = ${NEW(METERED, `${TIMED}${LOOPBACK}`)}, ${SILENT_SERVER('ok')}, ${SHOW},
    [Show(wasm2beam_extism:call(P, ask, Json)), ${CALL('echo')}]`,
  ask_cancel: `{ok, P} = ${NEW(METERED, LOOPBACK)}, ${SILENT_SERVER('wasm2beam_extism:cancel(P)')}, ${SHOW},
    [Show(wasm2beam_extism:call(P, ask, Json)), ${CALL('echo')}]`,
  unmetered: `${SHOW}, Show(${NEW('#{module => plain}', TIMED)})`,
  bytes: `application:load(wasm2beam), application:set_env(wasm2beam, cache, false),
    {ok, P} = ${NEW(`#{data => ${binary(SPINS)}}`, TIMED)}, ${SHOW}, [Show(${CALL('spin')}), ${CALL('echo')}]`,
  cancel: `{ok, P} = ${NEW(METERED, '')}, ${CANCEL}, ${SHOW}, Result = Show(${CALL('spin')}), Canceller ! stop, Result`,
  cancel_idle: `{ok, P} = ${NEW(METERED, '')}, [wasm2beam_extism:cancel(P), ${CALL('echo')}, wasm2beam_extism:free(P), wasm2beam_extism:cancel(P)]`,
  cancel_unmetered: `{ok, P} = ${NEW('#{module => plain}', '')}, {error, {wasm_extism, not_cancellable, _}} = wasm2beam_extism:cancel(P), ${CALL('echo')}`,
};

let answers: Record<keyof typeof CASES, string>;

beforeAll(async () => {
  const sources = {
    metered: { metered: SPINS },
    plain: SPINS,
    start: { metered: SPINS_AT_START },
    first: { metered: SPINS_AT_FIRST },
    library: { metered: SPINS_FOR_OTHERS },
    calls: { metered: CALLS_OTHER },
  };
  answers = await evaluateCases(sources, CASES);
}, PATIENCE);

const ok = `{ok,${binary('hi')}}`;
const cancelled = `{cancelled,-1,${binary('cancelled')}}`;
const timeout = `{timeout,-1,${binary('timeout')}}`;

describe('a timeout', () => {
  test('ends a call, and leaves the plug-in usable', () => {
    expect(answers.timeout).toBe(`[${[ok, timeout, ok, timeout, ok].join(',')}]`);
    expect(answers.bytes).toBe(`[${[timeout, ok].join(',')}]`);
  });

  test('ends a plug-in that waits for an answer', () => {
    expect(answers.ask_timeout).toBe(`[${[timeout, ok].join(',')}]`);
  });

  test('lets a host function finish first', () => {
    expect(answers.waits).toBe(`[${[timeout, ok].join(',')}]`);
  });

  test('holds for what runs before the first call, and in other modules', () => {
    expect(answers.start).toBe(`[${[timeout, timeout].join(',')}]`);
    expect(answers.other).toBe(timeout);
  });

  test('is refused where it cannot be kept', () => {
    const message = 'timeout_ms needs modules that were compiled with fuel; main was not';
    expect(answers.unmetered).toBe(`{link,-1,${binary(message)}}`);
  });
});

describe('another process', () => {
  test('cancels a call that goes on', () => {
    expect(answers.cancel).toBe(cancelled);
  });

  test('cancels the wait for an answer', () => {
    expect(answers.ask_cancel).toBe(`[${[cancelled, ok].join(',')}]`);
  });

  test('cancels nothing where there is nothing', () => {
    expect(answers.cancel_idle).toBe(`[ok,${ok},ok,ok]`);
    expect(answers.cancel_unmetered).toBe(ok);
  });
});
