#!/usr/bin/env bash
# The README's test command, with both halves instrumented through the environment alone, and with a tenth of what
# `npm run soak` lives through instead of the little that a developer waits for. The seeds are fixed.
set -euo pipefail
eval "$(scripts/ci/coverage.sh environment)"
export QUERN_STEPS=10000 QUERN_KILLS=100 QUERN_EDITS=1000 QUERN_READERS=8
export QUERN_FAULT_PAIRS=500 QUERN_ROUNDS=2000 QUERN_WATCH_STEPS=2000
npm test 2>&1 | tee "$QUERN_CI_LOGS/test.log"
