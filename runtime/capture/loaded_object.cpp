// See loaded_object.h.
#include "runtime/capture/loaded_object.h"

#include <fcntl.h>
#include <linux/bpf.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

namespace falcod {
namespace {

/// More threads than this gain nothing: the longest programs take a fifth of the time of all.
constexpr unsigned kMostThreads = 4;

Handle copy_of(int fd) { return Handle(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

}  // namespace

std::optional<LoadedObject> LoadedObject::of(const bpf_object& object) {
  LoadedObject out;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, &object) {
    if (bpf_map__fd(map) < 0) continue;
    Handle copy = copy_of(bpf_map__fd(map));
    if (!copy.is_open()) return std::nullopt;
    out.maps_.emplace(map_name(*map), std::move(copy));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, &object) {
    if (bpf_program__fd(program) < 0) continue;
    Handle copy = copy_of(bpf_program__fd(program));
    if (!copy.is_open()) return std::nullopt;
    out.programs_.emplace(bpf_program__name(program), std::move(copy));
  }
  return out;
}

std::expected<LoadedObject, int> LoadedObject::load(ObjectImage image,
                                                    std::span<const std::string_view> deferred) {
  LoadedObject out;
  out.image_ = std::move(image);
  out.types_ = Handle(bpf_btf_load(out.image_.types.data(), out.image_.types.size(), nullptr));
  if (!out.types_.is_open()) return std::unexpected(errno);
  out.image_.types = {};
  if (auto made = out.make_maps(); !made) return std::unexpected(made.error());
  if (auto loaded = out.load_programs(deferred); !loaded) return std::unexpected(loaded.error());
  return out;
}

std::expected<void, int> LoadedObject::make_maps() {
  for (const ObjectImage::Map& map : image_.maps) {
    bpf_map_create_opts options{};
    options.sz = sizeof options;
    options.map_flags = map.flags;
    // kernels take letters, digits, dots and underscores, and fifteen of them
    const std::string name = map.name.substr(0, BPF_OBJ_NAME_LEN - 1);
    Handle made(bpf_map_create(static_cast<bpf_map_type>(map.type), name.c_str(), map.key_size,
                               map.value_size, map.max_entries, &options));
    if (!made.is_open()) return std::unexpected(errno);
    const uint32_t first = 0;
    if (!map.contents.empty() &&
        bpf_map_update_elem(made.get(), &first, map.contents.data(), BPF_ANY) != 0) {
      return std::unexpected(errno);
    }
    if (map.is_constant && bpf_map_freeze(made.get()) != 0) return std::unexpected(errno);
    descriptors_.push_back(made.get());
    maps_.emplace(map.name, std::move(made));
  }
  return {};
}

Handle LoadedObject::load_program(const ObjectImage::Program& program) const {
  std::vector<bpf_insn> code(program.code.size());
  std::memcpy(code.data(), program.code.data(), code.size() * sizeof(bpf_insn));
  for (const ObjectImage::MapUse& use : program.maps) {
    code[use.instruction].imm = descriptors_[use.map];
  }
  std::vector<bpf_func_info> functions;
  for (const ObjectImage::Function& function : program.functions) {
    functions.push_back({function.instruction, function.type});
  }
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = static_cast<bpf_attach_type>(program.attach_type);
  options.attach_btf_id = program.attach_btf_id;
  options.prog_flags = program.flags;
  options.prog_btf_fd = static_cast<uint32_t>(types_.get());
  options.func_info = functions.data();
  options.func_info_cnt = static_cast<uint32_t>(functions.size());
  options.func_info_rec_size = sizeof(bpf_func_info);
  return Handle(bpf_prog_load(static_cast<bpf_prog_type>(program.type), program.name.c_str(), "GPL",
                              code.data(), code.size(), &options));
}

std::expected<void, int> LoadedObject::load_programs(std::span<const std::string_view> deferred) {
  std::vector<const ObjectImage::Program*> programs;
  for (const ObjectImage::Program& program : image_.programs) {
    if (std::ranges::count(deferred, program.name) == 0) programs.push_back(&program);
  }
  // the longest first, so that no thread is left alone with one at the end
  std::ranges::sort(programs, std::ranges::greater{},
                    [](const ObjectImage::Program* program) { return program->code.size(); });
  std::vector<Handle> loaded(programs.size());
  std::atomic<size_t> next = 0;
  std::atomic<int> error = 0;
  const auto work = [&] {
    for (size_t i = next++; i < programs.size() && error == 0; i = next++) {
      loaded[i] = load_program(*programs[i]);
      if (!loaded[i].is_open()) error = errno;
    }
  };
  {
    std::vector<std::jthread> helpers;
    const unsigned threads = std::min(std::thread::hardware_concurrency(), kMostThreads);
    for (unsigned i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
  if (error != 0) return std::unexpected(error.load());
  for (size_t i = 0; i < programs.size(); ++i) {
    programs_.emplace(programs[i]->name, std::move(loaded[i]));
  }
  std::erase_if(image_.programs, [&](const ObjectImage::Program& program) {
    return std::ranges::count(deferred, program.name) == 0;
  });
  image_.programs.shrink_to_fit();
  image_.maps.clear();
  return {};
}

int LoadedObject::map(std::string_view name) const {
  const auto found = maps_.find(name);
  return found == maps_.end() ? -1 : found->second.get();
}

int LoadedObject::program(std::string_view name) const {
  const auto found = programs_.find(name);
  return found == programs_.end() ? -1 : found->second.get();
}

int LoadedObject::load_deferred(std::string_view name) {
  if (const int fd = program(name); fd >= 0) return fd;
  if (const auto late = late_programs_.find(name); late != late_programs_.end()) {
    return late->second.get();
  }
  const auto found = std::ranges::find(image_.programs, name, &ObjectImage::Program::name);
  if (found == image_.programs.end()) return -1;
  Handle made = load_program(*found);
  const int fd = made.get();
  if (made.is_open()) late_programs_.emplace(name, std::move(made));
  return fd;
}

}  // namespace falcod
