# The attack that is shipped, made anew: what was recorded raises the alerts that were raised live, byte for
# byte but for the number that an event has in its run. falcod watches the whole machine: only what the
# container did is compared.
source "$(dirname "$0")/../daemon/lib.sh"
need_live
command -v runc >/dev/null || skip "runc is not installed"
[[ -x /bin/busybox ]] || skip "busybox-static is not installed"
command -v python3 >/dev/null || skip "python3 is not installed"

of_container() { grep -F '"container.id":"7d3a1f0c5b9e"' "$1" | sed -E 's/"evt.num":[0-9]+/"evt.num":0/'; }

"$DEMO/record" "$FALCOD" "$scratch" 2>"$scratch/stderr" || fail "the attack cannot be recorded"
for rule in "Secret file read" "File system mounted in container" "Program not from the image" "Scheduled job written" \
  "Unexpected outbound connection" "Program handed to a connection" "io_uring set up in container" "Reverse shell"; do
  expect_alert "$rule"
done
expect_alert "Secret file read" "ring_read /etc/shadow"
"$FALCOD" -q -r "$STANDARD_RULES" -o json_output=true -e "$scratch/raw.scap" >"$scratch/replayed" 2>"$scratch/stderr" ||
  fail "the recording cannot be replayed"
diff <(of_container "$alerts") <(of_container "$scratch/replayed") >&2 ||
  fail "replayed alerts differ from those live"

# The one that is shipped says the same of the attack.
"$FALCOD" -q -r "$STANDARD_RULES" -o json_output=true -e "$DEMO/attack.scap.gz" >"$scratch/shipped"
rules_of() { of_container "$1" | sed -E 's/.*"rule":"([^"]*)".*/\1/'; }
diff <(rules_of "$alerts") <(rules_of "$scratch/shipped") >&2 || fail "the shipped capture is of another attack"
done_testing
