// See history.h.
#include "runtime/engine/history.h"

#include <algorithm>

#include "runtime/state/params.h"

namespace falcod {
namespace {

using falcoc::EventCode;

/// Threads remembered at most: the kernel's limit of pids on 64-bit machines is 16 times that. When
/// it is reached, an end was missed many times, and all start again.
constexpr size_t kThreadLimit = 262'144;
constexpr double kFull = 100;

bool is_kind(const Event& event, EventCode code) {
  return event.kind == static_cast<uint16_t>(code);
}

}  // namespace

void History::begin(const Event& event) {
  exec_time_ns_ = 0;
  usage_.reset();
  if (is_kind(event, EventCode::SWITCH)) on_switch(event);
  if (is_kind(event, EventCode::PROCINFO)) on_process_info(event);
}

void History::end(const Event& event) {
  previous_ns_ = event.time_ns;
  if (is_kind(event, EventCode::PROCEXIT)) threads_.erase(event.tid);
}

uint64_t History::since_previous_ns(const Event& event) const {
  // Events of different processors can come a little out of order.
  return previous_ns_ == 0 || event.time_ns < previous_ns_ ? 0 : event.time_ns - previous_ns_;
}

uint64_t History::total_exec_time_ns(int64_t tid) const {
  const auto found = threads_.find(tid);
  return found == threads_.end() ? 0 : found->second.exec_time_ns;
}

History::Thread& History::thread(int64_t tid) {
  if (threads_.size() >= kThreadLimit && !threads_.contains(tid)) threads_.clear();
  return threads_[tid];
}

void History::on_switch(const Event& event) {
  if (event.cpu >= switched_ns_.size()) switched_ns_.resize(size_t{event.cpu} + 1);
  uint64_t& switched = switched_ns_[event.cpu];
  if (switched != 0 && event.time_ns > switched) exec_time_ns_ = event.time_ns - switched;
  switched = event.time_ns;
  thread(event.tid).exec_time_ns += exec_time_ns_;
}

void History::on_process_info(const Event& event) {
  Thread& known = thread(event.tid);
  const uint64_t user = unsigned_of(param_at(event, 0));
  const uint64_t system = unsigned_of(param_at(event, 1));
  usage_.emplace();
  if (known.has_counters) {
    const auto since = [](uint64_t now, uint64_t before) {
      return now > before ? std::min(static_cast<double>(now - before), kFull) : 0;
    };
    usage_->user = since(user, known.user);
    usage_->system = since(system, known.system);
    usage_->total = since(user + system, known.user + known.system);
  }
  known.user = user;
  known.system = system;
  known.has_counters = true;
}

}  // namespace falcod
