// Snapshots, upgrades and modules for other nodes, on compiled modules.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, compileParts, parseWat } from '../../compiler.ts';
import { otpRelease, RUNTIME, runProgram, withFolder } from '../harness/erlang.ts';

const PATIENCE = 90_000;
const TEXT = readFileSync(join(import.meta.dirname, 'kept.wat'), 'utf8');

const build = async (folder: string, text = TEXT, file = 'kept'): Promise<void> => {
  const { bytes } = parseWat(text);
  writeFileSync(join(folder, `${file}.beam`), compile(bytes, { name: 'kept', otp: await otpRelease() }));
};

const IMPORTS = `Imports = #{<<"env">> => #{<<"log">> => fun(J, N) -> put(logged, N), N =:= 7 andalso put(seven, catch wasm2beam:snapshot(J)) end}}`;

/** What a program prints in a node of its own, with `Imports` at hand. */
const run = (folder: string, program: string): Promise<string[]> => runProgram(folder, `${IMPORTS}, ${program}`);

/** The same with an instance I. */
const withInstance = (program: string): Promise<string[]> =>
  withFolder(async (folder) => {
    await build(folder);
    return run(folder, `{ok, I} = wasm2beam:instantiate(kept, Imports), ${program}`);
  });

const FILL = `ok = kept:store(I, 130000, 16#12345678), ok = kept:store(I, 70001, -1), 2 = kept:grow(I, 3), ok = kept:set(I),
  ok = kept:store(I, 5 * 65536 - 4, 99), ok = kept:init(I), ok = kept:drop(I), ok = kept:change(I, 0, 2), 4 = kept:grow_table(I, 2),
  ok = wasm2beam:write_memory(I, 8, <<"changed">>)`;
const LOOK = `Look = fun(J) -> {
    erlang:md5(wasm2beam:read_memory(J, 0, 65536 * 5)), wasm2beam:memory_size(J), [catch kept:call(J, N) || N <- lists:seq(0, 6), N =/= 3],
    [wasm2beam:get_global(J, G) || G <- [i32, i64, f32, f64, term, constant]],
    kept:load(J, 70001), element(1, catch kept:init(J)), element(1, catch kept:init_table(J)),
    wasm2beam:call_ref(wasm2beam:get_global(J, function), []), kept:grow(J, 1)
  } end,
  Plain = fun(T) -> [case E of {'EXIT', {R, _}} -> R; _ -> E end || E <- element(3, T)] end`;

