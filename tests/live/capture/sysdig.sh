# Another program reads what falcod records: sysdig tells the same number of events of each type, and
# the same process and command line for each. It hides dup2, which it does not follow without the enter
# events that are not recorded any more today.
source "$(dirname "$0")/../daemon/lib.sh"
command -v sysdig >/dev/null || skip "sysdig is not installed"
need_live

capture=$scratch/a.scap
falcod -w "$capture" -- sh -c 'cat /etc/hostname /nonexistent; cd /tmp; : >'$marker'; ln -s a '$marker'.l; rm '$marker'*; true'
expect_status 0

cat >"$scratch/all.yaml" <<'YAML'
- rule: all
  desc: Every event
  condition: evt.num > 0
  output: "|%evt.time.s|%evt.type|%proc.name|%proc.pid|%proc.cmdline"
  priority: NOTICE
YAML
"$FALCOD" -q -r "$scratch/all.yaml" -e "$capture" | sed 's/^[^|]*//' | grep -vF '|dup2|' >"$scratch/ours"
sysdig -r "$capture" -p '*|%evt.time.s|%evt.type|%proc.name|%proc.pid|%proc.cmdline' >"$scratch/read" 2>"$scratch/stderr" ||
  fail "sysdig does not read the file"
grep -vF '|dup2|' "$scratch/read" >"$scratch/theirs"
[[ $(wc -l <"$scratch/ours") -gt 50 ]] || fail "only $(wc -l <"$scratch/ours") events"
diff "$scratch/ours" "$scratch/theirs" >&2 || fail "sysdig reads other events"
done_testing
