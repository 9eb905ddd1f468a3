// How plug-ins are linked, initialised and called, and how calls end: plug-ins in the text format, used from Erlang.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary, evaluateCases } from './plugins.ts';

/** A plug-in that can answer with its input, with a byte, or with an error message that is its input. */
const plugin = (imports: string, body: string): string => `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_byte (param i64) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "error_set" (func $error (param i64)))
  ${imports}
  (func $echo (call $output (call $input) (call $input_length)))
  (func $fail (call $error (call $input)))
  (func $give (param $block i64) (call $output (local.get $block) (call $length (local.get $block))))
  (func $byte (param $byte i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store (local.get $block) (local.get $byte))
    (call $output (local.get $block) (i64.const 1)))
  ${body})`;

const EXIT = `(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;
const WRITE = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))`;
const PRESTAT = `(import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))`;
const COUNTER = '(global $count (mut i32) (i32.const 0))';
const ADD = (n: number) =>
  `(global.set $count (i32.add (i32.mul (global.get $count) (i32.const 10)) (i32.const ${n})))`;

const SOURCES = {
  ends: plugin(
    '',
    `(func (export "echo") (result i32) call $echo (i32.const 0))
     (func (export "quiet") call $echo)
     (func (export "nothing"))
     (func (export "fail") (result i32) call $fail (i32.const 3))
     (func (export "fail_zero") (result i32) call $fail call $echo (i32.const 0))
     (func (export "fail_and_trap") call $fail unreachable)
     (func (export "code") (result i32) (i32.const -5))
     (func (export "trap") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
     (func $deep (export "deep") (call $deep) (call $deep))
     (func (export "wide") (result i64) (i64.const 7))
     (func (export "parameter") (param i32))
     (func (export "two") (result i32 i32) (i32.const 0) (i32.const 0))
     (memory (export "memory") 1)`,
  ),
  reactor: plugin(
    '',
    `${COUNTER} (func (export "_initialize") ${ADD(1)}) (func (export "count") (call $byte (global.get $count)))
     (func (export "next") ${ADD(2)} (call $byte (global.get $count)))`,
  ),
  constructors: plugin(
    '',
    `${COUNTER} (func (export "_initialize") ${ADD(1)}) (func (export "__wasm_call_ctors") ${ADD(2)})
     (func (export "count") (call $byte (global.get $count)))`,
  ),
  haskell: plugin(
    '',
    `${COUNTER} (func (export "_initialize") ${ADD(1)})
     (func (export "hs_init") (param i32 i32) (if (i32.or (local.get 0) (local.get 1)) (then unreachable)) ${ADD(3)})
     (func (export "count") (call $byte (global.get $count)))`,
  ),
  built: plugin(
    '',
    `${COUNTER} (func (export "_initialize") ${ADD(1)}) (func (export "build") ${ADD(5)})
     (func (export "count") (call $byte (global.get $count)))`,
  ),
  odd: plugin('', `(func (export "_initialize") (param i32)) (func (export "count") (call $byte (i32.const 9)))`),
  starts: plugin(
    '',
    `${COUNTER} (func $start ${ADD(4)}) (start $start) (func (export "count") (call $byte (global.get $count)))`,
  ),
  broken: plugin('', '(func $start unreachable) (start $start)'),
  command: plugin(
    EXIT,
    `(memory (export "memory") 1) ${COUNTER}
     (func (export "_start") ${ADD(1)} (call $byte (global.get $count)) (call $exit (i32.const 0)))
     (func (export "next") ${ADD(2)} (call $byte (global.get $count)))
     (func (export "leave") (call $fail) (call $exit (i32.const 9)))
     (func (export "leave_quietly") (call $exit (call $input_byte (i64.const 0))))`,
  ),
  writer: plugin(
    `${WRITE} ${PRESTAT}`,
    `(memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\06\\00\\00\\00") (data (i32.const 16) "hello\\n")
     (func (export "write") (call $byte (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
     (func (export "folder") (call $byte (call $prestat (call $input_byte (i64.const 0)) (i32.const 32))))`,
  ),
  caller: plugin(
    `(import "extism:host/user" "text" (func $text (param i64) (result i64)))
     (import "game" "numbers" (func $numbers (param i32 i64 f32 f64) (result i32 f64)))
     (import "game" "none" (func $none))`,
    `(func (export "text") (call $give (call $text (call $input))))
     (func (export "bad_handle") (drop (call $text (i64.const 5))))
     (func (export "null") (drop (call $text (i64.const 0))))
     (func (export "numbers") (result i32)
       (call $numbers (i32.const -1) (i64.const -2) (f32.const 0.5) (f64.const 1.25)) drop)
     (func (export "none") (call $none))
     (func (export "echo") call $echo)`,
  ),
  library: plugin(
    '',
    `${COUNTER} (func (export "_initialize") ${ADD(7)}) (memory (export "memory") 1)
     (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (global.get $count)))
     (func (export "handle") (result i64) (call $alloc (i64.const 2)))`,
  ),
  middle: plugin(
    `(import "library" "add" (func $add (param i32) (result i32)))
     (import "library" "memory" (memory 1))`,
    `(func (export "twice") (param i32) (result i32) (i32.store8 (i32.const 9) (i32.const 5)) (call $add (call $add (local.get 0))))`,
  ),
  linked: plugin(
    `(import "middle" "twice" (func $twice (param i32) (result i32)))
     (import "library" "handle" (func $handle (result i64)))
     (import "library" "memory" (memory 1))`,
    `(func (export "run") (call $byte (i32.add (call $twice (call $input_byte (i64.const 0))) (i32.load8_u (i32.const 9)))))
     (func (export "share") (call $output (call $handle) (i64.const 2)))`,
  ),
  circle_a: '(module (import "b" "f" (func)) (func (export "f")))',
  circle_b: '(module (import "a" "f" (func)) (func (export "f")))',
  wants: '(module (import "env" "f" (func)))',
  wants_memory: '(module (import "extism:host/env" "memory" (memory 1)))',
  wants_alloc: '(module (import "extism:host/env" "alloc" (func (param i32) (result i32))))',
  large: plugin('', '(memory 3) (func (export "grow") (call $byte (memory.grow (i32.const 1))))'),
  with_large: plugin(
    '(import "large" "grow" (func $other))',
    `(memory 1) (func (export "grow") (call $byte (memory.grow (i32.const 1)))) (func (export "other") (call $other))
     (func (export "blocks") (drop (call $alloc (i64.const 200000))))`,
  ),
} as const;

