#!/usr/bin/env bash
# The README's test command, with both halves instrumented through the environment alone.
set -euo pipefail
eval "$(scripts/ci/coverage.sh environment)"
npm test 2>&1 | tee "$QUERN_CI_LOGS/test.log"
