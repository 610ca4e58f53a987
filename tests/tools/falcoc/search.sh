# falcoc search: each question alone and together, and what is none.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
found() { # NAMES ARGUMENT…: the rules found, in order
  local wanted=$1 status=0
  shift
  "$FALCOC" search rules.yaml "$@" >out 2>err || status=$?
  [[ $(sed 's/.* //' out | paste -sd' ') == "$wanted" ]] || fail "search $*: $(cat out err) instead of $wanted"
  [[ $status == "$([[ $wanted ]] && echo 0 || echo 1)" ]] || fail "search $*: status $status"
}
refused() { # MESSAGE ARGUMENT…
  local message=$1 status=0
  shift
  "$FALCOC" search rules.yaml "$@" >out 2>err || status=$?
  [[ $status == 2 && $(cat err) == "error: $message" ]] || fail "search $*: status $status, $(cat err)"
}

cat >rules.yaml <<'YAML'
- list: inner
  items: [cat, less]
- list: readers
  items: [inner, tac]
- macro: reads
  condition: proc.name in (readers)
- macro: reads_file
  condition: reads and fd.name startswith /etc/
- rule: One
  desc: about Files
  condition: evt.type = openat and reads_file
  output: o %fd.name
  priority: WARNING
  tags: [host, T1003]
- rule: Two
  desc: d
  condition: evt.type in (openat, connect) and evt.arg.flags contains O_TRUNC
  output: o
  priority: CRITICAL
  tags: [host]
- rule: Three
  desc: d
  condition: evt.type = connect and proc.pname = tac
  output: o
  priority: DEBUG
  exceptions:
    - name: e
      fields: [fd.sip]
      comps: [=]
      values: [["1.2.3.4"]]
    - name: f
      fields: [proc.exe]
      comps: [in]
      values: [[listed]]
- list: listed
  items: [x]
YAML
found Three --uses listed
found Three --uses proc.exe
found 'One Two Three'
found One --text 'about files'
found One --text ' AND reads' --uses reads_file
found Three --text PNAME
found '' --text nothing
found One --uses inner
found One --uses proc.name
found Three --uses fd.sip
found Two --uses evt.arg
found 'One Two Three' --uses evt.type
found Three --event connect  # has no flags, so Two cannot match
found 'One Two' --event openat
found '' --event execve
found 'One Two' --tag host
found 'One Two' --priority warning
found Two --event openat --priority error
refused "no event is named 'opennat'" --event opennat
refused "no priority is named 'loud'" --priority loud
refused "no macro, list or field is named 'reader'" --uses reader
refused "no macro, list or field is named 'fd.nam'" --uses fd.nam

"$FALCOC" search rules.yaml --tag T1003 >out
[[ $(cat out) == 'rules.yaml:9: Warning One' ]] || fail "a line is $(cat out)"
"$FALCOC" search rules.yaml --tag T1003 --json >out
grep -qF '"rule": "One"' out || fail "JSON lacks the rule: $(cat out)"
[[ $(tr -d ' \n' <out) == *'"events":["openat"]'* ]] || fail "JSON lacks the events: $(cat out)"

echo '- rule: R' >broken.yaml
"$FALCOC" search broken.yaml >out 2>err && fail "rules with errors are searched"
grep -q 'error\[E0008\]' err || fail "errors are not reported: $(cat err)"
exit "$failed"