let folder: string;
let answers: Record<string, string>;

const NEW = (name: string, options = '#{}'): string => `{ok, P} = wasm2beam_extism:new({module, ${name}}, ${options})`;
const CALL = (name: string, input = ''): string => `wasm2beam_extism:call(P, ${name}, ${binary(input)})`;
const SHOW = `Show = fun(Result) -> case Result of
  {error, {wasm_extism, Kind, #{code := Code, message := Message}}} -> {Kind, Code, Message}; Other -> Other end end`;
const CALLS = (...calls: string[]): string => `${SHOW}, [Show(Each) || Each <- [${calls.join(', ')}]]`;
const USER = (text: string): string => `#{functions => [
  #{name => <<"text">>, params => [string], results => [string], function => ${text}},
  #{name => <<"numbers">>, namespace => <<"game">>, params => [i32, i64, f32, f64], results => [i32, f64],
    function => fun(A, B, C, D) -> put(seen, [A, B, C, D]), {0, 1.0} end},
  #{name => <<"none">>, namespace => <<"game">>, params => [], results => [], function => fun() -> put(seen, none) end}]}`;
const ECHO = 'fun(Text) -> [Text, Text] end';

const CASES = {
  ends: `${NEW('ends')}, ${CALLS(
    ...['echo', 'quiet', 'nothing'].map((name) => CALL(name, 'ab')),
    ...['fail', 'fail_zero', 'fail_and_trap'].map((name) => CALL(name, 'ab')),
    ...['fail', 'code', 'trap', 'deep', 'wide', 'parameter', 'two', 'memory', 'none', 'echo'].map((name) => CALL(name)),
  )}`,
  exists: `${NEW('ends')}, [wasm2beam_extism:function_exists(P, Name) ||
    Name <- [echo, "quiet", <<"wide">>, parameter, two, memory, none]]`,
  endurance: `${NEW('ends')}, [{error, {wasm_extism, trap, _}} = ${CALL('trap')} || _ <- lists:seq(1, 1000)],
    [{error, {wasm_extism, trap, #{trap := call_stack_exhausted}}} = ${CALL('deep')} || _ <- lists:seq(1, 3)], ${CALL('echo', 'x')}`,
  trap: `${NEW('ends')}, {error, {wasm_extism, trap, #{trap := Trap, stacktrace := [{Module, Name, _, _} | _]}}} = ${CALL('trap')},
    {Trap, Module, Name}`,
  reactor: `${NEW('reactor')}, [${CALL('count')}, ${CALL('next')}, ${CALL('next')}]`,
  constructors: `${NEW('constructors')}, [${CALL('count')}, ${CALL('count')}]`,
  haskell: `${NEW('haskell')}, ${CALL('count')}`,
  odd: `${NEW('odd')}, ${CALL('count')}`,
  built: `{ok, Snapshot} = wasm2beam_initialize:run(built, <<"build">>), Atom = fun(A) -> {atom, 1, A} end,
    Clause = fun(Pattern, Value) -> {clause, 1, [Pattern], [], [Value]} end, K = {var, 1, 'K'},
    {ok, typed, Beam} = compile:forms([{attribute, 1, module, typed}, {attribute, 1, export, [{'$wasm2beam', 1}]},
      {function, 1, '$wasm2beam', 1, [Clause(Atom(module), Atom(built)), Clause(Atom(snapshot), erl_parse:abstract(Snapshot)),
        Clause(K, {call, 1, {remote, 1, Atom(built), Atom('$wasm2beam')}, [K]})]}]),
    {module, typed} = code:load_binary(typed, "typed", Beam), ${NEW('typed')}, ${CALL('count')}`,
  starts: `${NEW('starts')}, ${CALL('count')}`,
  broken: `${SHOW}, Show(wasm2beam_extism:new({module, broken}))`,
  command: `${NEW('command', '#{wasi => true}')}, ${CALLS(
    CALL('next'),
    CALL('next'),
    CALL('"_start"'),
    CALL('next'),
    CALL('leave', 'why'),
    CALL('leave_quietly', '\u0003'),
    CALL('leave_quietly', '\u0000'),
    CALL('next'),
  )}`,
  no_wasi: `${SHOW}, Show(wasm2beam_extism:new({module, command}))`,
  writer: `Self = self(), ${NEW('writer', '#{wasi => #{stdout => fun(Bytes) -> Self ! Bytes end}}')}, ${CALL('write')},
    receive Bytes -> Bytes after 0 -> none end`,
  user: `${NEW('caller', USER(ECHO))}, ${CALLS(CALL('text', 'ab'), CALL('null'), CALL('bad_handle'))}`,
  user_utf8: `${NEW('caller', USER(ECHO))}, ${SHOW}, Show(wasm2beam_extism:call(P, text, <<255>>))`,
  user_numbers: `${NEW('caller', USER(ECHO))}, {ok, <<>>} = ${CALL('numbers')}, Seen = get(seen), {ok, <<>>} = ${CALL('none')}, {Seen, get(seen)}`,
  user_raises: `${NEW('caller', USER('fun(_) -> error(oops) end'))}, {catch ${CALL('text')}, ${CALL('echo', 'x')}}`,
  user_context: `${NEW('caller', USER('fun(C, _) -> wasm2beam_extism_current:context(C) end'))},
    {wasm2beam_extism:call(P, text, <<>>, <<"mine">>), catch ${CALL('text')}, wasm2beam_extism:call(P, text, <<>>, <<"other">>)}`,
  user_current: `${NEW(
    'caller',
    USER(`fun(C, Text) ->
      Value = wasm2beam_extism_current:get_var(C, <<"v">>), wasm2beam_extism_current:set_var(C, <<"v">>, [Text]),
      wasm2beam_extism_current:config(C, <<"k">>) =:= none orelse error(config),
      Block = wasm2beam_extism_current:store(C, <<"abc">>), 3 = wasm2beam_extism_current:length(C, Block),
      <<"abc">> = wasm2beam_extism_current:read(C, Block), ok = wasm2beam_extism_current:free(C, Block),
      0 = wasm2beam_extism_current:length(C, Block), atom_to_binary(is_binary(Value)) end`),
  )}, [${CALL('text', 'ab')}, ${CALL('text', 'ab')}]`,
  user_fails: `${NEW('caller', USER('fun(C, Text) -> wasm2beam_extism_current:fail(C, Text) end'))}, ${CALLS(CALL('text', 'no'), CALL('echo', 'x'))}`,
  user_returns_nonsense: `${NEW('caller', USER('fun(_) -> nonsense end'))}, {'EXIT', {badarg, _}} = (catch ${CALL('text')}), ${CALL('echo', 'x')}`,
  reentrant: `${NEW(
    'caller',
    USER(`fun(_) -> Q = get(plugin), {error, {wasm_extism, busy, _}} = wasm2beam_extism:call(Q, echo, <<>>),
      {error, {wasm_extism, busy, _}} = wasm2beam_extism:free(Q), true = wasm2beam_extism:function_exists(Q, echo),
      {ok, Other} = wasm2beam_extism:new({module, ends}), {ok, <<"in">>} = wasm2beam_extism:call(Other, echo, <<"in">>),
      ok = wasm2beam_extism:free(Other), <<"busy">> end`),
  )}, put(plugin, P), [${CALL('text')}, ${CALL('echo', 'x')}]`,
  user_missing: `${SHOW}, Show(wasm2beam_extism:new({module, caller}))`,
  user_type: `${SHOW}, Show(wasm2beam_extism:new({module, caller}, #{functions =>
    [#{name => <<"text">>, params => [i32], results => [ptr], function => fun(_) -> 0 end}]}))`,
  user_options: `[catch wasm2beam_extism:new({module, caller}, #{functions => [Each]}) =/= x || Each <-
    [#{name => <<"f">>}, #{name => f, params => [], results => [], function => fun() -> ok end},
     #{name => <<"f">>, params => [x], results => [], function => fun(_) -> ok end},
     #{name => <<"f">>, params => [], results => [], function => fun(_, _) -> ok end},
     #{name => <<"f">>, namespace => <<"extism:host/env">>, params => [], results => [], function => fun() -> ok end}]]`,
  linked: `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => linked, name => <<"main">>}, #{module => middle, name => <<"middle">>},
    #{module => library, name => <<"library">>}]}), [${CALL('run', '\u0001')}, ${CALL('share')}, ${CALL('run', '\u0002')}]`,
  link_errors: `${SHOW}, [Show(wasm2beam_extism:new(#{wasm => Wasm})) || Wasm <- [
    [#{module => wants}], [#{module => wants_memory}], [#{module => wants_alloc}],
    [#{module => circle_a, name => <<"a">>}, #{module => circle_b, name => <<"b">>}, #{module => circle_a}],
    [#{module => ends, name => <<"extism:host/env">>}, #{module => ends}], [#{module => lists}]]]`,
  limits: `Make = fun(Pages) -> wasm2beam_extism:new(#{wasm => [#{module => large}], memory => #{max_pages => Pages}}) end,
    ${SHOW}, [Show(Make(3)) | [begin {ok, P} = Make(Pages), ${CALL('grow')} end || Pages <- [4, 5]]]`,
  shared_limit: `Make = fun(Pages) -> wasm2beam_extism:new(#{wasm => [#{module => large, name => <<"large">>}, #{module => with_large}],
      memory => #{max_pages => Pages}}) end,
    ${SHOW}, {ok, P} = Make(10), [Show(Make(4)) | [Show(Each) || Each <- [${[
      ...['blocks', 'grow', 'other', 'grow', 'grow', 'other', 'blocks', 'echo'].map((name) => CALL(name)),
    ].join(', ')}]]]`,
  limit_anew: `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => command}], memory => #{max_pages => 2}}, #{wasi => true}),
    [{ok, _} = ${CALL('"_start"')} || _ <- lists:seq(1, 3)], ${CALL('next')}`,
  oom: `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => ends}], memory => #{max_pages => 2}}),
    ${SHOW}, [Show(wasm2beam_extism:call(P, echo, binary:copy(<<1>>, 70000))), ${CALL('echo', 'x')}]`,
  large_input: `${NEW('ends')}, Input = rand:bytes(3000000), {ok, Input} =:= wasm2beam_extism:call(P, echo, Input)`,
  freed: `${NEW('ends')}, Before = length(get()), {ok, Q} = wasm2beam_extism:new({module, ends}), ok = wasm2beam_extism:free(Q),
    ok = wasm2beam_extism:free(Q), Before = length(get()), ok = wasm2beam_extism:free(P), ${CALLS(CALL('echo'), 'wasm2beam_extism:reset(P)', 'wasm2beam_extism:function_exists(P, echo)')}`,
  failures_leave_nothing: `[wasm2beam_extism:new({module, Each}) || Each <- [broken, wants, caller, command]], [Name || {Name, _} <- get()]`,
  foreign: `${NEW('ends')}, Self = self(), spawn(fun() -> Self ! [${CALL('echo')}, wasm2beam_extism:free(P)] end),
    receive [{error, {wasm_extism, foreign_process, _}}, {error, {wasm_extism, foreign_process, _}}] -> ${CALL('echo', 'x')} end`,
  reset: `${NEW('ends')}, {ok, _} = ${CALL('echo', 'x')}, {wasm2beam_extism:reset(P), ${CALL('echo', 'y')}}`,
  options: `[catch wasm2beam_extism:new({module, ends}, Each) || Each <-
    [#{other => 1}, #{wasi => 1}, #{log_level => loud}, #{config => []}, #{functions => x}, []]]`,
  sources: `${SHOW}, [Show(wasm2beam_extism:new(Each)) || Each <-
    [<<"{}">>, <<"x">>, #{}, #{wasm => [#{path => <<"/nowhere/x.wasm">>}]},
     #{wasm => [#{data => <<"AGFzbQEAAAA=">>, hash => binary:copy(<<"0">>, 64)}]}]]`,
} as const satisfies Record<string, string>;

