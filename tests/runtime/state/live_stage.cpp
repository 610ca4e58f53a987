// See live_stage.h.
#include "tests/runtime/state/live_stage.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <fstream>

namespace falcod::testing {
namespace {

constexpr int kPatienceMs = 120'000;  // the machine may be busy with anything
constexpr int kPollMs = 20;

}  // namespace

pid_t fork_waiting() {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    end_with(parent);
    wait_for_ever();
  }
  return child;
}

std::unique_ptr<LiveStage> LiveStage::open() {
  falcoc::EventSet wanted = ProcessTable::needed_events();
  wanted.set(static_cast<size_t>(falcoc::EventCode::KILL));
  auto source = LiveSource::open({.wanted = wanted});
  if (!source) {
    MESSAGE("SKIPPED: ", source.error().message);
    return nullptr;
  }
  auto stage = std::make_unique<LiveStage>();
  stage->source_ = std::move(*source);
  stage->table.scan_proc();
  return stage;
}

void LiveStage::on_record(std::span<const std::byte> record) {
  const Event* event = decoder_.decode(record);
  REQUIRE(event != nullptr);
  if (drops && drops(*event)) return;
  const ProcessPtr process = table.apply(*event);
  if (event->kind == static_cast<uint16_t>(falcoc::EventCode::KILL) &&
      static_cast<int>(event->record->args[0]) == marked(number_)) {
    marker_ = process;
  }
  table.after(*event);
}

ProcessPtr LiveStage::wait_for_mark() {
  marker_ = nullptr;
  for (int waited = 0; waited < kPatienceMs && !marker_; waited += kPollMs) {
    REQUIRE(source_->poll(*this, kPollMs).has_value());
  }
  REQUIRE(marker_ != nullptr);
  return marker_;
}

ProcessPtr LiveStage::play(const std::function<void()>& act,
                           const std::function<void(const ProcessPtr&)>& then) {
  ++number_;
  int go[2];
  REQUIRE(pipe2(go, O_CLOEXEC) == 0);
  const pid_t test = getpid();
  actor_ = fork();
  REQUIRE(actor_ >= 0);
  if (actor_ == 0) {
    end_with(test);
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    act();
    mark(number_);
    wait_for_ever();
  }
  REQUIRE(write(go[1], "g", 1) == 1);
  const ProcessPtr process = wait_for_mark();
  if (then) {
    then(process);
  } else {
    check_against_proc(*process);
  }
  kill(actor_, SIGKILL);
  CHECK(waitpid(actor_, nullptr, 0) == actor_);
  close(go[0]);
  close(go[1]);
  return process;
}

void check_against_proc(const Process& process) {
  const auto truth = read_proc_process(process.pid, 0);
  REQUIRE(truth.has_value());
  CHECK_EQ(process.vpid, truth->vpid);
  CHECK_EQ(process.ppid, truth->ppid);
  CHECK_EQ(process.uid, truth->uid);
  CHECK_EQ(process.gid, truth->gid);
  CHECK_EQ(process.cap_permitted, truth->cap_permitted);
  CHECK_EQ(process.cap_effective, truth->cap_effective);
  CHECK_EQ(process.cap_inheritable, truth->cap_inheritable);
  CHECK_EQ(process.sid, truth->sid);
  CHECK_EQ(process.pgid, truth->pgid);
  CHECK_EQ(process.tty, truth->tty);
  CHECK_EQ(process.cwd, truth->cwd);
  CHECK_EQ(process.threads, truth->threads);
  CHECK_EQ(process.main_thread_gone, truth->main_thread_gone);
  CHECK_EQ(process.image->exe, truth->image->exe);
  CHECK_EQ(process.image->exe_path, truth->image->exe_path);
  CHECK_EQ(process.image->args, truth->image->args);
}

std::vector<int64_t> proc_children(int64_t pid) {
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
  std::vector<int64_t> pids;
  for (int64_t child; children >> child;) pids.push_back(child);
  return pids;
}

}  // namespace falcod::testing
