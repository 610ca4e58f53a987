// Executes a program in one of many ways: executions HOW PROGRAM. The program is run with the one
// argument "landed". Exit 77: this machine does not allow it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

char* const kNoEnvironment[] = {nullptr};

/// A copy of the program, open for executing, at `target`.
int copy_to(int target, const char* program) {
  const int source = open(program, O_RDONLY | O_CLOEXEC);
  struct stat facts{};
  if (source < 0 || target < 0 || fstat(source, &facts) != 0) return -1;
  for (off_t done = 0; done < facts.st_size;) {
    if (sendfile(target, source, &done, static_cast<size_t>(facts.st_size - done)) <= 0) return -1;
  }
  fchmod(target, 0700);
  return target;
}

void run(std::string_view how, const char* program) {
  char* const arguments[] = {const_cast<char*>("run"), const_cast<char*>("landed"), nullptr};
  if (how == "execve") {
    syscall(SYS_execve, program, arguments, kNoEnvironment);
  } else if (how == "execveat") {
    syscall(SYS_execveat, AT_FDCWD, program, arguments, kNoEnvironment, 0);
  } else if (how == "dirfd") {
    const std::string path = program;
    const int directory = open(path.substr(0, path.rfind('/')).c_str(), O_PATH | O_CLOEXEC);
    syscall(SYS_execveat, directory, path.c_str() + path.rfind('/') + 1, arguments, kNoEnvironment,
            0);
  } else if (how == "descriptor") {
    const int fd = open(program, O_PATH | O_CLOEXEC);
    syscall(SYS_execveat, fd, "", arguments, kNoEnvironment, AT_EMPTY_PATH);
  } else if (how == "proc") {
    const int fd = open(program, O_PATH);
    syscall(SYS_execve, ("/proc/self/fd/" + std::to_string(fd)).c_str(), arguments, kNoEnvironment);
  } else if (how == "memory") {
    const int fd = copy_to(memfd_create("from-memory", MFD_CLOEXEC), program);
    syscall(SYS_execveat, fd, "", arguments, kNoEnvironment, AT_EMPTY_PATH);
  } else if (how == "deleted") {
    const std::string copy = std::string(program) + "-deleted";
    const int made = copy_to(open(copy.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0700), program);
    const int fd = open(copy.c_str(), O_PATH | O_CLOEXEC);
    close(made);
    unlink(copy.c_str());
    syscall(SYS_execveat, fd, "", arguments, kNoEnvironment, AT_EMPTY_PATH);
  } else if (how == "script") {
    const std::string script = std::string(program) + "-script";
    const int fd = open(script.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);
    dprintf(fd, "#!%s landed\n", program);
    close(fd);
    syscall(SYS_execve, script.c_str(), arguments, kNoEnvironment);
  } else if (how == "symlink") {
    const std::string link = std::string(program) + "-link";
    if (symlink(program, link.c_str()) != 0) return;
    syscall(SYS_execve, link.c_str(), arguments, kNoEnvironment);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 2 && std::strcmp(argv[1], "landed") == 0) return 0;
  if (argc != 3) return 2;
  run(argv[1], argv[2]);
  std::fprintf(stderr, "executions: %s: %s\n", argv[1], std::strerror(errno));
  return 1;
}
