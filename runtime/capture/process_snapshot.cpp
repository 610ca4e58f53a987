// See process_snapshot.h.
#include "runtime/capture/process_snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/abi.h"
#include "iterators.skel.h"
// clang-format on

#include "runtime/capture/image_cache.h"
#include "runtime/capture/libbpf_log.h"
#include "runtime/capture/loaded_object.h"

namespace falcod {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// Above what the kernel hands over at once (32 KiB).
constexpr size_t kReadBytes = 64 << 10;

struct SkeletonDeleter {
  void operator()(falcoc_iterators* iterators) const { falcoc_iterators__destroy(iterators); }
};
using Skeleton = std::unique_ptr<falcoc_iterators, SkeletonDeleter>;

constexpr std::string_view kImageName = "iterators";
constexpr const char* kListeners = "falcoc_listeners";

const char* tasks_program(bool with_texts) {
  return with_texts ? "falcoc_snapshot" : "falcoc_snapshot_before_5_19";
}

Diagnostic failure(std::string_view what, int error) {
  return Diagnostic::global(Code::PROBE_REFUSED, fmt::format("{}: {}", what, std::strerror(error)));
}

/// Maps of the probe that the iterators do without.
void leave_out_maps(falcoc_iterators& iterators) {
  for (bpf_map* map : {iterators.maps.ring, iterators.maps.filters, iterators.maps.extractors,
                       iterators.maps.roles, iterators.maps.submitted}) {
    bpf_map__set_autocreate(map, false);
  }
}

Skeleton load(bool with_texts) {
  Skeleton iterators(falcoc_iterators__open());
  const int cpus = libbpf_num_possible_cpus();
  if (!iterators || cpus < 1) return nullptr;
  leave_out_maps(*iterators);
  bpf_map__set_max_entries(iterators->maps.scratches, static_cast<uint32_t>(cpus));
  bpf_program__set_autoload(iterators->progs.falcoc_snapshot, with_texts);
  bpf_program__set_autoload(iterators->progs.falcoc_snapshot_before_5_19, !with_texts);
  if (falcoc_iterators__load(iterators.get()) != 0) return nullptr;
  return iterators;
}

class Snapshot final : public ProcessSnapshot {
 public:
  Snapshot(LoadedObject iterators, const char* tasks)
      : iterators_(std::move(iterators)), tasks_(tasks) {}

  std::expected<size_t, Diagnostic> read(RecordHandler& handler) override {
    auto tasks = run(tasks_, handler);
    if (!tasks) return tasks;
    const auto listeners = run(kListeners, handler);
    return listeners ? *tasks + *listeners : *tasks;
  }

 private:
  std::expected<size_t, Diagnostic> run(const char* program, RecordHandler& handler) {
    const Handle link(bpf_link_create(iterators_.program(program), 0, BPF_TRACE_ITER, nullptr));
    if (!link.is_open()) return std::unexpected(failure("iterator over processes", errno));
    const Handle records(bpf_iter_create(link.get()));
    if (!records.is_open()) return std::unexpected(failure("iterator over processes", errno));
    return deliver(records.get(), handler);
  }

  std::expected<size_t, Diagnostic> deliver(int fd, RecordHandler& handler) {
    size_t count = 0;
    size_t kept = 0;  // of a record whose end has not been read
    while (true) {
      auto* const begin = reinterpret_cast<std::byte*>(buffer_.data());
      const ssize_t got = ::read(fd, begin + kept, buffer_.size() * sizeof(uint64_t) - kept);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got < 0) return std::unexpected(failure("iterator over processes", errno));
      if (got == 0) return count;
      size_t at = 0;
      const size_t end = kept + static_cast<size_t>(got);
      while (end - at >= sizeof(fc_event)) {
        const size_t size = reinterpret_cast<const fc_event*>(begin + at)->size;
        if (size < sizeof(fc_event) || size % sizeof(uint64_t) != 0) {
          return std::unexpected(failure("iterator over processes", EPROTO));
        }
        if (size > end - at) break;
        handler.on_record({begin + at, size});
        ++count;
        at += size;
      }
      kept = end - at;
      std::memmove(begin, begin + at, kept);
    }
  }

  LoadedObject iterators_;
  const char* tasks_;  ///< name of the program that tells of them
  std::vector<uint64_t> buffer_ = std::vector<uint64_t>(kReadBytes / sizeof(uint64_t));
};

/// From the cache; null if they are not there, or the kernel does not take them any more.
std::unique_ptr<ProcessSnapshot> open_cached(const ImageCache& cache) {
  auto found = cache.find(kImageName);
  const int cpus = libbpf_num_possible_cpus();
  if (!found || cpus < 1) return nullptr;
  const char* const tasks = tasks_program(true);
  if (found->note != tasks) return nullptr;
  for (ObjectImage::Map& map : found->image.maps) {
    if (map.name == "scratches") map.max_entries = static_cast<uint32_t>(cpus);
  }
  auto loaded = LoadedObject::load(std::move(found->image), {});
  if (!loaded) return nullptr;
  return std::make_unique<Snapshot>(std::move(*loaded), tasks);
}

void store(const falcoc_iterators& iterators, const ImageCache& cache) {
  if (const auto image = image_of(*iterators.obj)) {
    cache.store(kImageName, *image, tasks_program(true));
  }
}

}  // namespace

std::expected<std::unique_ptr<ProcessSnapshot>, Diagnostic> ProcessSnapshot::open(
    const std::string& cache_directory) {
  const LibbpfLog
      log;  // what it would print about a program that this kernel does not take is no news
  const ImageCache cache(cache_directory);
  if (!cache_directory.empty()) {
    if (auto cached = open_cached(cache)) return cached;
  }
  for (const bool with_texts : {true, false}) {
    const Skeleton iterators = load(with_texts);
    if (!iterators) continue;
    if (with_texts && !cache_directory.empty()) store(*iterators, cache);
    auto loaded = LoadedObject::of(*iterators->obj);
    if (!loaded) break;
    return std::make_unique<Snapshot>(std::move(*loaded), tasks_program(with_texts));
  }
  return std::unexpected(failure("iterators over processes cannot be loaded", errno));
}

}  // namespace falcod
