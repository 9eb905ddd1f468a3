// Keeps the arrows of the architecture: frontend -> ir <- beam-backend, compiler.ts -> all three, cli.ts ->
// compiler.ts, and input and output at the edges only. It reads the import lines: a wrong one fails by file and name.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

type Layer = 'frontend' | 'ir' | 'beam-backend' | 'compiler' | 'wast' | 'cli';

/** Which layers a layer may import from. */
const ARROWS: Readonly<Record<Layer, readonly Layer[]>> = {
  ir: ['ir'],
  frontend: ['frontend', 'ir'],
  'beam-backend': ['beam-backend', 'ir'],
  compiler: ['compiler', 'frontend', 'ir', 'beam-backend'],
  wast: ['wast', 'compiler', 'frontend', 'ir'],
  cli: ['cli', 'compiler', 'wast'],
};

/** Files at the edge of the house, which may import anything that is not ours. */
const EDGES: readonly RegExp[] = [
  /^cli\.ts$/,
  /^threads?\.ts$/,
  /^cli\//,
  /^wast\/node\.ts$/,
  /^beam-backend\/erlc\.ts$/,
  /^beam-backend\/cells-main\.ts$/,
];
/** Modules that compute and touch nothing outside. */
const PURE_MODULES: readonly string[] = ['node:zlib', 'node:crypto', 'ohm-js'];
/** The loader of a grammar reads the grammar that lies beside it. */
const GRAMMAR_LOADER_MODULES: readonly string[] = ['node:fs'];

function layerOf(path: string): Layer | undefined {
  if (['compiler.ts', 'threads.ts', 'thread.ts'].includes(path)) return 'compiler';
  if (path === 'cli.ts' || path.startsWith('cli/')) return 'cli';
  return (['frontend', 'ir', 'beam-backend', 'wast'] as const).find((folder) => path.startsWith(`${folder}/`));
}

/** What is wrong with the imports and globals of one file, a line for each. */
function violations(path: string, source: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined) return [`${path} belongs to no layer`];
  const imports = ts.preProcessFile(source, true, true).importedFiles.map((file) => file.fileName);
  const isEdge = EDGES.some((edge) => edge.test(path));
  const found: string[] = [];
  for (const name of imports) {
    if (name.startsWith('.')) {
      const target = join(dirname(path), name);
      const targetLayer = layerOf(target);
      if (targetLayer === undefined || !ARROWS[layer].includes(targetLayer)) found.push(`${path} imports ${target}`);
    } else if (!isEdge && !PURE_MODULES.includes(name)) {
      const loadsGrammar = layer === 'frontend' && imports.includes('ohm-js') && GRAMMAR_LOADER_MODULES.includes(name);
      if (!loadsGrammar) found.push(`${path} imports ${name}`);
    }
  }
  if (!isEdge) {
    const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
    for (const [global] of code.matchAll(/\b(console|process)\.\w+/g)) found.push(`${path} uses ${global}`);
  }
  return found;
}

/** Paths below a folder of the project, with forward slashes; none where the folder is missing. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const sources = [
  ...readdirSync('.').filter((name) => name.endsWith('.ts') && !name.endsWith('.config.ts')),
  ...['frontend', 'ir', 'beam-backend', 'wast', 'cli'].flatMap(filesIn).filter((name) => name.endsWith('.ts')),
];

describe('the compiler', () => {
  test('is found', () => {
    expect(sources).toContain(join('ir', 'instructions.ts'));
  });

  test.each(sources)('%s keeps the arrows', (path) => {
    expect(violations(path, readFileSync(path, 'utf8'))).toEqual([]);
  });
});

describe('the check itself', () => {
  test.each([
    ['ir/print.ts', "import { decode } from '../frontend/decode.ts';", 'ir/print.ts imports frontend/decode.ts'],
    [
      'frontend/lower.ts',
      "import type { Label } from '../beam-backend/assembly.ts';",
      'frontend/lower.ts imports beam-backend/assembly.ts',
    ],
    [
      'beam-backend/select.ts',
      "export * from '../frontend/module.ts';",
      'beam-backend/select.ts imports frontend/module.ts',
    ],
    ['cli.ts', "const m = await import('./frontend/decode.ts');", 'cli.ts imports frontend/decode.ts'],
    ['compiler.ts', "import { run } from './cli.ts';", 'compiler.ts imports cli.ts'],
    ['ir/print.ts', "import { readFileSync } from 'node:fs';", 'ir/print.ts imports node:fs'],
    ['frontend/decode.ts', 'console.log(1);', 'frontend/decode.ts uses console.log'],
    ['helpers/paths.ts', '', 'helpers/paths.ts belongs to no layer'],
  ])('refuses in %s: %s', (path, source, expected) => {
    expect(violations(path, source)).toEqual([expected]);
  });

  test('lets the edges and the grammar loader pass', () => {
    expect(violations('cli.ts', "import fs from 'node:fs';\nimport { compile } from './compiler.ts';")).toEqual([]);
    expect(violations('frontend/wat.ts', "import fs from 'node:fs';\nimport * as ohm from 'ohm-js';")).toEqual([]);
  });
});

describe('the shim', () => {
  const modules = filesIn(join('erlang-shim', 'src')).filter((name) => name.endsWith('.erl'));

  test.each(modules)('%s knows nothing of the compiler', (path) => {
    const code = readFileSync(path, 'utf8').replace(/%.*$/gm, '');
    // The command line's end of its pipe is a port; it starts nothing.
    const bare = code.replaceAll(/open_port\(\{fd,/g, '');
    // Compiling at run time starts the bundle in a process of its own, and knows no more of it than that.
    const allowed = path.endsWith('wasm2beam_compiler.erl')
      ? bare.replace('open_port({spawn_executable, Node}', '')
      : bare;
    expect(allowed.match(/open_port|os:cmd|beam-backend|frontend\/|dist\//g) ?? []).toEqual([]);
  });
});
