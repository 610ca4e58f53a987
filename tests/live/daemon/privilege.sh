# Without privilege falcod says what is missing and ends with status 3.
source "$(dirname "$0")/lib.sh"
((EUID == 0)) || skip "needs root to give privileges away"
command -v setpriv >/dev/null || skip "setpriv is not installed"

chmod 755 "$scratch"
cp "$FALCOD" "$scratch/falcod"
cp "$RULES" "$scratch/"
chmod a+rx "$scratch"/*
setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
  "$scratch/falcod" -r "$scratch/rules.yaml" -- true >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 3
expect_text stderr '[E07' root
done_testing