describe('a snapshot', () => {
  test('brings everything back, on another node too', { timeout: PATIENCE }, async () => {
    await withFolder(async (folder) => {
      await build(folder);
      const file = join(folder, 'snapshot');
      const [first, size] = await run(
        folder,
        `{ok, I} = wasm2beam:instantiate(kept, Imports), 100 = get(logged), ${FILL}, ${LOOK},
         Snapshot = wasm2beam:snapshot(I), ok = file:write_file("${file}", Snapshot), T = Look(I),
         Told(setelement(3, T, Plain(T))), Told(byte_size(Snapshot))`,
      );
      const [second, logged, wasNew] = await run(
        folder,
        `{ok, Snapshot} = file:read_file("${file}"), {ok, J} = wasm2beam:restore(kept, Snapshot, Imports), ${LOOK},
         [#{touched := Touched, pages := 5}] = maps:get(memories, wasm2beam:info(J)),
         T = Look(J), Told(setelement(3, T, Plain(T))), Told(get(logged)), Told(Touched)`,
      );
      expect(second).toBe(first);
      expect(logged).toBe('undefined');
      expect(first).toContain('[-5,-6000000000,{nan,2141192193},neg_infinity,null,77]');
      expect(first).toContain('[2,1,2,1,1,{wasm_trap,undefined_element}]');
      // Four leaves of 4 KiB were written, of five pages of 64 KiB.
      expect(Number(size)).toBeLessThan(4 * 4096 + 500);
      expect(wasNew).toBe(String(4 * 4096));
    });
  });

  test('shares what is not touched: a hundred instances take next to nothing', { timeout: PATIENCE }, async () => {
    const [grown] = await withInstance(`
      2 = wasm2beam:grow_memory(I, 90),
      ok = wasm2beam:write_memory(I, 0, binary:copy(<<1>>, 4000000)),
      Snapshot = wasm2beam:snapshot(I), ok = wasm2beam:close(I),
      Before = erlang:memory(total),
      Made = [element(2, wasm2beam:restore(kept, Snapshot, Imports)) || _ <- lists:seq(1, 100)],
      16843009 = kept:load(lists:last(Made), 2000000),
      garbage_collect(),
      Told((erlang:memory(total) - Before) div 1000000)`);
    // All of them are 400 MB.
    expect(Number(grown)).toBeLessThan(60);
  });

  test(
    'is refused in the middle of a call, and for references that mean nothing elsewhere',
    { timeout: PATIENCE },
    async () => {
      const lines = await withInstance(`
      Refused = fun(Fun) -> try Fun() of _ -> Told(taken) catch error:R -> Told(R) end end,
      ok = kept:log(I, 7), {'EXIT', {Running, _}} = get(seven), Told(Running),
      ok = wasm2beam:set_global(I, term, {a, term}),
      Refused(fun() -> wasm2beam:snapshot(I) end),
      Save = fun(T) -> term_to_binary(T) end,
      Snapshot = wasm2beam:snapshot(I, #{save => Save}),
      Told(wasm2beam:restore(kept, Snapshot, Imports)),
      {ok, J} = wasm2beam:restore(kept, Snapshot, Imports, #{load => fun(B) -> binary_to_term(B, [safe]) end}),
      Told(wasm2beam:get_global(J, term)),
      ok = wasm2beam:set_global(I, term, null),
      ok = kept:set(J), ok = wasm2beam:set_global(I, function, wasm2beam:get_global(J, function)),
      Refused(fun() -> wasm2beam:snapshot(I) end),
      Told(wasm2beam:format_error({wasm_snapshot, running}))`);
      expect(lines).toEqual([
        '{wasm_snapshot,running}',
        '{wasm_snapshot,externref}',
        '{error,{wasm_snapshot,externref}}',
        '{a,term}',
        '{wasm_snapshot,foreign_function}',
        '<<"snapshot: the instance is in the middle of a call">>',
      ]);
    },
  );

  test('that is damaged, forged or of another module is an error', { timeout: PATIENCE }, async () => {
    const lines = await withInstance(`${FILL},
      S = wasm2beam:snapshot(I),
      Restore = fun(B) -> case wasm2beam:restore(kept, B, Imports) of {ok, J} -> wasm2beam:close(J), ok; {error, {wasm_snapshot, R}} -> R end end,
      <<"W2BS", 1, _:32, Hash:32/binary, Body/binary>> = S,
      Forge = fun(B) -> All = <<Hash/binary, B/binary>>, Restore(<<"W2BS", 1, (erlang:crc32(All)):32, All/binary>>) end,
      ok = Restore(S),
      Told([Restore(B) || B <- [<<>>, foo, <<"W2BS">>, <<"W2BS", 2, 0>>, binary_part(S, 0, 3000), <<S/binary, 0>>]]),
      Told(Restore(<<"W2BS", 1, (erlang:crc32(<<0:256, Body/binary>>)):32, 0:256, Body/binary>>)),
      Told(Forge(<<Body/binary, 0>>)),
      Atoms = erlang:system_info(atom_count),
      rand:seed(exsss, 7),
      Seen = lists:usort([begin
          At = rand:uniform(min(byte_size(Body), 200 * (1 + N rem 100))) - 1, <<A:At/binary, _, Z/binary>> = Body,
          case Forge(<<A/binary, (rand:uniform(256) - 1), Z/binary>>) of {W, _} -> W; W -> W end
        end || N <- lists:seq(1, 3000)]),
      Told(Seen),
      Told(lists:usort([Forge(binary_part(Body, 0, N)) || N <- lists:seq(0, byte_size(Body) - 1, 37)])),
      Told(erlang:system_info(atom_count) - Atoms),
      ok = Restore(S)`);
    expect(lines[0]).toBe('[no_snapshot,no_snapshot,no_snapshot,{version,2},damaged,damaged]');
    expect(lines[1]).toBe('other_module');
    expect(lines[2]).toBe('damaged');
    expect(lines[3]).toMatch(/^\[damaged,(externref,)?memory,ok(,table)?\]$/);
    expect(lines[4]).toBe('[damaged]');
    expect(Number(lines[5])).toBeLessThan(20);
  });

  test('of more than is allowed is an error', { timeout: PATIENCE }, async () => {
    const lines = await withInstance(`${FILL}, S = wasm2beam:snapshot(I),
      Told(wasm2beam:restore(kept, S, Imports, #{max_memory => 4})),
      Told(wasm2beam:restore(kept, S, Imports, #{max_table => 5})),
      Told(element(2, element(2, wasm2beam:restore(kept, S, #{}))))`);
    expect(lines).toEqual([
      '{error,{wasm_snapshot,{memory,5}}}',
      '{error,{wasm_snapshot,{table,6}}}',
      'unknown_import',
    ]);
  });
});

