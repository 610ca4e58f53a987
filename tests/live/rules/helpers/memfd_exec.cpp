// Executes a copy of a program from an anonymous memory file: memfd_exec PROGRAM [ARGUMENT…]
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

extern char** environ;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int program = ::open(argv[1], O_RDONLY | O_CLOEXEC);
  struct stat status{};
  const int memory = ::memfd_create("payload", MFD_CLOEXEC);
  if (program < 0 || memory < 0 || ::fstat(program, &status) != 0) {
    std::perror("memfd_exec");
    return 2;
  }
  for (off_t left = status.st_size; left > 0;) {
    const ssize_t sent = ::sendfile(memory, program, nullptr, static_cast<size_t>(left));
    if (sent <= 0) return 2;
    left -= sent;
  }
  ::fexecve(memory, argv + 1, environ);
  std::perror("fexecve");
  return 2;
}
