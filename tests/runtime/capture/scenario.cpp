// Running scenarios and keeping their events.
#include "tests/runtime/capture/scenario.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <set>

namespace falcod::test {
namespace {

constexpr std::chrono::seconds kPatience{60};  // until a child's events must have come
constexpr int kPollMs = 20;

/// Keeps the events of one process and its descendants.
class Collector : public RecordHandler {
 public:
  explicit Collector(int64_t pid) : first_(pid), pids_{pid} {}

  void on_record(std::span<const std::byte> record) override {
    const Event* event = decoder_.decode(record);
    REQUIRE(event != nullptr);
    if (event->kind == FC_STATE_FORK) {
      Item item;
      fc_fork fork{};
      if (find_item(*event->record, FC_ITEM_FORK, kAnyIndex, item)) {
        std::memcpy(&fork, item.bytes.data(), sizeof fork);
      }
      if (pids_.contains(fork.parent_pid)) pids_.insert(event->pid);
    }
    if (!pids_.contains(event->pid)) return;
    events.emplace_back(*event);
    if (event->kind == static_cast<uint16_t>(falcoc::EventCode::PROCEXIT) && event->pid == first_) {
      exited = true;
    }
  }

  std::vector<Seen> events;
  bool exited = false;

 private:
  Decoder decoder_{0};
  int64_t first_;
  std::set<int64_t> pids_;
};

/// A child that does not outlive this, however the scope is left: one that is left behind would
/// hold the test's output open, and whoever reads that would wait for ever.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) end();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void end() {
    kill(pid_, SIGKILL);
    CHECK(waitpid(pid_, nullptr, 0) == pid_);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "falcoc-live-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = std::filesystem::canonical(name).string();
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

Seen::Seen(const Event& event) {
  bytes_.resize(event.record->size / sizeof(uint64_t));
  std::memcpy(bytes_.data(), event.record, event.record->size);
  for (size_t i = 0; i < event.params.size(); ++i) {
    const Param& param = event.params[i];
    params_.emplace_back(event.info->params[i].name, std::string(param.data, param.size));
  }
}

std::string Seen::name() const {
  return kind() < FC_STATE_BASE ? std::string(falcoc::event_kind_name(kind())) : "";
}

std::string Seen::bytes(std::string_view param) const {
  const auto found = std::ranges::find(
      params_, param, [](const auto& entry) { return std::string_view(entry.first); });
  REQUIRE_MESSAGE(found != params_.end(), "no parameter ", param, " in ", name());
  return found->second;
}

std::string Seen::text(std::string_view param) const {
  std::string value = bytes(param);
  if (value.ends_with('\0')) value.pop_back();
  return value;
}

int64_t Seen::number(std::string_view param) const {
  const std::string value = bytes(param);
  REQUIRE_MESSAGE(!value.empty(), param, " is empty in ", name());
  int64_t number = 0;
  std::memcpy(&number, value.data(), std::min(value.size(), sizeof number));
  if (value.size() == 4) number = static_cast<int32_t>(number);
  return number;
}

std::string Seen::item(uint16_t tag, int index) const {
  Item found;
  return find_item(record(), tag, index, found) ? std::string(found.bytes) : "";
}

fc_fd Seen::fd() const { return structure<fc_fd>(FC_ITEM_FD); }

falcoc::EventSet events_named(std::initializer_list<std::string_view> names) {
  falcoc::EventSet set;
  for (const std::string_view name : names) {
    const auto kinds = falcoc::event_kinds_named(name);
    REQUIRE_MESSAGE(kinds.has_value(), "no event named ", name);
    set |= *kinds;
  }
  return set;
}

std::unique_ptr<LiveSource> open_source(const LiveOptions& options) {
  LiveOptions chosen = options;
  const char* const hooks = std::getenv("FALCOC_TEST_HOOKS");
  if (hooks != nullptr && !options.report_facts) {
    const bool fentry = std::string_view(hooks) == "fentry";
    chosen.hooks = fentry ? HookMode::FENTRY : HookMode::TRACEPOINT;
  }
  auto source = LiveSource::open(chosen);
  if (source) return std::move(*source);
  const falcoc::Diagnostic& why = source.error();
  const bool refused = why.code == falcoc::Code::PROBE_PRIVILEGE ||
                       why.code == falcoc::Code::PROBE_NO_BTF ||
                       why.code == falcoc::Code::PROBE_KERNEL_TOO_OLD;
  MESSAGE(why.message);
  CHECK_MESSAGE(refused, "the probe must load where the kernel allows it");
  MESSAGE("SKIPPED: this machine does not allow the live source");
  return nullptr;
}

std::vector<std::vector<Seen>> watch(std::span<LiveSource* const> sources,
                                     const std::function<void()>& child) {
  int go[2];
  REQUIRE(pipe(go) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    child();
    _exit(0);
  }
  Child process(pid);
  std::deque<Collector> collectors;
  for (size_t i = 0; i < sources.size(); ++i) collectors.emplace_back(pid);
  const auto missing = [&] { return !std::ranges::all_of(collectors, &Collector::exited); };
  REQUIRE(write(go[1], "g", 1) == 1);
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (missing() && std::chrono::steady_clock::now() < end) {
    for (size_t i = 0; i < sources.size(); ++i) {
      const auto delivered = sources[i]->poll(collectors[i], kPollMs);
      REQUIRE(delivered.has_value());
    }
  }
  process.end();
  CHECK_MESSAGE(!missing(), "the exit of the child was not seen");
  close(go[0]);
  close(go[1]);
  std::vector<std::vector<Seen>> seen;
  for (Collector& collector : collectors) seen.push_back(std::move(collector.events));
  return seen;
}

std::vector<Seen> watch(LiveSource& source, const std::function<void()>& child) {
  LiveSource* const sources[] = {&source};
  return std::move(watch(sources, child).front());
}

std::vector<Seen> watch(std::initializer_list<std::string_view> wanted,
                        const std::function<void()>& child) {
  const auto source = open_source({.wanted = events_named(wanted)});
  return source ? watch(*source, child) : std::vector<Seen>{};
}

const Seen* find(const std::vector<Seen>& events, std::string_view name,
                 const std::function<bool(const Seen&)>& is) {
  const auto found = std::ranges::find_if(
      events, [&](const Seen& event) { return event.name() == name && is(event); });
  return found == events.end() ? nullptr : &*found;
}

}  // namespace falcod::test
