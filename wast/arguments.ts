// Arguments of a function as a person types them, and its results as a person reads them.
import type { ValueType } from '../ir/instructions.ts';
import type { ScriptValue } from '../frontend/script-values.ts';
import { parseF32, parseF64, parseI32, parseI64 } from '../frontend/wat-numbers.ts';
import { formatFloat } from './values.ts';

/** A number in the notation of the text format, or `null` for a reference; undefined where it is nothing of the type. */
export function parseArgument(type: ValueType, word: string): ScriptValue | undefined {
  try {
    switch (type) {
      case 'i32': {
        const value = parseI32(word);
        return value === undefined ? undefined : { type, value: value >>> 0 };
      }
      case 'i64': {
        const value = parseI64(word);
        return value === undefined ? undefined : { type, value: BigInt.asUintN(64, value) };
      }
      case 'f32': {
        const bits = parseF32(word);
        return bits === undefined ? undefined : { type, bits };
      }
      case 'f64': {
        const bits = parseF64(word);
        return bits === undefined ? undefined : { type, bits };
      }
      case 'funcref':
      case 'externref':
        return word === 'null' ? { type, value: null } : undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The field of an answer (values.ts): integers signed, floats in the shortest form that reads back. */
export function formatResult(field: string): string {
  const [type, content] = field.split(':');
  switch (type) {
    case 'f32':
    case 'f64':
      return formatFloat(type, BigInt(content));
    case 'funcref':
    case 'externref':
      return content === 'null' ? 'null' : type;
    default:
      return content;
  }
}
