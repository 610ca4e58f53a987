// The live source on libbpf: one object, three hooks for processes, one for system calls.
#include "runtime/capture/live.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/types.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "falcoc.skel.h"
#include "probe/scratch_layout.h"
#include "runtime/capture/doors.h"
#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/hooks.h"
#include "runtime/capture/libbpf_log.h"
#include "runtime/capture/load_failure.h"
#include "runtime/capture/probe_reports.h"

namespace falcod {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

constexpr const char* kBtfPath = "/sys/kernel/btf/vmlinux";

/// While events come, the probe wakes a reader once per FC_WAKEUP_NS; in between it looks by
/// itself. Records that came unannounced wait for this long.
constexpr int kBusyWaitMs = static_cast<int>(FC_WAKEUP_NS / 1'000'000);

/// Of a failure's message, as much as says why another hook is used.
constexpr size_t kReasonLimit = 200;

/// The initial pid namespace's inode in nsfs (PROC_PID_INIT_INO, include/linux/proc_ns.h).
constexpr ino_t kInitialPidNamespace = 0xEFFFFFFC;

/// Any negative value makes libbpf stop behind the current record and hand it through.
constexpr int kBatchFull = -EXFULL;

struct SkeletonDeleter {
  void operator()(falcoc_probe* probe) const { falcoc_probe__destroy(probe); }
};
struct SlotsDeleter {
  void operator()(fc_facts* slots) const { munmap(slots, FC_FACT_SLOTS * sizeof(fc_facts)); }
};
struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

std::string error_text(int error) { return std::strerror(error < 0 ? -error : error); }

Diagnostic load_failure(int error, const LibbpfLog& log, uint32_t ring_bytes) {
  LoadFailure failure{.error = error,
                      .log = log.tail(),
                      .from_verifier = log.has_verifier_log(),
                      .ring_bytes = ring_bytes};
  examine(failure);
  return explain(failure);
}

Diagnostic attach_failure(std::string_view hook, std::string_view why) {
  return Diagnostic::global(
      Code::PROBE_ATTACH, fmt::format("{} cannot be attached: {}", hook, why),
      "the kernel must be built with CONFIG_BPF_EVENTS and CONFIG_FTRACE_SYSCALLS");
}

struct BtfDeleter {
  void operator()(btf* types) const { btf__free(types); }
};

/// Whether the kernel lets programs call this function of its own.
bool has_function(const btf& types, const char* name) {
  return btf__find_by_name_kind(&types, name, BTF_KIND_FUNC) > 0;
}

bool is_ring_size(uint32_t bytes) {
  const auto page = static_cast<uint32_t>(sysconf(_SC_PAGESIZE));
  return bytes >= page && (bytes & (bytes - 1)) == 0;
}

class Live final : public LiveSource {
 public:
  std::expected<void, Diagnostic> start(const LiveOptions& options);

  std::expected<size_t, Diagnostic> poll(RecordHandler& handler, int timeout_ms) override;
  std::vector<LossCount> losses() const override;
  uint64_t lost() const override { return probe_->bss->lost_events; }
  std::vector<LossCount> incomplete() const override { return kernel_faults(*probe_, cpus_); }
  bool at_end() const override { return false; }
  std::expected<void, Diagnostic> set_wanted(const falcoc::EventSet& wanted,
                                             const EventDetails& details) override;
  bool sees_io_uring() const override { return ring_hooks_ || !has_io_uring_; }
  std::string hooks() const override { return hooks_->description(); }
  std::vector<uint64_t> submitted() const override { return submitted_events(*probe_, cpus_); }
  std::vector<uint64_t> rejected() const override { return rejected_events(*probe_, cpus_); }
  FilterLoader* filters() override { return filters_ ? &*filters_ : nullptr; }
  std::vector<fc_identity> identities() const override { return running_tasks(*probe_); }
  FactStore& facts() override { return *facts_; }

 private:
  std::expected<void, Diagnostic> load_and_attach(const LiveOptions& options);
  std::expected<void, Diagnostic> load(const LiveOptions& options);
  std::expected<void, Diagnostic> load_programs(const LiveOptions& options);
  std::expected<void, Diagnostic> attach();
  /// A hook; for raw tracepoints whose name depends on the kernel, with that name.
  struct Hook {
    bpf_program* program;
    bpf_link** link;
    const char* tracepoint = nullptr;
  };
  static std::expected<void, Diagnostic> attach(const Hook& hook);
  static std::expected<void, Diagnostic> attach_all(std::span<const Hook> hooks);
  std::expected<void, Diagnostic> attach_tracepoints(const falcoc::EventSet& wanted);
  std::expected<void, Diagnostic> attach_doors();
  /// What the kernel has of what some programs need.
  void look_at_kernel(const btf& types);
  /// Leaves the others out.
  void choose_programs();
  std::expected<void, Diagnostic> map_facts();
  std::expected<void, Diagnostic> report_facts();
  void use_filter_maps(const LiveOptions& options);
  void ignore_self();
  /// Delivers what is there; negative on errors.
  int consume();
  static int on_sample(void* self, void* data, size_t size);

