// `wasm2beam inspect`: what a module has and needs, as text or as JSON.
import { type ExternType, inspect, type Inspection } from '../compiler.ts';
import { style } from './failure.ts';
import { readModule, withSource } from './source.ts';

/** Prints the inspection of a module. */
export async function inspectCommand(file: string, options: { readonly json?: boolean }): Promise<void> {
  const source = readModule(file);
  const inspection = await withSource(source, () => inspect(source.bytes));
  process.stdout.write(options.json === true ? `${JSON.stringify(inspection, undefined, 2)}\n` : describe(inspection));
}

/** A type in the notation of the text format, e.g. `func (i32 i32) -> (i32)`. */
export function describeType(type: ExternType): string {
  switch (type.kind) {
    case 'func':
      return `func (${type.parameters.join(' ')}) -> (${type.results.join(' ')})`;
    case 'table':
      return `table ${limits(type)} ${type.element}`;
    case 'memory':
      return `memory ${limits(type)}`;
    case 'global':
      return `global ${type.mutable ? `(mut ${type.type})` : type.type}`;
  }
}

const limits = ({ minimum, maximum }: { readonly minimum: number; readonly maximum?: number }): string =>
  maximum === undefined ? String(minimum) : `${minimum}..${maximum}`;

/** A guest's name on one line, with nothing in it that a terminal obeys. */
export const shownName = (name: string): string => JSON.stringify(name).replace(/\p{Cc}|\p{Cf}/gu, '?');

function describe(inspection: Inspection): string {
  const lines: string[] = [];
  const section = (title: string, entries: readonly string[]) => {
    if (entries.length > 0) lines.push(style.bold(`${title}:`), ...entries.map((entry) => `  ${entry}`));
  };
  const { start, name } = inspection;
  section('module', [
    ...(name === undefined ? [] : [`name ${shownName(name)}`]),
    `${inspection.size} bytes`,
    `${inspection.functions} functions, ${inspection.globals} globals`,
    `${inspection.elementSegments} element segments, ${inspection.dataSegments} data segments of ${inspection.dataSize} bytes`,
    ...(start === undefined ? [] : [`start function ${start}`]),
  ]);
  section('proposals used', inspection.proposals);
  section(
    'imports',
    inspection.imports.map(
      ({ module, name: field, type }) => `${shownName(module)} ${shownName(field)} ${describeType(type)}`,
    ),
  );
  section(
    'exports',
    inspection.exports.map(({ name: field, type }) => `${shownName(field)} ${describeType(type)}`),
  );
  section('memories', inspection.memories.map(describeType));
  section('tables', inspection.tables.map(describeType));
  section(
    'custom sections',
    inspection.customSections.map(({ name: title, size }) => `${shownName(title)} ${size} bytes`),
  );
  section(
    'largest functions',
    inspection.largestFunctions.map(
      ({ index, name: title, size }) => `${size} bytes: ${index}${title === undefined ? '' : ` ${shownName(title)}`}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}
