#!/usr/bin/env bash
# The VS Code extension: packaged by @vscode/vsce, whole, and installed by VS Code's server where that is at hand.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
export VSCE=$EDITORS/node_modules/.bin/vsce LSP_CLIENT
[[ -e $VSCE ]] || skip "no vsce: tools/setup --tests --editors installs it where npm can fetch it"
[[ -e $LSP_CLIENT/node_modules/vscode-languageclient/package.json ]] || skip "no vscode-languageclient: tools/setup --tests"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$EXTENSION/package" "$scratch/falcoc.vsix" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "vsce did not package it"; }

# Whole: what the manifest names is there, what is required can be loaded, nothing else came along.
mkdir "$scratch/unpacked"
(cd "$scratch/unpacked" && cmake -E tar xf ../falcoc.vsix)
cd "$scratch/unpacked/extension"
node --check extension.js
node -e '
  const fs = require("fs"), path = require("path");
  const manifest = JSON.parse(fs.readFileSync("package.json"));
  const named = [manifest.main, ...manifest.contributes.grammars.map((g) => g.path),
    ...manifest.contributes.snippets.map((s) => s.path)];
  for (const file of named) if (!fs.existsSync(file)) throw new Error(`${file} is missing`);
  for (const s of manifest.contributes.snippets) JSON.parse(fs.readFileSync(s.path));
  for (const library of ["vscode-languageclient/node", "vscode-languageserver-protocol"]) {
    if (!require.resolve(library, { paths: [process.cwd()] }).startsWith(fs.realpathSync("."))) throw new Error(library);
  }
  if (fs.existsSync("node_modules/vscode-textmate")) throw new Error("what only tests need was packaged");
' || fail "the package is not whole"
[[ ! -e package.sh && ! -e package && -e LICENSE.txt ]] || fail "files that do not belong, or no licence"
echo "packaged: $(stat -c %s "$scratch/falcoc.vsix") bytes"

# By the code that installs extensions in VS Code: its server, without a screen. Its native logger is not built; what it
# says of that is no finding.
server=$EDITORS/node_modules/code-server/lib/vscode
if [[ ! -d $server/node_modules ]]; then
  echo "not installed anywhere: no VS Code server here (tools/setup --tests --editors)"
  exit 0
fi
vscode() {
  node "$server/out/server-main.js" --user-data-dir "$scratch/user" --extensions-dir "$scratch/extensions" "$@" 2>"$scratch/errors"
}
vscode --install-extension "$scratch/falcoc.vsix" >"$scratch/answer" || { cat "$scratch/answer" "$scratch/errors" >&2; fail "VS Code's server refuses the package"; }
grep -q 'was successfully installed' "$scratch/answer" || { cat "$scratch/answer" >&2; fail "VS Code's server did not install it"; }
vscode --list-extensions >"$scratch/answer"
grep -qx 'falcoc.falcoc' "$scratch/answer" || { cat "$scratch/answer" >&2; fail "it is not among the installed extensions"; }
[[ -e $(echo "$scratch"/extensions/falcoc.falcoc-*/extension.js) ]] || fail "its files are not there"
echo "installed by the server of VS Code $(node -p "require('$server/package.json').version")"
