#!/usr/bin/env bash
# SARIF reports, validated by the program of the format's authors: its JSON schema, and what the standard asks
# beyond that.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

validator=$(find "$MULTITOOL/node_modules/@microsoft" -path '*linux*' -name Sarif.Multitool -type f 2>/dev/null | head -n 1 || true)
[[ -n $validator ]] || skip "no SARIF validator: tools/setup --tests installs it where npm can fetch it"
chmod u+x "$validator"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_HOME=$scratch DOTNET_BUNDLE_EXTRACT_BASE_DIR=$scratch/net
"$validator" --version >/dev/null 2>&1 || skip "the SARIF validator does not run here"

# validate DIRECTORY: its complaints about all reports there, one a line, in $complaints.
complaints=$scratch/complaints
validate() {
  local status=0
  "$validator" validate "$1"/*.sarif >"$scratch/answer" 2>&1 || status=$?
  ((status == 0)) || { head -n 20 "$scratch/answer" >&2; fail "the validator ended with $status"; }
  grep -q "^Done\. $(find "$1" -name '*.sarif' | wc -l) files scanned" "$scratch/answer" ||
    { cat "$scratch/answer" >&2; fail "not all reports were looked at"; }
  grep ': error ' "$scratch/answer" >"$complaints" || true
}

# What rules can do wrong, each file for itself and all in one report; nothing wrong at all; an error without a
# place; a name that has to be escaped.
reports=$scratch/reports
mkdir "$reports"
report() {
  local name=$1 status=0
  shift
  "$FALCOC" check --format sarif "$@" >"$reports/$name.sarif" || status=$?
  ((status <= 2)) || fail "falcoc check $* ended with $status"
}
for file in "$RULE_FILES"/*.yaml; do
  report "$(basename "$file" .yaml)" "$file"
done
report all "$RULE_FILES"
echo '- macro: m
  condition: evt.num > 0
- rule: r
  desc: d
  condition: evt.type = open and m
  output: "%proc.name"
  priority: INFO' >"$scratch/clean.yaml"
report clean "$scratch/clean.yaml"
report missing "$scratch/missing.yaml"
echo '- rule: [' >"$scratch/a näme%.yaml"
(cd "$scratch" && report relative "a näme%.yaml")

validate "$reports"
[[ ! -s $complaints ]] || { cat "$complaints" >&2; fail "the reports do not keep to the standard"; }
(($(grep -c '"ruleId"' "$reports/all.sarif") > 20)) || fail "the rule files have too few findings to show anything"
! grep -q '"ruleId"' "$reports/clean.sarif" || fail "a finding in the clean file"

# The validator looks: what is broken on purpose is found.
broken=$scratch/broken
mkdir "$broken"
sed 's/"startLine": [0-9]*/"startLine": 0/' "$reports/all.sarif" >"$broken/line.sarif"
sed 's/"ruleIndex": [0-9]*/"ruleIndex": 999/' "$reports/all.sarif" >"$broken/index.sarif"
sed 's/"driver": {/"driver": { "unheard": 1,/' "$reports/all.sarif" >"$broken/property.sarif"
validate "$broken"
for name in line index property; do
  grep -q "/$name.sarif" "$complaints" || fail "the validator overlooks a broken report ($name)"
done
