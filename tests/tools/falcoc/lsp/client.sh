#!/usr/bin/env bash
# `falcoc lsp` driven by vscode-languageserver-protocol, which tools/setup --tests fetches.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
command -v node >/dev/null || skip "no node"
[[ -e $LSP_CLIENT/node_modules/vscode-languageserver-protocol/package.json ]] ||
  skip "no LSP client library: tools/setup --tests installs it where npm can fetch it"
exec node "$(dirname "$0")/client.mjs"
