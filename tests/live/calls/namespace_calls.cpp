// Namespaces, mounts and roots; in children, which may change theirs.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr int64_t kNewUts = 128, kNewNs = 32;  // Falco's bits

void mount_cases(Report& report) {
  mkdir("mount-point", 0700);
  in_child([&] {
    report.ok("unshare", SYS_unshare, {CLONE_NEWNS}).ret("res").num("flags", kNewNs);
    report.ok("mount", SYS_mount, {"none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr})
        .ret("res")
        .text("dev", "none")
        .text("dir", "/")
        .empty("type")
        .num("flags", 16384 | 262144);
    report
        .ok("mount", SYS_mount, {"a-device", "mount-point", "tmpfs", MS_NOSUID | MS_NODEV, nullptr})
        .ret("res")
        .text("dev", "a-device")
        .text("dir", "mount-point")
        .text("type", "tmpfs")
        .num("flags", 2 | 4);
    report.ok("umount2", SYS_umount2, {"mount-point", MNT_DETACH})
        .ret("res")
        .text("name", "mount-point")
        .num("flags", 2);
  });
  constexpr unsigned long kMagic = 0xC0ED0000;  // old programs add it, the kernel takes it away
  report.fails("mount", ENOENT, SYS_mount, {"dev", "no-such-place", "tmpfs", kMagic | MS_RDONLY, 0})
      .ret("res")
      .text("dev", "dev")
      .text("dir", "no-such-place")
      .text("type", "tmpfs")
      .num("flags", 1);
  report.fails("umount2", ENOENT, SYS_umount2, {"no-such-place", MNT_FORCE | UMOUNT_NOFOLLOW})
      .ret("res")
      .text("name", "no-such-place")
      .num("flags", 1 | 8);
  report.fails("unshare", EINVAL, SYS_unshare, {0x1}).ret("res").num("flags", 0);
}

}  // namespace

void namespace_calls(Report& report) {
  mount_cases(report);
  const int uts = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
  report.ok("setns", SYS_setns, {uts, CLONE_NEWUTS})
      .ret("res")
      .num("fd", uts)
      .num("nstype", kNewUts);
  report.fails("setns", EBADF, SYS_setns, {-1, CLONE_NEWNS})
      .ret("res")
      .num("fd", -1)
      .num("nstype", kNewNs);
  close(uts);
  in_child([&] { report.ok("chroot", SYS_chroot, {"."}).ret("res").text("path", "."); });
  report.fails("chroot", ENOENT, SYS_chroot, {"no-such-place"})
      .ret("res")
      .text("path", "no-such-place");
}

}  // namespace calls
