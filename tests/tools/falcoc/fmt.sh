# falcoc fmt as a rule author uses it: in place, as a check, as a diff, through a pipe.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
mkdir rules
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
run() { # STATUS ARGUMENT…
  local wanted=$1 status=0
  shift
  "$FALCOC" fmt "$@" >out 2>err || status=$?
  ((status == wanted)) || fail "falcoc fmt $*: status $status instead of $wanted: $(tail -3 out err)"
}
same() { cmp -s "$1" "$2" || fail "$1 is not as it should be: $(diff "$2" "$1")"; }
empty() { [[ ! -s $1 ]] || fail "$1 is not empty: $(head -c 2000 "$1")"; }
holds() { grep -qF -- "$2" "$1" || fail "$1 lacks: $2 in $(head -c 2000 "$1")"; }
write() { printf '%b' "$2" >"$1"; }

messy='# m\n- macro: m\n  condition:   a and(b or   c)\n- list: l\n  items: [x]\n'
neat='# m\n- macro: m\n  condition: a and (b or c)\n\n- list: l\n  items: [x]\n'
write messy "$messy"
write neat "$neat"

# A directory stands for its rule files.
cp messy rules/messy.yaml
cp neat rules/neat.yaml
cp messy rules/messy.txt
run 1 --check rules
echo rules/messy.yaml >wanted
same out wanted
empty err
same rules/messy.yaml messy
run 0 --check rules/neat.yaml
empty out

# A diff that patch takes; nothing is written.
run 0 --diff rules
same rules/messy.yaml messy
cat >wanted <<'DIFF'
--- rules/messy.yaml
+++ rules/messy.yaml
@@ -1,5 +1,6 @@
 # m
 - macro: m
-  condition:   a and(b or   c)
+  condition: a and (b or c)
+
 - list: l
   items: [x]
DIFF
same out wanted
run 1 --check --diff rules
same out wanted
printf '%s' "$(cat messy)" >unended
run 0 --diff unended
holds out '\ No newline at end of file'
cp messy far
for i in {1..40}; do printf -- '\n- list: l%s\n  items: [x]\n' "$i"; done >>far
write end '- list: end\n  items: [y]\n'
cat end >>far
run 0 --diff far
[[ $(grep -c ^@@ out) == 2 ]] || fail "changes far from each other are not two hunks: $(cat out)"
cp far patched
run 0 far
cp far formatted
"$FALCOC" fmt --diff patched >out
cp out far.diff
if command -v patch >/dev/null; then
  patch -s patched far.diff || fail "patch refuses the diff"
  same patched formatted
fi

# In place: mode and symbolic links stay, nothing is left beside the file, neat files are not touched.
chmod 640 rules/messy.yaml
ln -s messy.yaml rules/link.yaml
inode=$(stat -c %i rules/neat.yaml)
run 0 rules/link.yaml rules/neat.yaml
empty out
same rules/messy.yaml neat
[[ $(stat -c %a rules/messy.yaml) == 640 ]] || fail "mode $(stat -c %a rules/messy.yaml) instead of 640"
[[ -L rules/link.yaml ]] || fail "the link is gone"
[[ $(stat -c %i rules/neat.yaml) == "$inode" ]] || fail "a file in layout was written"
[[ $(ls rules) == $'link.yaml\nmessy.txt\nmessy.yaml\nneat.yaml' ]] || fail "left behind: $(ls rules)"
run 0 --check rules

# Standard input.
run 0 - <messy
same out neat
run 0 - <neat
same out neat
run 1 --check - <messy
holds out '<stdin>'

# What does not parse is reported as by check, and left alone; others are laid out.
write broken '- macro: m\n  condition: a  and\n'
cp broken broken.yaml
cp messy other.yaml
run 1 broken.yaml other.yaml
holds err 'broken.yaml:2:17: error[E0205]'
same broken.yaml broken
same other.yaml neat
run 1 - <broken
empty out
run 2 nowhere.yaml
holds err 'error[E0001]'

exit "$failed"
