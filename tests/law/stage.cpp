#include "tests/law/stage.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/types.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <stdexcept>

// clang-format off: the skeleton uses the types of the ABI
#include "probe/scratch_layout.h"
#include "runtime/capture/extraction_plan.h"
#include "falcoc.skel.h"
// clang-format on

namespace falcoc::law {
namespace {

/// Rules are about names below it.
constexpr const char* kDirectory = "/etc";
/// Of the tracepoints that the probe's programs are at, no more than these.
constexpr size_t kContextWords = 3;
constexpr uint64_t kAncestryKey = 0x9e3779b97f4a7c15;

struct Destroy {
  void operator()(falcoc_probe* probe) const { falcoc_probe__destroy(probe); }
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
  void operator()(fc_facts* slots) const { munmap(slots, FC_FACT_SLOTS * sizeof(fc_facts)); }
};

int silent(libbpf_print_level, const char*, va_list) { return 0; }

std::unexpected<std::string> failed(const char* what) {
  return std::unexpected(fmt::format("{}: {}", what, std::strerror(errno)));
}

class StageImpl final : public Stage {
 public:
  ~StageImpl() override {
    for (const std::string& name : linked_) ::unlink(name.c_str());
  }

  std::expected<void, std::string> start(Provider provider) {
    libbpf_set_print(silent);
    probe_.reset(falcoc_probe__open());
    if (!probe_) return failed("the probe cannot be read");
    for (size_t kind = 0; kind < std::size(probe_->rodata->plans); ++kind) {
      probe_->rodata->plans[kind] = falcod::extraction_plan(static_cast<EventKind>(kind));
    }
    probe_->rodata->ancestry_key = kAncestryKey;
    bpf_map__set_max_entries(probe_->maps.scratches,
                             static_cast<uint32_t>(libbpf_num_possible_cpus()));
    if (const int error = falcoc_probe__load(probe_.get()); error != 0) {
      errno = -error;
      return failed("the probe cannot be loaded");
    }
    is_loaded_ = true;
    const std::array<std::pair<uint32_t, bpf_program*>, 4> extractors{{
        {FC_EXTRACT_SYSCALL, probe_->progs.falcoc_extract},
        {FC_EXTRACT_PROCESS, probe_->progs.falcoc_extract},
        {FC_EXTRACT_MESSAGES, probe_->progs.falcoc_extract_messages},
        {FC_PROVIDE, provider == Provider::CURRENT ? probe_->progs.falcoc_provide
                                                   : probe_->progs.falcoc_provide_before_6_2},
    }};
    for (const auto& [slot, program] : extractors) {
      const int fd = bpf_program__fd(program);
      if (bpf_map_update_elem(bpf_map__fd(probe_->maps.extractors), &slot, &fd, BPF_ANY) != 0) {
        return failed("an extractor cannot be installed");
      }
    }
    loader_.emplace(falcod::FilterMaps{.scratches = bpf_map__fd(probe_->maps.scratches),
                                       .extractors = bpf_map__fd(probe_->maps.extractors),
                                       .filters = bpf_map__fd(probe_->maps.filters),
                                       .parts = bpf_map__fd(probe_->maps.filter_parts)});
    ring_.reset(ring_buffer__new(bpf_map__fd(probe_->maps.ring), on_sample, this, nullptr));
    if (!ring_) return failed("the ring buffer cannot be mapped");
    void* memory = mmap(nullptr, FC_FACT_SLOTS * sizeof(fc_facts), PROT_READ | PROT_WRITE,
                        MAP_SHARED, bpf_map__fd(probe_->maps.facts), 0);
    if (memory == MAP_FAILED) return failed("facts cannot be mapped");
    slots_.reset(static_cast<fc_facts*>(memory));
    facts_.emplace(fact_slots(), probe_->bss->facts_generation, kAncestryKey);
    if (chdir(kDirectory) != 0) return failed(kDirectory);
    if (auto opened = open_files(); !opened) return opened;
    for (__u8& wanted : probe_->bss->wanted_kinds) wanted = FC_WANT_TRUE_NAMES;
    for (const NamedAddress& named : kNamedAddresses) {
      name_address({reinterpret_cast<const char*>(named.address.data()), named.address.size()});
    }
    if (auto chosen = choose_processor(); !chosen) return chosen;
    return note_roles();
  }

  bool is_loaded() const { return is_loaded_; }
  falcod::FilterLoader& filters() override { return *loader_; }
  falcod::FactStore& facts() override { return *facts_; }
  void name_address(std::string_view address) override {
    std::array<char, 16> key{};
    if (address.size() == 4) key[10] = key[11] = '\xff';
    std::ranges::copy(address, key.end() - static_cast<ptrdiff_t>(address.size()));
    const fc_u8 named = 1;
    bpf_map_update_elem(bpf_map__fd(probe_->maps.named_addresses), key.data(), &named, BPF_ANY);
    probe_->bss->names = FC_NAMES_SOME;
  }
  std::span<fc_facts> fact_slots() override { return {slots_.get(), FC_FACT_SLOTS}; }
  std::span<const uint16_t> ports() const override { return ports_; }

  Outcome run(const Call& call, bool filtered) override {
    const uint32_t extractor = probe_->rodata->plans[call.kind].extractor;
    begin(call, extractor);
    outcome_ = {};
    const int filter = filtered ? program_in(probe_->maps.filters, call.kind) : -1;
    std::array<uint64_t, kContextWords> context{};  // nothing looks at it of a system call
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.ctx_in = context.data();
    options.ctx_size_in = sizeof context;
    if (filter >= 0) {
      bpf_prog_test_run_opts(filter, &options);
      close(filter);
    } else {
      bpf_prog_test_run_opts(bpf_program__fd(probe_->progs.falcoc_extract), &options);
    }
    ring_buffer__consume(ring_.get());
    return std::move(outcome_);
  }

