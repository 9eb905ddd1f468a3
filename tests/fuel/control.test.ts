// Fuel, time and cancelling in an instance's life: host functions, calls back, exceptions, other instances, other processes.
import { expect, test } from 'vitest';
import { BUILDS, evaluateMetered } from './metered.ts';

const GUEST = `(module
  (import "env" "host" (func $host))
  (memory 1)
  (func (export "forever") (loop (br 0)))
  (func (export "asks") (param i32)
    (loop (call $host) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "asks_forever") (loop (call $host) (br 0)))
  (func (export "ten") (nop) (nop) (nop) (nop) (nop) (nop) (nop) (nop) (nop) (nop))
  (func (export "fails") (nop) (nop) (nop) (unreachable))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (call $host) (i32.const 0)))))`;
const USER = `(module
  (import "guest" "ten" (func $ten))
  (import "guest" "forever" (func $forever))
  (func (export "thirty_four") (call $ten) (call $ten) (call $ten) (nop))
  (func (export "waits") (call $forever)))`;
const STARTS = '(module (func $s (loop (br 0))) (start $s))';

/** `Try` gives a trap's reason; `Guest` makes an instance whose host function is a fun that gets it. */
const PRELUDE = (module: (name: string) => string): string => `
  Try = fun(F) -> try F() catch error:{wasm_trap, R} -> R end end,
  Guest = fun(Host, Options) ->
    {ok, Made} = wasm2beam:instantiate(${module('guest')}, #{<<"env">> => #{<<"host">> => Host}}, Options), Made
  end,
  Idle = fun(_) -> ok end,
  Late = fun(Instance, Ms) -> spawn(fun() -> timer:sleep(Ms), wasm2beam:cancel(Instance) end) end,`;

