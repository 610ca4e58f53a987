// See floor.h.
#include "tools/bench/overhead/floor.h"

#include <sys/syscall.h>

#include "floor.skel.h"

namespace falcoc::bench {
namespace {

struct SkeletonDeleter {
  void operator()(falcoc_floor* skeleton) const { falcoc_floor__destroy(skeleton); }
};

struct Attached final : Floor {
  std::unique_ptr<falcoc_floor, SkeletonDeleter> skeleton;
};

int silent(libbpf_print_level, const char*, va_list) { return 0; }

}  // namespace

std::unique_ptr<Floor> Floor::open() {
  libbpf_set_print(silent);
  auto floor = std::make_unique<Attached>();
  floor->skeleton.reset(falcoc_floor__open_and_load());
  if (!floor->skeleton) return nullptr;
#ifdef SYS_open
  floor->skeleton->bss->path_argument[SYS_open] = 1;
#endif
  floor->skeleton->bss->path_argument[SYS_openat] = 2;
  if (falcoc_floor__attach(floor->skeleton.get()) != 0) return nullptr;
  return floor;
}

}  // namespace falcoc::bench
