// The live source on libbpf: one object, three hooks for processes, one for system calls.
#include "runtime/capture/live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>

#include "compiler/catalog/descriptors.h"
#include "probe/scratch_layout.h"
#include "runtime/capture/doors.h"
#include "runtime/capture/entry_hook.h"
#include "runtime/capture/extraction_plan.h"
#include "runtime/capture/hooks.h"
#include "runtime/capture/kernel_functions.h"
#include "runtime/capture/libbpf_log.h"
#include "runtime/capture/probe.h"
#include "runtime/capture/probe_globals.h"
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

struct SlotsDeleter {
  void operator()(fc_facts* slots) const { munmap(slots, FC_FACT_SLOTS * sizeof(fc_facts)); }
};
struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

Diagnostic attach_failure(std::string_view hook, std::string_view why) {
  return Diagnostic::global(
      Code::PROBE_ATTACH, fmt::format("{} cannot be attached: {}", hook, why),
      "the kernel must be built with CONFIG_BPF_EVENTS and CONFIG_FTRACE_SYSCALLS");
}

bool is_ring_size(uint32_t bytes) {
  const auto page = static_cast<uint32_t>(sysconf(_SC_PAGESIZE));
  return bytes >= page && (bytes & (bytes - 1)) == 0;
}

class Live final : public LiveSource {
 public:
  explicit Live(const LiveOptions& options) : options_(options) {}
  /// What can be done before it is known what is wanted.
  std::expected<void, Diagnostic> load();

  std::expected<void, Diagnostic> start(const falcoc::EventSet& wanted,
                                        const EventDetails& details) override;
  std::expected<size_t, Diagnostic> poll(RecordHandler& handler, int timeout_ms) override;
  std::vector<LossCount> losses() const override;
  uint64_t lost() const override { return probe_->globals().lost_events; }
  std::vector<LossCount> incomplete() const override { return kernel_faults(*probe_); }
  bool at_end() const override { return false; }
  std::expected<void, Diagnostic> set_wanted(const falcoc::EventSet& wanted,
                                             const EventDetails& details) override;
  bool sees_io_uring() const override {
    return probe_->features().ring || !probe_->features().has_io_uring;
  }
  std::string hooks() const override;
  void hook_entries_one_by_one() override;
  std::vector<uint64_t> submitted() const override { return submitted_events(*probe_); }
  std::vector<uint64_t> rejected() const override { return rejected_events(*probe_); }
  FilterLoader* filters() override { return filters_ ? &*filters_ : nullptr; }
  std::vector<fc_identity> identities() const override { return running_tasks(*probe_); }
  FactStore& facts() override { return *facts_; }
  void name_address(std::string_view address) override;

 private:
  ProbeOptions probe_options() const {
    return {.ring_bytes = options_.ring_bytes,
            .data_bytes = options_.data_bytes,
            .report_facts = options_.report_facts};
  }
  bool uses_filters() const { return options_.filtered || options_.report_facts; }
  std::expected<void, Diagnostic> load_here(const btf& types);
  std::expected<void, Diagnostic> attach_all(const falcoc::EventSet& wanted,
                                             const EventDetails& details);
  std::expected<void, Diagnostic> attach_to_process_hooks();
  /// A program at a raw tracepoint, by its program's name.
  std::expected<void, Diagnostic> attach(const char* program, const std::string& tracepoint);
  std::expected<void, Diagnostic> attach_tracepoints(const falcoc::EventSet& wanted);
  std::expected<void, Diagnostic> attach_doors();
  std::expected<void, Diagnostic> install_extractors(const falcoc::EventSet& wanted);
  std::expected<void, Diagnostic> map_facts();
  std::expected<void, Diagnostic> report_facts();
  void use_filter_maps();
  void ignore_self();
  /// Delivers what is there; negative on errors.
  int consume();
  static int on_sample(void* self, void* data, size_t size);

  LiveOptions options_;
  std::unique_ptr<Probe> probe_;
  KernelTypes types_;                                 ///< of the kernel, where hooks_ needs them
  std::unique_ptr<SyscallHooks> hooks_;               ///< of probe_
  std::map<std::string, Handle, std::less<>> links_;  ///< by program
  std::unique_ptr<ring_buffer, RingDeleter> ring_;
  std::unique_ptr<fc_facts, SlotsDeleter> fact_slots_;
  std::optional<FactStore> facts_;
  std::optional<FilterLoader> filters_;
  EntryHook entry_;
  RecordHandler* handler_ = nullptr;  ///< during poll()
  size_t delivered_ = 0;              ///< likewise
  bool busy_ = false;                 ///< the last poll() delivered something
};

