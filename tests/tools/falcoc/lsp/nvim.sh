#!/usr/bin/env bash
# `falcoc lsp` in Neovim, set up as tools/editors/nvim.lua does it.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
command -v nvim >/dev/null || skip "no Neovim: tools/setup --tests installs it"
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch XDG_CACHE_HOME=$scratch/cache XDG_CONFIG_HOME=$scratch/config XDG_DATA_HOME=$scratch/data \
  XDG_STATE_HOME=$scratch/state FALCOC
cd "$scratch"
cat >rules.yaml <<'YAML'
- macro: reads
  condition: (proc.name = cat)
- rule: R
  desc: somebody reads
  condition: evt.type = opneat and reads
  output: o
  priority: INFO
YAML
status=0
timeout 120 nvim --headless -u "$CONFIG" -n -c "luafile $here/nvim_test.lua" >log 2>&1 || status=$?
cat log
# A script that fails to run leaves nvim running or says nothing.
((status == 0)) && [[ $(grep -c '^passed: ' <(tr '\r' '\n' <log)) == 6 ]]
