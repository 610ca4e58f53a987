# Reverse shell: a shell on a socket, started so or making it so; not a shell on a pipe.
source "$(dirname "$0")/lib.sh"
need_live

watch "$HELPERS/shell_on_socket" started
expect_alert "Reverse shell" '"proc.cmdline":"sh"'

watch "$HELPERS/shell_on_socket" redirected
expect_alert "Reverse shell" '"proc.cmdline":"bash -c'

watch bash -c 'echo true | sh | cat'
expect_no_alert "Reverse shell"
done_testing
