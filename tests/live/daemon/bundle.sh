# A bundle runs as the rule files it was compiled from.
source "$(dirname "$0")/lib.sh"
need_live

"$FALCOC" compile -o "$scratch/rules.bundle" "$STANDARD_RULES" >"$scratch/stdout" 2>"$scratch/stderr"
last_status=$?
expect_status 0
RULES=$scratch/rules.bundle
falcod -o json_output=true -- sh -c 'cat /etc/shadow >/dev/null'
expect_status 0
expect_text stderr "Events lost: 0" "Events detected: "
cp "$alerts" "$scratch/of_bundle"
[[ -s $alerts ]] || fail "the bundle reports nothing"

RULES=$STANDARD_RULES
falcod -o json_output=true -- sh -c 'cat /etc/shadow >/dev/null'
expect_status 0
same() { grep -oE '"rule":"[^"]*"' "$1" | sort; }
diff <(same "$scratch/of_bundle") <(same "$alerts") >&2 || fail "bundle and rule files report differently"

# What is added to outputs is added to those of a bundle too.
RULES=$scratch/rules.bundle
falcod -o json_output=true -p 'added user=%user.uid' -- sh -c 'cat /etc/shadow >/dev/null'
expect_status 0
grep -q 'added user=' "$alerts" || fail "the bundle's outputs lack what -p adds"
done_testing
