// The command with all that it imports, as one file for the priv folder of the runtime: the Elixir and Erlang packages carry
// the compiler in it, so that who uses them needs Node only.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Files that a module reads from beside itself stand in the bundle as strings. */
const inlineFiles = {
  name: 'inline-files',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onLoad({ filter: /[\\/]frontend[\\/][^\\/]*\.ts$/ }, ({ path }) => ({
      loader: /** @type {const} */ ('ts'),
      contents: readFileSync(path, 'utf8').replace(
        /readFileSync\(new URL\('([^']+)', import\.meta\.url\), 'utf8'\)/g,
        (_, name) => JSON.stringify(readFileSync(join(dirname(path), name), 'utf8')),
      ),
    }));
  },
};

await build({
  entryPoints: ['cli.ts'],
  outfile: process.argv[2],
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  plugins: [inlineFiles],
  // Packages in the older module format ask for Node's own modules by this function.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
