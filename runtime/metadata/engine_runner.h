// The threads that talk to one engine: some look containers up, one follows the engine's events.
// They start when the engine is first there.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/metadata/container_engine.h"
#include "runtime/metadata/mailbox.h"
#include "runtime/state/container_source.h"

namespace falcod::metadata {

/// A question that several engines work at. The first that knows the container answers; if none
/// does, the last to give up says so. What a makeshift engine knows is kept until a better one
/// answers or has had its time: a container that ends soon is gone from the better one when it
/// looks.
struct OpenQuestion {
  ContainerQuestion question;
  std::chrono::steady_clock::time_point until;
  bool has_better = false;       ///< engines that are not makeshift work at it
  std::atomic<int> engines = 0;  ///< that have not given up
  std::atomic<bool> answered = false;
  std::mutex mutex;
  std::optional<Container> makeshift{};
  std::chrono::steady_clock::time_point makeshift_since{};
};
using OpenQuestionPtr = std::shared_ptr<OpenQuestion>;

class EngineRunner {
 public:
  using Clock = std::chrono::steady_clock;
  /// Lookups at the same time: engines hold a container locked while they start it, and those who
  /// ask for another one must not wait for that.
  static constexpr size_t kLookups = 4;
  /// Between two tries for the same container; doubled each time.
  static constexpr std::chrono::milliseconds kFirstRetry{5}, kLastRetry{160};
  /// Before an engine whose connection broke is asked again for its events.
  static constexpr std::chrono::milliseconds kReconnect{500};

  /// How long better engines are given when a makeshift one knows the container.
  static constexpr std::chrono::milliseconds kPatience{200};

  /// Completes what an engine said of a container, before it is passed on.
  using Complete = std::function<void(Container&)>;

  EngineRunner(std::unique_ptr<ContainerEngine> engine, Mailbox<ContainerAnswer>& answers,
               Complete complete);
  ~EngineRunner();
  EngineRunner(const EngineRunner&) = delete;
  EngineRunner& operator=(const EngineRunner&) = delete;

  const ContainerEngine& engine() const { return *engine_; }
  /// Starts the threads if the engine has shown up. True if it is there, or was.
  bool look();
  void ask(OpenQuestionPtr question);
  /// Ends everything soon; the destructor waits for it.
  void stop();

 private:
  struct Try {
    OpenQuestionPtr question;
    Clock::time_point next;
    std::chrono::milliseconds pause = kFirstRetry;
  };

  void look_up();
  void follow();
  /// False if the container is to be tried again.
  bool attempt(OpenQuestion& question);
  void give_up(OpenQuestion& question);
  /// Answers with what the makeshift engine knew, if it knew it for so long.
  bool answer_makeshift(OpenQuestion& question, std::chrono::milliseconds patience);
  void answer(Container container);
  void more_threads();
  bool wait(std::chrono::milliseconds pause);

  std::unique_ptr<ContainerEngine> engine_;
  Mailbox<ContainerAnswer>& answers_;
  Complete complete_;
  bool started_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Try> tries_;
  std::deque<std::string> told_;  ///< ids that the engine told of, to be looked up
  bool stopping_ = false;
  size_t idle_ = 0;  ///< lookup threads without work
  std::vector<std::jthread> lookups_;
  std::jthread follow_;
};

}  // namespace falcod::metadata
