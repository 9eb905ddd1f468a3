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

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };

/** The program of a thread stands in the bundle as a URL that holds it. */
const inlineThread = {
  name: 'inline-thread',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]threads\.ts$/ }, async ({ path }) => {
      const entryPoints = [join(dirname(path), 'thread.ts')];
      const { outputFiles } = await build({ ...common, entryPoints, minify: true, write: false });
      const url = `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`;
      const place = "new URL('./thread.js', import.meta.url)";
      return {
        loader: /** @type {const} */ ('ts'),
        contents: readFileSync(path, 'utf8').replace(place, () => `new URL('${url}')`),
      };
    });
  },
};

await build({
  ...common,
  entryPoints: ['cli.ts'],
  outfile: process.argv[2],
  plugins: [inlineFiles, inlineThread],
  // Packages in the older module format ask for Node's own modules by this function.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
