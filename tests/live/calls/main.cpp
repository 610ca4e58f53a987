// Makes every dedicated system call, each once with success and once with failure, in the current
// directory, and writes to the file named by the first argument what their events must hold.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string_view>

#include "tests/live/calls/families.h"

int main(int argc, char** argv) {
  using namespace calls;
  if (argc < 2) return 2;
  const int fd = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return 2;
  signal(SIGPIPE, SIG_IGN);
  Report report(fd);
  open_calls(report);
  path_calls(report);
  attribute_calls(report);
  data_calls(report);
  descriptor_calls(report);
  wait_calls(report);
  socket_calls(report);
  message_calls(report);
  option_calls(report);
  memory_calls(report);
  identity_calls(report);
  process_calls(report);
  namespace_calls(report);
  ipc_calls(report);
  kernel_calls(report);
  compat_calls(report);
  if (argc < 3 || std::string_view(argv[2]) != "--dedicated") generic_calls(report);
  report.write("complete\n");
  return 0;
}
