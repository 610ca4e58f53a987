// The 32-bit entry: its numbers make the same events.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <csetjmp>
#include <csignal>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

#if defined(__x86_64__)
// arch/x86/entry/syscalls/syscall_32.tbl
constexpr long kOpen = 5, kGetpid = 20, kUmount = 22, kMmap2 = 192, kStat64 = 195, kGetuid32 = 199;
constexpr size_t kPage = 4096;

/// Where 32-bit pointers reach.
struct LowMemory {
  void* page =
      mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  ~LowMemory() { munmap(page, kPage); }

  char* text(std::string_view value) const {
    char* const at = static_cast<char*>(page);
    at[value.copy(at, kPage / 4)] = '\0';
    return at;
  }
  void* result() const { return static_cast<char*>(page) + kPage / 2; }
};

sigjmp_buf no_entry;

void leave(int) { siglongjmp(no_entry, 1); }

/// Kernels without the entry end who tries it with SIGSEGV, others answer ENOSYS.
bool has_entry() {
  struct sigaction caught{}, before{};
  caught.sa_handler = leave;
  sigaction(SIGSEGV, &caught, &before);
  const bool has = sigsetjmp(no_entry, 1) == 0 && raw_call32(kGetpid, {}) == getpid();
  sigaction(SIGSEGV, &before, nullptr);
  return has;
}

void cases(Report& report, const LowMemory& low) {
  {
    Measured opened =
        report.ok32("open", kOpen, {low.text("compat"), O_RDWR | O_CREAT | O_TRUNC, 0640});
    struct stat facts{};
    fstat(opened.fd(), &facts);
    opened.ret("fd").text("name", "compat").num("flags", 3 | 4 | 256 | 16384).num("mode", 0640);
    opened.num("dev", static_cast<int64_t>(facts.st_dev));
    opened.num("ino", static_cast<int64_t>(facts.st_ino));
  }
  report.ok32("stat", kStat64, {low.text("."), low.result()}).ret("res").text("path", ".");
  report.fails32("stat", ENOENT, kStat64, {low.text("nothing"), low.result()})
      .ret("res")
      .text("path", "nothing");
  report.ok32("getuid", kGetuid32, {}).ret("uid");
  {
    Measured mapped = report.fails32("mmap", EBADF, kMmap2, {0, 0, PROT_WRITE, MAP_SHARED, -1});
    mapped.ret("res").num("addr", 0).num("length", 0).num("prot", 2).num("flags", 1);
    mapped.num("fd", -1).num("offset", 0);
    mapped.least("vm_size", 100).kernel("vm_rss").kernel("vm_swap");
  }
  report.fails32("umount2", ENOENT, kUmount, {low.text("no-such-place"), 0})
      .ret("res")
      .text("name", "no-such-place")
      .num("flags", 0);
}
#endif

}  // namespace

void compat_calls(Report& report) {
#if defined(__x86_64__)
  const LowMemory low;
  if (low.page != MAP_FAILED && has_entry()) {
    cases(report, low);
    return;
  }
#endif
  report.write("note this machine has no 32-bit system calls\n");
}

}  // namespace calls
