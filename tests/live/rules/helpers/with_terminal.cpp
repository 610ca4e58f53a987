// Runs a command on a terminal of its own, typing nothing: with_terminal PROGRAM [ARGUMENT…]
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) {
    std::perror("forkpty");
    return 2;
  }
  if (child == 0) {
    ::execvp(argv[1], argv + 1);
    _exit(127);
  }
  char buffer[4096];
  for (ssize_t size; (size = ::read(terminal, buffer, sizeof buffer)) > 0;) {
    if (::write(STDOUT_FILENO, buffer, static_cast<size_t>(size)) < 0) break;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
