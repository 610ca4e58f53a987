// See fact_keeper.h.
#include "runtime/engine/fact_keeper.h"

#include <fmt/format.h>

#include <cstring>

#include "runtime/capture/record.h"

namespace falcod {

namespace {

/// Names of users may be stale this long, with facts as without (Users).
constexpr std::chrono::seconds kUsersInterval{1};

}  // namespace

FactKeeper::FactKeeper(ProcessTable& processes, Users& users, std::string_view hostname)
    : processes_(processes), users_(users) {
  context_.processes = &processes;
  context_.users = &users;
  context_.arena = &arena_;
  context_.hostname = hostname;
}

void FactKeeper::use(FactRules* rules) {
  rules_ = rules;
  if (store_ == nullptr) return;
  store_->invalidate_all();
  note_all();
}

void FactKeeper::use(FactStore& store) {
  store_ = &store;
  note_all();
}

void FactKeeper::note_all() {
  queue_.clear();
  noted_.clear();
  if (rules_ == nullptr || rules_->empty()) return;
  if (rules_->asks_for_users()) users_version_ = users_.version();
  for (const int64_t pid : processes_.pids()) note(pid, now_);
}

void FactKeeper::note(int64_t pid, Clock::time_point due) {
  const auto [place, is_new] = noted_.try_emplace(pid, due);
  if (!is_new && place->second == due) return;
  place->second = due;
  queue_.push_back({pid, due});
}

void FactKeeper::on_change(const Process& process, ProcessChange changes) {
  if (store_ == nullptr || rules_ == nullptr || rules_->empty() ||
      changes == ProcessChange::DIRECTORY) {
    return;
  }
  store_->remove(static_cast<uint32_t>(process.pid));
  if (has(changes, ProcessChange::EXITED)) {
    noted_.erase(process.pid);
    return;
  }
  note(process.pid, now_ + kSettle);
  // What the table knows of an ancestor can change without a trace in the kernel: by being read
  // again after a loss.
  const auto of_ancestors = ProcessChange::IMAGE | ProcessChange::PARENT | ProcessChange::CREATED |
                            ProcessChange::IDENTITY;
  if (!has(changes, of_ancestors)) return;
  for (const int64_t pid : processes_.descendants(process.pid)) {
    store_->remove(static_cast<uint32_t>(pid));
    note(pid, now_ + kSettle);
  }
}

bool FactKeeper::update(Clock::time_point now) {
  now_ = now;
  if (store_ == nullptr || rules_ == nullptr || rules_->empty()) return false;
  if (rules_->asks_for_users() && now >= next_users_check_) {
    next_users_check_ = now + kUsersInterval;
    if (users_.version() != users_version_) {
      store_->invalidate_all();
      note_all();
    }
  }
  for (size_t evaluated = 0; evaluated < kBatch;) {
    if (queue_.empty() || queue_.front().time > now) return false;
    const Due due = queue_.front();
    queue_.pop_front();
    const auto noted = noted_.find(due.pid);
    if (noted == noted_.end() || noted->second != due.time) continue;  // changed again, or gone
    noted_.erase(noted);
    const ProcessPtr process = processes_.find(due.pid);
    if (process == nullptr || process->exited) continue;
    evaluate(process);
    ++evaluated;
  }
  return !queue_.empty() && queue_.front().time <= now;
}

void FactKeeper::evaluate(const ProcessPtr& process) {
  fc_facts entry{};
  if (!label(*process, entry)) {
    ++stats_.unlabelled;
    return;
  }
  context_.process = process;
  rules_->evaluate(context_, entry);
  context_.process = nullptr;
  arena_.clear();
  ++stats_.evaluated;
  if (!store_->put(entry)) ++stats_.no_room;
}

bool FactKeeper::label(const Process& process, fc_facts& entry) const {
  if (process.start_time_coarse || process.exec_id == 0) return false;
  entry.pid = static_cast<uint32_t>(process.pid);
  entry.exec_id = process.exec_id;
  entry.start_time_ns = process.start_time_ns;
  entry.uid = process.uid;
  entry.gid = process.gid;
  entry.loginuid = process.login_uid;
  entry.sid = static_cast<uint32_t>(process.sid);
  entry.pgid = static_cast<uint32_t>(process.pgid);
  entry.tty = process.tty;
  entry.cgroup_id = process.cgroup_id;
  entry.cap_inheritable = process.cap_inheritable;
  entry.cap_permitted = process.cap_permitted;
  entry.cap_effective = process.cap_effective;
  entry.ancestry = ancestry(process);
  return true;
}

/// As fc_ancestry() of the probe, over the ancestors that the table knows. 0 if it does not know
/// one of them exactly.
uint64_t FactKeeper::ancestry(const Process& process) const {
  uint64_t sum = FC_ANCESTRY_BEGIN;
  int64_t ppid = process.ppid;
  ProcessPtr ancestor = processes_.parent(process);
  for (int i = 0; i < FC_ANCESTORS; ++i) {
    if (ppid == 0) return sum;
    if (ancestor == nullptr || ancestor->exited || ancestor->start_time_coarse ||
        ancestor->exec_id == 0 || ancestor->pid != ppid) {
      return 0;
    }
    sum = fc_ancestry_step(sum, store_->ancestry_key(), static_cast<uint64_t>(ancestor->pid),
                           ancestor->start_time_ns, ancestor->exec_id);
    ppid = ancestor->ppid;
    ancestor = processes_.parent(*ancestor);
  }
  return 0;
}

void FactKeeper::check(const Event& event, const ProcessPtr& process) {
  Item item;
  if (rules_ == nullptr || rules_->empty() || event.record == nullptr ||
      !find_item(*event.record, FC_ITEM_FACTS, kAnyIndex, item)) {
    return;
  }
  fc_known_facts known{};
  std::memcpy(&known, item.bytes.data(), std::min(item.bytes.size(), sizeof known));
  const auto& facts = rules_->facts().facts;
  if (known.ruleset != rules_->number()) {
    stats_.unknown += facts.size();
    return;
  }
  fc_facts now{};
  context_.process = process;
  rules_->evaluate(context_, now);
  context_.process = nullptr;
  arena_.clear();
  for (const falcoc::ir::ProcessFact& fact : facts) {
    const auto bit = [&](const fc_u64* words) { return words[fact.bit / 64] >> fact.bit % 64 & 1; };
    const bool may_be_true = bit(known.may_be_true) != 0;
    const bool may_be_false = bit(known.may_be_false) != 0;
    ++(may_be_true && may_be_false ? stats_.unknown : stats_.known);
    const bool lost = (bit(now.may_be_false) == 0 && !may_be_true) ||
                      (bit(now.may_be_true) == 0 && !may_be_false);
    if (!lost) continue;
    if (stats_.contradicted++ == 0) {
      stats_.first_contradiction =
          fmt::format("{} pid {} ({}), {} event {}", rules_->text(fact), process->pid,
                      process->comm, may_be_true ? "true" : "false", event.kind);
    }
  }
}

}  // namespace falcod
