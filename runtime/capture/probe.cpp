// See probe.h.
#include "runtime/capture/probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <iterator>

#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/hooks.h"
#include "runtime/capture/image_cache.h"
#include "runtime/capture/libbpf_log.h"
#include "runtime/capture/load_failure.h"
#include "runtime/capture/probe_globals.h"

namespace falcod {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;
using Globals = falcoc_probe::falcoc_probe__bss;
using Constants = falcoc_probe::falcoc_probe__rodata;

constexpr std::string_view kImageName = "probe";
constexpr const char* kProvide = "falcoc_provide";
constexpr const char* kProvideBefore62 = "falcoc_provide_before_6_2";

/// What most rules do without, or not before filters are there: loaded when first asked for. The
/// verifier takes as long for the first as for all that is needed at once.
constexpr std::array<std::string_view, 3> kDeferred{kProvide, kProvideBefore62,
                                                    "falcoc_extract_messages"};

Diagnostic load_failure(int error, const LibbpfLog& log, uint32_t ring_bytes) {
  LoadFailure failure{.error = error,
                      .log = log.tail(),
                      .from_verifier = log.has_verifier_log(),
                      .ring_bytes = ring_bytes};
  examine(failure);
  return explain(failure);
}

/// Whether the kernel lets programs call this function of its own.
bool has_function(const btf& types, const char* name) {
  return btf__find_by_name_kind(&types, name, BTF_KIND_FUNC) > 0;
}

size_t globals_bytes() {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (sizeof(Globals) + page - 1) / page * page;
}

uint64_t random_key() {
  uint64_t key = 0;
  if (getrandom(&key, sizeof key, 0) != sizeof key) key = static_cast<uint64_t>(time(nullptr));
  return key | 1;
}

/// The program that is in each place of the map of extractors.
const char* extractor_name(uint32_t extractor, const KernelFeatures& features) {
  switch (extractor) {
    case FC_EXTRACT_MESSAGES:
      return "falcoc_extract_messages";
    case FC_PROVIDE:
      return provider_name(features);
    default:
      return "falcoc_extract";
  }
}

/// Leaves out what this kernel does not take.
void choose_programs(falcoc_probe& probe, const KernelFeatures& features, bool report_facts) {
  bpf_program__set_autoload(probe.progs.falcoc_provide, features.has_cast);
  bpf_program__set_autoload(probe.progs.falcoc_provide_before_6_2, !features.has_cast);
  bpf_program__set_autoload(probe.progs.falcoc_report_facts, report_facts);
  for (bpf_program* program : {probe.progs.falcoc_ring_submit, probe.progs.falcoc_ring_complete,
                               probe.progs.falcoc_ring_overflow}) {
    bpf_program__set_autoload(program, features.ring.has_value());
  }
  probe.rodata->complete_has_entry = features.ring && features.ring->complete_has_entry;
}

struct Opened {
  ProbeSkeleton skeleton;
  uint64_t key = 0;
};

std::expected<Opened, Diagnostic> load_skeleton(const ProbeOptions& options,
                                                const KernelFeatures& features,
                                                SyscallHooks& hooks) {
  const LibbpfLog log;
  const int cpus = libbpf_num_possible_cpus();
  Opened out{ProbeSkeleton(falcoc_probe__open()), random_key()};
  if (!out.skeleton || cpus < 1) {
    return std::unexpected(load_failure(out.skeleton ? cpus : -errno, log, options.ring_bytes));
  }
  falcoc_probe& probe = *out.skeleton;
  hooks.prepare(probe);
  choose_programs(probe, features, options.report_facts);
  bpf_map__set_max_entries(probe.maps.ring, options.ring_bytes);
  bpf_map__set_max_entries(probe.maps.scratches, static_cast<uint32_t>(cpus));
  for (size_t kind = 0; kind < std::size(probe.rodata->plans); ++kind) {
    probe.rodata->plans[kind] = extraction_plan(static_cast<falcoc::EventKind>(kind));
  }
  probe.rodata->data_bytes = options.data_bytes;
  probe.rodata->ancestry_key = out.key;
  if (const int error = falcoc_probe__load(&probe); error != 0) {
    return std::unexpected(load_failure(error, log, options.ring_bytes));
  }
  return out;
}

/// As load_skeleton() does, for an image.
bool adapt(ObjectImage& image, const ProbeOptions& options, size_t cpus, uint64_t key) {
  bool done = false;
  for (ObjectImage::Map& map : image.maps) {
    if (map.name == "ring") map.max_entries = options.ring_bytes;
    if (map.name == "scratches") map.max_entries = static_cast<uint32_t>(cpus);
    if (map.name != ".rodata" || map.contents.size() < sizeof(Constants)) continue;
    std::memcpy(map.contents.data() + offsetof(Constants, ancestry_key), &key, sizeof key);
    std::memcpy(map.contents.data() + offsetof(Constants, data_bytes), &options.data_bytes,
                sizeof options.data_bytes);
    done = true;
  }
  return done;
}

void store_image(const falcoc_probe& probe, const KernelFeatures& features,
                 const std::string& cache_directory) {
  auto image = image_of(*probe.obj);
  if (!image || !adapt(*image, {}, 0, 0)) return;  // the key is nobody's business
  ImageCache(cache_directory).store(kImageName, *image, write_features(features));
}

}  // namespace

