// The probe loads on Linux 5.8: what is newer is in programs that are left out on older kernels.
// Reads the object's instructions, because there is no such old kernel to try on.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <doctest/doctest.h>
#include <elf.h>
#include <linux/types.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/abi.h"
#include "falcoc.skel.h"
// clang-format on

namespace {

// The last that 5.8 has (include/uapi/linux/bpf.h of that version).
constexpr int kLastHelper = 135;  // csum_level
constexpr bpf_map_type kLastMapType = BPF_MAP_TYPE_RINGBUF;
constexpr int kTailCall = BPF_FUNC_tail_call;
/// Later ones behind bpf_core_enum_value_exists: on older kernels the call is not there.
constexpr int kGuarded[] = {BPF_FUNC_get_current_task_btf};

/// Programs that user space loads only where the kernel has what they use.
struct Optional {
  std::string_view prefix;  ///< of their names
  std::string_view since;
};
constexpr Optional kOptional[] = {
    {"falcoc_fexit", "5.15"},    // bpf_task_pt_regs; tail calls beside functions since 5.10
    {"falcoc_ring_", "6.0"},     // tail calls beside functions; the tracepoints name the request
    {"falcoc_sys_exit", "6.2"},  // bpf_rdonly_cast, beside tail calls
    {"falcoc_provide", "6.2"},   // likewise
};
/// But these, which begin like them, are for the kernels before.
constexpr std::string_view kRequired[] = {"falcoc_sys_exit_before_6_2",
                                          "falcoc_provide_before_6_2"};

bool is_optional(std::string_view name) {
  if (std::ranges::find(kRequired, name) != std::end(kRequired)) return false;
  return std::ranges::any_of(kOptional,
                             [&](const Optional& entry) { return name.starts_with(entry.prefix); });
}

struct Function {
  std::string name;
  std::vector<bpf_insn> code;
};

template <typename T>
T at(std::span<const char> bytes, size_t offset) {
  T value;
  REQUIRE(offset + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Every function of the object, programs and what they call.
std::vector<Function> functions() {
  size_t size = 0;
  const auto* const begin = static_cast<const char*>(falcoc_probe__elf_bytes(&size));
  const std::span<const char> bytes(begin, size);
  const auto header = at<Elf64_Ehdr>(bytes, 0);
  const auto section = [&](size_t index) {
    return at<Elf64_Shdr>(bytes, header.e_shoff + index * sizeof(Elf64_Shdr));
  };
  std::vector<Function> found;
  for (size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr symbols = section(i);
    if (symbols.sh_type != SHT_SYMTAB) continue;
    const Elf64_Shdr names = section(symbols.sh_link);
    for (size_t at_byte = 0; at_byte < symbols.sh_size; at_byte += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(bytes, symbols.sh_offset + at_byte);
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
      Function function{bytes.data() + names.sh_offset + symbol.st_name, {}};
      const size_t code = section(symbol.st_shndx).sh_offset + symbol.st_value;
      for (size_t j = 0; j < symbol.st_size; j += sizeof(bpf_insn)) {
        function.code.push_back(at<bpf_insn>(bytes, code + j));
      }
      found.push_back(std::move(function));
    }
  }
  return found;
}

bool is_call(const bpf_insn& insn) { return insn.code == (BPF_JMP | BPF_CALL); }
bool is_helper_call(const bpf_insn& insn) { return is_call(insn) && insn.src_reg == 0; }

bool uses_newer_helper(const Function& function) {
  return std::ranges::any_of(function.code, [](const bpf_insn& insn) {
    return is_helper_call(insn) && insn.imm > kLastHelper &&
           std::ranges::find(kGuarded, insn.imm) == std::end(kGuarded);
  });
}

/// One function may either tail call or call others until 5.10.
bool mixes_calls(const Function& function) {
  const auto calls = [&](auto is) { return std::ranges::any_of(function.code, is); };
  return calls(
             [](const bpf_insn& insn) { return is_helper_call(insn) && insn.imm == kTailCall; }) &&
         calls([](const bpf_insn& insn) { return is_call(insn) && insn.src_reg != 0; });
}

/// All but the plain addition came with 5.12.
bool uses_newer_atomics(const Function& function) {
  return std::ranges::any_of(function.code, [](const bpf_insn& insn) {
    return BPF_CLASS(insn.code) == BPF_STX && BPF_MODE(insn.code) == BPF_XADD &&
           insn.imm != BPF_ADD;
  });
}

}  // namespace

TEST_CASE("programs that every kernel loads use what Linux 5.8 has") {
  const auto all = functions();
  REQUIRE(all.size() > 10);
  for (const Function& function : all) {
    if (is_optional(function.name)) continue;
    CAPTURE(function.name);
    CHECK_FALSE(uses_newer_helper(function));
    CHECK_FALSE(mixes_calls(function));
    CHECK_FALSE(uses_newer_atomics(function));
  }
}

TEST_CASE("programs that are left out on old kernels have a reason to be") {
  const auto all = functions();
  for (const Optional& entry : kOptional) {
    CAPTURE(entry.prefix);
    CHECK(std::ranges::any_of(all, [&](const Function& function) {
      return function.name.starts_with(entry.prefix) && is_optional(function.name) &&
             (uses_newer_helper(function) || mixes_calls(function));
    }));
  }
}

TEST_CASE("maps are of types that Linux 5.8 has") {
  struct Destroy {
    void operator()(falcoc_probe* probe) const { falcoc_probe__destroy(probe); }
  };
  const std::unique_ptr<falcoc_probe, Destroy> probe(falcoc_probe__open());
  REQUIRE(probe != nullptr);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, probe->obj) {
    CAPTURE(bpf_map__name(map));
    CHECK(bpf_map__type(map) <= kLastMapType);
  }
}
