// An eBPF object as a kernel took it: its maps, and its programs with all that libbpf looked up in
// the kernel's types filled in. What it was made on the same kernel boots again without libbpf
// reading these types, which takes longer than the verifier does. Knows nothing of what programs
// do.
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace falcod {

struct ObjectImage {
  struct Map {
    std::string name{};  ///< of global variables: the section, as ".bss"
    uint32_t type = 0;
    uint32_t key_size = 0;
    uint32_t value_size = 0;
    uint32_t max_entries = 0;
    uint32_t flags = 0;
    bool is_constant = false;  ///< nobody writes it, so that the verifier knows its contents
    std::string contents{};    ///< of its only value; empty: zeros
  };
  /// A load of 64 bits that takes a map's descriptor.
  struct MapUse {
    uint32_t instruction = 0;
    uint32_t map = 0;
  };
  /// A function within a program: where it begins, and its type among `types`.
  struct Function {
    uint32_t instruction = 0;
    uint32_t type = 0;
  };
  struct Program {
    std::string name{};
    uint32_t type = 0;
    uint32_t attach_type = 0;
    uint32_t attach_btf_id = 0;
    uint32_t flags = 0;
    std::vector<uint64_t> code{};
    std::vector<MapUse> maps{};
    std::vector<Function> functions{};
  };
  std::string types{};  ///< BTF: by it the verifier tells the functions that it looks at alone
  std::vector<Map> maps{};
  std::vector<Program> programs{};
};

/// Where code loads the descriptors of maps, as places in `descriptors`. Nothing if one is not
/// among them.
std::optional<std::vector<ObjectImage::MapUse>> map_uses(std::span<const bpf_insn> code,
                                                         std::span<const int> descriptors);

/// The section of a map of global variables, else the map's name.
std::string map_name(const bpf_map& map);

/// Of an object that libbpf has loaded, before anything wrote to its maps. Nothing if it holds
/// something that an image cannot, or the kernel does not tell everything of it: before 6.0, what
/// iterators are attached to.
std::optional<ObjectImage> image_of(const bpf_object& object);

/// For a file of the same machine.
std::string write_image(const ObjectImage& image);
/// Nothing if the text is damaged.
std::optional<ObjectImage> read_image(std::string_view text);

}  // namespace falcod
