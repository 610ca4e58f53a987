// What files are and who may use them: stat, modes, owners, access, locks, directory lists.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr const char* kFile = "attributes";
constexpr const char* kMissing = "missing-attributes";

void stat_cases(Report& report, int here, int fd) {
  struct stat facts{};
  report.ok("stat", SYS_stat, {kFile, &facts}).ret("res").text("path", kFile);
  report.fails("stat", ENOENT, SYS_stat, {kMissing, &facts}).ret("res").text("path", kMissing);
  report.ok("lstat", SYS_lstat, {kFile, &facts}).ret("res").text("path", kFile);
  report.fails("lstat", ENOENT, SYS_lstat, {kMissing, &facts}).ret("res").text("path", kMissing);
  report.ok("fstat", SYS_fstat, {fd, &facts}).ret("res").num("fd", fd);
  report.fails("fstat", EBADF, SYS_fstat, {-1, &facts}).ret("res").num("fd", -1);
  report.ok("newfstatat", SYS_newfstatat, {here, kFile, &facts, AT_SYMLINK_NOFOLLOW})
      .ret("res")
      .num("dirfd", here)
      .text("path", kFile)
      .num("flags", 256);
  report.fails("newfstatat", ENOENT, SYS_newfstatat, {AT_FDCWD, kMissing, &facts, 0})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("path", kMissing)
      .num("flags", 0);
}

void mode_cases(Report& report, int here, int fd) {
  report.ok("chmod", SYS_chmod, {kFile, 04711})
      .ret("res")
      .text("filename", kFile)
      .num("mode", 04711);
  report.fails("chmod", ENOENT, SYS_chmod, {kMissing, 0600})
      .ret("res")
      .text("filename", kMissing)
      .num("mode", 0600);
  report.ok("fchmod", SYS_fchmod, {fd, 0604}).ret("res").num("fd", fd).num("mode", 0604);
  report.fails("fchmod", EBADF, SYS_fchmod, {-1, 0640}).ret("res").num("fd", -1).num("mode", 0640);
  report.ok("fchmodat", SYS_fchmodat, {here, kFile, 0644})
      .ret("res")
      .num("dirfd", here)
      .text("filename", kFile)
      .num("mode", 0644);
  report.fails("fchmodat", ENOENT, SYS_fchmodat, {AT_FDCWD, kMissing, 0600})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("filename", kMissing)
      .num("mode", 0600);
}

void owner_cases(Report& report, int here, int fd) {
  constexpr int kUser = 1234, kGroup = 4321;
  for (const auto& [event, number] :
       {std::pair{"chown", SYS_chown}, std::pair{"lchown", SYS_lchown}}) {
    report.ok(event, number, {kFile, kUser, kGroup})
        .ret("res")
        .text("path", kFile)
        .num("uid", kUser)
        .num("gid", kGroup);
    report.fails(event, ENOENT, number, {kMissing, -1, 7})
        .ret("res")
        .text("path", kMissing)
        .num("uid", -1)
        .num("gid", 7);
  }
  report.ok("fchown", SYS_fchown, {fd, kUser, -1})
      .ret("res")
      .num("fd", fd)
      .num("uid", kUser)
      .num("gid", -1);
  report.fails("fchown", EBADF, SYS_fchown, {-1, 1, 2})
      .ret("res")
      .num("fd", -1)
      .num("uid", 1)
      .num("gid", 2);
  report.ok("fchownat", SYS_fchownat, {here, kFile, kUser, kGroup, AT_SYMLINK_NOFOLLOW})
      .ret("res")
      .num("dirfd", here)
      .text("pathname", kFile)
      .num("uid", kUser)
      .num("gid", kGroup)
      .num("flags", 1024);
  report.fails("fchownat", ENOENT, SYS_fchownat, {AT_FDCWD, kMissing, 1, 2, 0})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("pathname", kMissing)
      .num("uid", 1)
      .num("gid", 2)
      .num("flags", 0);
}

void access_cases(Report& report) {
  report.ok("access", SYS_access, {kFile, R_OK | W_OK})
      .ret("res")
      .text("name", kFile)
      .num("mode", 6);
  report.fails("access", ENOENT, SYS_access, {kMissing, F_OK})
      .ret("res")
      .text("name", kMissing)
      .num("mode", 0);
}

void list_cases(Report& report, int here) {
  char entries[4096];
  report.ok("getdents", SYS_getdents, {here, entries, sizeof entries}).ret("res").num("fd", here);
  report.fails("getdents", EBADF, SYS_getdents, {-1, entries, sizeof entries})
      .ret("res")
      .num("fd", -1);
  report.ok("getdents64", SYS_getdents64, {here, entries, sizeof entries})
      .ret("res")
      .num("fd", here);
  report.fails("getdents64", EBADF, SYS_getdents64, {-1, entries, sizeof entries})
      .ret("res")
      .num("fd", -1);
}

void lock_cases(Report& report, int fd) {
  report.ok("flock", SYS_flock, {fd, LOCK_EX | LOCK_NB})
      .ret("res")
      .num("fd", fd)
      .num("operation", 2 | 4);
  report.fails("flock", EBADF, SYS_flock, {-1, LOCK_SH})
      .ret("res")
      .num("fd", -1)
      .num("operation", 1);
}

}  // namespace

void attribute_calls(Report& report) {
  const int here = open(".", O_RDONLY | O_DIRECTORY);
  const int fd = open(kFile, O_RDWR | O_CREAT, 0600);
  stat_cases(report, here, fd);
  mode_cases(report, here, fd);
  owner_cases(report, here, fd);
  access_cases(report);
  list_cases(report, here);
  lock_cases(report, fd);
  close(fd);
  close(here);
}

}  // namespace calls