const CASES: readonly (readonly [name: string, code: (module: (name: string) => string) => string, answer: string])[] =
  [
    ['no limit', () => `I = Guest(Idle, #{}), wasm2beam:call(I, ten, []), wasm2beam:fuel(I)`, 'infinity'],
    ['a limit', () => `I = Guest(Idle, #{fuel => 25}), wasm2beam:call(I, ten, []), wasm2beam:fuel(I)`, '15'],
    [
      'what runs out stays, and can be added to',
      () => `I = Guest(Idle, #{fuel => 15}), Ten = fun() -> wasm2beam:call(I, ten, []) end,
      [Try(Ten), Try(Ten), wasm2beam:fuel(I), wasm2beam:add_fuel(I, 6), Try(Ten), wasm2beam:fuel(I)]`,
      '[[],out_of_fuel,5,11,[],1]',
    ],
    [
      'more than a portion',
      () => `I = Guest(Idle, #{fuel => 1000000}), wasm2beam:call(I, asks, [100000]), wasm2beam:fuel(I)`,
      '400000',
    ],
    [
      'an end to endlessness',
      () =>
        `I = Guest(Idle, #{fuel => 1000000}), [Try(fun() -> wasm2beam:call(I, forever, []) end), wasm2beam:fuel(I)]`,
      '[out_of_fuel,0]',
    ],
    [
      'a trap of another kind',
      () => `I = Guest(Idle, #{fuel => 100}), [Try(fun() -> wasm2beam:call(I, fails, []) end), wasm2beam:fuel(I)]`,
      '[unreachable,96]',
    ],
    [
      'a host function that looks and fills up',
      () => `Host = fun(I) -> case wasm2beam:fuel(I) of F when F < 10 -> wasm2beam:set_fuel(I, 20); _ -> ok end end,
      I = Guest(Host, #{fuel => 12}), [Try(fun() -> wasm2beam:call(I, asks, [10]) end), wasm2beam:fuel(I)]`,
      // A turn costs 6 and is paid for before: the host function finds 6, 14, 8, 14, 8, ... and at last 14.
      '[[],14]',
    ],
    [
      'calls back that charge the same fuel',
      () => `Host = fun(I) -> wasm2beam:call(I, ten, []), ok end,
      I = Guest(Host, #{fuel => 1000}), wasm2beam:call(I, asks, [10]), wasm2beam:fuel(I)`,
      '840',
    ],
    [
      'calls back that trap, which the host function survives',
      () => `Host = fun(I) -> unreachable = Try(fun() -> wasm2beam:call(I, fails, []) end), ok end,
      I = Guest(Host, #{fuel => 1000}), wasm2beam:call(I, asks, [10]), wasm2beam:fuel(I)`,
      '900',
    ],
    [
      'an exception through many frames, caught by a host function between them',
      () => `Host = fun(I) ->
        case get(depth) of
          2 -> throw(enough);
          N -> put(depth, N + 1), try wasm2beam:call(I, deep, [50]) catch throw:enough -> ok end, ok
        end
      end,
      put(depth, 0), I = Guest(Host, #{fuel => 100000, max_depth => 200}),
      [wasm2beam:call(I, deep, [50]), wasm2beam:fuel(I), put(depth, 2), catch wasm2beam:call(I, deep, [150]), wasm2beam:call(I, ten, [])]`,
      // Of 51 activations all but the last have eight instructions, the last has two and the host's call: three such calls.
      `[[50],${100000 - 3 * (50 * 8 + 4)},2,enough,[]]`,
    ],
    [
      'instances that call each other pay for themselves',
      (module) => `G = Guest(Idle, #{fuel => 100}),
      {ok, U} = wasm2beam:instantiate(${module('user')}, #{<<"guest">> => G}, #{fuel => 100}),
      wasm2beam:call(U, thirty_four, []), [wasm2beam:fuel(U), wasm2beam:fuel(G)]`,
      '[96,70]',
    ],
    [
      'an instance runs out within a call of another',
      (module) => `G = Guest(Idle, #{fuel => 25}),
      {ok, U} = wasm2beam:instantiate(${module('user')}, #{<<"guest">> => G}, #{fuel => 100}),
      [Try(fun() -> wasm2beam:call(U, thirty_four, []) end), wasm2beam:fuel(U), wasm2beam:fuel(G)]`,
      '[out_of_fuel,96,5]',
    ],
    [
      'a timeout of the instance',
      () => `I = Guest(Idle, #{timeout => 20}), Try(fun() -> wasm2beam:call(I, forever, []) end)`,
      'timeout',
    ],
    [
      'a timeout of a call, and none for the next',
      () => `I = Guest(fun(_) -> timer:sleep(20) end, #{}),
      [Try(fun() -> wasm2beam:call(I, forever, [], #{timeout => 10}) end), wasm2beam:call(I, asks, [2])]`,
      '[timeout,[]]',
    ],
    [
      'each call has the time anew',
      () => `I = Guest(fun(_) -> timer:sleep(30) end, #{timeout => 2000}),
      [wasm2beam:call(I, asks, [1]) || _ <- lists:seq(1, 3)]`,
      '[[],[],[]]',
    ],
    [
      'time that host functions take counts, and they finish first',
      () => `Self = self(), I = Guest(fun(_) -> timer:sleep(30), Self ! done end, #{timeout => 10}),
      [Try(fun() -> wasm2beam:call(I, asks, [5]) end), receive done -> done end, receive done -> twice after 0 -> once end]`,
      '[timeout,done,once]',
    ],
    [
      'a call back within a call has no longer than that',
      () => `Host = fun(I) -> put(inner, Try(fun() -> wasm2beam:call(I, forever, [], #{timeout => 100000}) end)) end,
      I = Guest(Host, #{timeout => 20}), [Try(fun() -> wasm2beam:call(I, asks, [1]) end), get(inner)]`,
      '[timeout,timeout]',
    ],
    [
      'a call back may have less, and the call around it goes on',
      () => `Host = fun(I) -> put(inner, Try(fun() -> wasm2beam:call(I, forever, [], #{timeout => 10}) end)) end,
      I = Guest(Host, #{timeout => 100000}), [Try(fun() -> wasm2beam:call(I, asks, [3]) end), get(inner)]`,
      '[[],timeout]',
    ],
    [
      'a timeout that is caught comes again',
      () => `Host = fun(I) -> Try(fun() -> wasm2beam:call(I, forever, []) end), ok end,
      I = Guest(Host, #{timeout => 20}), Try(fun() -> wasm2beam:call(I, asks_forever, []) end)`,
      'timeout',
    ],
    [
      'a cancelled loop',
      () => `I = Guest(Idle, #{}), Late(I, 20), Try(fun() -> wasm2beam:call(I, forever, []) end)`,
      'cancelled',
    ],
    [
      'a host function that is cancelled finishes first',
      () => `Self = self(), I = Guest(fun(I) -> wasm2beam:cancel(I), Self ! done end, #{fuel => 1000}),
      [Try(fun() -> wasm2beam:call(I, asks, [5]) end), receive done -> done end, receive done -> twice after 0 -> once end, wasm2beam:fuel(I)]`,
      '[cancelled,done,once,994]',
    ],
    [
      'where nothing runs, nothing is cancelled',
      () => `I = Guest(Idle, #{}), wasm2beam:cancel(I), wasm2beam:call(I, asks, [5])`,
      '[]',
    ],
    [
      'an instance that is waited for is the one to cancel',
      (module) => `G = Guest(Idle, #{}), {ok, U} = wasm2beam:instantiate(${module('user')}, #{<<"guest">> => G}),
      Late(U, 10), Late(G, 40), Try(fun() -> wasm2beam:call(U, waits, []) end)`,
      'cancelled',
    ],
    [
      'a start function',
      (
        module,
      ) => `[begin {error, {wasm_trap, R, #{in := start}}} = wasm2beam:instantiate(${module('starts')}, #{}, O), R end
      || O <- [#{fuel => 1000}, #{timeout => 10}]]`,
      '[out_of_fuel,timeout]',
    ],
    [
      'words for each',
      () => `[wasm2beam:format_error({wasm_trap, R}) || R <- [out_of_fuel, timeout, cancelled]]`,
      `[<<119,97,115,109,32,116,114,97,112,58,32,111,117,116,32,111,102,32,102,117,101,108>>,<<119,97,115,109,32,116,114,97,112,58,32,116,105,109,101,111,117,116>>,<<119,97,115,109,32,116,114,97,112,58,32,99,97,110,99,101,108,108,101,100>>]`,
    ],
    [
      'options that are none',
      () => `I = Guest(Idle, #{}), Bad = fun(F) -> try F() catch error:{wasm_error, {bad_option, K, _}} -> K end end,
      [Bad(fun() -> wasm2beam:set_fuel(I, -1) end), Bad(fun() -> wasm2beam:add_fuel(I, x) end),
       Bad(fun() -> wasm2beam:set_fuel(I, 1 bsl 52) end), Bad(fun() -> wasm2beam:call(I, ten, [], #{timeout => soon}) end)]`,
      '[fuel,fuel,fuel,timeout]',
    ],
  ];

test('control', async () => {
  const sources = { guest: GUEST, user: USER, starts: STARTS };
  const answers = await evaluateMetered(sources, (module) =>
    CASES.map(([, code]) => `begin ${PRELUDE(module)} ${code(module)} end`.replace(/\n */g, ' ')),
  );
  const wanted = CASES.map(([name, , answer]) => `${name}: ${answer}`);
  for (const build of BUILDS)
    expect(
      answers[build].map((answer, i) => `${CASES[i][0]}: ${answer}`),
      build,
    ).toEqual(wanted);
}, 120_000);
