// Names of hosts that rules ask for, and the addresses they have now. Resolved by a thread of its
// own, so that the match loop waits for no name server; it takes over new results without a lock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace falcod {

struct HostTable;

class HostNames {
 public:
  /// Addresses of a name, each 4 or 16 bytes in network order; empty if it has none.
  using Resolver = std::function<std::vector<std::string>(const std::string& name)>;

  /// Starts resolving `names`, at once and then again and again: names that change their addresses
  /// are followed. Without names there is no thread. `resolver` is called in that thread only.
  explicit HostNames(std::vector<std::string> names, Resolver resolver = resolve_host);
  ~HostNames();
  HostNames(const HostNames&) = delete;
  HostNames& operator=(const HostNames&) = delete;

  /// Waits until every name was tried once; false if that takes longer.
  bool wait_until_resolved(std::chrono::milliseconds limit);

  /// Those of the names that have this address. Valid until the next call of refresh().
  std::span<const std::string> names_of(std::string_view address) const;
  using AddressSink = std::function<void(std::string_view address)>;
  /// Takes over what the thread has found since, after `tell` was told each address of it. To be
  /// called by the match loop, between events.
  void refresh(const AddressSink& tell = {});
  /// Those that names_of() knows.
  void each_address(const AddressSink& tell) const;

  /// getaddrinfo(3).
  static std::vector<std::string> resolve_host(const std::string& name);

 private:
  struct Shared;

  /// With the thread, which may still wait for a name server when this object is gone.
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<const HostTable> current_;
};

}  // namespace falcod