const ok = (bytes: string | Uint8Array): string => `{ok,${binary(bytes)}}`;
const error = (kind: string, code: number, message: string): string => `{${kind},${code},${binary(message)}}`;
const list = (...items: string[]): string => `[${items.join(',')}]`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasm2beam-extism-'));
  mkdirSync(join(folder, 'box'));
  writeFileSync(join(folder, 'box/file'), 'text');
  const folders = `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => writer}], allowed_paths =>
      #{<<"${folder}/box">> => <<"/box">>, <<"ro:${folder}">> => <<"/all">>}}, #{wasi => true}),
    [${['\u0002', '\u0003', '\u0004', '\u0005'].map((fd) => CALL('folder', fd)).join(', ')}]`;
  const missing = `${SHOW}, {Kind, Code, Message} = Show(wasm2beam_extism:new(#{wasm => [#{module => writer}],
    allowed_paths => #{<<"${folder}/none">> => <<"/box">>}}, #{wasi => true})), {Kind, Code, binary:match(Message, <<"none">>) =/= nomatch}`;
  answers = await evaluateCases(SOURCES, { ...CASES, folders, missing });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a call', () => {
  test('ends with output, an error message, a code or a trap', () => {
    const unknown = (name: string) => error('unknown_function', -1, `Function not found: ${name}`);
    const unfit = (name: string) =>
      error('unknown_function', -1, `the function has parameters or several results: ${name}`);
    expect(answers.ends).toBe(
      list(
        ...[ok('ab'), ok('ab'), ok('')],
        ...[error('guest', 3, 'ab'), error('guest', 0, 'ab'), error('trap', 134, 'ab')],
        error('exit', 3, 'Returned non-zero exit code: 3'),
        error('exit', -5, 'Returned non-zero exit code: -5'),
        error('trap', 134, 'wasm trap: integer divide by zero'),
        error('trap', 134, 'wasm trap: call stack exhausted'),
        error('exit', -1, 'Returned non-zero exit code: -1'),
        ...[unfit('parameter'), unfit('two'), unknown('memory'), unknown('none'), ok('')],
      ),
    );
  });

  test('that failed leaves the plug-in usable, any number of times', () => {
    expect(answers.endurance).toBe(ok('x'));
  });

  test('that trapped tells where', () => {
    expect(answers.trap).toBe('{integer_divide_by_zero,ends,trap}');
  });

  test('may take and give megabytes, within the bounds', () => {
    expect(answers.large_input).toBe('true');
    expect(answers.oom).toBe(list(error('out_of_memory', -1, 'oom'), ok('x')));
  });

  test('of a plug-in that runs, was freed or belongs to another process is refused', () => {
    expect(answers.reentrant).toBe(list(ok('busy'), ok('x')));
    const gone = error('freed', -1, 'Plugin has already been freed');
    expect(answers.freed).toBe(list(gone, gone, 'false'));
    expect(answers.foreign).toBe(ok('x'));
  });

  test('may follow a reset', () => {
    expect(answers.reset).toBe(`{ok,${ok('y')}}`);
  });
});

