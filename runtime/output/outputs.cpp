// See outputs.h.
#include "runtime/output/outputs.h"

#include <algorithm>

namespace falcod {

void Outputs::add(std::unique_ptr<Sink> sink, QueueLimits limits, const GateOptions& gate) {
  queues_.push_back(std::make_unique<SinkQueue>(std::move(sink), limits, gate));
}

void Outputs::emit(const Message& message) {
  for (const auto& queue : queues_) queue->push(message);
}

bool Outputs::wait_for_room(std::chrono::milliseconds deadline) {
  bool room = true;
  for (const auto& queue : queues_) room = queue->wait_for_room(deadline) && room;
  return room;
}

bool Outputs::all_closed() const {
  return std::ranges::all_of(queues_, [](const auto& queue) { return queue->stats().closed; });
}

void Outputs::close(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
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
  return all;
}

}  // namespace falcod
