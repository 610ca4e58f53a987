// Runs a program that may not make memory executable, as under systemd's
// MemoryDenyWriteExecute=yes: the kernel refuses PROT_EXEC on anonymous and on formerly writable
// memory.
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

// linux/prctl.h, since Linux 6.3.
constexpr int kSetMdwe = 65;
constexpr unsigned long kRefuseExecGain = 1;

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (argc < 2 || ::prctl(kSetMdwe, kRefuseExecGain, 0, 0, 0) != 0) {
    std::perror("PR_SET_MDWE");
    return kSkipped;
  }
  ::execv(argv[1], argv + 1);
  std::perror(argv[1]);
  return 1;
}