describe('a plug-in', () => {
  test('knows what can be called', () => {
    expect(answers.exists).toBe('[true,true,false,false,false,false,false]');
  });

  test('is initialised once', () => {
    expect(answers.reactor).toBe(list(ok('\u0001'), ok('\f'), ok('z')));
    expect(answers.constructors).toBe(list(ok('\u0002'), ok('\u0002')));
    expect(answers.haskell).toBe(ok('\r'));
    expect(answers.odd).toBe(ok('\t'));
    // At build time, and then not again.
    expect(answers.built).toBe(ok('\u0005'));
    expect(answers.starts).toBe(ok('\u0004'));
    expect(answers.broken).toBe(error('link', -1, "wasm trap: unreachable (in the module's start function)"));
  });

  test('is made anew after _start, and may end itself', () => {
    expect(answers.command).toBe(
      list(
        ...[ok('\u0002'), ok('\u0016'), ok(Uint8Array.of(221)), ok('\u0002')],
        ...[error('exit', 9, 'why'), error('exit', 3, 'WASI exit code 3'), ok(''), ok('\u0016')],
      ),
    );
  });

  test('has WASI where it is given', () => {
    expect(answers.no_wasi).toBe(error('link', -1, 'unknown import: wasi_snapshot_preview1.proc_exit'));
    expect(answers.writer).toBe(binary('hello\n'));
    expect(answers.folders).toBe(list(ok('\u0008'), ok('\u0000'), ok('\u0000'), ok('\u0008')));
    expect(answers.missing).toBe('{link,-1,true}');
    expect(readFileSync(join(folder, 'box/file'), 'utf8')).toBe('text');
  });

  test('may be made of several modules', () => {
    expect(answers.linked).toBe(list(ok('\u0014'), ok(Uint8Array.of(0, 0)), ok('\u0015')));
  });

  test('that cannot be linked says why', () => {
    expect(answers.link_errors).toBe(
      list(
        error('link', -1, 'unknown import: env.f'),
        error('link', -1, 'unknown import: extism:host/env.memory'),
        error(
          'link',
          -1,
          'incompatible import type: extism:host/env.alloc (expected {func,{[i32],[i32]}}, found {func,{[i64],[i64]}})',
        ),
        error('link', -1, 'the modules import each other in a circle: b, a'),
        error('link', -1, "the module name extism:host/env is the host's"),
        error('source', -1, 'lists is not loaded or was not compiled from WebAssembly'),
      ),
    );
    expect(answers.failures_leave_nothing).toBe("['$wasm2beam']");
  });

  test('has no more memory than the manifest allows', () => {
    expect(answers.limits).toBe(
      list(
        error('link', -1, "memory of 3 pages exceeds the limit of 2, which is left of the manifest's max_pages"),
        ...[ok(Uint8Array.of(255)), ok('\u0003')],
      ),
    );
  });

  test('has as much memory for all modules and blocks together', () => {
    const [none, ...calls] = [
      error('link', -1, "memory of 1 pages exceeds the limit of 0, which is left of the manifest's max_pages"),
      // Blocks have 4 pages, the modules 3 and 1; so 2 are left.
      ...[ok(''), ok('\u0001'), ok('\u0003')],
      ...[ok(Uint8Array.of(255)), ok(Uint8Array.of(255)), ok(Uint8Array.of(255)), ok('')],
    ];
    expect(answers.shared_limit).toBe(list(none, ...calls, error('unknown_function', -1, 'Function not found: echo')));
    expect(answers.limit_anew).toBe(ok('\u0002'));
  });

  test('is made of what can be read', () => {
    expect(answers.sources).toBe(
      list(
        error('manifest', -1, 'wasm: no modules'),
        error('manifest', -1, 'the manifest is no JSON: unexpected character at byte 0 of the JSON text'),
        error('manifest', -1, 'wasm: no modules'),
        error('source', -1, '/nowhere/x.wasm: no such file or directory'),
        error('source', -1, 'hash mismatch for module main'),
      ),
    );
    expect(answers.options.match(/wasm_error,\{bad_option/g)).toHaveLength(6);
  });
});

describe('host functions', () => {
  test('take and give texts and numbers', () => {
    expect(answers.user).toBe(list(ok('abab'), ok(''), error('host', -1, 'invalid handle offset: 5')));
    expect(answers.user_utf8).toBe(error('host', -1, 'a string that was passed to the host is no UTF-8'));
    expect(answers.user_numbers).toBe('{[-1,-2,0.5,1.25],none}');
  });

  test('may raise what they want, and refuse', () => {
    expect(answers.user_raises).toMatch(new RegExp(`^\\{\\{'EXIT',\\{oops,.*\\}\\},${ok('x')}\\}$`));
    expect(answers.user_fails).toBe(list(error('host', -1, 'no'), ok('x')));
    expect(answers.user_returns_nonsense).toBe(ok('x'));
  });

  test('see the plug-in and what its caller gave', () => {
    expect(answers.user_context).toMatch(new RegExp(`^\\{${ok('mine')},\\{'EXIT',.*\\},${ok('other')}\\}$`));
    expect(answers.user_current).toBe(list(ok('false'), ok('true')));
  });

  test('are checked', () => {
    expect(answers.user_missing).toBe(error('link', -1, 'unknown import: extism:host/user.text'));
    expect(answers.user_type).toBe(
      error(
        'link',
        -1,
        'incompatible import type: extism:host/user.text (expected {func,{[i64],[i64]}}, found {func,{[i32],[i64]}})',
      ),
    );
    expect(answers.user_options.match(/wasm_error,\{bad_option,functions/g)).toHaveLength(5);
  });
});
