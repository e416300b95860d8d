#!/usr/bin/env bash
# The benchmark's 200 queries on this repository: the same lines as ripgrep, byte for byte.
set -euo pipefail
node bench/compare.mjs --root .