describe('an upgrade', () => {
  const upgrade = (change: (text: string) => string, before = ''): Promise<string[]> =>
    withFolder(async (folder) => {
      await build(folder);
      await build(folder, change(TEXT).replace('(i32.const 1)))\n', '(i32.const 2)))\n'), 'next');
      return run(
        folder,
        `{ok, I} = wasm2beam:instantiate(kept, Imports), ok = kept:store(I, 130000, 99), 2 = kept:grow(I, 1),
         ok = wasm2beam:set_global(I, i64, 12345), ok = kept:drop(I), ${before} 1 = kept:version(I),
         {ok, Next} = file:read_file("${folder}/next.beam"),
         {module, kept} = code:load_binary(kept, "next.beam", Next),
         {'EXIT', {{wasm_error, {module_changed, kept}}, _}} = (catch kept:version(I)),
         case wasm2beam:upgrade(I, kept, Imports) of
           {ok, J} ->
             Told({kept:version(J), kept:load(J, 130000), wasm2beam:memory_size(J), wasm2beam:get_global(J, i64),
               kept:call(J, 1), element(1, catch kept:init(J)), catch kept:more(J)}),
             3 = kept:grow(J, 1), ok = kept:store(J, 3 * 65536, 5), 5 = kept:load(J, 3 * 65536),
             {'EXIT', {{wasm_error, {closed, kept}}, _}} = (catch wasm2beam:memory_size(I)), ok = wasm2beam:close(J),
             Told([Key || {Key, _} <- get(), is_reference(Key)]);
           {error, {wasm_upgrade, Reason}} ->
             Told(Reason)
         end`,
      );
    });

  test('goes on with memory and globals where only code changed', { timeout: PATIENCE }, async () => {
    const more = '(func (export "more") (result i32) (i32.load (i32.const 130000)))';
    expect(await upgrade((text) => text.replace('  (func $one', `  (func $other) ${more}\n  (func $one`))).toEqual([
      "{2,99,3,12345,1,'EXIT',99}",
      '[]',
    ]);
  });

  test.each([
    ['initial data', 'data', 'initial', 'Initial', '{data,0}'],
    ['a global', 'globals', '(mut f32) (f32.const 3.5)', '(mut f32) (f32.const 3)', '{globals,2}'],
    ['a memory that is too small', 'memory', '2 100)', '2 2)', '{memories,0}'],
    ['a table', 'table', '4 20 funcref', '4 21 funcref', '{tables,0}'],
    ['functions in a table', 'elements', 'func $one $two)', 'func $one $start)', '{elements,0}'],
  ])('is refused for %s', { timeout: PATIENCE }, async (_, __, from, to, reason) => {
    expect(await upgrade((text) => text.replace(from, to))).toEqual([reason]);
  });

  test('is refused where old functions would live on', { timeout: PATIENCE }, async () => {
    expect(await upgrade((text) => text, 'ok = kept:change(I, 0, 2),')).toEqual(['{table_changed,0}']);
    expect(await upgrade((text) => text, 'ok = kept:set(I),')).toEqual(['{global_reference,4}']);
  });
});