 private:
  /// Files with one name and with two, directories, and what has no name.
  std::expected<void, std::string> open_files() {
    std::string linked = "/tmp/law-XXXXXX";
    const int temporary = mkstemp(linked.data());
    if (temporary < 0) return failed("mkstemp");
    const std::string other = linked + "-other";
    if (link(linked.c_str(), other.c_str()) != 0) return failed("link");
    close(temporary);  // opened again: the file of a later open is not one that it made
    const int files[kFiles] = {::open("/etc/passwd", O_RDONLY),
                               ::open("/etc/hostname", O_RDONLY),
                               ::open("/usr", O_RDONLY | O_DIRECTORY),
                               ::open("/proc/self/status", O_RDONLY),
                               ::open(linked.c_str(), O_RDONLY),
                               static_cast<int>(syscall(SYS_memfd_create, "law", 0))};
    for (int i = 0; i < kFiles; ++i) {
      if (files[i] < 0 || dup2(files[i], kFirstFile + i) < 0) return failed("a file of the stage");
      close(files[i]);
    }
    linked_ = {linked, other};
    auto ports = open_sockets(kFirstSocket);
    if (!ports) return std::unexpected(ports.error());
    ports_ = std::move(*ports);
    return {};
  }

  /// As the hooks would have: no event said how the sockets came about.
  std::expected<void, std::string> note_roles() {
    for (int kind = 0; kind < kConnectedSockets; ++kind) {
      Call call{.kind = static_cast<EventKind>(EventCode::FLOCK)};
      call.args[0] = static_cast<uint64_t>(kFirstSocket + kind);
      const Outcome outcome = run(call, false);
      if (!outcome.passed) return failed("an event of the stage");
      const auto fd = descriptor_in(outcome.record);
      const uint32_t role = is_client(kind) ? FC_ROLE_CLIENT : FC_ROLE_SERVER;
      if (bpf_map_update_elem(bpf_map__fd(probe_->maps.roles), &fd.socket_cookie, &role, BPF_ANY) !=
          0) {
        return failed("a role");
      }
    }
    return {};
  }

  /// Programs and this thread use the scratch record of one processor.
  std::expected<void, std::string> choose_processor() {
    cpu_set_t set;
    CPU_ZERO(&set);
    cpu_ = static_cast<uint32_t>(sched_getcpu());
    CPU_SET(cpu_, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) return failed("sched_setaffinity");
    return {};
  }

  /// As fc_begin_exit() does.
  void begin(const Call& call, uint32_t extractor) {
    std::memset(scratch_.get(), 0, sizeof(fc_scratch));
    scratch_->used = sizeof(fc_event);
    // What an earlier event left behind means nothing: texts of every state, or of none.
    std::memset(scratch_->texts, call.args[0] % 2 == 0 ? 0x2f : 0, sizeof scratch_->texts);
    std::memset(scratch_->found, 0xff, sizeof scratch_->found);
    std::memset(&scratch_->facts, 0, sizeof scratch_->facts);
    auto* event = reinterpret_cast<fc_event*>(scratch_->record);
    event->kind = call.kind;
    event->ret = call.ret;
    event->extractor = static_cast<fc_u16>(extractor);
    std::ranges::copy(call.args, event->args);
    bpf_map_update_elem(bpf_map__fd(probe_->maps.scratches), &cpu_, scratch_.get(), BPF_ANY);
  }

  static int program_in(bpf_map* map, uint32_t slot) {
    uint32_t id = 0;
    if (bpf_map_lookup_elem(bpf_map__fd(map), &slot, &id) != 0) return -1;
    return bpf_prog_get_fd_by_id(id);
  }

  static int on_sample(void* self, void* data, size_t size) {
    auto& stage = *static_cast<StageImpl*>(self);
    stage.outcome_.passed = true;
    const auto* bytes = static_cast<const std::byte*>(data);
    stage.outcome_.record.assign(bytes, bytes + size);
    return 0;
  }

  std::unique_ptr<falcoc_probe, Destroy> probe_;
  bool is_loaded_ = false;
  std::unique_ptr<ring_buffer, Destroy> ring_;
  std::unique_ptr<fc_facts, Destroy> slots_;
  std::optional<falcod::FactStore> facts_;
  std::optional<falcod::FilterLoader> loader_;
  std::unique_ptr<fc_scratch> scratch_ = std::make_unique<fc_scratch>();
  std::vector<std::string> linked_;  ///< names of a file that has two
  std::vector<uint16_t> ports_;
  uint32_t cpu_ = 0;
  Outcome outcome_;
};

}  // namespace

fc_fd descriptor_in(const std::vector<std::byte>& record) {
  fc_fd fd{};
  for (size_t at = sizeof(fc_event); at + sizeof(fc_item) <= record.size();) {
    fc_item item{};
    std::memcpy(&item, record.data() + at, sizeof item);
    at += sizeof item;
    if (item.tag == FC_ITEM_FD && item.size == sizeof fd) {
      std::memcpy(&fd, record.data() + at, sizeof fd);
      break;
    }
    at += (item.size + 7) & ~size_t{7};
  }
  return fd;
}

std::expected<std::unique_ptr<Stage>, std::string> Stage::open(Provider provider) {
  if (geteuid() != 0) return std::unexpected("needs root");
  auto stage = std::make_unique<StageImpl>();
  auto started = stage->start(provider);
  if (started) return stage;
  // a kernel that takes the probe can have the rest
  if (stage->is_loaded()) throw std::runtime_error(started.error());
  return std::unexpected(std::move(started.error()));
}

}  // namespace falcoc::law
