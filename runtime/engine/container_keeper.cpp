// See container_keeper.h.
#include "runtime/engine/container_keeper.h"

#include <unordered_set>

namespace falcod {

ContainerKeeper::ContainerKeeper(ProcessTable& processes, Containers& containers)
    : processes_(processes), containers_(containers) {}

void ContainerKeeper::use(ContainerSource& source, std::chrono::milliseconds bound) {
  source_ = &source;
  bound_ = bound;
  now_ = Clock::now();
  next_sweep_ = now_ + kSweep;
  for (const int64_t pid : processes_.pids()) {
    if (const ProcessPtr process = processes_.find(pid)) ask(*process->cgroups);
  }
}

void ContainerKeeper::on_change(const Process& process, ProcessChange changes) {
  if (source_ == nullptr || process.cgroups->container_id.empty()) return;
  constexpr auto kRelevant = ProcessChange::CREATED | ProcessChange::CGROUPS | ProcessChange::IMAGE;
  if (has(changes, kRelevant) && !has(changes, ProcessChange::EXITED)) ask(*process.cgroups);
}

void ContainerKeeper::ask(const Cgroups& cgroups) {
  const std::string& id = cgroups.container_id;
  if (id.empty() || pending_.contains(id) || containers_.find(id) != nullptr) return;
  bool again = false;
  if (const auto found = unknown_.find(id); found != unknown_.end()) {
    if (now_ < found->second) return;
    found->second = now_ + kAskAgain;
    again = true;
  }
  questions_.push_back({id, cgroups.container_full_id, cgroups.container_engine});
  if (again) return;  // what did not come before is not waited for
  pending_.emplace(id, Pending{now_ + bound_, cgroups.pod_uid});
  ++asked_;
}

bool ContainerKeeper::update(Clock::time_point now) {
  if (source_ == nullptr) return false;
  now_ = now;
  const size_t before = pending_.size();
  if (!questions_.empty()) source_->ask(std::exchange(questions_, {}));
  for (ContainerAnswer& answer : source_->take()) take_answer(std::move(answer));
  std::vector<std::string> overdue;
  for (const auto& [id, pending] : pending_) {
    if (pending.until <= now) overdue.push_back(id);
  }
  for (const std::string& id : overdue) settle(id, pending_[id].known);
  if (now >= next_sweep_) {
    next_sweep_ = now + kSweep;
    sweep();
  }
  return pending_.size() != before;
}

/// The container's pod may be on its way too, from another server.
void ContainerKeeper::take_answer(ContainerAnswer answer) {
  if (!answer.pod_uid.empty()) return take_pod(answer.pod_uid, std::move(answer.pod));
  if (answer.known) containers_.put(std::move(answer.container));
  const auto found = pending_.find(answer.id);
  if (found != pending_.end() && !found->second.pod_uid.empty() &&
      containers_.find_pod(found->second.pod_uid) == nullptr && source_->pod_stats().awaited) {
    found->second.answered = true;
    found->second.known = answer.known;
    return;
  }
  settle(answer.id, answer.known);
}

void ContainerKeeper::take_pod(const std::string& uid, PodPtr pod) {
  containers_.put_pod(uid, std::move(pod));
  std::vector<std::pair<std::string, bool>> settled;
  for (const auto& [id, pending] : pending_) {
    if (pending.answered && pending.pod_uid == uid) settled.emplace_back(id, pending.known);
  }
  for (const auto& [id, known] : settled) settle(id, known);
}

void ContainerKeeper::settle(const std::string& id, bool known) {
  const bool was_pending = pending_.erase(id) != 0;
  if (known) {
    unknown_.erase(id);
  } else if (was_pending) {
    unknown_[id] = now_ + kAskAgain;
  }
  if (was_pending) ++(known ? answered_ : not_known_);
}

/// What no process is in any more is forgotten, one sweep after it was first found so: late events
/// still find it.
void ContainerKeeper::sweep() {
  std::unordered_set<std::string> used;
  for (const int64_t pid : processes_.pids()) {
    const ProcessPtr process = processes_.find(pid);
    if (process == nullptr || process->cgroups->container_id.empty()) continue;
    used.insert(process->cgroups->container_id);
    const Container* container = containers_.find(process->cgroups->container_id);
    if (container != nullptr && !container->pod_sandbox_id.empty()) {
      used.insert(container->pod_sandbox_id.substr(0, 12));
    }
  }
  const auto is_used = [&](const auto& entry) { return used.contains(entry.first); };
  std::erase_if(unused_, is_used);
  std::erase_if(unknown_, [&](const auto& entry) { return !is_used(entry); });
  for (const std::string& id : containers_.ids()) {
    if (used.contains(id)) continue;
    const auto [place, is_new] = unused_.try_emplace(id, now_);
    if (is_new || now_ - place->second < kSweep) continue;
    containers_.erase(id);
    unused_.erase(place);
  }
}

void ContainerKeeper::add_to(MetadataStats& stats) const {
  stats.containers = containers_.size();
  stats.asked = asked_;
  stats.answered = answered_;
  stats.unknown = not_known_;
  if (source_ != nullptr) stats.pods = source_->pod_stats();
}

}  // namespace falcod
