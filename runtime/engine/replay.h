// From a capture to the engine: keeps what a live source would ask the kernel for, brings stored
// events into the form of live ones and hands them over.
#pragma once

#include <array>
#include <string>
#include <unordered_set>

#include "runtime/capture/scap/capture_file.h"
#include "runtime/engine/engine.h"
#include "runtime/state/captured_fds.h"

namespace falcod {

class Replay final : public scap::CaptureVisitor {
 public:
  explicit Replay(Engine& engine);

  void on_section() override;
  void on_machine(const scap::Machine& machine) override;
  void on_interface(const scap::Interface& interface) override;
  void on_user(const scap::UserEntry& user) override;
  void on_process(const scap::ProcessEntry& process) override;
  void on_fd(const scap::FdEntry& fd) override;
  void on_tables_end() override;
  void on_event(const scap::StoredEvent& stored, uint64_t number) override;
  void on_dropped() override;

 private:
  bool is_hidden(const scap::StoredEvent& stored);
  void apply_account(const Event& event);
  /// The container that the event tells of, taken in; null for all other events.
  const Container* apply_container(const Event& event);
  void note_execveat(const scap::StoredEvent& stored);

  struct KnownEvent {
    const falcoc::EventInfo* info = nullptr;  ///< null for enter events
    bool has_result = false;
  };

  Engine& engine_;
  CapturedFds fds_;
  std::array<KnownEvent, scap::kStoredCodes> infos_;  ///< by code, looked up once
  std::unordered_set<int64_t> main_threads_;          ///< of this section's process list
  /// Accounts and containers at the head of a file describe what was there: rules do not see them.
  bool leading_ = true;
};

}  // namespace falcod
