# What a command leaves running: told of, and waited for with --wait-all.
source "$(dirname "$0")/lib.sh"
need_live
# A daemon with a session and a parent of its own, and a child of it.
leave="(setsid bash -c 'sleep 1; bash -c \": 2>/dev/null </tmp/$marker-late\"' &) ; exit 4"

falcod -- bash -c "$leave"
expect_status 4
expect_no_text stdout "opened /tmp/$marker-late"
expect_text stderr W0812 --wait-all

falcod --wait-all -- bash -c "$leave"
expect_status 4
expect_text stdout "opened /tmp/$marker-late"
expect_no_text stderr W0812

# A signal ends the waiting, the command's status stays.
in_background "$FALCOD" --wait-all -r "$RULES" -- bash -c "setsid sleep 30 & exit 4"
wait_for 60 grep -qE 'started sleep 30' "$scratch/stdout" || fail "the command does not run"
sleeper=$(grep -oE 'started sleep 30 .* pid=[0-9]+' "$scratch/stdout" | grep -oE ' pid=[0-9]+' | cut -d= -f2)
sleep 0.5
kill -0 "$daemon" || fail "falcod did not wait"
stop_falcod TERM
expect_status 4
expect_text stderr W0812
kill "$sleeper"
done_testing
