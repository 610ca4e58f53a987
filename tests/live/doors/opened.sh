# Whatever call opens a file, and by whatever name: fd.truename tells which file it was.
source "$(dirname "$0")/lib.sh"
need_live
secret=$marker/secret

# opens HOW FILE
opens() {
  echo secret >"$2"
  watch "$HELPERS/openings" "$1" "$2"
}

# how=name that is passed
ways=(
  "open=$secret" "openat=$secret" "openat2=$secret" "creat=$secret" "handle=$secret" "dirfd=$secret"
  "dots=$secret" "slashes=$secret" "root=/proc/self/root$secret" "cwd=/proc/self/cwd/secret"
  "descriptor=/proc/" "symlink=$marker/harmless" "directory-symlink=$marker-elsewhere/secret"
  "hardlink=$marker/harmless" "bind=$marker/bound" "chroot=/secret"
)
for way in "${ways[@]}"; do
  how=${way%%=*}
  opens "$how" "$secret"
  if [[ $last_status == 77 ]]; then
    echo "SKIPPED: this machine does not allow to open by $how" >&2
    continue
  fi
  [[ $last_status == 0 ]] || fail "$how: the helper failed"
  expect_alert secret "name=${way#*=}" "how=$how $secret"
  opens "$how" "$marker/nothing"
  expect_no_alert secret
done

# the first name is where the path led to
opens symlink "$secret"
expect_alert secret "name=$marker/harmless first=$secret"
opens hardlink "$secret"
expect_alert secret "name=$marker/harmless first=$marker/harmless all=$marker/harmless $secret"
done_testing
