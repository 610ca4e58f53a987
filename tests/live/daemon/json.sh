# Alerts on the live path in both forms, with typed fields; the settings of -o change what they name.
source "$(dirname "$0")/lib.sh"
need_live
open=": 2>/dev/null </tmp/$marker"

falcod -q -- bash -c "$open"
expect_text stdout ": Warning opened /tmp/$marker by bash -c " "result=-2"
grep -qE '^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}: Warning ' "$scratch/stdout" || fail "no time"
expect_no_text stdout seconded

falcod -q -o time_format_iso_8601=true -o rule_matching=all -- bash -c "$open"
grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{9}\+0000: Warning ' "$scratch/stdout" ||
  fail "no ISO time"
expect_text stdout "Debug seconded /tmp/$marker"

falcod -q -o json_output=true -- bash -c "$open"
expect_alert "Marked file opened" '"evt.rawres":-2' '"priority":"Warning"' '"source":"syscall"' \
  '"tags":["open","test"]' "\"fd.name\":\"/tmp/$marker\"" "\"hostname\":\"$(hostname)\""
grep -qE '"evt.time":[0-9]{19},' "$alerts" || fail "evt.time is no number"

falcod -q -o priority=warning -- bash -c "$open"
expect_text stdout opened
expect_no_text stdout ": Notice "

falcod -q -p 'extra=%proc.name' -- bash -c "$open"
expect_text stdout "extra=bash"
done_testing
