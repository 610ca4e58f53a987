// See engine_runner.h.
#include "runtime/metadata/engine_runner.h"

#include <algorithm>

namespace falcod::metadata {

namespace {
/// An engine that tells of more than is looked up in time: the oldest are left out, and found when
/// they are asked for.
constexpr size_t kMaxTold = 16'384;
}  // namespace

EngineRunner::EngineRunner(std::unique_ptr<ContainerEngine> engine,
                           Mailbox<ContainerAnswer>& answers, Complete complete)
    : engine_(std::move(engine)), answers_(answers), complete_(std::move(complete)) {}

EngineRunner::~EngineRunner() { stop(); }

bool EngineRunner::look() {
  if (started_) return true;
  if (!engine_->is_present()) return false;
  started_ = true;
  if (engine_->has_events()) follow_ = std::jthread([this] { follow(); });
  return true;
}

void EngineRunner::ask(OpenQuestionPtr question) {
  const std::lock_guard lock(mutex_);
  tries_.push_back({std::move(question), Clock::now()});
  more_threads();
  changed_.notify_all();
}

/// One more if all are at work. With the lock held.
void EngineRunner::more_threads() {
  if (stopping_ || idle_ > 0 || lookups_.size() >= kLookups) return;
  ++idle_;
  lookups_.emplace_back([this] { look_up(); });
}

void EngineRunner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  engine_->stop();
}

bool EngineRunner::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [this] { return stopping_; });
  return !stopping_;
}

/// Questions first: somebody waits for them.
void EngineRunner::look_up() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = std::ranges::min_element(tries_, {}, &Try::next);
    const auto now = Clock::now();
    if (due != tries_.end() && due->next <= now) {
      Try attempted = std::move(*due);
      tries_.erase(due);
      --idle_;
      lock.unlock();
      const bool done = attempt(*attempted.question);
      lock.lock();
      ++idle_;
      if (done) continue;
      attempted.next = Clock::now() + attempted.pause;
      attempted.pause = std::min(attempted.pause * 2, kLastRetry);
      tries_.push_back(std::move(attempted));
    } else if (!told_.empty()) {
      const std::string id = std::move(told_.front());
      told_.pop_front();
      --idle_;
      lock.unlock();
      if (auto found = engine_->find(id); found && *found) answer(std::move(**found));
      lock.lock();
      ++idle_;
    } else if (due != tries_.end()) {
      changed_.wait_until(lock, due->next);
    } else {
      changed_.wait(lock);
    }
  }
}

bool EngineRunner::attempt(OpenQuestion& question) {
  if (question.answered.load()) return true;
  const bool waits_for_better = engine_->is_makeshift() && question.has_better;
  auto found = engine_->find(question.question.full_id);
  if (found && *found && waits_for_better) {
    {
      const std::lock_guard lock(question.mutex);
      question.makeshift = std::move(**found);
      question.makeshift_since = Clock::now();
    }
    give_up(question);
    return true;
  }
  if (found && *found) {
    question.answered.store(true);
    answer(std::move(**found));
    return true;
  }
  if (!engine_->is_makeshift() && answer_makeshift(question, kPatience)) return true;
  if (Clock::now() < question.until) return false;
  give_up(question);
  return true;
}

bool EngineRunner::answer_makeshift(OpenQuestion& question, std::chrono::milliseconds patience) {
  const std::lock_guard lock(question.mutex);
  if (!question.makeshift || Clock::now() - question.makeshift_since < patience) return false;
  if (!question.answered.exchange(true)) answer(std::move(*question.makeshift));
  question.makeshift.reset();
  return true;
}

void EngineRunner::give_up(OpenQuestion& question) {
  if (question.engines.fetch_sub(1) != 1 || question.answered.load()) return;
  if (!answer_makeshift(question, {})) answers_.put({.id = question.question.id});
}

void EngineRunner::answer(Container container) {
  complete_(container);
  std::string id = container.id;
  answers_.put({.id = std::move(id), .known = true, .container = std::move(container)});
}

/// Whenever the engine is there (again): everything it has, then what it tells of.
void EngineRunner::follow() {
  do {
    if (!engine_->is_present()) continue;
    const auto take = [this](std::string id) {
      const std::lock_guard lock(mutex_);
      if (told_.size() == kMaxTold) told_.pop_front();
      told_.push_back(std::move(id));
      more_threads();
      changed_.notify_all();
    };
    if (auto ids = engine_->list()) std::ranges::for_each(*ids, take);
    engine_->follow(take);
  } while (wait(kReconnect));
}

}  // namespace falcod::metadata
