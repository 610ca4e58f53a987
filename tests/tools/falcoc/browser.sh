#!/usr/bin/env bash
# The pages that falcoc writes, in a real browser: nothing on the console, nothing that needs scripts, and a picture of each in
# PICTURES to look at. Environment: FALCOC, RULES (directory), PICTURES (directory).
set -uo pipefail
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[[ -n $browser ]] || { echo "SKIPPED: no chromium is installed" >&2; exit 77; }
scratch=$(mktemp -d /tmp/falcoc-browser.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$PICTURES"
failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }

# headless OPTION…: as root there is no sandbox, which pages of our own do not need.
headless() {
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$scratch/profile" --virtual-time-budget=2000 "$@"
}

# look PAGE TEXT…: these texts are to be seen.
look() {
  local page=$1 text
  shift
  headless --enable-logging=stderr --window-size=1400,1000 --screenshot="$PICTURES/$page.png" "file://$scratch/$page.html" \
    2>"$scratch/log" >/dev/null || fail "$page: the browser fails: $(tail -n 3 "$scratch/log")"
  [[ -s $PICTURES/$page.png ]] || fail "$page: no picture"
  ! grep -q ':CONSOLE' "$scratch/log" || fail "$page: $(grep ':CONSOLE' "$scratch/log")"
  headless --dump-dom "file://$scratch/$page.html" >"$scratch/dom" 2>/dev/null
  for text; do
    grep -qF -- "$text" "$scratch/dom" || fail "$page: there is no $text"
  done
  ! grep -qiE '<script|onclick|javascript:' "$scratch/dom" || fail "$page: has scripts"
  ! grep -qE 'src="?https?:|href="?https?:[^"]*\.(css|js)' "$scratch/$page.html" || fail "$page: fetches from elsewhere"
}

"$FALCOC" docs --format html "$RULES" >"$scratch/catalogue.html" || fail "no catalogue"
look catalogue "Reverse shell" "T1059"
"$FALCOC" docs --format html --reference fields >"$scratch/fields.html" || fail "no reference of fields"
look fields "proc.aname" "fd.truename"
"$FALCOC" docs --format html --reference events >"$scratch/events.html" || fail "no reference of events"
look events "openat2"
"$FALCOC" test "$RULES/tests" --coverage --html "$scratch/coverage.html" >/dev/null || fail "no page of coverage"
look coverage "Reverse shell" "never met"
exit "$((failures > 0))"
