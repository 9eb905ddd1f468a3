// The fuzzer's command line.
//
//   node build/fuzz/tests/fuzz/main.js --seconds 60 --seed 1 [--ways direct,core] [--most 5] [--otp 25]
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
import { runPrograms, type FoundProgram } from './run.ts';
import { Session } from './session.ts';
import { observeV8 } from './v8.ts';
import { WAYS } from './ways.ts';

const OTP_RELEASES = [25, 26, 27] as const;
const PROGRAMS_PER_SEED = 1_000_000;

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
const session = new Session(ways, otp, [values.runtime]);
try {
  const single = values.program === undefined ? undefined : Number(values.program);
  const seconds = Number(values.seconds);
  const report = await runPrograms(session, {
    seed: single === undefined ? Number(values.seed) : single / PROGRAMS_PER_SEED,
    seconds: single === undefined ? seconds * 0.85 : 1,
    most: single === undefined ? Number(values.most) : 1,
    reduceSeconds: Number(values.reduce),
    onFinding: save,
  });
  const { programs, skipped, disagreements, neverExecuted } = report;
  say(
    `${programs} programs by ${ways.join()} and V8 in ${report.seconds.toFixed(1)} s, ` +
      `${(programs / report.seconds).toFixed(1)} a second: ${disagreements} disagreements` +
      `${skipped ? `, ${skipped} without an answer of V8` : ''}; the node was restarted ${session.node.restarts} times`,
  );
  say(`instructions that no run executed: ${neverExecuted.join(', ') || 'none'}`);
  const mutated = single === undefined ? mutateModules(Number(values.seed), seconds * 0.15) : undefined;
  for (const { what, hex } of mutated?.findings ?? []) say(`\nDISAGREEMENT on validity: ${what}\n  ${hex}`);
  if (mutated) {
    say(
      `${mutated.modules} mutated modules, ${mutated.valid} of them valid, ${mutated.unsupported} beyond what is ` +
        `supported: ${mutated.findings.length} disagreements`,
    );
  }
  if (disagreements > 0 || (mutated?.findings.length ?? 0) > 0) process.exitCode = 1;
} finally {
  session.stop();
}
