// Constants of the IR as operands.
import type { Value } from '../ir/ir.ts';
import type { Term } from '../ir/term.ts';
import type { Source } from './assembly.ts';

/** The operand for a value that is a constant. */
export function constantSource({ type, constant }: Value): Source {
  switch (type) {
    case 'f32':
      return floatSource(constant as number, 32);
    case 'f64':
      return floatSource(constant as bigint, 64);
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

const view = new DataView(new ArrayBuffer(8));

/** A float from its bits, in the form that docs/abi.md gives to floats. */
function floatSource(bits: number | bigint, width: 32 | 64): Source {
  if (width === 32) view.setUint32(0, bits as number);
  else view.setBigUint64(0, bits as bigint);
  const float = width === 32 ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isFinite(float)) return { kind: 'literal', term: { float } };
  if (float === Infinity) return { kind: 'atom', name: 'infinity' };
  if (float === -Infinity) return { kind: 'atom', name: 'neg_infinity' };
  if (bits === 0x7fc00000 || bits === 0x7ff8000000000000n) return { kind: 'atom', name: 'nan' };
  return { kind: 'literal', term: { tuple: [{ atom: 'nan' }, bits] } };
}
