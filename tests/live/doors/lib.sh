# Harness of the door tests: what the rule tests have, with rules that say all they see.
source "$(dirname "${BASH_SOURCE[0]}")/../rules/lib.sh"
marker=$scratch/work
mkdir "$marker"

# As in the rule tests, but an event is reported by each rule that it matches.
watch() {
  : >"$scratch/stdout"
  "$FALCOD" -q -r "$RULES" -o json_output=true -o rule_matching=all -- "$@" >>"$scratch/stdout" 2>"$scratch/stderr"
  last_status=$?
  grep '^{' "$scratch/stdout" >"$alerts" || true
}

# seen RULE…: the outputs of these rules, sorted; ports and the scratch directory have names.
seen() {
  local pattern
  pattern=$(printf '%s\n' "$@" | sed 's/.*/"rule":"&"/')
  grep -F "$pattern" "$alerts" | sed -n 's/.*"output":"[^ ]* [A-Za-z]* \([^"]*\)".*/\1/p' |
    sed "s|$marker|DIR|g; s|:[0-9][0-9]*|:PORT|g" | sort
}

# needs_door STATUS DOOR: skips where the helper says that the kernel has no such door.
needs_door() {
  [[ $last_status != 77 ]] || skip "the kernel has no $1"
  [[ $last_status == 0 ]] || fail "the helper failed with $last_status"
}
