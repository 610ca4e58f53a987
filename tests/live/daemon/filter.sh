# What the kernel drops, nobody misses: the same deeds raise the same alerts with filters and without,
# whichever way a file is named, and the statistics say that most events never left the kernel.
source "$(dirname "$0")/lib.sh"
need_live
dir=$scratch/watched
mkdir -p "$dir/sub" && ln -s sub "$dir/link" && echo x >"$dir/secret" && echo x >"$dir/sub/other"

cat >"$scratch/filter.yaml" <<YAML
- rule: By name
  desc: a file of this name
  condition: evt.type in (open, openat, openat2) and fd.name = $dir/secret
  output: "By name %evt.type %fd.name"
  priority: NOTICE
- rule: Below
  desc: in a directory
  condition: evt.type in (open, openat) and fd.directory = $dir/sub
  output: "Below %fd.name"
  priority: NOTICE
- rule: Ending
  desc: a suffix, written
  condition: evt.type in (open, openat) and fd.name endswith .$marker and evt.is_open_write = true
  output: "Ending %fd.name"
  priority: NOTICE
- rule: By cat
  desc: a fact about the process
  condition: evt.type in (open, openat) and fd.name startswith $dir and proc.name = cat
  output: "By cat %fd.name"
  priority: NOTICE
- rule: Missing
  desc: a failure
  condition: evt.type in (open, openat) and evt.res = ENOENT and fd.name contains $marker
  output: "Missing %fd.name"
  priority: NOTICE
- rule: Renamed
  desc: a text caught at the entry
  condition: evt.type in (rename, renameat, renameat2) and evt.arg.oldpath contains $marker
  output: "Renamed %evt.arg.oldpath"
  priority: NOTICE
- rule: Duplicated
  desc: a number
  condition: evt.type in (dup2, dup3) and fd.num = 77
  output: "Duplicated %fd.num"
  priority: NOTICE
YAML

# Files by absolute, relative, odd and linked names; then a crowd that no rule is about.
work="
cat $dir/secret $dir/./secret $dir//secret $dir/sub/../secret $dir/link/other $dir/sub/other
cd $dir && cat secret ./secret sub/../secret sub/other && cd sub && cat ../secret other
echo x >$dir/a.$marker; cat $dir/a.$marker; cat /tmp/absent-$marker absent-$marker
mv $dir/a.$marker $dir/b.$marker; rm $dir/b.$marker
exec 77</dev/null
for i in \$(seq 2000); do read -r line </etc/hostname; done
" 

for option in "" --no-filter; do
  : >"$scratch/stdout"
  "$FALCOD" --start=complete $option --stats json -r "$scratch/filter.yaml" -o rule_matching=all -- bash -c "$work" \
    >>"$scratch/stdout" 2>"$scratch/stderr" # appended as in watch()
  expect_no_text stderr '[W0605]'
  sed -E 's/^[0-9:.]+ //' "$scratch/stdout" | grep -E '^Notice' | sort >"$scratch/alerts$option"
  cp "$scratch/stdout" "$scratch/all$option"
  grep -m 1 '^{"events"' "$scratch/stderr" >"$scratch/stats$option" || fail "no statistics"
done
[[ $(wc -l <"$scratch/alerts") -ge 20 ]] || fail "only $(wc -l <"$scratch/alerts") alerts"
diff "$scratch/alerts--no-filter" "$scratch/alerts" >&2 ||
  fail "alerts differ with filters: $(grep "By name" "$scratch/all")
and without: $(grep "By name" "$scratch/all--no-filter")"
for rule in "By name" Below Ending "By cat" Missing Renamed Duplicated; do
  grep -q "Notice $rule" "$scratch/alerts" || fail "no alert of $rule"
done

# count FILE FIELD: of all events of opens together
count() {
  tr '{' '\n' <"$1" | grep -E '"event":"open' | grep -oE "\"$2\":[0-9]+" | awk -F: '{ sum += $2 } END { print sum + 0 }'
}
(($(count "$scratch/stats" filtered) >= 2000)) || fail "the kernel dropped $(count "$scratch/stats" filtered) opens"
(($(count "$scratch/stats--no-filter" filtered) == 0)) || fail "something was filtered in spite of --no-filter"
(($(count "$scratch/stats--no-filter" read) >= 2000)) || fail "without filters opens are missing"
done_testing
