// ESLint: typescript-eslint's strict rules with type information for TypeScript, the untyped ones for scripts.
import { defineConfig } from 'eslint/config';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist/', 'build/', '_build/', 'erlang-shim/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers print as one expects.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A table of actions is written as short arrows; a dispatching function returns what its callee does: nothing.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Spreading a string into its code points is what is meant.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Indexing is not checked by the compiler (noUncheckedIndexedAccess is off), so this rule would call every test
      // for an absent element superfluous.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // What an invariant has proved is taken with `!`: the operand stack of a validated body, an entry just written.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // As the compiler has it: a parameter that a signature demands is named _.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Longer than this, a file holds a second noun.
      'max-lines': ['error', { max: 450 }],
    },
  },
  {
    // Declarations of what others wrote have the shape that others gave it.
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/no-extraneous-class': 'off' },
  },
  {
    // Scripts that QuickJS evaluates, with these functions of the host.
    files: ['tests/wasi/javascript/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: Object.fromEntries(
        ['print', 'upper', 'add', 'negate', 'lookup', 'fail', 'each'].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', 'bin/wasm2beam'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', WebAssembly: 'readonly' },
    },
  },
);
