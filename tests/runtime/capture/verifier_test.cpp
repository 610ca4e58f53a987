// What loading the probe costs: the verifier's work is most of falcod's start. Needs root.
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <doctest/doctest.h>
#include <linux/types.h>
#include <unistd.h>

#include <memory>

// clang-format off: the skeleton uses the types of the ABI
#include "runtime/capture/extraction_plan.h"
#include "falcoc.skel.h"
// clang-format on

namespace {

/// Instructions walked, of all programs together: a quarter of a second on slow machines; older
/// kernels prune less (6.1: 154,488). A loop that is not a call to a function of its own
/// (probe/path.h) exceeds it at once.
constexpr uint64_t kWalkedLimit = 180'000;

struct Destroy {
  void operator()(falcoc_probe* probe) const { falcoc_probe__destroy(probe); }
  void operator()(btf* types) const { btf__free(types); }
};

bool kernel_has_cast() {
  const std::unique_ptr<btf, Destroy> types(btf__load_vmlinux_btf());
  return types && btf__find_by_name_kind(types.get(), "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
}

}  // namespace

TEST_CASE("the verifier walks few instructions, whatever the plans") {
  if (geteuid() != 0) {
    MESSAGE("SKIPPED: needs root");
    return;
  }
  const std::unique_ptr<falcoc_probe, Destroy> probe(falcoc_probe__open());
  REQUIRE(probe != nullptr);
  for (size_t kind = 0; kind < std::size(probe->rodata->plans); ++kind) {
    probe->rodata->plans[kind] = falcod::extraction_plan(static_cast<falcoc::EventKind>(kind));
  }
  // Two programs exist once more for kernels without bpf_rdonly_cast, and load on all of them.
  bpf_program__set_autoload(probe->progs.falcoc_sys_exit, false);
  bpf_program__set_autoload(probe->progs.falcoc_provide, kernel_has_cast());
  if (const int error = falcoc_probe__load(probe.get()); error == -EPERM) {
    MESSAGE("SKIPPED: no permission to load programs");
    return;
  } else {
    REQUIRE(error == 0);
  }
  uint64_t walked = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, probe->obj) {
    if (!bpf_program__autoload(program)) continue;
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    REQUIRE(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0);
    if (info.verified_insns == 0) {
      MESSAGE("SKIPPED: this kernel does not count (before 5.16)");
      return;
    }
    walked += info.verified_insns;
  }
  CHECK(walked < kWalkedLimit);
}
