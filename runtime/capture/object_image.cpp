// See object_image.h.
#include "runtime/capture/object_image.h"

#include <linux/bpf.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "compiler/codegen/word_stream.h"
#include "runtime/capture/handle.h"

namespace falcod {
namespace {

constexpr uint32_t kMagic = 0x31494346;  // FCI1

constexpr size_t kMapNumbers = 7;
constexpr size_t kProgramNumbers = 5;
constexpr std::string_view kSleepable = "iter.s/";

bool is_load_of_64_bits(const bpf_insn& instruction) {
  return instruction.code == (BPF_LD | BPF_IMM | BPF_DW);
}

bool loads_map(const bpf_insn& instruction) {
  return is_load_of_64_bits(instruction) &&
         (instruction.src_reg == BPF_PSEUDO_MAP_FD || instruction.src_reg == BPF_PSEUDO_MAP_VALUE);
}

/// What the kernel says of something loaded.
template <typename Info>
bool get_info(int fd, Info& info) {
  uint32_t size = sizeof info;
  return bpf_obj_get_info_by_fd(fd, &info, &size) == 0;
}

uint64_t address(void* memory) { return reinterpret_cast<uintptr_t>(memory); }

/// Where the functions of a program begin, in order.
std::set<uint32_t> function_starts(const bpf_insn* code, size_t count) {
  std::set<uint32_t> starts{0};
  for (size_t i = 0; i < count; ++i) {
    const bpf_insn& instruction = code[i];
    const bool is_call =
        instruction.code == (BPF_JMP | BPF_CALL) && instruction.src_reg == BPF_PSEUDO_CALL;
    const bool is_address =
        is_load_of_64_bits(instruction) && instruction.src_reg == BPF_PSEUDO_FUNC;
    if (is_call || is_address) {
      starts.insert(static_cast<uint32_t>(static_cast<int64_t>(i) + instruction.imm + 1));
    }
    if (is_load_of_64_bits(instruction)) ++i;
  }
  return starts;
}

/// The kernel has them in the same order, unless it left out one that is never called.
std::optional<std::vector<ObjectImage::Function>> functions_of(const bpf_program& program) {
  const std::set<uint32_t> starts =
      function_starts(bpf_program__insns(&program), bpf_program__insn_cnt(&program));
  std::vector<bpf_func_info> known(starts.size());
  bpf_prog_info info{};
  info.nr_func_info = static_cast<uint32_t>(known.size());
  info.func_info_rec_size = sizeof known[0];
  info.func_info = address(known.data());
  if (!get_info(bpf_program__fd(&program), info) || info.nr_func_info != known.size()) {
    return std::nullopt;
  }
  std::vector<ObjectImage::Function> functions;
  for (const uint32_t start : starts) {
    functions.push_back({start, known[functions.size()].type_id});
  }
  return functions;
}

/// The types of a program, as it was loaded with.
std::optional<std::string> types_of(const bpf_program& program) {
  bpf_prog_info info{};
  if (!get_info(bpf_program__fd(&program), info) || info.btf_id == 0) return std::nullopt;
  const Handle types(bpf_btf_get_fd_by_id(info.btf_id));
  bpf_btf_info size{};
  if (!types.is_open() || !get_info(types.get(), size)) return std::nullopt;
  std::string text(size.btf_size, '\0');
  bpf_btf_info whole{};
  whole.btf = address(text.data());
  whole.btf_size = static_cast<uint32_t>(text.size());
  if (!get_info(types.get(), whole)) return std::nullopt;
  return text;
}

/// What in the kernel's types an iterator is of; 0 if the kernel does not say.
uint32_t attach_btf_id(const bpf_program& program) {
  bpf_prog_info info{};
  return get_info(bpf_program__fd(&program), info) ? info.attach_btf_id : 0;
}

std::optional<ObjectImage::Program> program_of(const bpf_program& program,
                                               const std::vector<int>& descriptors) {
  ObjectImage::Program out{.name = bpf_program__name(&program),
                           .type = bpf_program__type(&program),
                           .attach_type = bpf_program__expected_attach_type(&program),
                           .flags = bpf_program__flags(&program)};
  if (out.type == BPF_PROG_TYPE_TRACING) {
    out.attach_btf_id = attach_btf_id(program);
    if (out.attach_btf_id == 0) return std::nullopt;
    // libbpf sets it behind the scenes
    if (std::string_view(bpf_program__section_name(&program)).starts_with(kSleepable)) {
      out.flags |= BPF_F_SLEEPABLE;
    }
  }
  auto functions = functions_of(program);
  if (!functions) return std::nullopt;
  out.functions = std::move(*functions);

  const bpf_insn* const code = bpf_program__insns(&program);
  const size_t count = bpf_program__insn_cnt(&program);
  static_assert(sizeof(bpf_insn) == sizeof(uint64_t));
  out.code.resize(count);
  std::memcpy(out.code.data(), code, count * sizeof(bpf_insn));
  auto maps = map_uses({code, count}, descriptors);
  if (!maps) return std::nullopt;
  out.maps = std::move(*maps);
  for (size_t i = 0; i < count; ++i) {
    const bpf_insn& instruction = code[i];
    // a function of a module, whose descriptor would have to be found
    const bool is_of_module = instruction.code == (BPF_JMP | BPF_CALL) &&
                              instruction.src_reg == BPF_PSEUDO_KFUNC_CALL && instruction.off != 0;
    if (is_of_module) return std::nullopt;
    if (!is_load_of_64_bits(instruction)) continue;
    const bool is_number = instruction.src_reg == 0 || instruction.src_reg == BPF_PSEUDO_FUNC;
    if (!is_number && !loads_map(instruction)) return std::nullopt;  // an address of this boot
    ++i;
  }
  return out;
}

ObjectImage::Map map_image(bpf_map& map) {
  ObjectImage::Map out{.name = map_name(map),
                       .type = bpf_map__type(&map),
                       .key_size = bpf_map__key_size(&map),
                       .value_size = bpf_map__value_size(&map),
                       .max_entries = bpf_map__max_entries(&map),
                       .flags = bpf_map__map_flags(&map)};
  out.is_constant = (out.flags & BPF_F_RDONLY_PROG) != 0;
  if (!bpf_map__is_internal(&map)) return out;
  size_t size = 0;
  const void* const contents = bpf_map__initial_value(&map, &size);
  if (contents == nullptr) return out;
  out.contents.assign(static_cast<const char*>(contents), size);
  if (std::ranges::all_of(out.contents, [](char byte) { return byte == 0; })) out.contents.clear();
  return out;
}

ObjectImage::Map read_map(falcoc::WordReader& reader) {
  ObjectImage::Map map;
  map.name = reader.text();
  for (uint32_t* number : {&map.type, &map.key_size, &map.value_size, &map.max_entries, &map.flags})
    *number = reader.number();
  map.is_constant = reader.number() != 0;
  map.contents = reader.text();
  reader.require(map.contents.empty() || map.contents.size() == map.value_size);
  return map;
}

ObjectImage::Program read_program(falcoc::WordReader& reader, size_t maps) {
  ObjectImage::Program program;
  program.name = reader.text();
  for (uint32_t* number :
       {&program.type, &program.attach_type, &program.attach_btf_id, &program.flags}) {
    *number = reader.number();
  }
  program.code = reader.code();
  program.maps.resize(reader.count(2 * sizeof(uint32_t)));
  for (ObjectImage::MapUse& use : program.maps) {
    use.instruction = reader.number();
    use.map = reader.number();
    reader.require(use.map < maps && size_t{use.instruction} + 1 < program.code.size());
  }
  program.functions.resize(reader.count(2 * sizeof(uint32_t)));
  for (ObjectImage::Function& function : program.functions) {
    function.instruction = reader.number();
    function.type = reader.number();
    reader.require(function.instruction < program.code.size());
  }
  return program;
}

}  // namespace

std::optional<std::vector<ObjectImage::MapUse>> map_uses(std::span<const bpf_insn> code,
                                                         std::span<const int> descriptors) {
  std::vector<ObjectImage::MapUse> uses;
  for (size_t i = 0; i < code.size(); ++i) {
    if (!is_load_of_64_bits(code[i])) continue;
    if (loads_map(code[i])) {
      const auto map = std::ranges::find(descriptors, code[i].imm);
      if (map == descriptors.end()) return std::nullopt;
      uses.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(map - descriptors.begin())});
    }
    ++i;
  }
  return uses;
}

