// Users, groups, capabilities. What changes them runs in children.
#include <linux/capability.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr int kSome = 1000;

void question_cases(Report& report) {
  report.ok("getuid", SYS_getuid, {}).ret("uid");
  report.ok("geteuid", SYS_geteuid, {}).ret("euid");
  report.ok("getgid", SYS_getgid, {}).ret("gid");
  report.ok("getegid", SYS_getegid, {}).ret("egid");
  for (const char* event : {"getuid", "geteuid", "getgid", "getegid"}) {
    report.skip(event, true, "it has no errors");
  }
  uid_t ids[3] = {7, 7, 7};
  report.ok("getresuid", SYS_getresuid, {&ids[0], &ids[1], &ids[2]})
      .ret("res")
      .num("ruid", getuid())
      .num("euid", geteuid())
      .num("suid", geteuid());
  report.fails("getresuid", EFAULT, SYS_getresuid, {nullptr, nullptr, nullptr})
      .ret("res")
      .num("ruid", 0)
      .num("euid", 0)
      .num("suid", 0);
  report.ok("getresgid", SYS_getresgid, {&ids[0], &ids[1], &ids[2]})
      .ret("res")
      .num("rgid", getgid())
      .num("egid", getegid())
      .num("sgid", getegid());
  report.fails("getresgid", EFAULT, SYS_getresgid, {nullptr, nullptr, nullptr})
      .ret("res")
      .num("rgid", 0)
      .num("egid", 0)
      .num("sgid", 0);
}

void change_cases(Report& report) {
  // groups first: without root they cannot be changed any more
  in_child([&] {
    report.ok("setgid", SYS_setgid, {kSome}).ret("res").num("gid", kSome);
    report.ok("setuid", SYS_setuid, {kSome}).ret("res").num("uid", kSome);
    report.fails("setgid", EPERM, SYS_setgid, {0}).ret("res").num("gid", 0);
    report.fails("setuid", EPERM, SYS_setuid, {0}).ret("res").num("uid", 0);
  });
  in_child([&] {
    report.ok("setregid", SYS_setregid, {kSome, -1}).ret("res").num("rgid", kSome).num("egid", -1);
    report.ok("setresgid", SYS_setresgid, {1, 2, 3})
        .ret("res")
        .num("rgid", 1)
        .num("egid", 2)
        .num("sgid", 3);
    report.ok("setreuid", SYS_setreuid, {-1, 0}).ret("res").num("ruid", -1).num("euid", 0);
    report.ok("setresuid", SYS_setresuid, {4, 5, 6})
        .ret("res")
        .num("ruid", 4)
        .num("euid", 5)
        .num("suid", 6);
    report.fails("setregid", EPERM, SYS_setregid, {70, 71})
        .ret("res")
        .num("rgid", 70)
        .num("egid", 71);
    report.fails("setresgid", EPERM, SYS_setresgid, {70, 71, 72})
        .ret("res")
        .num("rgid", 70)
        .num("egid", 71)
        .num("sgid", 72);
    report.fails("setreuid", EPERM, SYS_setreuid, {70, 71})
        .ret("res")
        .num("ruid", 70)
        .num("euid", 71);
    report.fails("setresuid", EPERM, SYS_setresuid, {70, 71, 72})
        .ret("res")
        .num("ruid", 70)
        .num("euid", 71)
        .num("suid", 72);
  });
}

void capability_cases(Report& report) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  syscall(SYS_capget, &header, data.data());
  const auto whole = [&](auto part) {
    return static_cast<int64_t>(uint64_t{data[1].*part} << 32 | data[0].*part);
  };
  const auto expect = [&](Measured& measured) {
    measured.ret("res")
        .num("cap_inheritable", whole(&__user_cap_data_struct::inheritable))
        .num("cap_permitted", whole(&__user_cap_data_struct::permitted))
        .num("cap_effective", whole(&__user_cap_data_struct::effective));
  };
  in_child([&] {
    data[0].effective &= ~(1u << CAP_SYS_NICE);
    Measured set = report.ok("capset", SYS_capset, {&header, data.data()});
    expect(set);
  });
  syscall(SYS_capget, &header, data.data());
  Measured kept = report.fails("capset", EFAULT, SYS_capset, {nullptr, data.data()});
  expect(kept);
}

}  // namespace

void identity_calls(Report& report) {
  question_cases(report);
  change_cases(report);
  capability_cases(report);
}

}  // namespace calls
