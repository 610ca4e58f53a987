// Descriptors of the processes in a capture, rebuilt from its tables and events: there is no kernel
// to ask. Rules: SCAP notes, section 6. Live events are described by FdTable.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/capture/scap/tables.h"
#include "runtime/state/fd_info.h"
#include "runtime/state/process_table.h"

namespace falcod {

class CapturedFds {
 public:
  /// A new section: descriptors and interfaces are forgotten.
  void clear();
  void add_interface(const scap::Interface& interface);
  /// `pid` is the process whose main thread the entry is of.
  void add(int64_t pid, const scap::FdEntry& entry);
  /// The tables are complete: tells servers from clients by the ports that are listened on.
  void finish_tables();

  /// Takes over what the event changes; to be called before its rules are matched, with the process
  /// that acts and all others as ProcessTable::apply left them.
  void apply(const Event& event, const Process& process, const ProcessTable& processes);
  /// Removes what the event closed; after its rules were matched.
  void after(const Event& event, const Process& process);

  /// Fills the facts of descriptor `number` of process `pid`; false if it is not known.
  bool describe(int64_t pid, int64_t number, FdInfo& out) const;
  /// Whether the event before gave this descriptor another name.
  bool name_changed(int64_t number) const { return number == changed_fd_; }
  /// Name of a descriptor, empty if it is not known: the base of relative paths.
  std::string_view name(int64_t pid, int64_t number) const;

 private:
  struct Fd {
    scap::FdKind kind = scap::FdKind::UNKNOWN;
    uint8_t l4 = 0;  ///< as in scap::FdEntry
    FdInfo::Role role = FdInfo::Role::UNKNOWN;
    uint8_t layer = 0;  ///< overlayfs: 1 upper, 2 lower
    bool close_on_exec = false;
    bool connected = false;
    uint32_t dev = 0;
    uint64_t ino = 0;
    Endpoint source, destination;  ///< client and server once the role is known; servers: source
    std::string name, name_raw;
  };
  /// One process; its threads share it.
  struct Table {
    uint64_t made_ns = 0;
    std::unordered_map<int64_t, Fd> fds;
  };

  /// Null if nothing is known of the process.
  Table* table(int64_t pid) const;
  Fd* find(int64_t pid, int64_t number) const;
  /// A descriptor in place of whatever had its number; null if the table is full.
  Fd* put(int64_t pid, int64_t number, Fd fd);

  void clone(const Event& event, const Process& process, const ProcessTable& processes);
  void exec(int64_t pid);
  bool open(const Event& event, const Process& process);
  bool make_simple(const Event& event, int64_t pid);
  void pair(const Event& event, int64_t pid);
  void duplicate(int64_t pid, int64_t from, int64_t to, bool close_on_exec);
  void control(const Event& event, int64_t pid);
  void close_range(const Event& event, int64_t pid);
  void take_from_process(const Event& event, int64_t pid);

  // captured_sockets.cpp
  void make_socket(const Event& event, int64_t pid);
  void bind(const Event& event, int64_t pid);
  void connect(const Event& event, int64_t pid);
  void accept(const Event& event, int64_t pid);
  void transfer(const Event& event, int64_t pid, bool is_send);
  void patch_zero_address(Fd& fd) const;
  static bool rename_socket(Fd& fd);

  mutable std::unordered_map<int64_t, Table> tables_;  ///< by pid
  mutable int64_t recent_pid_ = -1;                    ///< events of one process come in runs
  mutable Table* recent_ = nullptr;
  struct Interface {
    Endpoint address, netmask;
  };
  std::vector<Interface> interfaces_;
  int64_t changed_fd_ = -1;
};

}  // namespace falcod
