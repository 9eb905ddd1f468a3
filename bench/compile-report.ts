// The tables of what compiling and loading cost.
import { type Compiled, type Compiling, PART } from './compile.ts';
import { table } from './report.ts';

const MB = 1e6;
const HEAD = [
  'module',
  'MB',
  'seconds',
  'CPU seconds',
  'MB/s',
  'peak MB',
  '.beam bytes a byte',
  'parts',
  'load ms',
  'longest pause ms',
];

/** A table a kind of modules, as Markdown lines. */
export function compilingTables({ real, parted, generated }: Compiling): string[] {
  return [
    'Real modules',
    '',
    ...modulesTable(real),
    '',
    `The same in parts of ${PART / 1024} KB of code`,
    '',
    ...modulesTable(parted),
    '',
    'One generated module',
    '',
    ...modulesTable(generated),
  ];
}

function modulesTable(modules: readonly Compiled[]): string[] {
  return table([
    HEAD,
    ...modules.map((module) => [
      module.name,
      (module.bytes / MB).toFixed(2),
      module.seconds.toFixed(2),
      module.cpuSeconds.toFixed(2),
      (module.bytes / MB / module.seconds).toFixed(2),
      (module.peakBytes / MB).toFixed(0),
      (module.beamBytes / module.bytes).toFixed(1),
      String(module.parts),
      module.loadMilliseconds.toFixed(0),
      module.pauseMilliseconds.toFixed(0),
    ]),
  ]);
}