  std::unique_ptr<falcoc_probe, SkeletonDeleter> probe_;
  std::unique_ptr<btf, BtfDeleter> types_;  ///< of the kernel, where hooks_ needs them
  std::unique_ptr<SyscallHooks> hooks_;     ///< of probe_
  std::unique_ptr<ring_buffer, RingDeleter> ring_;
  std::unique_ptr<fc_facts, SlotsDeleter> fact_slots_;
  std::optional<FactStore> facts_;
  std::optional<FilterLoader> filters_;
  RecordHandler* handler_ = nullptr;  ///< during poll()
  size_t delivered_ = 0;              ///< likewise
  size_t cpus_ = 0;
  bool arguments_at_entry_ = false;
  std::optional<RingTracepoints> ring_hooks_;  ///< how io_uring is watched, if it can be
  bool has_io_uring_ = true;
  bool busy_ = false;      ///< the last poll() delivered something
  bool has_cast_ = false;  ///< which of two programs is loaded that differ by bpf_rdonly_cast
};

std::expected<void, Diagnostic> Live::start(const LiveOptions& options) {
  if (!is_ring_size(options.ring_bytes)) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY, fmt::format("a ring buffer cannot have {} bytes", options.ring_bytes),
        "the size must be a power of two and at least a page"));
  }
  if (access(kBtfPath, R_OK) != 0) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_NO_BTF, fmt::format("{}: {}", kBtfPath, std::strerror(errno)),
        "the kernel must be built with CONFIG_DEBUG_INFO_BTF; /sys must be mounted"));
  }
  std::unique_ptr<btf, BtfDeleter> types(btf__load_vmlinux_btf());
  if (!types) {
    return std::unexpected(Diagnostic::global(Code::PROBE_NO_BTF,
                                              fmt::format("{}: {}", kBtfPath, std::strerror(errno)),
                                              "the file is not what a kernel writes there"));
  }
  arguments_at_entry_ = options.arguments_at_entry;
  look_at_kernel(*types);
  const bool filtered = options.filtered || options.report_facts;
  auto hooks = choose_hooks(options.hooks, *types, wanted_syscalls(options.wanted), filtered);
  if (!hooks) return std::unexpected(hooks.error());
  hooks_ = std::move(*hooks);
  // names of functions are read there as long as calls may become wanted
  if (hooks_->is_per_function()) types_ = std::move(types);
  auto running = load_and_attach(options);
  if (running || options.hooks != HookMode::AUTO || !hooks_->is_per_function()) return running;
  // the choice tried one function; this kernel refuses another, or one of the programs
  hooks_ = tracepoint_hooks(*types_, running.error().message.substr(0, kReasonLimit));
  return load_and_attach(options);
}

std::expected<void, Diagnostic> Live::load_and_attach(const LiveOptions& options) {
  ring_.reset();
  if (auto loaded = load(options); !loaded) return loaded;
  if (auto mapped = map_facts(); !mapped) return mapped;
  if (options.report_facts) {
    if (auto reported = report_facts(); !reported) return reported;
  }
  use_filter_maps(options);
  ignore_self();
  ring_.reset(ring_buffer__new(bpf_map__fd(probe_->maps.ring), &Live::on_sample, this, nullptr));
  if (!ring_) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the ring buffer cannot be mapped: {}", std::strerror(errno))));
  }
  if (auto attached = attach(); !attached) return attached;
  return set_wanted(options.wanted, options.details);
}

std::expected<void, Diagnostic> Live::load(const LiveOptions& options) {
  auto loaded = load_programs(options);
  if (!loaded && ring_hooks_) {
    // a kernel whose io_uring looks otherwise: better without than not at all, and it is told
    ring_hooks_.reset();
    if (load_programs(options)) loaded = {};
  }
  return loaded;
}

