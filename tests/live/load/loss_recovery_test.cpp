// Lost records, on purpose: a ring that is far too small fills up while nobody reads it, and
// processes fork and execute meanwhile. The next event of each must tell the truth about it again.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "compiler/ir/compile.h"
#include "runtime/engine/engine.h"
#include "tests/runtime/capture/scenario.h"

namespace falcod {
namespace {

constexpr uint32_t kRingBytes = 256u << 10;
constexpr int kFlood = 5000;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kPollMs = 20;
constexpr uid_t kOtherUser = 65534;

constexpr std::string_view kRules = R"(
- rule: Marker
  desc: A process whose records were lost shows itself; the other calls are there to fill the ring
  condition: evt.type in (open, openat) and fd.name startswith /tmp/falcod-loss or evt.type in
    (mknodat, epoll_create) and evt.rawres = 12345
  output: "%fd.name|%proc.name|%proc.cmdline|%proc.exepath|%proc.pname|%proc.ppid|%user.uid|"
  priority: DEBUG
)";

std::unique_ptr<Engine> make_engine(AlertSink sink) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("loss.yaml", std::string(kRules)), sources, rules,
                                    diagnostics));
  auto engine =
      Engine::create(falcoc::ir::compile(rules, {}, diagnostics), {}, std::move(sink), diagnostics);
  REQUIRE(engine.has_value());
  return std::move(*engine);
}

/// A process that waits for a byte before each of its deeds: it becomes a shell as another user,
/// and the shell opens a marker.
class Late {
 public:
  explicit Late(std::string_view name) : marker_(fmt::format("/tmp/falcod-loss-{}", name)) {
    const int file = open(marker_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    int ends[2];
    REQUIRE((file >= 0 && fchmod(file, 0644) == 0 && pipe(ends) == 0));
    close(file);
    go_ = ends[1];
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) become_shell(ends[0]);
    close(ends[0]);
  }
  ~Late() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(go_);
    unlink(marker_.c_str());
  }
  Late(const Late&) = delete;

  void proceed() { REQUIRE(write(go_, "\n", 1) == 1); }
  const std::string& marker() const { return marker_; }
  pid_t pid() const { return pid_; }
  bool is_shell() const {
    char path[64] = {};
    return readlink(fmt::format("/proc/{}/exe", pid_).c_str(), path, sizeof path - 1) > 0 &&
           std::string_view(path) != self_;
  }
  std::string script() const { return "while read go; do : <" + marker_ + "; done"; }

 private:
  [[noreturn]] void become_shell(int in) {
    char byte;
    dup2(in, 0);
    if (read(0, &byte, 1) != 1 || setresuid(kOtherUser, kOtherUser, kOtherUser) != 0) _exit(1);
    execl("/bin/sh", "sh", "-c", script().c_str(), nullptr);
    _exit(1);
  }

  static std::string own_image() {
    char path[4096] = {};
    return readlink("/proc/self/exe", path, sizeof path - 1) > 0 ? path : "";
  }

  std::string self_ = own_image();
  std::string marker_;
  pid_t pid_ = -1;
  int go_ = -1;
};

/// Records of every size, so that no gap is left.
void fill_ring() {
  for (int i = 0; i < kFlood; ++i) syscall(SYS_mknodat, AT_FDCWD, "no/such/directory", 0600, 0);
  for (int i = 0; i < kFlood; ++i) syscall(SYS_epoll_create, -1);
}

/// Own calls are not reported: a child makes them.
void fill_ring_in_child() {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    fill_ring();
    _exit(0);
  }
  waitpid(pid, nullptr, 0);
}

bool wait_until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    usleep(1000);
  }
  return true;
}

uint64_t lost(const EventSource& source, uint16_t kind) {
  uint64_t sum = 0;
  for (const LossCount& loss : source.losses()) sum += loss.kind == kind ? loss.count : 0;
  return sum;
}

TEST_CASE("facts of processes are right again after their records were lost") {
  std::vector<std::string> alerts;
  auto engine = make_engine([&](const Alert& alert) { alerts.emplace_back(alert.line); });
  auto source = test::open_source({.wanted = engine->wanted(), .ring_bytes = kRingBytes});
  if (source == nullptr || geteuid() != 0) return;
  Late known("known");
  engine->processes().scan_proc();
  engine->processes().identify(source->identities());
  while (source->poll(*engine, 0).value_or(0) != 0) {
  }

  fill_ring_in_child();
  const auto forks = [&] { return lost(*source, FC_STATE_FORK); };
  const auto executions = [&] {
    return lost(*source, FC_STATE_EXEC) +
           lost(*source, static_cast<uint16_t>(falcoc::EventCode::EXECVE));
  };
  const uint64_t forks_before = forks(), executions_before = executions();
  Late unknown("unknown");
  for (Late* each : {&known, &unknown}) {
    each->proceed();
    REQUIRE(wait_until([&] { return each->is_shell(); }));
  }
  CHECK(forks() > forks_before);
  // the kernel tells of the new image a moment after it can be seen
  CHECK(wait_until([&] { return executions() >= executions_before + 2; }));

  // Room again: what follows is delivered.
  while (source->poll(*engine, 0).value_or(0) != 0) {
  }
  const auto alert_of = [&](const Late& late) {
    return std::ranges::find_if(
        alerts, [&](const std::string& line) { return line.contains(late.marker() + "|"); });
  };
  for (Late* each : {&known, &unknown}) {
    const bool came = wait_until([&] {
      each->proceed();  // again and again: a busy machine fills so small a ring by itself
      return source->poll(*engine, kPollMs).has_value() && alert_of(*each) != alerts.end();
    });
    REQUIRE(came);
    const std::string& line = *alert_of(*each);
    INFO(line);
    CHECK(line.contains(fmt::format("|sh|sh -c {}|", each->script())));
    CHECK(line.contains(fmt::format("|loss_recovery_l|{}|{}|", getpid(), kOtherUser)));
    CHECK_FALSE(line.contains("|<NA>|"));
  }
}

}  // namespace
}  // namespace falcod
