# Harness of the rule tests: runs a command or a container under `falcod -- …` with the standard rules
# and asserts on the alerts. Everything it starts ends with the test. Exit 77 = skipped.
#
# Environment, set by CMakeLists.txt: FALCOD, RULES (directory), HELPERS (directory of helper programs); FALCOD_OPTIONS adds
# to falcod's command line.
set -uo pipefail

scratch=$(mktemp -d /tmp/falcoc-rules.XXXXXX)
alerts=$scratch/alerts.json
failures=0
container_id=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')

finish() {
  runc delete --force "$container_id" >/dev/null 2>&1
  mountpoint -q "$scratch/rootfs" && umount "$scratch/rootfs"
  mountpoint -q "$scratch/layer" && umount "$scratch/layer"
  rm -rf "$scratch"
}
trap finish EXIT

skip() {
  echo "SKIPPED: $*" >&2
  exit 77
}

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    ((SECONDS < end)) || return 1
    sleep 0.02
  done
}

# Hooking each of the hundred system calls that all rules want takes the kernel minutes: it waits for every task to be
# scheduled, twice for each. Where that way is tested only the rules that the test is about are on.
only_own=()
if [[ ${FALCOC_TEST_HOOKS-} == fentry ]]; then
  only_own=(-o 'rules[0].disable.rule=*')
  while read -r rule; do
    only_own+=(-o "rules[$((${#only_own[@]} / 2))].enable.rule=$rule")
  done < <(grep -oE 'expect(_no)?_alert "[^"]+"' "$0" | cut -d'"' -f2 | sort -u)
fi

# Skips where falcod cannot watch at all; that it can is the live tests' own business.
need_live() {
  ((EUID == 0)) || skip "needs root"
  "$FALCOD" -q --start=complete -r "$RULES" "${only_own[@]}" -- true >/dev/null 2>"$scratch/probe.log"
  local status=$?
  ((status != 3)) || skip "the kernel refuses the probe: $(head -n 1 "$scratch/probe.log")"
  ((status == 0)) || { cat "$scratch/probe.log" >&2; exit 1; }
}

# watch COMMAND…: runs it under falcod, alerts as JSON lines in $alerts. Both append: a command that copies from file to file
# (sendfile, copy_file_range) does not respect the position that others write at.
watch() {
  : >"$scratch/stdout"
  "$FALCOD" -q --start=complete ${FALCOD_OPTIONS-} -r "$RULES" "${only_own[@]}" -o json_output=true -- "$@" >>"$scratch/stdout" 2>"$scratch/stderr"
  last_status=$?
  grep '^{' "$scratch/stdout" >"$alerts" || true
}

# A root file system of busybox on overlayfs, so that what the container writes is not of its image.
make_container() {
  command -v runc >/dev/null || skip "runc is not installed"
  local busybox=/bin/busybox
  [[ -x $busybox ]] || skip "busybox-static is not installed"
  local image=$scratch/image
  mkdir -p "$image"/{bin,etc,tmp,proc,dev,root} "$scratch"/{layer/upper,layer/work,rootfs}
  cp "$busybox" "$image/bin/busybox"
  local applet
  for applet in sh cat ls nc ip cp chmod touch mv rm ln mount true sleep mkdir; do
    ln -s busybox "$image/bin/$applet"
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$image/etc/passwd"
  echo 'root:*:19000:0:99999:7:::' >"$image/etc/shadow"
  # The writable layer must not lie on an overlay itself: a tmpfs of its own.
  mount -t tmpfs none "$scratch/layer" && mkdir "$scratch"/layer/{upper,work}
  mount -t overlay overlay -o "lowerdir=$image,upperdir=$scratch/layer/upper,workdir=$scratch/layer/work" \
    "$scratch/rootfs" || skip "no overlayfs"
}

# add_program NAME SCRIPT: in the container; what the shell does itself (redirections) is then done by NAME.
add_program() {
  printf '#!/bin/sh\n%s\n' "$2" >"$scratch/image/bin/$1"
  chmod 755 "$scratch/image/bin/$1"
}

# add_programs NAME…: that do nothing but start.
add_programs() {
  local name
  for name; do add_program "$name" :; done
}

# Programs are called by path there: busybox runs its own applets through /proc/self/exe, named "exe".
# in_container [terminal] SCRIPT: runs `sh -c SCRIPT` in a fresh runc container, watched; with $extra_capability (one or several).
in_container() {
  local terminal=false
  if [[ $1 == terminal ]]; then
    terminal=true
    shift
  fi
  local capabilities='"CAP_NET_ADMIN"' capability
  for capability in ${extra_capability-}; do capabilities+=", \"$capability\""; done
  cat >"$scratch/config.json" <<JSON
{
  "ociVersion": "1.0.2",
  "root": {"path": "$scratch/rootfs", "readonly": false},
  "hostname": "test",
  "process": {
    "terminal": $terminal, "cwd": "/", "user": {"uid": 0, "gid": 0}, "rlimits": [],
    "env": ["PATH=/bin"], "noNewPrivileges": true,
    "args": ["sh", "-c", $(json_string "$1")],
    "capabilities": {
      "bounding": [$capabilities], "effective": [$capabilities], "permitted": [$capabilities]
    }
  },
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]}
  ],
  "linux": {"namespaces": [
    {"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}
  ]}
}
JSON
  local command=(runc run --bundle "$scratch" "$container_id")
  if [[ $terminal == true ]]; then
    watch "$HELPERS/with_terminal" "${command[@]}"
  else
    watch "${command[@]}"
  fi
  runc delete --force "$container_id" >/dev/null 2>&1
  return 0
}

json_string() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  printf '"%s"' "$text"
}

fail() {
  echo "FAILED: $*" >&2
  echo "--- alerts" >&2
  cat "$alerts" >&2
  echo "--- standard error, status $last_status" >&2
  tail -n 20 "$scratch/stderr" >&2
  failures=$((failures + 1))
}

# expect_alert RULE [TEXT…]: one alert of the rule holds every text.
expect_alert() {
  local rule=$1 found
  shift
  found=$(grep -F "\"rule\":\"$rule\"" "$alerts" || true)
  local text
  for text in "$@"; do
    found=$(grep -F -- "$text" <<<"$found" || true)
  done
  [[ -n $found ]] || fail "no alert of '$rule' with: $*"
}

expect_no_alert() {
  ! grep -qF "\"rule\":\"$1\"" "$alerts" || fail "unexpected alert of '$1'"
}

# expect_no_alerts RULE…: of none of them
expect_no_alerts() {
  local rule
  for rule; do expect_no_alert "$rule"; done
}

done_testing() {
  ((failures == 0)) && echo "ok"
  exit $((failures > 0))
}
