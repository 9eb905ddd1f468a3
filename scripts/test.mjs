// Runs the tests of all three languages and ends with one line, `N passed, N failed`, that sums their counts.
//
// Each runner leaves a report in build/test/, which alone is counted; a runner that ends with an error and reports no
// failed test (it crashed, did not compile, or found nothing) counts as one failed test. The status is 0 only if
// nothing failed. The same line goes to build/test/summary.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const REPORTS = resolve('build/test');
const ELIXIR = 'erlang-shim/elixir';

/** The counts of vitest's JSON report. A file that failed outside its tests (import, hook) is one failed test. */
function countVitest() {
  const report = JSON.parse(readFileSync(join(REPORTS, 'vitest.json'), 'utf8'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    let failed = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed++;
      else if (status === 'failed') failed++;
      else counts.skipped++;
    }
    counts.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
  }
  return counts;
}

/** The counts of eunit's reports in the Surefire format; a fixture that failed is one of its errors. */
function countEunit() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const name of readdirSync(join(REPORTS, 'eunit'))) {
    const suite = /<testsuite\b[^>]*>/.exec(readFileSync(join(REPORTS, 'eunit', name), 'utf8'))?.[0] ?? '';
    const attribute = (/** @type {string} */ key) => Number(new RegExp(`\\b${key}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = attribute('failures') + attribute('errors');
    counts.failed += failed;
    counts.skipped += attribute('skipped');
    counts.passed += attribute('tests') - failed - attribute('skipped');
  }
  return counts;
}

/** The counts that scripts/count_formatter.exs wrote. */
function countElixir() {
  return JSON.parse(readFileSync(join(REPORTS, 'elixir.json'), 'utf8'));
}

const RUNNERS = [
  {
    name: 'vitest',
    folder: '.',
    command: [
      'npx',
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${REPORTS}/vitest.json`,
    ],
    environment: {},
    count: countVitest,
  },
  {
    name: 'eunit',
    folder: '.',
    command: ['rebar3', 'eunit', '--dir=tests/shim'],
    environment: {},
    count: countEunit,
  },
  {
    name: 'mix test',
    folder: ELIXIR,
    command: [
      ...['elixir', '-r', resolve('scripts/count_formatter.exs'), '-S', 'mix', 'test'],
      ...['--formatter', 'ExUnit.CLIFormatter', '--formatter', 'CountFormatter'],
    ],
    environment: { MIX_ENV: 'test', COUNT_FILE: join(REPORTS, 'elixir.json') },
    count: countElixir,
  },
];

/**
 * @param {(typeof RUNNERS)[number]} runner
 * @returns {Counts}
 */
function run({ name, folder, command: [program, ...args], environment, count }) {
  console.log(`\n== ${name}`);
  const { status, signal, error } = spawnSync(program, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    // No runner may wait for an answer.
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = count();
  } catch (problem) {
    console.log(`${name} left no report: ${problem instanceof Error ? problem.message : String(problem)}`);
    return { ...counts, failed: 1 };
  }
  if (status !== 0 && counts.failed === 0) {
    console.log(`${name} ended with ${error?.message ?? signal ?? `status ${status}`} though no test failed`);
    counts.failed = 1;
  }
  if (counts.passed + counts.failed === 0) {
    console.log(`${name} ran no test`);
    counts.failed = 1;
  }
  return counts;
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(join(REPORTS, 'eunit'), { recursive: true });
// rebar3 copies the tests there and would go on running those that were deleted since.
rmSync('_build/test/extras', { recursive: true, force: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const runner of RUNNERS) {
  const counts = run(runner);
  total.passed += counts.passed;
  total.failed += counts.failed;
  lines.push(`${runner.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
const summary = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(REPORTS, 'summary'), `${summary}\n`);
console.log(`\n${lines.join('\n')}\n${summary}`);
process.exitCode = total.failed === 0 ? 0 : 1;
