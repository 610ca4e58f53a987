# Whatever way a program is started: it is an execution, and proc.exepath tells which file it was.
source "$(dirname "$0")/lib.sh"
need_live
program=$marker/program
cp "$HELPERS/executions" "$program"

# starts HOW: one execution is reported, with every TEXT.
starts() {
  local how=$1
  shift
  watch "$HELPERS/executions" "$how" "$program"
  [[ $last_status == 0 ]] || fail "$how: the helper failed"
  expect_alert executed "$@"
  (($(grep -c '"rule":"executed"' "$alerts") == 1)) || fail "$how: more than one execution"
}

starts execve "execve path=$program memory=false"
starts execveat "path=$program memory=false"
starts dirfd "execveat path=$program memory=false"
starts descriptor "execveat path=$program memory=false"
starts proc "execve path=$program memory=false"
starts symlink "execve path=$program memory=false"
starts script "execve path=$program memory=false"
starts memory "execveat path=memfd:from-memory memory=true"
starts deleted "execveat path=$program-deleted memory=false"
done_testing
