// The fuzzer's command line.
//
//   node build/fuzz/tests/fuzz/main.js --seconds 60 --seed 1 [--ways direct,core] [--mode programs|bytes] [--otp 25]
//   node build/fuzz/tests/fuzz/main.js --program 1000042      one program again, reduced if the ways disagree on it
//
// Ends with status 1 where anything was found. What is found is saved under tests/run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encode } from './encode.ts';
import { mutateModules } from './mutate.ts';
import { scriptText } from './print.ts';
import { sizeOf } from './reduce.ts';
import { firstSeed, runPrograms, type FoundProgram } from './run.ts';
import { Session } from './session.ts';
import { observeV8 } from './v8.ts';
import { WAYS } from './ways.ts';

const OTP_RELEASES = [25, 26, 27] as const;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    program: { type: 'string' },
    ways: { type: 'string', default: Object.keys(WAYS).join() },
    most: { type: 'string', default: '8' },
    otp: { type: 'string', default: '25' },
    runtime: { type: 'string', default: '_build/default/lib/wasm2beam/ebin' },
    reduce: { type: 'string', default: '40' },
    mode: { type: 'string', default: 'both' },
    save: { type: 'string', default: 'tests/run' },
  },
});

const say = (text: string): void => console.log(text);

function save({ seed, kind, finding, program }: FoundProgram): void {
  const { way, expected, actual } = finding;
  say(`\nDISAGREEMENT ${kind}\n  expected ${expected.slice(0, 300)}\n  ${way} gave ${actual.slice(0, 600)}`);
  const file = join(values.save, `fuzz-${seed}.wast`);
  mkdirSync(values.save, { recursive: true });
  writeFileSync(file, scriptText(program, observeV8(program, encode(program)), `Found by the fuzzer: ${kind}`));
  say(`  ${sizeOf(program)} instructions: bin/wasm2beam wast ${file}`);
  say(`  the whole program: make fuzz PROGRAM=${seed}`);
}

const otp = OTP_RELEASES.find((release) => release === Number(values.otp));
if (!otp) throw new Error(`--otp is one of ${OTP_RELEASES.join()}`);
const ways = values.ways.split(',');
for (const way of ways) if (!(way in WAYS)) throw new Error(`--ways are of ${Object.keys(WAYS).join()}`);
const session = new Session(ways, otp, values.runtime.split(','));
const single = values.program === undefined ? undefined : Number(values.program);

/** Random programs; whether the ways agreed on all. */
async function programs(seconds: number): Promise<boolean> {
  const report = await runPrograms(session, {
    first: single ?? firstSeed(Number(values.seed)),
    count: single === undefined ? Infinity : 1,
    seconds,
    most: Number(values.most),
    reduceSeconds: Number(values.reduce),
    onFinding: save,
  });
  const { disagreements, skipped, neverExecuted } = report;
  const rate = (report.programs / report.seconds).toFixed(1);
  say(
    `${report.programs} programs in V8 and (${Object.entries(session.runs)
      .map((run) => run.join(' '))
      .join(', ')}) in ${report.seconds.toFixed(1)} s, ${rate} a second: ` +
      `${disagreements} disagreements, ${skipped} without an answer of V8; restarts of the node: ${session.node.restarts}`,
  );
  if (single === undefined) say(`instructions that no run executed: ${neverExecuted.join(', ') || 'none'}`);
  return disagreements === 0;
}

/** Mutated modules; whether the compiler agreed with V8 on all. */
function bytes(seconds: number): boolean {
  const { modules, valid, unsupported, findings } = mutateModules(Number(values.seed), seconds, Number(values.most));
  for (const { what, hex } of findings) say(`\nDISAGREEMENT on validity: ${what}\n  ${hex}`);
  say(
    `${modules} mutated modules, ${valid} of them valid, ${unsupported} beyond what is supported: ` +
      `${findings.length} disagreements with V8 on what is valid`,
  );
  return findings.length === 0;
}

const seconds = Number(values.seconds);
const share = values.mode === 'both' ? 0.85 : 1;
try {
  const agreed = [
    values.mode === 'bytes' || (await programs(seconds * share)),
    values.mode === 'programs' ||
      single !== undefined ||
      bytes(values.mode === 'both' ? seconds * (1 - share) : seconds),
  ];
  if (agreed.includes(false)) process.exitCode = 1;
} finally {
  session.stop();
}
