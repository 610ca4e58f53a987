# Rules are loaded again while events come without pause: every event is alerted once, whatever the
# reason for loading (SIGHUP, a file written, a ConfigMap exchanged), and broken rules change nothing.
source "$(dirname "$0")/lib.sh"
need_live
command -v setsid >/dev/null || skip "setsid is not installed"

rules_dir=$scratch/mounted
mkdir "$rules_dir"

# Rules as Kubernetes mounts them: write_rules VERSION [TEXT] exchanges one link.
write_rules() {
  mkdir "$rules_dir/..$1"
  cat >"$rules_dir/..$1/rules.yaml" <<YAML
- rule: Marked
  desc: version $1
  condition: evt.type in (open, openat) and fd.name startswith /tmp/$marker-
  output: marked=%fd.name
  priority: NOTICE
- rule: Version $1
  desc: marks the version
  condition: evt.type in (open, openat) and fd.name = /tmp/version-$marker
  output: version=$1
  priority: NOTICE
YAML
  echo "${2-}" >>"$rules_dir/..$1/rules.yaml"
  ln -s "..$1" "$rules_dir/..data_tmp"
  mv -T "$rules_dir/..data_tmp" "$rules_dir/..data"
}

reloads_are() { [[ $(grep -c 'rules loaded again' "$scratch/stderr") -ge $1 ]]; }

write_rules 0
ln -s ..data/rules.yaml "$rules_dir/rules.yaml"
in_background setsid "$FALCOD" -r "$rules_dir" -o json_output=false
wait_for 60 grep -q '^falcod .* rules' "$scratch/stderr" || fail "falcod does not start"

"$HELPERS/opener" "/tmp/$marker-" >"$scratch/opened" &
opener=$!

reloads=0
for version in $(seq 1 20); do
  case $((version % 3)) in
    0) write_rules "$version" ;;                                              # a ConfigMap exchanged
    1) kill -HUP "$daemon" ;;                                                 # nothing changed, but asked for
    2) echo "# $version" >>"$rules_dir/rules.yaml" ;;                         # written in place
  esac
  reloads=$((reloads + 1))
  wait_for 120 reloads_are "$reloads" || fail "reload $version did not happen"
done

# Broken rules: told of, and everything goes on. Mended ones are noticed.
write_rules broken '- rule: [' 
wait_for 60 grep -q W0811 "$scratch/stderr" || fail "broken rules are not told of"
write_rules mended
wait_for 120 reloads_are $((reloads + 1)) || fail "mended rules are not loaded"
: 2>/dev/null <"/tmp/version-$marker"
wait_for 30 grep -qF "version=mended" "$scratch/stdout" || fail "the mended rules do not run"

kill -TERM "$opener"
wait "$opener"
count=$(cat "$scratch/opened")
((count > 100)) || fail "only $count files were opened"
last=$((count - 1))
wait_for 60 grep -qF "marked=/tmp/$marker-$last." "$scratch/stdout" || fail "the last event is missing"
stop_falcod TERM
expect_status 0
expect_text stderr "Events lost: 0" "Rules loaded again: $((reloads + 1)), failed: 1"

seen=$(grep -oF "marked=/tmp/$marker-" "$scratch/stdout" | wc -l)
distinct=$(grep -oE "marked=/tmp/$marker-[0-9]+\." "$scratch/stdout" | sort -u | wc -l)
[[ $seen == "$count" && $distinct == "$count" ]] ||
  fail "$count files were opened, $seen alerts came, of $distinct files"
echo "$count events, $reloads reloads"
done_testing
