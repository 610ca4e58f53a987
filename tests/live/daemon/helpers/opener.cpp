// Tries to open PREFIX0., PREFIX1., … until SIGTERM, then prints how many there were.
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  const timespec pause{.tv_sec = 0, .tv_nsec = 500'000};
  unsigned count = 0;
  do {
    const std::string path = argv[1] + std::to_string(count++) + ".";
    const int fd = open(path.c_str(), O_RDONLY);
    if (fd >= 0) close(fd);
  } while (sigtimedwait(&stop, nullptr, &pause) != SIGTERM);
  std::printf("%u\n", count);
  return 0;
}
