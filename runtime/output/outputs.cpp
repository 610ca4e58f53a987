// See outputs.h.
#include "runtime/output/outputs.h"

#include <algorithm>
#include <utility>

namespace falcod {

namespace {

void add_counts(SinkStats& to, const SinkStats& from) {
  to.written += from.written;
  to.delivery += from.delivery;
  to.dropped_full += from.dropped_full;
  to.dropped_closed += from.dropped_closed;
  to.dropped_refused += from.dropped_refused;
  to.dropped_limited += from.dropped_limited;
  to.repeated += from.repeated;
  to.retries += from.retries;
  to.queued += from.queued;
  to.queued_bytes += from.queued_bytes;
  to.spooled += from.spooled;
}

}  // namespace

void Outputs::add(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate) {
  queues_.push_back(std::make_shared<SinkQueue>(std::move(sink), limits, gate));
}

void Outputs::use(std::vector<OutputSpec> specs, Time now) {
  std::vector<std::shared_ptr<SinkQueue>> before = std::move(queues_);
  queues_.clear();
  queues_.resize(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    const auto same = std::ranges::find_if(before, [&](const auto& queue) {
      return queue != nullptr && queue->identity() == specs[i].identity;
    });
    if (same == before.end()) continue;
    queues_[i] = std::move(*same);
    queues_[i]->use_route(specs[i].gate.route);
  }
  std::map<std::string, std::shared_ptr<SinkQueue>> by_name;
  for (auto& queue : before) {
    if (queue == nullptr) continue;
    queue->retire();
    by_name[queue->stats().name] = queue;
    retired_.push_back({.queue = std::move(queue), .deadline = now + kRetireLimit});
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    if (queues_[i] != nullptr) continue;
    const auto former = by_name.find(specs[i].name);
    queues_[i] = std::make_shared<SinkQueue>(std::move(specs[i]),
                                             former == by_name.end() ? nullptr : former->second);
  }
}

void Outputs::turn(Time now) {
  std::erase_if(retired_, [&](Retired& retired) {
    if (retired.queue->ended()) {
      const SinkStats stats = retired.queue->stats();
      SinkStats& sum = former_[stats.name];
      sum.name = stats.name;
      add_counts(sum, stats);
      return true;
    }
    if (now >= retired.deadline && !std::exchange(retired.stopped, true)) retired.queue->stop();
    return false;
  });
}

void Outputs::emit(const Message& message, std::string_view except) {
  for (const auto& queue : queues_) {
    if (except.empty() || queue->name() != except) queue->push(message);
  }
}

bool Outputs::wait_for_room(std::chrono::milliseconds deadline) {
  bool room = true;
  for (const auto& queue : queues_) room = queue->wait_for_room(deadline) && room;
  return room;
}

bool Outputs::all_closed() const {
  return !queues_.empty() &&
         std::ranges::all_of(queues_, [](const auto& queue) { return queue->stats().closed; });
}

void Outputs::close(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  // First those that others wait for, which had some time already.
  for (const Retired& retired : retired_) retired.queue->close(deadline / 2 / retired_.size());
  for (const auto& queue : queues_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    queue->close(std::max(left, std::chrono::milliseconds{0}));
  }
}

void Outputs::reopen() {
  for (const auto& queue : queues_) queue->reopen();
}

std::vector<SinkStats> Outputs::stats() const {
  std::vector<SinkStats> all;
  for (const auto& queue : queues_) all.push_back(queue->stats());
  const auto merge = [&all](const SinkStats& stats) {
    const auto same = std::ranges::find(all, stats.name, &SinkStats::name);
    if (same == all.end()) {
      all.push_back(stats);
    } else {
      add_counts(*same, stats);
    }
  };
  for (const Retired& retired : retired_) merge(retired.queue->stats());
  for (const auto& [name, stats] : former_) merge(stats);
  return all;
}

}  // namespace falcod
