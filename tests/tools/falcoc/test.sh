# falcoc test as a rule author uses it: a rule file, a file of tests beside it, and everything that can be wrong.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
run() { # STATUS ARGUMENT…
  local wanted=$1 status=0
  shift
  "$FALCOC" test "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  ((status == wanted)) || fail "falcoc test $*: status $status instead of $wanted: $(tail -3 "$scratch/out" "$scratch/err")"
}
has() { grep -qF -- "$1" "$scratch/${2:-out}" || fail "${2:-out} lacks: $1 in $(head -c 2000 "$scratch/${2:-out}")"; }

cat >"$scratch/rules.yaml" <<'YAML'
- rule: First
  desc: d
  condition: evt.type = openat and evt.rawres >= 0 and (fd.name = /etc/shadow or fd.name startswith /root/) and not proc.name in (sshd, su)
  output: "opened %fd.name by %proc.cmdline of %proc.pname"
  priority: WARNING
- rule: Second
  desc: d
  condition: evt.type in (openat, execve) and proc.aname in (nginx)
  output: "%evt.type in %container.id"
  priority: NOTICE
YAML
cat >"$scratch/a.test.yaml" <<'YAML'
rules: rules.yaml
tests:
- test: a secret
  event: openat
  process: [nginx -g x, sh, cat /etc/shadow]
  fields: {fd.name: /etc/shadow}
  expect: First
  priority: WARNING
  output: "opened * by cat /etc/shadow of sh"
  cases:
  - {case: as is}
  - {case: in the home of root, fields: {fd.name: /root/x}}
  - {case: elsewhere, fields: {fd.name: /home/x}, expect: Second, priority: NOTICE, output: "openat in host"}
  - {case: refused, result: EACCES, reject: First, expect: Second, priority: NOTICE, output: "*"}
  - {case: by sshd, process: [init, sshd], expect: none}
- test: steps go on from each other
  event: execve
  expect: none
  steps:
  - {process: [nginx, sh], expect: Second}
  - {event: openat, fields: {fd.name: /tmp/x}, expect: Second}
  - {process: [init, sh]}
YAML
run 0 "$scratch/a.test.yaml"
has "8 passed, 0 failed"
run 0 "$scratch" --filter steps
has "3 passed, 0 failed"

# Everything seen, and no change of a rule goes by.
run 0 "$scratch" --coverage --threshold 100 --mutate --html "$scratch/page.html"
has "100.0 % of checks seen true and false, 2 rules"
has " 0 not noticed"
has "<summary>First (8 of 8)</summary>" page.html
has "never met    su of proc.name in (sshd, su)"
has '<small class="no">never met: su</small>' page.html

# With less said, both tell.
sed '/by sshd/d; /refused/d' "$scratch/a.test.yaml" >"$scratch/less.yaml"
run 1 "$scratch/less.yaml" --threshold 100
has 'never true   proc.name in (sshd, su)'
has 'never false  evt.rawres >= 0'
run 1 "$scratch/less.yaml" --mutate
has 'not noticed: First: proc.name in (sshd, su) always false'
run 1 "$scratch/less.yaml" --mutate --coverage --format json
has '"survivors": ['
has '"tested": true'
has '"never_met": ['

# What fails says why.
sed 's/fields: {fd.name: \/etc\/shadow}/fields: {fd.name: \/etc\/hosts}/; s/expect: none}/expect: First}/' \
  "$scratch/a.test.yaml" >"$scratch/wrong.yaml"
run 1 "$scratch/wrong.yaml"
has "wrong.yaml:11: a secret: as is"
has "no alert of \`First\`"
has "fd.name = /etc/shadow is false, fd.name = /etc/hosts"
has "proc.name in (sshd, su) is true, proc.name = sshd"
has "unexpected alert of \`Second\`"
run 1 "$scratch/wrong.yaml" --format junit
python3 -c 'import sys, xml.dom.minidom as m; d = m.parse(sys.argv[1]).documentElement
assert d.tagName == "testsuite" and len(d.getElementsByTagName("failure")) == int(d.getAttribute("failures")) > 0' \
  "$scratch/out" || fail "the JUnit report is none"
run 1 "$scratch/wrong.yaml" --format tap
has "1..8"
has "not ok 1 - "

# A rule that another hides, unless all are to alert.
sed 's/fields: {fd.name: \/home\/x}, expect: Second/fields: {fd.name: \/root\/y}, expect: Second/' "$scratch/a.test.yaml" \
  >"$scratch/hidden.yaml"
run 1 "$scratch/hidden.yaml"
has "\`Second\` matches, but \`First\` is raised before it"

# Mistakes in the tests themselves.
broken() { # TEXT OF THE TEST, WORDS OF THE ANSWER
  printf 'rules: rules.yaml\ntests:\n- test: t\n%s\n' "$1" >"$scratch/broken.yaml"
  run 2 "$scratch/broken.yaml"
  has "$2" err
}
broken '  event: opneat
  expect: none' 'did you mean `openat`?'
broken '  event: openat
  fields: {fd.nam: x}
  expect: none' 'E0902'
broken '  event: openat
  fields: {evt.rawres: many}
  expect: none' 'E0902'
broken '  event: openat
  expect: Frist' 'did you mean `First`?'
broken '  event: openat' 'says not what shall come of its event'
broken '  event: openat
  result: EWHAT
  expect: none' 'neither a number nor the name of an error'
broken '  capture: x.scap' 'says not which alerts'
run 2 "$scratch/nowhere.yaml"
mkdir "$scratch/empty"
run 2 "$scratch/empty"
has "there are no tests" err

# A capture, by counts and by a file of alerts that --update writes.
cat >"$scratch/capture.yaml" <<YAML
rules: $RULES
tests:
- {test: attack, capture: $CAPTURE, expect: {Reverse shell: 1}}
- {test: alerts, capture: $CAPTURE, alerts: alerts.json}
YAML
run 1 "$scratch/capture.yaml"
has "--update writes them"
run 0 "$scratch/capture.yaml" --update
run 0 "$scratch/capture.yaml"
has "2 passed, 0 failed"
sed -i 's/shell: 1/shell: 7/' "$scratch/capture.yaml"
run 1 "$scratch/capture.yaml"
has "1 alerts of \`Reverse shell\` instead of 7"

# Again when a rule changes.
"$FALCOC" test "$scratch/a.test.yaml" --watch >"$scratch/watched" 2>&1 &
watcher=$!
for _ in $(seq 600); do grep -q '8 passed' "$scratch/watched" && break; sleep 0.1; done
sed -i 's/sshd, su/su/' "$scratch/rules.yaml"
for _ in $(seq 600); do grep -q '1 failed' "$scratch/watched" && break; sleep 0.1; done
kill "$watcher"
wait "$watcher" 2>/dev/null
grep -q '7 passed, 1 failed' "$scratch/watched" || fail "a change was not noticed: $(cat "$scratch/watched")"
exit "$failed"
