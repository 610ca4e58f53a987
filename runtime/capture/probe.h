// The probe in the kernel, nothing of it attached yet: loaded by libbpf, or from the image that
// libbpf's work left in the cache at an earlier start on this kernel. Knows what the kernel offers,
// nothing of rules.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/capture/doors.h"
#include "runtime/capture/loaded_object.h"

struct btf;

namespace falcod {

class SyscallHooks;

/// What a kernel has of what some programs need.
struct KernelFeatures {
  bool has_cast = false;  ///< bpf_rdonly_cast
  bool has_io_uring = true;
  std::optional<RingTracepoints> ring{};  ///< how io_uring is watched, if it can be
};
KernelFeatures kernel_features(const btf& types);
/// As one line, and back; nothing if it is none.
std::string write_features(const KernelFeatures& features);
std::optional<KernelFeatures> read_features(std::string_view text);

/// The program that finds what filters ask for and the first look does not have.
const char* provider_name(const KernelFeatures& features);

struct ProbeOptions {
  uint32_t ring_bytes = 0;
  uint32_t data_bytes = FC_DATA_BYTES;  ///< of what is read and written
  bool report_facts = false;
};

/// The probe's global variables, shared with the kernel.
struct ProbeGlobals;

class Probe {
 public:
  /// By libbpf; `hooks` choose their programs. With a cache directory, for its next start too.
  static std::expected<std::unique_ptr<Probe>, falcoc::Diagnostic> load(
      const ProbeOptions& options, KernelFeatures features, SyscallHooks& hooks,
      const std::string& cache_directory);
  /// From the cache, as load() with the tracepoint's hooks did. Null: there is no image, or the
  /// kernel does not take it any more.
  static std::unique_ptr<Probe> load_cached(const ProbeOptions& options,
                                            const std::string& cache_directory);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// Descriptors. A program that is not in the kernel yet is loaded; -1 if it is refused.
  int map(std::string_view name) const { return object_.map(name); }
  int program(std::string_view name);
  /// Makes an extractor ready to be called. Any thread.
  bool install(uint32_t extractor);

  ProbeGlobals& globals() { return *globals_; }
  const ProbeGlobals& globals() const { return *globals_; }
  const KernelFeatures& features() const { return features_; }
  uint64_t ancestry_key() const { return ancestry_key_; }
  size_t cpus() const { return cpus_; }

 private:
  Probe(KernelFeatures features, uint64_t ancestry_key, size_t cpus)
      : features_(std::move(features)), ancestry_key_(ancestry_key), cpus_(cpus) {}
  std::expected<void, falcoc::Diagnostic> start(LoadedObject object);

  KernelFeatures features_;
  uint64_t ancestry_key_;
  size_t cpus_;
  LoadedObject object_;
  std::mutex mutex_;  ///< of object_, where programs are loaded later
  ProbeGlobals* globals_ = nullptr;
};

}  // namespace falcod
