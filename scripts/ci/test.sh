#!/usr/bin/env bash
# The README's test command, with both halves instrumented through the environment alone, and with more of what
# `npm run soak` lives through than a developer waits for. The seeds are fixed.
set -euo pipefail
eval "$(scripts/ci/coverage.sh environment)"
export QUERN_STEPS=2000 QUERN_KILLS=100
export QUERN_FAULT_PAIRS=250 QUERN_ROUNDS=1000 QUERN_WATCH_STEPS=1000
npm test 2>&1 | tee "$QUERN_CI_LOGS/test.log"