test('a module is sent to another node by name and content', { timeout: PATIENCE }, async () => {
  await withFolder(async (folder) => {
    await build(folder);
    mkdirSync(join(folder, 'next'));
    await build(folder, TEXT.replace('(i32.const 1)))\n', '(i32.const 2)))\n'), 'next/kept');
    const name = `state_${process.pid}`;
    const program = `
      _ = os:cmd("epmd -daemon"),
      {ok, _} = net_kernel:start(['${name}@127.0.0.1', longnames]),
      {ok, Peer, Node} = peer:start_link(#{name => '${name}_peer', host => "127.0.0.1", longnames => true, args => ["-pa", "${RUNTIME}"]}),
      Told(wasm2beam_remote:ensure_loaded(Node, kept)), Told(wasm2beam_remote:ensure_loaded(Node, kept)),
      {ok, I} = wasm2beam:instantiate(kept, Imports), ok = kept:store(I, 64, 4711),
      Snapshot = wasm2beam:snapshot(I),
      There = fun() ->
        {ok, J} = wasm2beam:restore(kept, Snapshot, #{<<"env">> => #{<<"log">> => fun erlang:abs/1}}), {kept:load(J, 64), kept:version(J)}
      end,
      Told(erpc:call(Node, There)),
      {module, kept} = code:load_abs("${folder}/next/kept"),
      Told(wasm2beam_remote:ensure_loaded(Node, kept)),
      Told(wasm2beam_remote:ensure_loaded(Node, kept)),
      Told(erpc:call(Node, fun() -> {ok, J} = wasm2beam:instantiate(kept, #{<<"env">> => #{<<"log">> => fun erlang:abs/1}}), kept:version(J) end)),
      Told(wasm2beam_remote:ensure_loaded(Node, lists)), Told(wasm2beam_remote:ensure_loaded('nobody@127.0.0.1', kept)),
      peer:stop(Peer)`;
    const lines = await run(folder, program);
    expect(lines).toEqual([
      '{ok,sent}',
      '{ok,same}',
      '{4711,1}',
      '{ok,sent}',
      '{ok,same}',
      '2',
      '{error,{not_compiled,lists}}',
      '{error,noconnection}',
    ]);
  });
});

test('all parts of a module are sent, also those that only parts call', { timeout: PATIENCE }, async () => {
  const { bytes } = parseWat(`(module
    (func $first (export "first") (result i32) (i32.add (call $second) (i32.const 1)))
    (func $second (result i32) (i32.add (call $third) (i32.const 10)))
    (func $third (result i32) (i32.const 1234)))`);
  await withFolder(async (folder) => {
    const parts = compileParts(bytes, { name: 'sent', otp: await otpRelease() }, 8);
    expect(parts).toHaveLength(3);
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const name = `parts_${process.pid}`;
    const program = `
      _ = os:cmd("epmd -daemon"),
      {ok, _} = net_kernel:start(['${name}@127.0.0.1', longnames]),
      {ok, Peer, Node} = peer:start_link(#{name => '${name}_peer', host => "127.0.0.1", longnames => true, args => ["-pa", "${RUNTIME}"]}),
      Told(wasm2beam_remote:ensure_loaded(Node, sent)), Told(wasm2beam_remote:ensure_loaded(Node, sent)),
      Told(erpc:call(Node, fun() -> {ok, I} = wasm2beam:instantiate(sent), wasm2beam:call(I, <<"first">>, []) end)),
      peer:stop(Peer)`;
    expect(await runProgram(folder, program)).toEqual(['{ok,sent}', '{ok,same}', '[1245]']);
  });
});

test('what is imported is saved, and filled again', { timeout: PATIENCE }, async () => {
  const text = `(module
    (import "host" "memory" (memory 1 10)) (import "host" "table" (table 2 funcref)) (import "host" "global" (global (mut i64)))
    (func $one (export "one") (result i32) (i32.const 1)) (elem declare func $one)
    (func (export "store") (param i32) (i32.store (i32.const 70000) (local.get 0)) (global.set 0 (i64.const -9))
      (table.set (i32.const 1) (ref.func $one)))
    (func (export "load") (result i32) (i32.load (i32.const 70000)))
    (func (export "call") (result i32) (call_indirect (result i32) (i32.const 1))))`;
  await withFolder(async (folder) => {
    await build(folder, text);
    const lines = await run(
      folder,
      `Host = fun(Pages) -> #{<<"host">> => #{<<"memory">> => wasm2beam:memory(Pages, 10),
          <<"table">> => wasm2beam:table(funcref, 2, none), <<"global">> => wasm2beam:global(i64, var, 1)}} end,
        {ok, I} = wasm2beam:instantiate(kept, Host(2)), ok = kept:store(I, 4711), Snapshot = wasm2beam:snapshot(I),
        #{<<"host">> := Given} = Again = Host(1),
        ok = wasm2beam:write_memory(maps:get(<<"memory">>, Given), 5, <<"gone">>),
        {ok, J} = wasm2beam:restore(kept, Snapshot, Again),
        Told({kept:load(J), kept:call(J), wasm2beam:get_global(maps:get(<<"global">>, Given)),
          wasm2beam:memory_size(maps:get(<<"memory">>, Given)), wasm2beam:read_memory(J, 5, 4)}),
        Told(wasm2beam:restore(kept, Snapshot, Host(3)))`,
    );
    expect(lines).toEqual(['{4711,1,-9,2,<<0,0,0,0>>}', '{error,{wasm_snapshot,{memory,2}}}']);
  });
});
