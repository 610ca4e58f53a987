// Sockets as /proc/PID/net lists them, by inode: what a descriptor `socket:[N]` stands for. One
// table per network namespace.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "runtime/capture/scap/tables.h"

namespace falcod {

class SocketTable {
 public:
  /// The sockets of the network namespace that process `pid` is in; empty if it is gone.
  explicit SocketTable(int64_t pid);

  /// Kind, addresses and name; null if no such socket is listed. Valid as long as this table.
  const scap::FdEntry* find(uint64_t inode) const;

 private:
  void read_ip(const std::string& path, size_t address_bytes, uint8_t l4);
  void read_unix(const std::string& path);
  void read_netlink(const std::string& path);

  std::unordered_map<uint64_t, scap::FdEntry> by_inode_;
  std::deque<std::string> names_;
};

}  // namespace falcod
