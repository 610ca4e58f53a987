// Names: directories, links, renames, removal, the working directory.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr const char* kMissing = "nowhere/x";

void directory_cases(Report& report, int here) {
  report.ok("mkdir", SYS_mkdir, {"d1", 0750}).ret("res").text("path", "d1").num("mode", 0750);
  report.fails("mkdir", EEXIST, SYS_mkdir, {"d1", 0700})
      .ret("res")
      .text("path", "d1")
      .num("mode", 0700);
  report.ok("mkdirat", SYS_mkdirat, {here, "d2", 0711})
      .ret("res")
      .num("dirfd", here)
      .text("path", "d2")
      .num("mode", 0711);
  report.fails("mkdirat", ENOENT, SYS_mkdirat, {AT_FDCWD, kMissing, 0700})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("path", kMissing)
      .num("mode", 0700);
  report.ok("rmdir", SYS_rmdir, {"d1"}).ret("res").text("path", "d1");
  report.fails("rmdir", ENOENT, SYS_rmdir, {"d1"}).ret("res").text("path", "d1");
}

void removal_cases(Report& report, int here) {
  mknod("u1", S_IFREG | 0600, 0);
  report.ok("unlink", SYS_unlink, {"u1"}).ret("res").text("path", "u1");
  report.fails("unlink", ENOENT, SYS_unlink, {"u1"}).ret("res").text("path", "u1");
  report.ok("unlinkat", SYS_unlinkat, {here, "d2", AT_REMOVEDIR})
      .ret("res")
      .num("dirfd", here)
      .text("name", "d2")
      .num("flags", 512);
  report.fails("unlinkat", ENOENT, SYS_unlinkat, {AT_FDCWD, kMissing, 0})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("name", kMissing)
      .num("flags", 0);
}

void rename_cases(Report& report, int here) {
  mknod("r1", S_IFREG | 0600, 0);
  report.ok("rename", SYS_rename, {"r1", "r2"})
      .ret("res")
      .text("oldpath", "r1")
      .text("newpath", "r2");
  report.fails("rename", ENOENT, SYS_rename, {"r1", "r2"})
      .ret("res")
      .text("oldpath", "r1")
      .text("newpath", "r2");
  report.ok("renameat", SYS_renameat, {here, "r2", AT_FDCWD, "r3"})
      .ret("res")
      .num("olddirfd", here)
      .text("oldpath", "r2")
      .num("newdirfd", AT_FDCWD)
      .text("newpath", "r3");
  report.fails("renameat", ENOENT, SYS_renameat, {AT_FDCWD, "r2", here, "r3"})
      .ret("res")
      .num("olddirfd", AT_FDCWD)
      .text("oldpath", "r2")
      .num("newdirfd", here)
      .text("newpath", "r3");
  report
      .ok("renameat2", SYS_renameat2, {here, "r3", here, "r4", 1})  // RENAME_NOREPLACE
      .ret("res")
      .num("olddirfd", here)
      .text("oldpath", "r3")
      .num("newdirfd", here)
      .text("newpath", "r4")
      .num("flags", 1);
  report.fails("renameat2", ENOENT, SYS_renameat2, {AT_FDCWD, "r3", AT_FDCWD, "r4", 2})
      .ret("res")
      .num("olddirfd", AT_FDCWD)
      .text("oldpath", "r3")
      .num("newdirfd", AT_FDCWD)
      .text("newpath", "r4")
      .num("flags", 2);
}

void link_cases(Report& report, int here) {
  report.ok("link", SYS_link, {"r4", "l1"}).ret("res").text("oldpath", "r4").text("newpath", "l1");
  report.fails("link", EEXIST, SYS_link, {"r4", "l1"})
      .ret("res")
      .text("oldpath", "r4")
      .text("newpath", "l1");
  report.ok("linkat", SYS_linkat, {here, "r4", AT_FDCWD, "l2", AT_SYMLINK_FOLLOW})
      .ret("res")
      .num("olddir", here)
      .text("oldpath", "r4")
      .num("newdir", AT_FDCWD)
      .text("newpath", "l2")
      .num("flags", 1024);
  report.fails("linkat", ENOENT, SYS_linkat, {AT_FDCWD, kMissing, here, "l3", 0})
      .ret("res")
      .num("olddir", AT_FDCWD)
      .text("oldpath", kMissing)
      .num("newdir", here)
      .text("newpath", "l3")
      .num("flags", 0);
  report.ok("symlink", SYS_symlink, {"any target", "s1"})
      .ret("res")
      .text("target", "any target")
      .text("linkpath", "s1");
  report.fails("symlink", EEXIST, SYS_symlink, {"other", "s1"})
      .ret("res")
      .text("target", "other")
      .text("linkpath", "s1");
  report.ok("symlinkat", SYS_symlinkat, {"target", here, "s2"})
      .ret("res")
      .text("target", "target")
      .num("linkdirfd", here)
      .text("linkpath", "s2");
  report.fails("symlinkat", ENOENT, SYS_symlinkat, {"target", AT_FDCWD, kMissing})
      .ret("res")
      .text("target", "target")
      .num("linkdirfd", AT_FDCWD)
      .text("linkpath", kMissing);
}

void cwd_cases(Report& report, int here) {
  char path[PATH_MAX];
  {
    Measured got = report.ok("getcwd", SYS_getcwd, {path, sizeof path});
    got.ret("res").text("path", path);
  }
  report.fails("getcwd", ERANGE, SYS_getcwd, {path, 1}).ret("res").empty("path");
  report.ok("chdir", SYS_chdir, {"."}).ret("res").text("path", ".");
  report.fails("chdir", ENOENT, SYS_chdir, {kMissing}).ret("res").text("path", kMissing);
  report.ok("fchdir", SYS_fchdir, {here}).ret("res").num("fd", here);
  report.fails("fchdir", EBADF, SYS_fchdir, {-1}).ret("res").num("fd", -1);
}

void node_cases(Report& report, int here) {
  report.ok("mknod", SYS_mknod, {"n1", S_IFIFO | 0640, 0})
      .ret("res")
      .text("path", "n1")
      .num("mode", S_IFIFO | 0640)
      .num("dev", 0);
  report.fails("mknod", EEXIST, SYS_mknod, {"n1", S_IFCHR | 0600, 0x103})
      .ret("res")
      .text("path", "n1")
      .num("mode", S_IFCHR | 0600)
      .num("dev", 0x103);
  report.ok("mknodat", SYS_mknodat, {here, "n2", S_IFREG | 0604, 0})
      .ret("res")
      .num("dirfd", here)
      .text("path", "n2")
      .num("mode", S_IFREG | 0604)
      .num("dev", 0);
  report.fails("mknodat", ENOENT, SYS_mknodat, {AT_FDCWD, kMissing, S_IFBLK | 0600, 0x705})
      .ret("res")
      .num("dirfd", AT_FDCWD)
      .text("path", kMissing)
      .num("mode", S_IFBLK | 0600)
      .num("dev", 0x705);
}

}  // namespace

void path_calls(Report& report) {
  const int here = open(".", O_RDONLY | O_DIRECTORY);
  directory_cases(report, here);
  removal_cases(report, here);
  rename_cases(report, here);
  link_cases(report, here);
  cwd_cases(report, here);
  node_cases(report, here);
  close(here);
}

}  // namespace calls
