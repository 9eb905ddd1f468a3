// Where two ways of running a program differ.
//
// Consumes the lines that V8 and a node observed; V8 has one message for several traps and then names them all.

export interface Difference {
  /** Of the line. */
  readonly index: number;
  readonly expected: string;
  readonly actual: string;
}

function agrees(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const [what, reasons] = expected.split(': trap ');
  return reasons?.split('|').some((reason) => actual === `${what}: trap ${reason}`) ?? false;
}

/** The first line in which what a way observed is not what V8 allows; undefined where all agree. */
export function firstDifference(expected: readonly string[], actual: readonly string[]): Difference | undefined {
  const count = Math.max(expected.length, actual.length);
  for (let index = 0; index < count; index++) {
    const [left, right] = [expected[index] ?? 'nothing', actual[index] ?? 'nothing'];
    if (!agrees(left, right)) return { index, expected: left, actual: right };
  }
  return undefined;
}

/** What a difference is about, without its figures: two of one kind are likely one fault. */
export function kindOf({ expected, actual }: Difference): string {
  const wanted = `${expected.replace(/[ :].*/, '')}${expected.includes(': trap ') ? ' trap' : ''}`;
  const text = actual.replace(/^(call|host|global) \d+: /, '');
  const got =
    /^(the node died: \S+|timeout|killed|compiler: [^(]*|load: \w+ \w+|trap \w+|(error|throw|exit) \W*\w+)/.exec(text);
  // What erlc warns of names the operator.
  return `${wanted} -> ${got ? got[0].replace(/'\S+'/g, '').slice(0, 100) : 'other values'}`;
}