std::expected<void, Diagnostic> Live::load_programs(const LiveOptions& options) {
  const LibbpfLog log;
  const int cpus = libbpf_num_possible_cpus();
  probe_.reset(falcoc_probe__open());
  if (!probe_ || cpus < 1) {
    return std::unexpected(load_failure(probe_ ? cpus : -errno, log, options.ring_bytes));
  }
  cpus_ = static_cast<size_t>(cpus);
  choose_programs();
  bpf_program__set_autoload(probe_->progs.falcoc_provide, has_cast_);
  bpf_program__set_autoload(probe_->progs.falcoc_provide_before_6_2, !has_cast_);
  bpf_program__set_autoload(probe_->progs.falcoc_report_facts, options.report_facts);
  bpf_map__set_max_entries(probe_->maps.ring, options.ring_bytes);
  bpf_map__set_max_entries(probe_->maps.scratches, static_cast<uint32_t>(cpus));
  for (size_t kind = 0; kind < std::size(probe_->rodata->plans); ++kind) {
    probe_->rodata->plans[kind] = extraction_plan(static_cast<falcoc::EventKind>(kind));
  }
  uint64_t key = 0;
  if (getrandom(&key, sizeof key, 0) != sizeof key) key = static_cast<uint64_t>(time(nullptr));
  probe_->rodata->ancestry_key = key | 1;
  if (const int error = falcoc_probe__load(probe_.get()); error != 0) {
    return std::unexpected(load_failure(error, log, options.ring_bytes));
  }
  const std::array<bpf_program*, FC_EXTRACTOR_COUNT> extractors = {
      probe_->progs.falcoc_extract_syscall,   // FC_EXTRACT_SYSCALL
      probe_->progs.falcoc_extract_process,   // FC_EXTRACT_PROCESS
      probe_->progs.falcoc_extract_exec,      // FC_EXTRACT_EXEC
      probe_->progs.falcoc_extract_begin,     // FC_EXTRACT_BEGIN
      probe_->progs.falcoc_extract_messages,  // FC_EXTRACT_MESSAGES
      has_cast_ ? probe_->progs.falcoc_provide
                : probe_->progs.falcoc_provide_before_6_2,  // FC_PROVIDE
  };
  for (uint32_t i = 0; i < extractors.size(); ++i) {
    const int fd = bpf_program__fd(extractors[i]);
    const int error =
        bpf_map__update_elem(probe_->maps.extractors, &i, sizeof i, &fd, sizeof fd, 0);
    if (error != 0) return std::unexpected(load_failure(error, log, options.ring_bytes));
  }
  if (auto installed = hooks_->install(*probe_); !installed) {
    return std::unexpected(hooks_unavailable(installed.error()));
  }
  return {};
}

void Live::look_at_kernel(const btf& types) {
  has_cast_ = has_function(types, "bpf_rdonly_cast");
  ring_hooks_ = ring_tracepoints(types);
  has_io_uring_ = btf__find_by_name_kind(&types, "io_ring_ctx", BTF_KIND_STRUCT) > 0;
}

void Live::choose_programs() {
  hooks_->prepare(*probe_);
  for (bpf_program* program : {probe_->progs.falcoc_ring_submit, probe_->progs.falcoc_ring_complete,
                               probe_->progs.falcoc_ring_overflow}) {
    bpf_program__set_autoload(program, ring_hooks_.has_value());
  }
  probe_->rodata->complete_has_entry = ring_hooks_ && ring_hooks_->complete_has_entry;
}

std::expected<void, Diagnostic> Live::map_facts() {
  void* memory = mmap(nullptr, FC_FACT_SLOTS * sizeof(fc_facts), PROT_READ | PROT_WRITE, MAP_SHARED,
                      bpf_map__fd(probe_->maps.facts), 0);
  if (memory == MAP_FAILED) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the map of process facts cannot be mapped: {}", std::strerror(errno))));
  }
  fact_slots_.reset(static_cast<fc_facts*>(memory));
  facts_.emplace(std::span(fact_slots_.get(), FC_FACT_SLOTS), probe_->bss->facts_generation,
                 probe_->rodata->ancestry_key);
  return {};
}