std::expected<void, Diagnostic> Live::load() {
  if (!is_ring_size(options_.ring_bytes)) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY, fmt::format("a ring buffer cannot have {} bytes", options_.ring_bytes),
        "the size must be a power of two and at least a page"));
  }
  if (access(kBtfPath, R_OK) != 0) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_NO_BTF, fmt::format("{}: {}", kBtfPath, std::strerror(errno)),
        "the kernel must be built with CONFIG_DEBUG_INFO_BTF; /sys must be mounted"));
  }
  const auto reason = tracepoint_reason(options_.hooks, uses_filters());
  if (reason) {
    probe_ = Probe::load_cached(probe_options(), options_.cache_directory);
    if (probe_) hooks_ = tracepoint_hooks(probe_->features().has_cast, *reason);
  }
  if (probe_) return {};
  types_ = load_kernel_types();
  if (!types_) {
    return std::unexpected(Diagnostic::global(Code::PROBE_NO_BTF,
                                              fmt::format("{}: {}", kBtfPath, std::strerror(errno)),
                                              "the file is not what a kernel writes there"));
  }
  if (!reason) return {};  // depends on what is wanted
  hooks_ = tracepoint_hooks(kernel_features(*types_).has_cast, *reason);
  auto loaded = load_here(*types_);
  types_.reset();
  return loaded;
}

std::expected<void, Diagnostic> Live::load_here(const btf& types) {
  auto probe =
      Probe::load(probe_options(), kernel_features(types), *hooks_, options_.cache_directory);
  if (!probe) return std::unexpected(std::move(probe.error()));
  probe_ = std::move(*probe);
  return {};
}

std::expected<void, Diagnostic> Live::start(const falcoc::EventSet& wanted,
                                            const EventDetails& details) {
  if (!probe_) {
    auto hooks = choose_hooks(options_.hooks, *types_, wanted_syscalls(wanted));
    if (!hooks) return std::unexpected(hooks.error());
    hooks_ = std::move(*hooks);
  }
  auto running = attach_all(wanted, details);
  if (running || options_.hooks != HookMode::AUTO || !hooks_->is_per_function()) {
    // names of functions are read there as long as calls may become wanted
    if (!hooks_->is_per_function()) types_.reset();
    return running;
  }
  // the choice tried one function; this kernel refuses another, or one of the programs
  links_.clear();
  entry_ = EntryHook{};
  probe_.reset();
  hooks_ = tracepoint_hooks(kernel_features(*types_).has_cast,
                            running.error().message.substr(0, kReasonLimit));
  return attach_all(wanted, details);
}

std::expected<void, Diagnostic> Live::attach_all(const falcoc::EventSet& wanted,
                                                 const EventDetails& details) {
  ring_.reset();
  if (!probe_) {
    if (auto loaded = load_here(*types_); !loaded) return loaded;
  }
  if (auto mapped = map_facts(); !mapped) return mapped;
  if (options_.report_facts) {
    if (auto reported = report_facts(); !reported) return reported;
  }
  use_filter_maps();
  ignore_self();
  ring_.reset(ring_buffer__new(probe_->map("ring"), &Live::on_sample, this, nullptr));
  if (!ring_) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the ring buffer cannot be mapped: {}", std::strerror(errno))));
  }
  if (auto attached = attach_to_process_hooks(); !attached) return attached;
  return set_wanted(wanted, details);
}

std::expected<void, Diagnostic> Live::map_facts() {
  void* memory = mmap(nullptr, FC_FACT_SLOTS * sizeof(fc_facts), PROT_READ | PROT_WRITE, MAP_SHARED,
                      probe_->map("facts"), 0);
  if (memory == MAP_FAILED) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_MEMORY,
        fmt::format("the map of process facts cannot be mapped: {}", std::strerror(errno))));
  }
  fact_slots_.reset(static_cast<fc_facts*>(memory));
  facts_.emplace(std::span(fact_slots_.get(), FC_FACT_SLOTS), probe_->globals().facts_generation,
                 probe_->ancestry_key());
  return {};
}

/// Through the same steps that filters go through.
std::expected<void, Diagnostic> Live::report_facts() {
  const int report = probe_->program("falcoc_report_facts");
  const int find = probe_->program(provider_name(probe_->features()));
  const auto put = [](int map, uint32_t slot, int program) {
    return bpf_map_update_elem(map, &slot, &program, BPF_ANY) == 0;
  };
  // fc_scratch.resume is 0 unless a filter says otherwise
  bool done = put(probe_->map("filter_parts"), 0, report);
  for (uint32_t kind = 0; kind < FC_KIND_COUNT && done; ++kind) {
    done = put(probe_->map("filters"), kind, find);
  }
  if (!done) {
    return std::unexpected(Diagnostic::global(
        Code::PROBE_REFUSED,
        fmt::format("process facts cannot be reported: {}", std::strerror(errno))));
  }
  return {};
}

