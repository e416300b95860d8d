#!/usr/bin/env bash
# The generated files in the repository are what the generators make now: the addon's loader and types, the
# tables in docs/.
set -euo pipefail
generated=(bindings/native.cjs bindings/native.d.cts docs)

# The tests ran with an addon that counts what it executes: away with it, from here on it is the one that users get.
rm -f bindings/*.node
npm run --silent build
npm run --silent generate
git diff --exit-code --stat --patch -- "${generated[@]}"
untracked=$(git ls-files --others --exclude-standard -- "${generated[@]}")
[[ -z $untracked ]] || { echo "generated, but not committed: $untracked" >&2; exit 1; }
