#include "tests/law/texts.h"

#include <array>

namespace falcoc::law {
namespace {

constexpr std::array kTexts{
    "/etc/shadow",
    "/etc/passwd",
    "/etc/hostname",
    "/usr",
    "/usr/bin/env",
    "/etc/sudoers.d/local",
    "/etc/pam.d/sshd",
    "/var/log/auth.log",
    "/var/log",
    "/root/.ssh/id_rsa",
    "/tmp/x",
    "/tmp/a.b/c",
    "/",
    "/a",
    "",
    "x",
    "etc/passwd",
    "shadow",
    "shadow",
    "pam.d/sshd",
    "sudoers.d/local",
    "a/../shadow",
    "../etc/shadow",
    "./run",
    "/etc//shadow",
    "/etc/./shadow",
    "/etc/",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/dev/null",
    "/dev/shm/payload",
    "/proc/self/fd/3",
    "/home/user/.bashrc",
    "/home/user/a..b",
    "/12345678",
    "/1234567",
    "/123456789abcdef",
    "/0123456789abcdef/x",
    "/etc/shadow.bak",
    "/etc/SHADOW",
    "/opt/app/bin/run",
    "/opt/app/bin/run.sh",
    "release_agent",
    "/sys/release_agent",
};

/// More than the kernel looks at.
constexpr size_t kLongText = 300;

}  // namespace

std::string a_text(Random& random) {
  std::string text = one_of(random, kTexts);
  switch (random() % 16) {
    case 0:
      text += one_of(random, kTexts);
      break;
    case 1:
      text += "/";
      break;
    case 2:
      text += "x";
      break;
    case 3:
      text = "/" + text;
      break;
    case 4:
      if (!text.empty()) text.pop_back();
      break;
    case 5:
      text.append(kLongText, 'y');
      break;
    case 6:
      if (chance(random, 2)) text.resize(random() % 3 + 254, 'z');  // around the limit
      break;
    case 7: {  // what cleaning up takes away
      static constexpr std::array kOdd{"//", "/./", "/x/../"};
      const size_t slash = text.find('/', text.size() / 2);
      if (slash != std::string::npos) text.replace(slash, 1, one_of(random, kOdd));
      break;
    }
    default:
      break;
  }
  return text;
}

}  // namespace falcoc::law
