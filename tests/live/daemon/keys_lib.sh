# The tables of keys_*.sh: `key NAME…` says which keys of falco.yaml the checks behind it are about. keys.sh fails when a key that
# falcod acts upon has none.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The list that is read, not run: see keys.sh.
key() { current=$*; }
expect() { # MESSAGE COMMAND…
  local message=$1
  shift
  "$@" || fail "$current: $message"
}
expect_not() {
  local message=$1
  shift
  ! "$@" || fail "$current: $message"
}
