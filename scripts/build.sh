#!/usr/bin/env bash
# Compiles the TypeScript sources to dist/ and puts the grammars beside the modules that load them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

npx tsc -p tsconfig.build.json
for grammar in frontend/*.ohm; do
  # Without a match the pattern stands for itself.
  [ ! -e "$grammar" ] || cp "$grammar" dist/frontend/
done
