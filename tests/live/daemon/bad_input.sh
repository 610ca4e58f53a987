# Every kind of bad input: a code, a position where there is one, a hint, the right status. Needs no
# privilege: rules are read before the kernel is asked for anything.
source "$(dirname "$0")/lib.sh"

# bad CODE STATUS TEXT…: falcod with the rules on standard input of this function.
bad() {
  local code=$1 status=$2
  shift 2
  cat >"$scratch/bad.yaml"
  "$FALCOD" -r "$scratch/bad.yaml" -- true >"$scratch/stdout" 2>"$scratch/stderr"
  last_status=$?
  expect_status "$status"
  expect_text stderr "$code" "$@"
}
# condition TEXT: one rule with this condition, in its fourth line.
condition() {
  printf -- '- rule: r\n  desc: d\n  priority: ERROR\n  condition: %s\n  output: o\n' "$1"
}

printf -- '- rule: r\n  desc: "unclosed' | bad E0002 1 "bad.yaml:2:"
condition 'evt.type = open and proc.nam = x' | bad '[E03' 1 "bad.yaml:4:34" proc.name
condition 'evt.type = open and no_such_macro' | bad '[E01' 1 "bad.yaml:4:34"
condition 'evt.type = open and proc.name isnt x' | bad '[E02' 1 "bad.yaml:4:"
condition 'evt.type = open and fd.num = many' | bad '[E03' 1 "bad.yaml:4:"
printf -- '- list: l\n  items: [a\n' | bad E0002 1 "bad.yaml:"

"$FALCOD" -r "$scratch/none.yaml" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 1
expect_text stderr E0001 none.yaml

mkdir "$scratch/empty"
"$FALCOD" -r "$scratch/empty" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 1
expect_text stderr E0001

printf 'FALCOCB1 and then nothing of use' >"$scratch/bundle"
"$FALCOD" -r "$scratch/bundle" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 1
expect_text stderr '[E05'

falcod -o json_ouput=true
expect_status 2
expect_text stderr E0801 "did you mean json_output?"
falcod --no-such-flag
expect_status 2
done_testing
