// Opening and closing files.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <vector>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr const char* kFile = "file";
constexpr const char* kMissing = "missing/file";

struct Place {
  int64_t device, inode;
};

Place place_of(int fd) {
  struct stat facts{};
  fstat(fd, &facts);
  return {static_cast<int64_t>(facts.st_dev), static_cast<int64_t>(facts.st_ino)};
}

void creat_cases(Report& report) {
  {
    Measured made = report.ok("creat", SYS_creat, {kFile, 0640});
    const Place place = place_of(made.fd());
    made.ret("fd").text("name", kFile).num("mode", 0640).num("creat_flags", 0);
    made.num("dev", place.device).num("ino", place.inode);
    close(made.fd());
  }
  report.fails("creat", ENOENT, SYS_creat, {kMissing, 0600})
      .ret("fd")
      .text("name", kMissing)
      .num("mode", 0600)
      .num("dev", 0)
      .num("ino", 0)
      .num("creat_flags", 0);
}

void open_cases(Report& report) {
  {
    Measured opened = report.ok("open", SYS_open, {kFile, O_RDWR | O_APPEND | O_CLOEXEC, 0777});
    const Place place = place_of(opened.fd());
    opened.ret("fd").text("name", kFile).num("flags", 3 | 8 | 4096).num("mode", 0);
    opened.num("dev", place.device).num("ino", place.inode);
    close(opened.fd());
  }
  report.fails("open", EEXIST, SYS_open, {kFile, O_WRONLY | O_CREAT | O_EXCL, 0604})
      .ret("fd")
      .text("name", kFile)
      .num("flags", 2 | 4 | 32)
      .num("mode", 0604)
      .num("dev", 0)
      .num("ino", 0);
}

void openat_cases(Report& report) {
  const int here = open(".", O_RDONLY | O_DIRECTORY);
  {
    Measured opened =
        report.ok("openat", SYS_openat, {here, "created", O_WRONLY | O_CREAT | O_TRUNC, 0600});
    const Place place = place_of(opened.fd());
    opened.ret("fd").num("dirfd", here).text("name", "created");
    opened.num("flags", 2 | 4 | 256 | 16384).num("mode", 0600);  // O_F_CREATED
    opened.num("dev", place.device).num("ino", place.inode);
    close(opened.fd());
  }
  report.fails("openat", ENOENT, SYS_openat, {AT_FDCWD, kMissing, O_RDONLY})
      .ret("fd")
      .num("dirfd", AT_FDCWD)
      .text("name", kMissing)
      .num("flags", 1)
      .num("mode", 0)
      .num("dev", 0)
      .num("ino", 0);
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_DIRECTORY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV;
  {
    Measured opened = report.ok("openat2", SYS_openat2, {here, ".", &how, sizeof how});
    const Place place = place_of(opened.fd());
    opened.ret("fd").num("dirfd", here).text("name", ".");
    opened.num("flags", 1 | 64 | 1024).num("mode", 0).num("resolve", 1 | 16);
    opened.num("dev", place.device).num("ino", place.inode);
    close(opened.fd());
  }
  how = {};
  how.flags = O_WRONLY | O_CREAT | O_SYNC;
  how.mode = 0606;
  how.resolve = RESOLVE_NO_SYMLINKS;
  report.fails("openat2", ENOENT, SYS_openat2, {AT_FDCWD, kMissing, &how, sizeof how})
      .ret("fd")
      .num("dirfd", AT_FDCWD)
      .text("name", kMissing)
      .num("flags", 2 | 4 | 128 | 16)  // O_SYNC has the bit of O_DSYNC too
      .num("mode", 0606)
      .num("resolve", 8)
      .num("dev", 0)
      .num("ino", 0);
  close(here);
}

void handle_cases(Report& report) {
  std::vector<char> memory(sizeof(file_handle) + MAX_HANDLE_SZ);
  auto* handle = reinterpret_cast<file_handle*>(memory.data());
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount = 0;
  const int here = open(".", O_RDONLY | O_DIRECTORY);
  if (name_to_handle_at(here, kFile, handle, &mount, 0) != 0) {
    report.skip("open_by_handle_at", false, "this file system has no handles");
  } else {
    char* const directory = get_current_dir_name();
    Measured opened = report.ok("open_by_handle_at", SYS_open_by_handle_at, {here, handle, O_RDWR});
    const Place place = place_of(opened.fd());
    opened.ret("fd").num("mountfd", here).num("flags", 3);
    opened.text("path", std::string(directory) + "/" + kFile);
    opened.num("dev", place.device).num("ino", place.inode);
    close(opened.fd());
    free(directory);
  }
  report.fails("open_by_handle_at", EFAULT, SYS_open_by_handle_at, {here, nullptr, O_WRONLY})
      .ret("fd")
      .num("mountfd", here)
      .num("flags", 2)
      .empty("path")
      .num("dev", 0)
      .num("ino", 0);
  close(here);
}

void close_cases(Report& report) {
  const int fd = dup(0);
  report.ok("close", SYS_close, {fd}).ret("res").num("fd", fd);
  report.fails("close", EBADF, SYS_close, {fd}).ret("res").num("fd", fd);
  const int first = fcntl(0, F_DUPFD, 500);
  report
      .ok("close_range", SYS_close_range, {first, first + 9, 4})  // CLOSE_RANGE_CLOEXEC
      .ret("res")
      .num("first", first)
      .num("last", first + 9)
      .num("flags", 4);
  close(first);
  report.fails("close_range", EINVAL, SYS_close_range, {9, 5, 0})
      .ret("res")
      .num("first", 9)
      .num("last", 5)
      .num("flags", 0);
}

}  // namespace

void open_calls(Report& report) {
  creat_cases(report);
  open_cases(report);
  openat_cases(report);
  handle_cases(report);
  close_cases(report);
}

}  // namespace calls
