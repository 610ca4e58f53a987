// See host_names.h.
#include "runtime/state/host_names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace falcod {
namespace {

/// Pauses between two rounds: short while addresses may still change, as Falco does it.
constexpr std::chrono::seconds kFirstPause{10};
constexpr std::chrono::seconds kLongestPause{320};

struct AddressHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace

/// Names by address.
struct HostTable
    : std::unordered_map<std::string, std::vector<std::string>, AddressHash, std::equal_to<>> {};

namespace {

void tell_addresses(const HostTable& table, const HostNames::AddressSink& tell) {
  for (const auto& [address, names] : table) tell(address);
}

}  // namespace

/// What the match loop and the resolving thread have in common.
struct HostNames::Shared {
  Shared(std::vector<std::string> asked, Resolver with)
      : names(std::move(asked)), resolver(std::move(with)) {}
  ~Shared() { delete fresh.load(); }

  void run();
  HostTable resolve_all() const;

  const std::vector<std::string> names;
  const Resolver resolver;
  std::atomic<const HostTable*> fresh{nullptr};  ///< owned by whoever exchanges it out

  std::mutex mutex;  ///< of what follows; never taken per event
  std::condition_variable changed;
  bool stopping = false;
  bool resolved = false;
};

HostNames::HostNames(std::vector<std::string> names, Resolver resolver)
    : shared_(std::make_shared<Shared>(std::move(names), std::move(resolver))) {
  if (shared_->names.empty()) {
    shared_->resolved = true;
    return;
  }
  std::thread([shared = shared_] { shared->run(); }).detach();
}

HostNames::~HostNames() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->changed.notify_all();
}

bool HostNames::wait_until_resolved(std::chrono::milliseconds limit) {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_for(lock, limit, [this] { return shared_->resolved; });
}

std::span<const std::string> HostNames::names_of(std::string_view address) const {
  if (!current_) return {};
  const auto found = current_->find(address);
  if (found == current_->end()) return {};
  return found->second;
}

void HostNames::refresh(const AddressSink& tell) {
  if (shared_->fresh.load(std::memory_order_relaxed) == nullptr) return;
  std::unique_ptr<const HostTable> fresh(
      shared_->fresh.exchange(nullptr, std::memory_order_acquire));
  if (tell) tell_addresses(*fresh, tell);
  current_ = std::move(fresh);
}

void HostNames::each_address(const AddressSink& tell) const {
  if (current_) tell_addresses(*current_, tell);
}

HostTable HostNames::Shared::resolve_all() const {
  HostTable table;
  for (const std::string& name : names) {
    for (std::string& address : resolver(name)) {
      std::vector<std::string>& of_address = table[std::move(address)];
      if (std::ranges::find(of_address, name) == of_address.end()) of_address.push_back(name);
    }
  }
  return table;
}

void HostNames::Shared::run() {
  auto pause = kFirstPause;
  HostTable last;
  while (true) {
    HostTable table = resolve_all();
    // A name server that is away for a while takes no knowledge away.
    if (!table.empty() && table != last) {
      last = table;
      delete fresh.exchange(new HostTable(std::move(table)), std::memory_order_acq_rel);
      pause = kFirstPause;
    } else {
      pause = std::min(2 * pause, kLongestPause);
    }
    std::unique_lock lock(mutex);
    resolved = true;
    changed.notify_all();
    if (changed.wait_for(lock, pause, [this] { return stopping; })) return;
  }
}

std::vector<std::string> HostNames::resolve_host(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* found = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      const auto& address = reinterpret_cast<const sockaddr_in*>(entry->ai_addr)->sin_addr;
      addresses.emplace_back(reinterpret_cast<const char*>(&address), sizeof address);
    } else if (entry->ai_family == AF_INET6) {
      const auto& address = reinterpret_cast<const sockaddr_in6*>(entry->ai_addr)->sin6_addr;
      addresses.emplace_back(reinterpret_cast<const char*>(&address), sizeof address);
    }
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace falcod
