# Captures around matches: begun by rules that ask for it, long as they ask, and of use by themselves.
source "$(dirname "$0")/../daemon/lib.sh"
need_live

cat >"$scratch/rules.yaml" <<YAML
- rule: Marked file opened
  desc: Begins a capture
  condition: evt.type in (open, openat) and fd.name endswith $marker
  output: opened %fd.name by %proc.name of %proc.pname
  priority: WARNING
  capture: true
  capture_duration: 600000
- rule: Other file opened
  desc: Begins none
  condition: evt.type in (open, openat) and fd.name endswith $marker.other
  output: other %fd.name
  priority: WARNING
YAML
RULES=$scratch/rules.yaml
files() { find "$scratch" -name "$1_*.scap" | sort; }

# A rule that asks for it, and one that does not.
falcod -o json_output=true --capture "$scratch/one" -- sh -c "cat /etc/hostname; : >/tmp/$marker.other; : >/tmp/$marker; cat /etc/passwd >/dev/null; rm /tmp/$marker*"
expect_status 0
expect_text stderr "Captures around matches: 1, with "
[[ $(files one | wc -l) == 1 ]] || fail "$(files one | wc -l) files instead of one"
[[ $(basename "$(files one)") =~ ^one_[0-9]{20}_[0-9]{20}\.scap$ ]] || fail "name of the file: $(files one)"
grep -F "opened /tmp/$marker by" "$alerts" >"$scratch/live"
falcod -o json_output=true -e "$(files one)"
expect_status 0
diff "$scratch/live" "$alerts" >&2 || fail "the alert of the capture is another, or there are others"
cat >"$scratch/seen.yaml" <<'YAML'
- rule: seen
  desc: Files that a capture holds
  condition: evt.type in (open, openat)
  output: "seen %fd.name"
  priority: NOTICE
YAML
"$FALCOD" -q -r "$scratch/seen.yaml" -e "$(files one)" >"$scratch/stdout"
expect_text stdout "seen /etc/passwd"
expect_no_text stdout "seen /etc/hostname"

# With a look back, what was before is there, and the process is known from before.
falcod -o json_output=true --capture "$scratch/two" --capture-before 60 -- sh -c "cat /etc/hostname; : >/tmp/$marker; rm /tmp/$marker"
expect_status 0
"$FALCOD" -q -r "$scratch/seen.yaml" -e "$(files two)" >"$scratch/stdout"
expect_text stdout "seen /etc/hostname" "seen /tmp/$marker"

# Every rule; a file that ends at its largest size, and says so.
falcod -o json_output=true --capture "$scratch/three" --capture-all --capture-max-size 1 -- sh -c ": >/tmp/$marker.other; cat /etc/hostname; rm /tmp/$marker.other"
expect_status 0
[[ $(files three | wc -l) == 1 ]] || fail "$(files three | wc -l) files instead of one"
expect_text stdout "Falco internal: capture size limit reached"

# The same as section `capture` of falco.yaml says it.
falcod -o json_output=true -o capture.enabled=true -o "capture.path_prefix=$scratch/four" -- sh -c ": >/tmp/$marker.other; cat /etc/hostname; rm /tmp/$marker.other"
expect_status 0
[[ $(files four | wc -l) == 0 ]] || fail "a capture though no rule asks for one"
falcod -o json_output=true -o capture.enabled=true -o "capture.path_prefix=$scratch/four" -o capture.mode=all_rules -- sh -c ": >/tmp/$marker.other; cat /etc/hostname; rm /tmp/$marker.other"
expect_status 0
[[ $(files four | wc -l) == 1 ]] || fail "$(files four | wc -l) files instead of one"
"$FALCOD" -q -r "$scratch/seen.yaml" -e "$(files four)" >"$scratch/stdout"
expect_text stdout "seen /etc/hostname"

# A place that takes none costs the capture, not the alert.
falcod -o json_output=true --capture /nonexistent/x -- sh -c ": >/tmp/$marker; rm /tmp/$marker"
expect_status 0
expect_text stderr "E0726"
expect_alert "Marked file opened" "/tmp/$marker"

# Options that say nothing without --capture.
"$FALCOD" -r "$RULES" --capture-all -- true 2>"$scratch/stderr" && fail "--capture-all alone is accepted"
expect_text stderr "--capture PREFIX"
done_testing
