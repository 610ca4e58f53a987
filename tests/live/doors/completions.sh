# Requests through io_uring whose results come by a way of their own, or not at all.
source "$(dirname "$0")/lib.sh"
need_live
echo asked >"$marker/asked"

# requests HOW COUNT TEXT…: so many alerts, one with every text.
requests() {
  local how=$1 count=$2
  shift 2
  watch "$HELPERS/requests" "$how" "$marker"
  if [[ $last_status == 77 ]]; then
    echo "SKIPPED: this kernel does not know requests that are $how" >&2
    return
  fi
  [[ $last_status == 0 ]] || fail "$how: the helper failed"
  expect_alert request "$@"
  (($(grep -c '"rule":"request"' "$alerts") == count)) || fail "$how: not $count alerts"
}

requests skipped 1 "openat fd.name=$marker/asked" "failed=false"
requests overflown 1 "openat fd.name=$marker/asked first=$marker/asked failed=false"
requests slot 1 "openat fd.name=$marker/link first=$marker/asked failed=false"
requests alike 3 "openat fd.name=$marker/absent first=<NA> failed=true"
requests multishot 2 "accept4 fd.name=127.0.0.1:" "failed=false"
done_testing