/// Filters are raw tracepoints, and are not called where facts are reported in their place.
void Live::use_filter_maps() {
  filters_.reset();
  if (!options_.filtered || options_.report_facts || hooks_->is_per_function()) return;
  filters_.emplace(FilterMaps{.scratches = probe_->map("scratches"),
                              .extractors = probe_->map("extractors"),
                              .filters = probe_->map("filters"),
                              .parts = probe_->map("filter_parts")},
                   [this] { return probe_->install(FC_PROVIDE); });
}

std::expected<void, Diagnostic> Live::attach_to_process_hooks() {
  // processes first: every system call seen is then of a process that is known or was there before
  for (const auto& [program, tracepoint] : {std::pair{"falcoc_fork", "sched_process_fork"},
                                            {"falcoc_exec", "sched_process_exec"},
                                            {"falcoc_exit", "sched_process_exit"}}) {
    if (auto attached = attach(program, tracepoint); !attached) return attached;
  }
  return {};
}

/// The hooks that only some kinds of events need, as soon as one is wanted.
std::expected<void, Diagnostic> Live::attach_doors() {
  const auto any = [](const auto& table) {
    return std::ranges::any_of(table, [](auto entry) { return entry != 0; });
  };
  const auto& ring = probe_->features().ring;
  std::vector<std::pair<const char*, std::string>> hooks;
  if (ring && any(probe_->globals().ring_kinds)) {
    hooks.emplace_back("falcoc_ring_complete", "io_uring_complete");
    if (ring->has_overflow) hooks.emplace_back("falcoc_ring_overflow", "io_uring_cqe_overflow");
    hooks.emplace_back("falcoc_ring_submit", ring->submit);
  }
  for (const auto& [program, tracepoint] : hooks) {
    if (auto attached = attach(program, tracepoint); !attached) return attached;
  }
  return {};
}

void Live::hook_entries_one_by_one() {
  if (options_.hooks != HookMode::TRACEPOINT) entry_.find_functions(*probe_);
}

std::string Live::hooks() const {
  std::string text = hooks_->description();
  if (entry_.functions() != 0) {
    text += fmt::format(", arguments are caught at {} functions", entry_.functions());
  }
  return text;
}

std::expected<void, Diagnostic> Live::attach(const char* program, const std::string& tracepoint) {
  if (links_.contains(program)) return {};
  Handle link(bpf_raw_tracepoint_open(tracepoint.c_str(), probe_->program(program)));
  if (!link.is_open()) {
    return std::unexpected(attach_failure(program, std::strerror(errno)));
  }
  links_.emplace(program, std::move(link));
  return {};
}

/// Those that only some kinds need, before these kinds are delivered.
std::expected<void, Diagnostic> Live::install_extractors(const falcoc::EventSet& wanted) {
  for (size_t kind = 0; kind < wanted.size(); ++kind) {
    if (!wanted.test(kind)) continue;
    if (extraction_plan(static_cast<falcoc::EventKind>(kind)).extractor != FC_EXTRACT_MESSAGES) {
      continue;
    }
    if (probe_->install(FC_EXTRACT_MESSAGES)) return {};
    return std::unexpected(Diagnostic::global(
        Code::PROBE_REFUSED, fmt::format("messages cannot be read: {}", std::strerror(errno))));
  }
  return {};
}

void Live::name_address(std::string_view address) {
  constexpr size_t kV4Bytes = 4;
  std::array<char, 16> key{};
  if (address.size() == kV4Bytes) key[10] = key[11] = '\xff';
  if (address.size() > key.size()) return;
  std::ranges::copy(address, key.end() - static_cast<ptrdiff_t>(address.size()));
  const fc_u8 named = 1;
  __u8& names = probe_->globals().names;
  if (bpf_map_update_elem(probe_->map("named_addresses"), key.data(), &named, BPF_ANY) != 0) {
    names = FC_NAMES_TOO_MANY;
  } else if (names == FC_NAMES_NONE) {
    names = FC_NAMES_SOME;
  }
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
  entry_.turn();
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
  if (bpf_prog_test_run_opts(probe_->program("falcoc_find_self"), &run) == 0) return;
  struct stat own{};
  if (stat("/proc/self/ns/pid", &own) == 0 && own.st_ino == kInitialPidNamespace) {
    probe_->globals().self_tgid = getpid();
  }
}

