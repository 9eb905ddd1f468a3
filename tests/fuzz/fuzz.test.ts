// The fuzzer in small: its parts keep their promises, and a short run with a fixed seed finds nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../ir/instructions.ts';
import { runScript } from '../../wast/run.ts';
import { Session as ScriptSession } from '../../wast/session.ts';
import { otpRelease, RUNTIME } from '../harness/erlang.ts';
import { firstDifference, kindOf } from './compare.ts';
import { encode } from './encode.ts';
import { FAULTS } from './faults.ts';
import { generate } from './generate.ts';
import { mutateModules, verdictOf } from './mutate.ts';
import { scriptText } from './print.ts';
import { walk, type Program } from './program.ts';
import { reduce, sizeOf } from './reduce.ts';
import { runPrograms, type FoundProgram } from './run.ts';
import { Session } from './session.ts';
import { executedOf, observeV8 } from './v8.ts';

const PROGRAMS = Array.from({ length: 60 }, (_, i) => generate(i));

const sessions: { stop: () => void }[] = [];
afterAll(() => sessions.forEach((session) => session.stop()));

async function startSession(ways: readonly string[]): Promise<Session> {
  const session = new Session(ways, await otpRelease(), [RUNTIME]);
  sessions.push(session);
  return session;
}

const holds = (program: Program, op: string): boolean =>
  program.functions.some(({ body }) => body.some((root) => [...walk(root)].some((tree) => tree.op === op)));

describe('generation', () => {
  it('gives valid modules', () => {
    const invalid = PROGRAMS.flatMap((program, i) => (WebAssembly.validate(encode(program)) ? [] : [i]));
    expect(invalid).toEqual([]);
  });

  it('gives the same program for the same seed, and another for another', () => {
    expect(encode(generate(7))).toEqual(encode(generate(7)));
    expect(encode(generate(7))).not.toEqual(encode(generate(8)));
  });

  it('lets every instruction of the table be executed', () => {
    let pending = OPERATIONS.map(({ mnemonic }) => mnemonic);
    for (let seed = 0; pending.length > 0 && seed < 600; seed++) {
      const executed = new Set(executedOf(generate(seed), pending));
      pending = pending.filter((mnemonic) => !executed.has(mnemonic));
    }
    expect(pending).toEqual([]);
  });
});

describe('comparison', () => {
  it('takes any of the reasons for which V8 has one message', () => {
    const expected = ['call 0: 1', 'call 1: trap integer_overflow|invalid_conversion_to_integer'];
    expect(firstDifference(expected, ['call 0: 1', 'call 1: trap invalid_conversion_to_integer'])).toBeUndefined();
    expect(firstDifference(expected, ['call 0: 1', 'call 1: trap unreachable'])?.index).toBe(1);
    expect(firstDifference(expected, ['call 0: 2', expected[1]])?.index).toBe(0);
    expect(firstDifference(expected, ['call 0: 1'])?.actual).toBe('nothing');
  });

  it('tells kinds of disagreement apart', () => {
    const kind = (expected: string, actual: string): string => kindOf({ index: 0, expected, actual });
    expect(kind('call 0: 1', 'call 0: 2')).toBe(kind('call 3: 4', 'call 3: 5'));
    expect(kind('call 0: 1', 'call 0: trap unreachable')).not.toBe(kind('call 0: 1', 'call 0: 2'));
    expect(kind('call 0: 1', 'the node died: SIGSEGV')).not.toBe(kind('call 0: 1', 'timeout'));
  });
});

describe('reduction', () => {
  it('leaves little more than what matters', async () => {
    // Not a large one, for time: it need not be done with that.
    const large = PROGRAMS.filter((each) => holds(each, 'i64.rotl') && sizeOf(each) > 300);
    const [program] = large.sort((a, b) => sizeOf(a) - sizeOf(b));
    const reduced = await reduce(program, (candidate) => Promise.resolve(holds(candidate, 'i64.rotl')), 20);
    expect(holds(reduced, 'i64.rotl')).toBe(true);
    expect(sizeOf(reduced)).toBeLessThan(30);
    expect(WebAssembly.validate(encode(reduced))).toBe(true);
  }, 60_000);

  it('never takes the fuel checks away from a loop', async () => {
    const program = PROGRAMS.find((each) => holds(each, 'loop') && sizeOf(each) > 100)!;
    const reduced = await reduce(program, (candidate) => Promise.resolve(holds(candidate, 'loop')), 20);
    // It ends; without a check it would not.
    expect(observeV8(reduced, encode(reduced)).lines.length).toBeGreaterThan(0);
  }, 60_000);
});

describe('scripts of programs', () => {
  it('assert what V8 answered', async () => {
    const session = new ScriptSession();
    sessions.push({ stop: () => session.close() });
    const plain = PROGRAMS.filter(({ hosts }) => hosts.length === 0)
      .map((program) => ({ program, observed: observeV8(program, encode(program)) }))
      .filter(({ observed }) => !observed.lines.some((line) => line.startsWith('instantiate:')))
      .slice(0, 8);
    for (const { program, observed } of plain) {
      const text = scriptText(program, observed, 'a test');
      const { passed, failures } = await runScript(text, session, { source: 'fuzz.wast' });
      expect(failures).toEqual([]);
      expect(passed).toBeGreaterThan(0);
    }
  }, 60_000);
});

describe('a short run', () => {
  it('finds no disagreement between the back ends and V8', async () => {
    const session = await startSession(['direct', 'core']);
    const found: FoundProgram[] = [];
    const onFinding = (each: FoundProgram): unknown => found.push(each);
    const report = await runPrograms(session, {
      first: 1_000_000,
      count: 60,
      seconds: 90,
      most: 1,
      reduceSeconds: 10,
      onFinding,
    });
    expect(found.map(({ seed, kind, finding }) => ({ seed, kind, finding }))).toEqual([]);
    expect(report.programs).toBe(60);
    expect(session.node.restarts).toBe(0);
    expect(session.runs.core).toBeGreaterThan(0);
  }, 120_000);

  it('reports a wrong program, a dead node and what does not load', async () => {
    const session = await startSession(['direct']);
    const [program] = PROGRAMS;
    expect(await session.node.run(program, Uint8Array.of(1, 2, 3))).toEqual([expect.stringMatching(/^load: error/)]);
    expect(await session.judge(program)).toBeUndefined();
  }, 60_000);

  it('agrees with V8 on which damaged modules are valid', () => {
    const { findings, modules, valid } = mutateModules(1, 4, 5);
    expect(findings).toEqual([]);
    expect(modules).toBeGreaterThan(20);
    expect(valid).toBeLessThan(modules);
  }, 60_000);

  it('has no opinion on what V8 alone takes: an empty element segment of numbers', () => {
    const segment = (type: number): Uint8Array<ArrayBuffer> =>
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9, 4, 1, 7, type, 0]);
    expect(WebAssembly.validate(segment(0x7f))).toBe(true);
    expect(verdictOf(segment(0x7f), false)).toBe('unsupported');
    expect(verdictOf(segment(0x40), false)).toBe('invalid');
    expect(verdictOf(segment(0x70), false)).toBe('valid');
  });

  it.each(FAULTS)('can be tried with the fault $name', ({ file, edits }) => {
    const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    for (const { find } of edits) expect(text).toContain(find);
  });
});
