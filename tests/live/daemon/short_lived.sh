# A program that lives for less than a millisecond is reported with its full command line, its
# executable, its user and its ancestors.
source "$(dirname "$0")/lib.sh"
need_live

long=$(printf 'argument-%s ' {1..40})
for run in {1..10}; do
  watch bash -c "bash -c '\"$HELPERS/brief\" run-$run $long; true'; true"
  expect_alert "Program started" "\"proc.cmdline\":\"brief run-$run ${long% }\"" \
    "\"proc.exepath\":\"$HELPERS/brief\"" '"proc.pname":"bash"' '"proc.aname[2]":"bash"' \
    '"proc.aname[3]":"falcod"' '"user.name":"root"' "\"proc.cwd\":\"$PWD/\""
done

# A thousand of them: none is missing.
watch bash -c "for i in {1..1000}; do \"$HELPERS/brief\" burst-\$i; done"
seen=$(grep -oE '"proc.cmdline":"brief burst-[0-9]+"' "$alerts" | sort -u | wc -l)
[[ $seen == 1000 ]] || fail "$seen of 1000 short programs were reported"
expect_no_text stderr "Events lost"
done_testing
