// The address space.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

constexpr size_t kPage = 4096;

/// Sizes of the address space at the event: some memory there always is.
Measured& sizes(Measured& measured) {
  return measured.least("vm_size", 100).least("vm_rss", 1).kernel("vm_swap");
}

void map_cases(Report& report) {
  {
    Measured broken = report.ok("brk", SYS_brk, {nullptr});  // tells where the heap ends
    sizes(broken.ret("res").num("addr", 0));
  }
  void* page = nullptr;
  {
    Measured mapped =
        report.ok("mmap", SYS_mmap,
                  {nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0});
    page = reinterpret_cast<void*>(mapped.result());
    sizes(mapped.ret("res").num("addr", 0).num("length", 2 * kPage).num("prot", 3));
    mapped.num("flags", 2 | 8).num("fd", -1).num("offset", 0);
  }
  const int fd = open("mapped", O_RDWR | O_CREAT, 0600);
  {
    Measured mapped = report.fails("mmap", EINVAL, SYS_mmap,
                                   {page, 0, PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, kPage});
    sizes(mapped.ret("res").address("addr", page).num("length", 0).num("prot", 4));
    mapped.num("flags", 1 | 4).num("fd", fd).num("offset", kPage);
  }
  close(fd);
  report.ok("mprotect", SYS_mprotect, {page, kPage, PROT_READ})
      .ret("res")
      .address("addr", page)
      .num("length", kPage)
      .num("prot", 1);
  report.fails("mprotect", EINVAL, SYS_mprotect, {1, kPage, PROT_READ | PROT_EXEC})
      .ret("res")
      .num("addr", 1)
      .num("length", kPage)
      .num("prot", 5);
  {
    Measured gone = report.ok("munmap", SYS_munmap, {page, 2 * kPage});
    sizes(gone.ret("res").address("addr", page).num("length", 2 * kPage));
  }
  {
    Measured kept = report.fails("munmap", EINVAL, SYS_munmap, {1, kPage});
    sizes(kept.ret("res").num("addr", 1).num("length", kPage));
  }
  report.skip("brk", true, "it has no errors: the result is where the heap ends");
}

void lock_cases(Report& report) {
  void* const page =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  report.ok("mlock", SYS_mlock, {page, kPage}).ret("res").address("addr", page).num("len", kPage);
  report.ok("munlock", SYS_munlock, {page, kPage})
      .ret("res")
      .address("addr", page)
      .num("len", kPage);
  report.ok("mlock2", SYS_mlock2, {page, kPage, 1})
      .ret("res")
      .address("addr", page)
      .num("len", kPage)
      .num("flags", 1);
  munmap(page, kPage);
  report.fails("mlock", ENOMEM, SYS_mlock, {page, kPage})
      .ret("res")
      .address("addr", page)
      .num("len", kPage);
  report.fails("munlock", ENOMEM, SYS_munlock, {page, kPage})
      .ret("res")
      .address("addr", page)
      .num("len", kPage);
  report.fails("mlock2", EINVAL, SYS_mlock2, {page, kPage, 8})
      .ret("res")
      .address("addr", page)
      .num("len", kPage)
      .num("flags", 0);
  in_child([&] { report.ok("mlockall", SYS_mlockall, {2 | 4}).ret("res").num("flags", 6); });
  report.fails("mlockall", EINVAL, SYS_mlockall, {8}).ret("res").num("flags", 0);
  report.ok("munlockall", SYS_munlockall, {}).ret("res");
  report.skip("munlockall", true, "it has no errors");
}

}  // namespace

void memory_calls(Report& report) {
  map_cases(report);
  lock_cases(report);
}

}  // namespace calls
