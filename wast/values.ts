// Values on their way to a node and back, compared with what a script expects, and shown to people.
//
// A value in a request or an answer is `TYPE:CONTENT`: integers in decimal, floats as their bits in decimal, references
// as `null`, `func` or the number of a host reference (docstring of wasm2beam_command.erl).
//
// spec: interpreter/README.md#scripts (what the patterns mean)
import type { ResultPattern, ScriptValue } from '../frontend/script-values.ts';
import { decodeText } from './node.ts';

const view = new DataView(new ArrayBuffer(8));

function contentOf(value: ScriptValue): string {
  switch (value.type) {
    case 'i32':
      return String(value.value | 0);
    case 'i64':
      return String(BigInt.asIntN(64, value.value));
    case 'f32':
    case 'f64':
      return String(value.bits);
    case 'externref':
    case 'funcref':
      return String(value.value);
  }
}

/** A value as a field of a request; integers are signed. */
export const encodeValue = (value: ScriptValue): string => `${value.type}:${contentOf(value)}`;

/** Whether the field of an answer is what the pattern asks for, to the bit. */
export function matches(pattern: ResultPattern, field: string): boolean {
  switch (pattern.type) {
    case 'either':
      return pattern.patterns.some((one) => matches(one, field));
    case 'null':
      return field === 'funcref:null' || field === 'externref:null';
    case 'f32':
    case 'f64':
      return 'nan' in pattern ? matchesNan(pattern.type, pattern.nan, field) : encodeValue(pattern) === field;
    case 'funcref':
    case 'externref':
      if (pattern.value === 'any') return field.startsWith(`${pattern.type}:`) && !field.endsWith(':null');
      return `${pattern.type}:${pattern.value ?? 'null'}` === field;
    default:
      return encodeValue(pattern) === field;
  }
}

/** spec: syntax/values#canonical-nan, syntax/values#arithmetic-nan */
function matchesNan(type: 'f32' | 'f64', kind: 'canonical' | 'arithmetic', field: string): boolean {
  if (!field.startsWith(`${type}:`)) return false;
  const bits = BigInt(field.slice(type.length + 1));
  const canonical = type === 'f32' ? 0x7fc00000n : 0x7ff8000000000000n;
  const magnitude = bits & (type === 'f32' ? 0x7fffffffn : 0x7fffffffffffffffn);
  return kind === 'canonical' ? magnitude === canonical : (magnitude & canonical) === canonical;
}

/** What a script expects, in its own notation. */
export function showPattern(pattern: ResultPattern): string {
  switch (pattern.type) {
    case 'either':
      return `(either ${pattern.patterns.map(showPattern).join(' ')})`;
    case 'null':
      return '(ref.null)';
    case 'f32':
    case 'f64':
      return 'nan' in pattern ? `(${pattern.type}.const nan:${pattern.nan})` : showField(encodeValue(pattern));
    case 'funcref':
    case 'externref':
      return showField(`${pattern.type}:${pattern.value ?? 'null'}`);
    default:
      return showField(encodeValue(pattern));
  }
}

/** The field of an answer, in the notation of scripts. */
export function showField(field: string): string {
  const [type, content] = field.split(':');
  switch (type) {
    case 'i32':
    case 'i64':
      return `(${type}.const ${content})`;
    case 'f32':
    case 'f64':
      return `(${type}.const ${showFloat(type, content)})`;
    case 'funcref':
    case 'externref': {
      const heap = type.slice(0, -'ref'.length);
      if (content === 'null') return `(ref.null ${heap})`;
      return /^\d+$/.test(content) ? `(ref.${heap} ${content})` : `(ref.${heap})`;
    }
    default:
      return decodeText(content);
  }
}

/** Like formatFloat, but to the bit: a NaN other than the positive canonical one shows its sign and payload. */
function showFloat(type: 'f32' | 'f64', content: string): string {
  const shown = formatFloat(type, BigInt(content));
  if (shown !== 'nan') return shown;
  const [fraction, canonical] = type === 'f32' ? [23n, 0x400000n] : [52n, 0x8000000000000n];
  const bits = BigInt(content);
  const payload = bits & ((1n << fraction) - 1n);
  const sign = bits >> (type === 'f32' ? 31n : 63n) === 0n ? '' : '-';
  return payload === canonical ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`;
}

/**
 * A float in the shortest form that reads back, always with a point or an exponent; `inf`, `-inf`, `nan`.
 * @param bits its 32 or 64 bits
 */
export function formatFloat(type: 'f32' | 'f64', bits: bigint): string {
  if (type === 'f32') view.setUint32(0, Number(bits));
  else view.setBigUint64(0, bits);
  const value = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  const text = type === 'f32' ? shortestSingle(value) : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The fewest digits that round to the same single; nine always do. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