std::string map_name(const bpf_map& map) {
  const std::string_view name = bpf_map__name(&map);
  const size_t dot = name.find('.');
  return std::string(dot == name.npos ? name : name.substr(dot));
}

std::optional<ObjectImage> image_of(const bpf_object& object) {
  ObjectImage image;
  std::vector<int> descriptors;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, &object) {
    if (!bpf_map__autocreate(map)) continue;
    descriptors.push_back(bpf_map__fd(map));
    image.maps.push_back(map_image(*map));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, &object) {
    if (!bpf_program__autoload(program)) continue;
    auto made = program_of(*program, descriptors);
    if (!made) return std::nullopt;
    if (image.types.empty()) {
      auto types = types_of(*program);
      if (!types) return std::nullopt;
      image.types = std::move(*types);
    }
    image.programs.push_back(std::move(*made));
  }
  return image;
}

std::string write_image(const ObjectImage& image) {
  falcoc::WordWriter writer;
  writer.number(kMagic);
  writer.text(image.types);
  writer.number(image.maps.size());
  for (const ObjectImage::Map& map : image.maps) {
    writer.text(map.name);
    for (const uint32_t number :
         {map.type, map.key_size, map.value_size, map.max_entries, map.flags}) {
      writer.number(number);
    }
    writer.number(map.is_constant ? 1 : 0);
    writer.text(map.contents);
  }
  writer.number(image.programs.size());
  for (const ObjectImage::Program& program : image.programs) {
    writer.text(program.name);
    for (const uint32_t number :
         {program.type, program.attach_type, program.attach_btf_id, program.flags}) {
      writer.number(number);
    }
    writer.code(program.code);
    writer.number(program.maps.size());
    for (const ObjectImage::MapUse& use : program.maps) {
      writer.number(use.instruction);
      writer.number(use.map);
    }
    writer.number(program.functions.size());
    for (const ObjectImage::Function& function : program.functions) {
      writer.number(function.instruction);
      writer.number(function.type);
    }
  }
  return std::move(writer).finish();
}

std::optional<ObjectImage> read_image(std::string_view text) {
  falcoc::WordReader reader(text);
  reader.require(reader.number() == kMagic);
  ObjectImage image;
  image.types = reader.text();
  const uint32_t maps = reader.count(kMapNumbers * sizeof(uint32_t));
  for (uint32_t i = 0; i < maps; ++i) image.maps.push_back(read_map(reader));
  const uint32_t programs = reader.count(kProgramNumbers * sizeof(uint32_t));
  for (uint32_t i = 0; i < programs; ++i) {
    image.programs.push_back(read_program(reader, image.maps.size()));
  }
  if (!reader.is_whole()) return std::nullopt;
  return image;
}

}  // namespace falcod