std::vector<LossCount> Live::losses() const {
  auto result = kernel_losses(*probe_);
  std::ranges::copy(hooks_->losses(), std::back_inserter(result));
  return result;
}

std::expected<void, Diagnostic> Live::set_wanted(const falcoc::EventSet& wanted,
                                                 const EventDetails& details) {
  if (auto installed = install_extractors(wanted); !installed) return installed;
  ProbeGlobals& globals = probe_->globals();
  falcoc::EventSet looked_at = wanted;
  falcoc::EventSet connecting;
  if (details.socket_roles) connecting = falcoc::connecting_events();
  looked_at |= connecting;
  for (size_t kind = 0; kind < wanted.size(); ++kind) {
    const bool at_entry = options_.arguments_at_entry && wanted.test(kind) &&
                          needs_entry(static_cast<falcoc::EventKind>(kind));
    const int bits = (wanted.test(kind) ? FC_WANT_EVENT : 0) |
                     (details.standard_fds.test(kind) ? FC_WANT_STANDARD_FDS : 0) |
                     (details.true_names.test(kind) ? FC_WANT_TRUE_NAMES : 0) |
                     (details.fd_table.test(kind) ? FC_WANT_FD_TABLE : 0) |
                     (details.polled_fds.test(kind) ? FC_WANT_POLLED_FDS : 0) |
                     (connecting.test(kind) ? FC_WANT_ROLES : 0) |
                     (at_entry ? FC_WANT_AT_ENTRY : 0);
    globals.wanted_kinds[kind] = static_cast<uint8_t>(bits);
  }
  const SyscallKinds kinds = wanted_syscalls(looked_at);
  SyscallKinds at_entry{};
  for (size_t number = 0; number < kinds.size(); ++number) {
    for (size_t abi = 0; abi < kinds[number].size(); ++abi) {
      const uint16_t kind = kinds[number][abi];
      const bool is_caught =
          kind < wanted.size() && (globals.wanted_kinds[kind] & FC_WANT_AT_ENTRY) != 0;
      globals.syscall_kinds[number][abi] = kind;
      globals.calls_at_entry[number][abi] = is_caught;
      if (is_caught) at_entry[number][abi] = kind;
    }
  }
  std::ranges::copy(wanted_requests(looked_at), globals.ring_kinds);
  std::ranges::copy(wanted_socketcalls(looked_at), globals.socketcall_kinds);
  if (auto hooked = hooks_->want(*probe_, kinds); !hooked) {
    if (hooks_->is_per_function()) return std::unexpected(hooks_unavailable(hooked.error()));
    return std::unexpected(attach_failure("the hook of system calls", hooked.error()));
  }
  if (auto caught = entry_.want(*probe_, at_entry); !caught) {
    return std::unexpected(attach_failure("falcoc_sys_enter", caught.error()));
  }
  if (auto attached = attach_doors(); !attached) return attached;
  return attach_tracepoints(wanted);
}

/// The hooks of what is no system call, for as long as it is wanted.
std::expected<void, Diagnostic> Live::attach_tracepoints(const falcoc::EventSet& wanted) {
  using falcoc::EventCode;
  struct Hook {
    EventCode event;
    const char* program;
    const char* tracepoint;
  };
  constexpr std::array kHooks{
      Hook{EventCode::SIGNALDELIVER, "falcoc_signal_deliver", "signal_deliver"},
      Hook{EventCode::SWITCH, "falcoc_sched_switch", "sched_switch"},
      Hook{EventCode::PAGE_FAULT, "falcoc_page_fault_user", "page_fault_user"},
      Hook{EventCode::PAGE_FAULT, "falcoc_page_fault_kernel", "page_fault_kernel"},
  };
  std::expected<void, Diagnostic> result;
  for (const Hook& hook : kHooks) {
    if (!wanted.test(static_cast<size_t>(hook.event))) {
      links_.erase(hook.program);
    } else if (auto attached = attach(hook.program, hook.tracepoint); !attached) {
      result = attached;
    }
  }
  return result;
}

}  // namespace

std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> LiveSource::load(
    const LiveOptions& options) {
  auto live = std::make_unique<Live>(options);
  if (auto loaded = live->load(); !loaded) return std::unexpected(loaded.error());
  return live;
}

std::expected<std::unique_ptr<LiveSource>, falcoc::Diagnostic> LiveSource::open(
    const LiveOptions& options) {
  auto live = load(options);
  if (!live) return live;
  if (auto started = (*live)->start(options.wanted, options.details); !started) {
    return std::unexpected(started.error());
  }
  return live;
}

}  // namespace falcod
