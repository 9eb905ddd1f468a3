// The official tests on compiled code: which files there are, and a run of them with a table for README.
//
// The folder is ../shared/spec beside the checkout, or what WASM_TESTSUITE names: v2.0.0/ and wg-3.0/ are test/core of
// the public repository at these tags. A file that needs a proposal not built yet is listed by name with it, and its
// other assertions are judged all the same.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Backend, ModuleCompiler } from '../../wast/backend.ts';
import { type Failure, runScript } from '../../wast/run.ts';
import { Session } from '../../wast/session.ts';

export const SUITE = process.env.WASM_TESTSUITE ?? join(import.meta.dirname, '../../../shared/spec');

const HOW_TO_GET_IT = [
  `The official tests did not run: there is no folder ${SUITE}. To get them:`,
  ...['v2.0.0', 'wg-3.0'].flatMap((tag) => [
    `  git clone --depth 1 --branch ${tag} https://github.com/WebAssembly/spec build/spec-${tag}`,
    `  mkdir -p ../shared/spec && cp -R build/spec-${tag}/test/core ../shared/spec/${tag}`,
  ]),
].join('\n');

/** Assertions that held, and commands that a proposal keeps from being judged, by folder. */
export interface Row {
  files: number;
  passed: number;
  /** Files that need a proposal, and the commands in them that failed of it; one where the whole script is refused. */
  waiting: number;
  refused: number;
}

/** Failures of a file that a proposal explains though it is not what the compiler names. */
export interface Explanation {
  readonly path: RegExp;
  readonly expected: RegExp;
  readonly proposal: string;
}

export interface Release {
  readonly folder: string;
  readonly rules: '2.0' | '3.0';
  /** On a build that tests every annotated type at run time. */
  readonly checked?: boolean;
  /** Under names from the pool, as a module that is compiled at run time has them. */
  readonly pooled?: boolean;
  /** On a build that counts instructions. */
  readonly fuel?: boolean;
  /** Default: the direct one. */
  readonly backend?: Backend;
  /** Paths from the folder on; default: all scripts in it. */
  readonly only?: readonly string[];
  readonly explained: readonly Explanation[];
  /** What the table must say. */
  readonly table: Readonly<Record<string, Row>>;
}

function proposalOf(path: string, failure: Failure, explained: readonly Explanation[]): string | undefined {
  const explains = (one: Explanation) => one.path.test(path) && one.expected.test(failure.expected);
  return failure.proposal ?? explained.find(explains)?.proposal;
}

/** Paths of the scripts below a folder of the suite, from the suite on. */
function scripts(folder: string): string[] {
  const names = readdirSync(join(SUITE, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.wast'))
    .sort()
    .map((name) => join(folder, name));
}

/** Declares a test for each script of a release and one for the sums. */
export function testRelease(release: Release): void {
  const {
    folder,
    rules,
    checked = false,
    pooled = false,
    fuel = false,
    backend = 'direct',
    only,
    explained,
    table,
  } = release;
  if (!existsSync(SUITE)) {
    test('the official tests did not run', () => {
      console.warn(HOW_TO_GET_IT);
      expect(process.env.WASM_TESTSUITE, 'WASM_TESTSUITE names no folder').toBeUndefined();
    });
    return;
  }
  const compiler = new ModuleCompiler(backend);
  const session = new Session({
    checked,
    fuel,
    compile: (bytes, options) => compiler.compile(bytes, { ...options, names: pooled ? 'pooled' : 'own' }),
  });
  const rows: Record<string, Row> = {};
  const waiting: string[] = [];
  afterAll(() => {
    session.close();
    compiler.close();
  });

  test.each(only?.map((name) => join(folder, name)) ?? scripts(folder))('%s', async (path) => {
    const text = readFileSync(join(SUITE, path), 'utf8');
    const report = await runScript(text, session, { source: basename(path), constants: rules });
    const proposals = new Set<string>();
    const wrong: string[] = [];
    for (const failure of report.failures) {
      const proposal = proposalOf(path, failure, explained);
      if (proposal !== undefined) proposals.add(proposal);
      else wrong.push(`${path}:${failure.line}: got ${failure.got}, expected ${failure.expected}`);
    }
    const row = (rows[dirname(path)] ??= { files: 0, passed: 0, waiting: 0, refused: 0 });
    row.files++;
    row.passed += report.passed;
    row.refused += report.failures.length - wrong.length;
    if (proposals.size > 0) {
      row.waiting++;
      waiting.push(`${path} needs ${[...proposals].sort().join(', ')}`);
    }
    const again = `bin/wasm2beam wast --spec ${rules} --backend ${backend}${checked ? ' --checked' : ''}${fuel ? ' --fuel' : ''}`;
    expect(wrong, `${again} ${join(SUITE, path)}`).toEqual([]);
  });

  test(`${folder}: every assertion was judged, or waits for a proposal`, () => {
    console.log([...waiting, '', ...printTable(rows)].join('\n'));
    expect(rows).toEqual(table);
  });
}

function printTable(rows: Readonly<Record<string, Row>>): string[] {
  return [
    '| folder | files | assertions passed | files that need a proposal | refusals in them |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(rows).map(
      ([folder, row]) => `| ${folder} | ${row.files} | ${row.passed} | ${row.waiting} | ${row.refused} |`,
    ),
  ];
}
