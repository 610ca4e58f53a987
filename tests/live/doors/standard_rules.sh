# The standard rules go by the file that was opened, whatever name it was asked for by.
source "$(dirname "$0")/lib.sh"
RULES=$STANDARD_RULES
need_live
make_container

# reads SCRIPT: the script reads the secret file.
reads() {
  in_container "$1; true"
  expect_alert "Secret file read" "${@:2}"
}
reads '/bin/cat //etc/./shadow' '"fd.name":"/etc/shadow"'
reads '/bin/cat /proc/self/root/etc/shadow' '"fd.name":"/proc/self/root/etc/shadow"'
reads 'cd /etc; /bin/cat /proc/self/cwd/shadow' '"fd.name":"/proc/self/cwd/shadow"'
reads '/bin/ln -s /etc/shadow /tmp/harmless; /bin/cat /tmp/harmless' '"fd.name":"/tmp/harmless"'
reads '/bin/ln -s ../etc /tmp/directory; /bin/cat /tmp/directory/shadow' '"fd.name":"/tmp/directory/shadow"'
# overlay file systems give a hard link an inode of its own: there making it is what is seen
in_container '/bin/ln /etc/shadow /tmp/link; true'
expect_alert "Secret file linked" 'link=/tmp/link'

in_container '/bin/ln -s /etc/passwd /tmp/near; /bin/cat /tmp/near; true'
expect_no_alert "Secret file read"

# writes SCRIPT: the script writes below /etc.
writes() {
  in_container "$1; true"
  expect_alert "Write below etc" "${@:2}"
}
writes 'echo x >/tmp/directory/by-link' '"fd.name":"/tmp/directory/by-link"'
writes 'cd /tmp; echo x >file; cd /etc; /bin/mv /tmp/file moved' 'newpath=moved'
in_container 'echo x >/tmp/elsewhere; /bin/mv /tmp/elsewhere /tmp/etc; true'
expect_no_alert "Write below etc"

# On the host a bind mount hides the name; the mount is seen by this process alone.
mkdir "$marker/bound"
watch unshare --mount bash -c "mount --bind /etc '$marker/bound' && cat '$marker/bound/shadow' >'$marker/copy'"
if [[ -s $marker/copy ]]; then
  expect_alert "Secret file read" "\"fd.name\":\"$marker/bound/shadow\""
else
  echo "SKIPPED: this machine has no /etc/shadow, or no mounts of one's own" >&2
fi
done_testing
