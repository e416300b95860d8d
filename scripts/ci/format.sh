#!/usr/bin/env bash
# Rust and TypeScript are laid out as rustfmt and biome lay them out.
set -euo pipefail
cargo fmt --all --check
npm run --silent format:check