/// Through the same steps that filters go through.
std::expected<void, Diagnostic> Live::report_facts() {
  const int find = bpf_program__fd(has_cast_ ? probe_->progs.falcoc_provide
                                             : probe_->progs.falcoc_provide_before_6_2);
  const int report = bpf_program__fd(probe_->progs.falcoc_report_facts);
  const auto put = [](bpf_map* map, uint32_t slot, int program) {
    return bpf_map__update_elem(map, &slot, sizeof slot, &program, sizeof program, 0) == 0;
  };
  // fc_scratch.resume is 0 unless a filter says otherwise
  bool done = put(probe_->maps.filter_parts, 0, report);
  for (uint32_t kind = 0; kind < FC_KIND_COUNT && done; ++kind) {
    done = put(probe_->maps.filters, kind, find);
  }
  if (!done) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_REFUSED,
        fmt::format("process facts cannot be reported: {}", std::strerror(errno))));
  }
  return {};
}

/// Filters are raw tracepoints, and are not called where facts are reported in their place.
void Live::use_filter_maps(const LiveOptions& options) {
  filters_.reset();
  if (!options.filtered || options.report_facts || hooks_->is_per_function()) return;
  filters_.emplace(FilterMaps{.scratches = bpf_map__fd(probe_->maps.scratches),
                              .extractors = bpf_map__fd(probe_->maps.extractors),
                              .filters = bpf_map__fd(probe_->maps.filters),
                              .parts = bpf_map__fd(probe_->maps.filter_parts)});
}

std::expected<void, Diagnostic> Live::attach() {
  // processes first: every system call seen is then of a process that is known or was there before
  const Hook hooks[] = {
      {probe_->progs.falcoc_fork, &probe_->links.falcoc_fork},
      {probe_->progs.falcoc_exec, &probe_->links.falcoc_exec},
      {probe_->progs.falcoc_exit, &probe_->links.falcoc_exit},
  };
  return attach_all(hooks);
}

/// The hooks that only some kinds of events need, as soon as one is wanted.
std::expected<void, Diagnostic> Live::attach_doors() {
  const auto any = [](const auto& table) {
    return std::ranges::any_of(table, [](auto entry) { return entry != 0; });
  };
  std::vector<Hook> hooks;
  if (ring_hooks_ && any(probe_->bss->ring_kinds)) {
    hooks.push_back({probe_->progs.falcoc_ring_complete, &probe_->links.falcoc_ring_complete});
    if (ring_hooks_->has_overflow) {
      hooks.push_back({probe_->progs.falcoc_ring_overflow, &probe_->links.falcoc_ring_overflow});
    }
    hooks.push_back(
        {probe_->progs.falcoc_ring_submit, &probe_->links.falcoc_ring_submit, ring_hooks_->submit});
  }
  if (std::ranges::any_of(probe_->bss->calls_at_entry, any)) {
    hooks.push_back({probe_->progs.falcoc_sys_enter, &probe_->links.falcoc_sys_enter});
  }
  return attach_all(hooks);
}

std::expected<void, Diagnostic> Live::attach_all(std::span<const Hook> hooks) {
  for (const Hook& hook : hooks) {
    if (auto attached = attach(hook); !attached) return attached;
  }
  return {};
}

std::expected<void, Diagnostic> Live::attach(const Hook& hook) {
  if (*hook.link != nullptr) return {};
  const LibbpfLog log;
  *hook.link = hook.tracepoint == nullptr
                   ? bpf_program__attach(hook.program)
                   : bpf_program__attach_raw_tracepoint(hook.program, hook.tracepoint);
  if (*hook.link != nullptr) return {};
  return std::unexpected(attach_failure(bpf_program__name(hook.program),
                                        fmt::format("{}\n{}", std::strerror(errno), log.tail())));
}

int Live::on_sample(void* self, void* data, size_t size) {
  auto& live = *static_cast<Live*>(self);
  live.handler_->on_record({static_cast<const std::byte*>(data), size});
  return ++live.delivered_ < kMaxBatch ? 0 : kBatchFull;
}

int Live::consume() {
  const int result = ring_buffer__consume(ring_.get());
  return result == kBatchFull ? 0 : result;
}

std::expected<size_t, Diagnostic> Live::poll(RecordHandler& handler, int timeout_ms) {
  handler_ = &handler;
  delivered_ = 0;
  int result = consume();
  if (result == 0 && delivered_ == 0 && timeout_ms != 0) {
    epoll_event ready{};
    const int wait_ms = busy_ ? std::min(timeout_ms, kBusyWaitMs) : timeout_ms;
    result = epoll_wait(ring_buffer__epoll_fd(ring_.get()), &ready, 1, wait_ms) < 0 ? -errno : 0;
    if (result == 0) result = consume();
  }
  handler_ = nullptr;
  busy_ = delivered_ > 0;
  if (result < 0 && result != -EINTR) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_READ, fmt::format("the ring buffer cannot be read: {}", error_text(result))));
  }
  return delivered_;
}

