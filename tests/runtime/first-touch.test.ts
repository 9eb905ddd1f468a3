// What a loop of loads costs where nothing was touched yet: a leaf is made once, and the loads behind it find it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { otpRelease, runProgram, withFolder } from '../harness/erlang.ts';

type Load = readonly [name: string, instruction: string, bytes: number];

const LOADS: readonly Load[] = [
  ['i32.load8_u', 'i32.load8_u (local.get $address)', 1],
  ['i32.load16_s', 'i32.load16_s (local.get $address)', 2],
  ['i32.load', 'i32.load (local.get $address)', 4],
  ['i64.load', 'i32.wrap_i64 (i64.load (local.get $address))', 8],
  [
    'neighbours',
    'i32.or (i32.load (local.get $address)) (i32.and (i32.load offset=4 (local.get $address)) (i32.const 0))',
    8,
  ],
];

/** The sum of what is loaded from 8 KiB. */
const sum = ([, load, bytes]: Load): string =>
  `(func (export "sum${bytes}") (param $address i32) (result i32) (local $end i32) (local $sum i32)
    (local.set $end (i32.add (local.get $address) (i32.const 8192)))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (${load})))
      (local.set $address (i32.add (local.get $address) (i32.const ${bytes})))
      (br_if $next (i32.lt_u (local.get $address) (local.get $end))))
    (local.get $sum))`;

test.each(LOADS)('%s asks the runtime once a leaf', { timeout: 60_000 }, async (...load) => {
  const [, , bytes] = load;
  await withFolder(async (folder) => {
    const module = parseWat(`(module (memory (export "memory") 4) ${sum(load)})`);
    writeFileSync(join(folder, 'touch.beam'), compile(module.bytes, { name: 'touch', otp: await otpRelease() }));
    const [answer, asked] = await runProgram(
      folder,
      `{ok, I} = wasm2beam:instantiate(touch),
       Bytes = << <<N:16/little>> || N <- lists:seq(1, 4096) >>, wasm2beam:write_memory(I, 65536, Bytes),
       Calls = [{wasm2beam_memory, fetch, 3}, {wasm2beam_memory, fetch64, 2}],
       [1 = erlang:trace_pattern(Call, true, [call_count]) || Call <- Calls],
       Sum = touch:sum${bytes}(I, 65536),
       Expected = lists:sum([N || <<N:${8 * Math.min(bytes, 4)}/little, _:${8 * (bytes - Math.min(bytes, 4))}>> <= Bytes]),
       Told({Sum band 16#FFFFFFFF =:= Expected band 16#FFFFFFFF}),
       Told(lists:sum([Count || Call <- Calls, {call_count, Count} <- [erlang:trace_info(Call, call_count)]]))`,
    );
    expect(answer).toBe('{true}');
    expect(asked).toBe('2');
  });
});
