// Constants of the IR as operands.
import type { Value } from '../ir/ir.ts';
import type { Term } from '../ir/term.ts';
import type { Source } from './assembly.ts';

const view = new DataView(new ArrayBuffer(8));

/** The operand for a value that is a constant. */
export function constantSource(value: Value): Source {
  const { type, constant } = value;
  switch (type) {
    case 'f32':
    case 'f64':
      return floatSource(floatOf(value), constant as number | bigint);
    case 'int':
      return { kind: 'integer', value: constant as number };
    default:
      return termSource(constant!);
  }
}

function termSource(term: Term): Source {
  if (typeof term === 'number') return { kind: 'integer', value: term };
  if (typeof term === 'object' && 'atom' in term) return { kind: 'atom', name: term.atom };
  return { kind: 'literal', term };
}

/** The number that a constant of a float type is, which may be infinite or NaN. */
export function floatOf({ type, constant }: Value): number {
  if (type === 'f32') view.setUint32(0, constant as number);
  else view.setBigUint64(0, constant as bigint);
  return type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
}

/** A float from its bits, in the form that docs/abi.md gives to floats. */
function floatSource(float: number, bits: number | bigint): Source {
  if (Number.isFinite(float)) return { kind: 'literal', term: { float } };
  if (float === Infinity) return { kind: 'atom', name: 'infinity' };
  if (float === -Infinity) return { kind: 'atom', name: 'neg_infinity' };
  if (bits === 0x7fc00000 || bits === 0x7ff8000000000000n) return { kind: 'atom', name: 'nan' };
  return { kind: 'literal', term: { tuple: [{ atom: 'nan' }, bits] } };
}