KernelFeatures kernel_features(const btf& types) {
  return {.has_cast = has_function(types, "bpf_rdonly_cast"),
          .has_io_uring = btf__find_by_name_kind(&types, "io_ring_ctx", BTF_KIND_STRUCT) > 0,
          .ring = ring_tracepoints(types)};
}

const char* provider_name(const KernelFeatures& features) {
  return features.has_cast ? kProvide : kProvideBefore62;
}

std::string write_features(const KernelFeatures& features) {
  return fmt::format("{} {} {} {} {}", features.has_cast ? 1 : 0, features.has_io_uring ? 1 : 0,
                     features.ring && features.ring->complete_has_entry ? 1 : 0,
                     features.ring && features.ring->has_overflow ? 1 : 0,
                     features.ring ? features.ring->submit : "-");
}

std::optional<KernelFeatures> read_features(std::string_view text) {
  // four digits with a space behind each, then a name
  constexpr size_t kDigits = 4;
  if (text.size() <= 2 * kDigits) return std::nullopt;
  const auto flag = [&](size_t place) { return text[2 * place] == '1'; };
  KernelFeatures features{.has_cast = flag(0), .has_io_uring = flag(1), .ring = {}};
  const std::string_view submit = text.substr(2 * kDigits);
  if (submit != "-") features.ring = {std::string(submit), flag(2), flag(3)};
  return features;
}

std::expected<std::unique_ptr<Probe>, Diagnostic> Probe::load(const ProbeOptions& options,
                                                              KernelFeatures features,
                                                              SyscallHooks& hooks,
                                                              const std::string& cache_directory) {
  auto opened = load_skeleton(options, features, hooks);
  if (!opened && features.ring) {
    // a kernel whose io_uring looks otherwise: better without than not at all, and it is told
    KernelFeatures fewer = features;
    fewer.ring.reset();
    if (auto again = load_skeleton(options, fewer, hooks)) {
      opened = std::move(again);
      features = std::move(fewer);
    }
  }
  if (!opened) return std::unexpected(std::move(opened.error()));
  falcoc_probe& skeleton = *opened->skeleton;
  if (!cache_directory.empty() && !options.report_facts && !hooks.is_per_function()) {
    store_image(skeleton, features, cache_directory);
  }
  if (auto installed = hooks.install(skeleton); !installed) {
    return std::unexpected(hooks_unavailable(installed.error()));
  }
  auto object = LoadedObject::of(*skeleton.obj);
  if (!object) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY, fmt::format("too many open files: {}", std::strerror(errno))));
  }
  std::unique_ptr<Probe> probe(
      new Probe(std::move(features), opened->key, static_cast<size_t>(libbpf_num_possible_cpus())));
  if (auto started = probe->start(std::move(*object)); !started) {
    return std::unexpected(std::move(started.error()));
  }
  return probe;
}

std::unique_ptr<Probe> Probe::load_cached(const ProbeOptions& options,
                                          const std::string& cache_directory) {
  if (cache_directory.empty() || options.report_facts) return nullptr;
  auto found = ImageCache(cache_directory).find(kImageName);
  if (!found) return nullptr;
  auto features = read_features(found->note);
  const int cpus = libbpf_num_possible_cpus();
  const uint64_t key = random_key();
  if (!features || cpus < 1) return nullptr;
  if (!adapt(found->image, options, static_cast<size_t>(cpus), key)) return nullptr;
  auto object = LoadedObject::load(std::move(found->image), kDeferred);
  if (!object) return nullptr;
  std::unique_ptr<Probe> probe(new Probe(std::move(*features), key, static_cast<size_t>(cpus)));
  if (!probe->start(std::move(*object))) return nullptr;
  return probe;
}

std::expected<void, Diagnostic> Probe::start(LoadedObject object) {
  object_ = std::move(object);
  void* const memory =
      mmap(nullptr, globals_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, object_.map(".bss"), 0);
  if (memory == MAP_FAILED) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the probe's variables cannot be mapped: {}", std::strerror(errno))));
  }
  globals_ = static_cast<ProbeGlobals*>(memory);
  for (uint32_t extractor = 0; extractor < FC_EXTRACTOR_COUNT; ++extractor) {
    const int program = object_.program(extractor_name(extractor, features_));
    if (program >= 0 &&
        bpf_map_update_elem(object_.map("extractors"), &extractor, &program, BPF_ANY) != 0) {
      return std::unexpected(Diagnostic::global(
          Code::PROBE_REFUSED,
          fmt::format("an extractor cannot be put into its place: {}", std::strerror(errno))));
    }
  }
  return {};
}

Probe::~Probe() {
  if (globals_ != nullptr) munmap(globals_, globals_bytes());
}

int Probe::program(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return object_.load_deferred(name);
}

bool Probe::install(uint32_t extractor) {
  const int program = this->program(extractor_name(extractor, features_));
  return program >= 0 &&
         bpf_map_update_elem(object_.map("extractors"), &extractor, &program, BPF_ANY) == 0;
}

}  // namespace falcod
