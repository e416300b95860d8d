#!/usr/bin/env bash
# Coverage of the Rust crates and of the TypeScript sources by the whole test suite: the addon that the TypeScript tests load
# is instrumented too. Fails where less than $QUERN_COVERAGE % (90) of the lines of either are reached.
#
#   coverage.sh install       finds or installs llvm-profdata and llvm-cov of the LLVM that rustc was built with
#   coverage.sh environment   prints the variables under which tests are counted (for eval)
#   coverage.sh report        prints both reports and checks them
set -euo pipefail

cache=${QUERN_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern-ci}
raw=$cache/coverage
least=${QUERN_COVERAGE:-90}

llvm_major() { rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }

# The folder of LLVM's tools: rustup's component if there is one, else the distribution's package of the same major version
# (the format of the raw profiles changes with LLVM's major version).
llvm_tools() {
  local major sysroot folder
  major=$(llvm_major)
  sysroot=$(rustc --print sysroot)
  for folder in "$sysroot"/lib/rustlib/*/bin "/usr/lib/llvm-$major/bin"; do
    if [[ -x $folder/llvm-profdata && -x $folder/llvm-cov ]]; then
      echo "$folder"
      return
    fi
  done
  return 1
}

install_tools() {
  if ! llvm_tools >/dev/null; then
    local package sudo=()
    package=llvm-$(llvm_major)
    [[ $EUID -eq 0 ]] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends "$package"
  fi
  llvm_tools
}

environment() {
  rm -rf "$raw"
  mkdir -p "$raw/rust" "$raw/node"
  cat <<VARIABLES
export RUSTC_WORKSPACE_WRAPPER='$PWD/scripts/ci/rustc-instrumented'
export LLVM_PROFILE_FILE='$raw/rust/%8m.profraw'
export NODE_V8_COVERAGE='$raw/node'
VARIABLES
}

# The programs whose coverage maps count: every test binary and the addon.
objects() {
  RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/ci/rustc-instrumented \
    cargo test --workspace --locked --no-run --message-format=json 2>/dev/null | node -e '
      const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(line => line.startsWith("{"))
      const artifacts = lines.map(line => JSON.parse(line)).filter(message => message.executable && message.profile.test)
      for (const artifact of artifacts) console.log(artifact.executable)'
  ls bindings/*.node
}

report_rust() {
  local tools arguments=()
  tools=$(llvm_tools)
  while IFS= read -r object; do arguments+=(--object "$object"); done < <(objects)
  arguments+=(--instr-profile "$raw/rust.profdata")
  arguments+=(--ignore-filename-regex '(/\.cargo/|/rustc/|/tests/|/examples/|/crates/testkit/|/build\.rs$)')
  "$tools/llvm-profdata" merge --sparse "$raw"/rust/*.profraw --output "$raw/rust.profdata"
  "$tools/llvm-cov" report "${arguments[@]}" --show-region-summary=false --show-branch-summary=false
  "$tools/llvm-cov" export "${arguments[@]}" --summary-only | LEAST=$least node -e '
    const { data } = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
    const { covered, count, percent } = data[0].totals.lines
    console.log(`Rust: ${covered} of ${count} lines, ${percent.toFixed(1)} %`)
    process.exitCode = count > 0 && percent >= Number(process.env.LEAST) ? 0 : 1'
}

# Files that no test loads count too, with nothing reached. Source maps lead back from dist/ to ts/.
report_typescript() {
  npx --no-install c8 report --temp-directory "$raw/node" --reporter text --reporter text-summary \
    --all --src dist --include 'dist/**' --exclude 'dist/test/**' --exclude '**/*.d.ts' --check-coverage \
    --lines "$least" --functions 0 --branches 0 --statements 0
}

report() {
  local verdict=0
  report_rust || { echo "the Rust tests reach less than $least % of the lines" >&2; verdict=1; }
  report_typescript || { echo "the TypeScript tests reach less than $least % of the lines" >&2; verdict=1; }
  return "$verdict"
}

case ${1:-} in
  install) install_tools ;;
  environment) environment ;;
  report) report ;;
  *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