/// Asks the kernel what this process is called in the initial pid namespace, where the probe looks
/// from. Kernels before 5.10 cannot run the program on request: there /proc tells, unless this is a
/// container; in one, falcod sees itself then.
void Live::ignore_self() {
  bpf_test_run_opts run{};
  run.sz = sizeof run;
  if (bpf_prog_test_run_opts(bpf_program__fd(probe_->progs.falcoc_find_self), &run) == 0) return;
  struct stat own{};
  if (stat("/proc/self/ns/pid", &own) == 0 && own.st_ino == kInitialPidNamespace) {
    probe_->bss->self_tgid = getpid();
  }
}

std::vector<LossCount> Live::losses() const {
  auto result = kernel_losses(*probe_, cpus_);
  std::ranges::copy(hooks_->losses(), std::back_inserter(result));
  return result;
}

std::expected<void, Diagnostic> Live::set_wanted(const falcoc::EventSet& wanted,
                                                 const EventDetails& details) {
  for (size_t kind = 0; kind < wanted.size(); ++kind) {
    const bool at_entry = arguments_at_entry_ && wanted.test(kind) &&
                          needs_entry(static_cast<falcoc::EventKind>(kind));
    const int bits = (wanted.test(kind) ? FC_WANT_EVENT : 0) |
                     (details.standard_fds.test(kind) ? FC_WANT_STANDARD_FDS : 0) |
                     (details.true_names.test(kind) ? FC_WANT_TRUE_NAMES : 0) |
                     (details.fd_table.test(kind) ? FC_WANT_FD_TABLE : 0) |
                     (details.polled_fds.test(kind) ? FC_WANT_POLLED_FDS : 0) |
                     (at_entry ? FC_WANT_AT_ENTRY : 0);
    probe_->bss->wanted_kinds[kind] = static_cast<uint8_t>(bits);
  }
  const SyscallKinds kinds = wanted_syscalls(wanted);
  for (size_t number = 0; number < kinds.size(); ++number) {
    for (size_t abi = 0; abi < kinds[number].size(); ++abi) {
      const uint16_t kind = kinds[number][abi];
      probe_->bss->syscall_kinds[number][abi] = kind;
      probe_->bss->calls_at_entry[number][abi] =
          kind < wanted.size() && (probe_->bss->wanted_kinds[kind] & FC_WANT_AT_ENTRY) != 0;
    }
  }
  std::ranges::copy(wanted_requests(wanted), probe_->bss->ring_kinds);
  std::ranges::copy(wanted_socketcalls(wanted), probe_->bss->socketcall_kinds);
  if (auto hooked = hooks_->want(*probe_, kinds); !hooked) {
    if (hooks_->is_per_function()) return std::unexpected(hooks_unavailable(hooked.error()));
    return std::unexpected(attach_failure("the hook of system calls", hooked.error()));
  }
  if (auto attached = attach_doors(); !attached) return attached;
  return attach_tracepoints(wanted);
}

/// The hooks of what is no system call, for as long as it is wanted.
std::expected<void, Diagnostic> Live::attach_tracepoints(const falcoc::EventSet& wanted) {
  using falcoc::EventCode;
  auto& programs = probe_->progs;
  auto& links = probe_->links;
  const std::pair<EventCode, Hook> optional[] = {
      {EventCode::SIGNALDELIVER, {programs.falcoc_signal_deliver, &links.falcoc_signal_deliver}},
      {EventCode::SWITCH, {programs.falcoc_sched_switch, &links.falcoc_sched_switch}},
      {EventCode::PAGE_FAULT, {programs.falcoc_page_fault_user, &links.falcoc_page_fault_user}},
      {EventCode::PAGE_FAULT, {programs.falcoc_page_fault_kernel, &links.falcoc_page_fault_kernel}},
  };
  std::expected<void, Diagnostic> result;
  for (const auto& [event, hook] : optional) {
    const bool is_wanted = wanted.test(static_cast<size_t>(event));
    if (!is_wanted && *hook.link != nullptr) {
      bpf_link__destroy(*hook.link);
      *hook.link = nullptr;
    } else if (is_wanted && *hook.link == nullptr) {
      if (auto attached = attach(hook); !attached) result = attached;
    }
  }
  return result;
}

}  // namespace

std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> LiveSource::open(
    const LiveOptions& options) {
  auto live = std::make_unique<Live>();
  if (auto started = live->start(options); !started) return std::unexpected(started.error());
  return live;
}

}  // namespace falcod
