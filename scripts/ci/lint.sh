#!/usr/bin/env bash
# No warning of clippy, rustdoc, oxlint or the TypeScript compiler; every shell script parses.
set -euo pipefail
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet
npm run --silent lint
npx --no-install tsc --build tsconfig.json test/tsconfig.json
for script in .ci/run scripts/ci/*.sh bench/corpora/*.sh; do bash -n "$script"; done
