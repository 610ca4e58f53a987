#!/usr/bin/env bash
# The grammar of the VS Code extension, tried with VS Code's own libraries.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
command -v node >/dev/null || skip "no node"
[[ -e $LSP_CLIENT/node_modules/vscode-textmate/package.json ]] ||
  skip "no TextMate library: tools/setup --tests installs it where npm can fetch it"
exec node "$(dirname "$0")/grammar.mjs"
