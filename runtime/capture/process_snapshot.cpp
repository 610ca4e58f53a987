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

struct LinkDeleter {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

/// What libbpf would print about a program that this kernel does not take is no news.
class Quiet {
 public:
  Quiet() : previous_(libbpf_set_print(nullptr)) {}
  ~Quiet() { libbpf_set_print(previous_); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  libbpf_print_fn_t previous_;
};

Diagnostic failure(std::string_view what, int error) {
  return Diagnostic::global(Code::PROBE_REFUSED, fmt::format("{}: {}", what, std::strerror(error)));
}

/// Maps of the probe that the iterators do without.
void leave_out_maps(falcoc_iterators& iterators) {
  for (bpf_map* map : {iterators.maps.ring, iterators.maps.filters, iterators.maps.extractors,
                       iterators.maps.submitted}) {
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
  Snapshot(Skeleton iterators, bool with_texts)
      : iterators_(std::move(iterators)), with_texts_(with_texts) {}

  std::expected<size_t, Diagnostic> read(RecordHandler& handler) override {
    auto tasks = run(with_texts_ ? *iterators_->progs.falcoc_snapshot
                                 : *iterators_->progs.falcoc_snapshot_before_5_19,
                     handler);
    if (!tasks) return tasks;
    const auto listeners = run(*iterators_->progs.falcoc_listeners, handler);
    return listeners ? *tasks + *listeners : *tasks;
  }

 private:
  std::expected<size_t, Diagnostic> run(bpf_program& program, RecordHandler& handler) {
    const std::unique_ptr<bpf_link, LinkDeleter> link(bpf_program__attach_iter(&program, nullptr));
    if (!link) return std::unexpected(failure("iterator over processes", errno));
    const int fd = bpf_iter_create(bpf_link__fd(link.get()));
    if (fd < 0) return std::unexpected(failure("iterator over processes", errno));
    auto delivered = deliver(fd, handler);
    close(fd);
    return delivered;
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

  Skeleton iterators_;
  bool with_texts_;
  std::vector<uint64_t> buffer_ = std::vector<uint64_t>(kReadBytes / sizeof(uint64_t));
};

}  // namespace

std::expected<std::unique_ptr<ProcessSnapshot>, Diagnostic> ProcessSnapshot::open() {
  const Quiet quiet;
  for (const bool with_texts : {true, false}) {
    if (Skeleton iterators = load(with_texts)) {
      return std::make_unique<Snapshot>(std::move(iterators), with_texts);
    }
  }
  return std::unexpected(failure("iterators over processes cannot be loaded", errno));
}

}  // namespace falcod
