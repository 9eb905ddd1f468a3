// Text of the register IR, for --emit ir, --dump and filetests. docs/ir.md shows the form.
//
// Consumes a function of either level; produces lines. Two functions print alike only if they are alike, but for the
// ids of constants and what no operator uses.
import {
  WRAPS,
  type Block,
  type Constant,
  type Edge,
  type Instruction,
  type IrFunction,
  type Terminator,
  type Type,
  type Value,
} from './ir.ts';

/** Terms are cut here: the description of a module is one constant. */
const TERM_LENGTH = 80;

/** A function as text, each block and instruction on a line of its own, with a final line end. */
export function printFunction(fn: IrFunction): string {
  const results = fn.results > 0 ? ` results ${fn.results}` : '';
  const frame = fn.frameWords > 0 ? ` frame ${fn.frameWords}` : '';
  const lines = [`function ${JSON.stringify(fn.name)}${results}${frame}`];
  for (const block of fn.blocks) {
    lines.push(printBlockHead(block));
    for (const instruction of block.instructions) lines.push(`  ${printInstruction(instruction)}`);
    lines.push(`  ${printTerminator(block.terminator)}`);
  }
  return `${lines.join('\n')}\n`;
}

function printBlockHead(block: Block): string {
  return `b${block.id}${block.loop ? ' loop' : ''}(${block.params.map(printDefinition).join(', ')}):`;
}

/** An instruction: what it defines, operator, immediates, arguments, and the offset of the Wasm instruction. */
export function printInstruction(instruction: Instruction): string {
  const { operator, args, results, offset } = instruction;
  const defined = results.length > 0 ? `${results.map(printDefinition).join(', ')} = ` : '';
  const words = [operator, ...printImmediates(instruction)].join(' ');
  const operands = args.length > 0 ? ` ${args.map(printUse).join(', ')}` : '';
  return `${defined}${words}${operands}${printOffset(offset)}`;
}

/** What ends a block. */
export function printTerminator(terminator: Terminator | undefined): string {
  switch (terminator?.kind) {
    case undefined:
      return '(no terminator)';
    case 'jump':
      return `jump ${printEdge(terminator.edge)}`;
    case 'branch': {
      const { test, args, then } = terminator;
      return `branch ${test} ${args.map(printUse).join(', ')} ? ${printEdge(then)} : ${printEdge(terminator.else)}`;
    }
    case 'switch': {
      const cases = terminator.cases.map(({ value, edge }) => `${value}: ${printEdge(edge)}`);
      return `switch ${printUse(terminator.index)} {${cases.join(', ')}} else ${printEdge(terminator.otherwise)}`;
    }
    case 'return':
      return ['return', terminator.values.map(printUse).join(', ')].filter(Boolean).join(' ');
    case 'tail_call':
      return `tail ${printInstruction(terminator.call)}`;
    case 'trap':
      return `trap ${terminator.reason}${printOffset(terminator.offset)}`;
  }
}

function printEdge({ target, args }: Edge): string {
  return `b${target.id}(${args.map(printUse).join(', ')})`;
}

function printOffset(offset: number): string {
  return offset > 0 ? ` @0x${offset.toString(16)}` : '';
}

function printDefinition(value: Value): string {
  const range = value.type === 'int' ? `[${value.min}..${value.max}]` : '';
  const size = value.tupleSize > 0 ? `{${value.tupleSize}}` : '';
  return `v${value.id}:${value.type}${range}${size}`;
}

function printUse({ id, type, constant }: Value): string {
  return constant === undefined ? `v${id}` : printConstant(type, constant);
}

function printConstant(type: Type, constant: Constant): string {
  switch (type) {
    case 'int':
      return printTerm(constant);
    case 'f32':
    case 'f64':
      return `${typeof constant === 'object' ? printTerm(constant) : printFloat(type, constant)}:${type}`;
    default:
      return `${printTerm(constant)}:${type}`;
  }
}

const view = new DataView(new ArrayBuffer(8));

/** A float from its bits, which show where the number does not tell them. */
function printFloat(type: 'f32' | 'f64', bits: number | bigint): string {
  if (type === 'f32') view.setUint32(0, Number(bits));
  else view.setBigUint64(0, BigInt(bits));
  const float = type === 'f32' ? view.getFloat32(0) : view.getFloat64(0);
  if (Number.isNaN(float)) return `nan:0x${bits.toString(16)}`;
  return Object.is(float, -0) ? '-0' : String(float);
}

function printTerm(constant: Constant): string {
  if (typeof constant !== 'object') return String(constant);
  if ('atom' in constant) return JSON.stringify(constant.atom);
  const text = JSON.stringify(constant, (_, part: unknown) => {
    if (part instanceof Uint8Array) return `${part.length} bytes`;
    return typeof part === 'bigint' ? String(part) : part;
  });
  return text.length > TERM_LENGTH ? `${text.slice(0, TERM_LENGTH)}...` : text;
}

/** Fields of an instruction that its operator uses, in a fixed order. */
function printImmediates({
  operator,
  index,
  index2,
  displacement,
  bytes,
  text,
  name,
  test,
  body,
}: Instruction): string[] {
  if (body.length > 0) return [...(index === WRAPS ? ['wraps'] : []), `{ ${body.map(printInstruction).join('; ')} }`];
  if (operator.startsWith('mem.')) {
    const offset = displacement === 0 ? [] : [`offset=${displacement}`];
    return [`bytes=${bytes}`, ...offset, ...(index === WRAPS ? ['wraps'] : [])];
  }
  if (bytes > 0) return [`offset=${displacement}`];
  switch (operator) {
    case 'trap_if':
      return [test, text];
    case 'runtime':
      return [`${text}:${name}`];
    case 'float.arith':
    case 'float.test':
    case 'float.choice':
    case 'float.magnitude':
    case 'float.rounding':
    case 'float.sign':
    case 'truncate':
    case 'float.bits':
    case 'float.from_bits':
      return [name];
    case 'call_indirect':
      return [`type=${index}`, `table=${index2}`];
    case 'table.copy':
      return [`to=${index}`, `from=${index2}`];
    case 'table.init':
      return [`segment=${index}`, `table=${index2}`];
    case 'table.element':
      return [`table=${index}`, `slot=${index2}`];
    case 'memory.init':
    case 'data.drop':
    case 'elem.drop':
      return [`segment=${index}`];
    case 'charge':
      return [`units=${index}`];
    case 'call':
    case 'call_protected':
    case 'ref.func':
      return [`function=${index}`];
    case 'table.get':
    case 'table.set':
    case 'table.size':
    case 'table.grow':
    case 'table.fill':
      return [`table=${index}`];
    case 'global.get':
    case 'global.set':
      return [`global=${index}`];
    case 'frame.get':
    case 'frame.set':
    case 'boxes.new':
    case 'boxes.get':
    case 'boxes.set':
    case 'unpack':
    case 'state.get':
    case 'cell.get':
    case 'cell.set':
    case 'element':
      return [`slot=${index}`];
    default:
      return [];
  }
}
