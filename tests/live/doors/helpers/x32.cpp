// A call by a number that only x32 has: execve, 520. Kernels without x32 say that there is no such
// call.
#include <sys/syscall.h>
#include <unistd.h>

int main() {
  constexpr long kX32Execve = 0x40000000L + 520;
  char* const nothing[] = {nullptr};
  syscall(kX32Execve, "/does/not/exist", nothing, nothing);
}
