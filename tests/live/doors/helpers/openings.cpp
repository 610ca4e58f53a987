// Opens a file in one of many ways: openings HOW FILE. HOW says which system call, or by what other
// name. Exit 77: this machine does not allow it.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

namespace {

constexpr int kSkipped = 77;

int call(long result) { return result < 0 ? -errno : static_cast<int>(result); }

int plain(const std::string& path) {
  return call(syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDONLY));
}

std::string directory_of(const std::string& file) { return file.substr(0, file.rfind('/')); }
std::string name_of(const std::string& file) { return file.substr(file.rfind('/') + 1); }

/// Another path for one open, gone afterwards.
template <typename Make>
int by_name(const std::string& name, Make make) {
  if (make(name) != 0) return -errno;
  const int fd = plain(name);
  unlink(name.c_str());
  return fd;
}

int by_handle(const std::string& file) {
  union {
    file_handle head;
    char room[sizeof(file_handle) + MAX_HANDLE_SZ];
  } handle{};
  handle.head.handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  if (name_to_handle_at(AT_FDCWD, file.c_str(), &handle.head, &mount, 0) != 0) {
    std::exit(kSkipped);  // the file system has no handles
  }
  const int directory = open(directory_of(file).c_str(), O_RDONLY | O_DIRECTORY);
  const int fd = call(syscall(SYS_open_by_handle_at, directory, &handle.head, O_RDONLY));
  if (fd == -EPERM) std::exit(kSkipped);
  return fd;
}

int in_directory(const std::string& file) {
  const int directory = open(directory_of(file).c_str(), O_PATH | O_DIRECTORY);
  return call(syscall(SYS_openat, directory, name_of(file).c_str(), O_RDONLY));
}

int from_working_directory(const std::string& file) {
  if (chdir(directory_of(file).c_str()) != 0) return -errno;
  return plain("/proc/self/cwd/" + name_of(file));
}

/// Over a descriptor that says nothing of the file's name to who reads it: opened as a path only.
int over_descriptor(const std::string& file) {
  const int fd = open(file.c_str(), O_PATH);
  return plain("/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd));
}

int over_bind_mount(const std::string& file) {
  const std::string place = directory_of(file) + "/bound";
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    std::exit(kSkipped);
  }
  const int made = open(place.c_str(), O_CREAT | O_WRONLY, 0600);
  close(made);
  if (mount(file.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0) std::exit(kSkipped);
  return plain(place);
}

int below_new_root(const std::string& file) {
  if (chroot(directory_of(file).c_str()) != 0 || chdir("/") != 0) std::exit(kSkipped);
  return plain("/" + name_of(file));
}

const std::map<std::string, std::function<int(const std::string&)>> kWays = {
    {"open",
     [](const std::string& file) { return call(syscall(SYS_open, file.c_str(), O_RDONLY)); }},
    {"openat", plain},
    {"openat2",
     [](const std::string& file) {
       open_how how{};
       return call(syscall(SYS_openat2, AT_FDCWD, file.c_str(), &how, sizeof how));
     }},
    {"creat", [](const std::string& file) { return call(syscall(SYS_creat, file.c_str(), 0600)); }},
    {"handle", by_handle},
    {"dirfd", in_directory},
    {"dots",
     [](const std::string& file) {
       return plain(directory_of(file) + "/./../" + name_of(directory_of(file)) + "/" +
                    name_of(file));
     }},
    {"slashes",
     [](const std::string& file) {
       return plain("//" + directory_of(file) + "///" + name_of(file));
     }},
    {"root", [](const std::string& file) { return plain("/proc/self/root" + file); }},
    {"cwd", from_working_directory},
    {"descriptor", over_descriptor},
    {"symlink",
     [](const std::string& file) {
       return by_name(directory_of(file) + "/harmless",
                      [&](const std::string& name) { return symlink(file.c_str(), name.c_str()); });
     }},
    {"directory-symlink",
     [](const std::string& file) {
       const std::string link = directory_of(file) + "-elsewhere";
       if (symlink(directory_of(file).c_str(), link.c_str()) != 0) return -errno;
       const int fd = plain(link + "/" + name_of(file));
       unlink(link.c_str());
       return fd;
     }},
    {"hardlink",
     [](const std::string& file) {
       return by_name(directory_of(file) + "/harmless",
                      [&](const std::string& name) { return link(file.c_str(), name.c_str()); });
     }},
    {"bind", over_bind_mount},
    {"chroot", below_new_root},
};

}  // namespace

int main(int argc, char** argv) {
  const auto way = argc == 3 ? kWays.find(argv[1]) : kWays.end();
  if (way == kWays.end()) return 2;
  const int fd = way->second(argv[2]);
  if (fd >= 0) return 0;
  std::fprintf(stderr, "openings: %s: %s\n", argv[1], std::strerror(-fd));
  return 1;
}
