// The descriptor an event is about, in Falco's terms: type, name, both endpoints and who is the
// client. Made per event from what the kernel said of the struct file.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "runtime/capture/event.h"
#include "runtime/state/process_table.h"

namespace falcod {

struct Endpoint {
  std::array<char, 16> address{};  ///< network order, 4 or 16 bytes used
  uint8_t size = 0;                ///< 0 = none
  uint16_t port = 0;               ///< host order

  bool operator==(const Endpoint&) const = default;
};

/// Text of an address as inet_ntop(3) prints it, with `:port` if asked for.
std::string endpoint_text(const Endpoint& endpoint, bool with_port = true);
void append_endpoint(std::string& out, const Endpoint& endpoint, bool with_port);

struct FdInfo {
  enum class Role : uint8_t { UNKNOWN, CLIENT, SERVER };

  bool known = false;  ///< false: the event has no descriptor, all fd.* absent
  bool has_name =
      false;          ///< false: fd.name is absent; true with an empty name: a bare socket or pipe
  int8_t param = -1;  ///< index of the event's parameter that is the descriptor
  int64_t number = -1;           ///< -1 also where the event failed to make one
  char type_char = 'o';          ///< fd.typechar
  std::string_view type;         ///< fd.type, empty = <NA>
  std::string name;              ///< fd.name
  std::string name_raw;          ///< as passed
  bool has_plain_names = false;  ///< no NUL in those two
  std::string real_path;         ///< from the kernel's dentries
  uint32_t dev = 0;              ///< major << 20 | minor
  uint64_t ino = 0;
  uint16_t layer = 0;       ///< 1 upper, 2 lower
  uint16_t family = 0;      ///< AF_*, 0 if not a socket
  uint8_t socket_type = 0;  ///< SOCK_*
  uint8_t protocol = 0;     ///< IPPROTO_*
  bool listening = false;
  bool connected = false;
  bool name_changed = false;
  /// Of the process that acts. The kernel tells that of a connection which began under the daemon.
  Role role = Role::UNKNOWN;
  Endpoint local, remote;

  const Endpoint* client() const {
    return role == Role::CLIENT ? &local : role == Role::SERVER ? &remote : nullptr;
  }
  const Endpoint* server() const {
    return role == Role::CLIENT ? &remote : role == Role::SERVER ? &local : nullptr;
  }
  bool is_ip() const { return type_char == '4' || type_char == '6'; }
  bool is_file() const { return type_char == 'f' || type_char == 'd'; }
};

/// Remembers what one event alone does not tell: which side opened a connection that the kernel
/// does not tell of (fc_fd.role), and what a socket was called before.
///
/// Who is the client: `connect` makes a client, `accept` a server; on sockets never connected the
/// first send makes a client and the first receive a server (as Falco does). For a connection older
/// than the daemon the side whose port is listened on, or lies below the ephemeral range while the
/// other does not, is the server; if both sides look alike, the process counts as the client.
class FdTable {
 public:
  /// Reads the ephemeral port range of this host.
  FdTable();

  /// A listening socket that was there at the start (FC_STATE_LISTENER).
  void learn(const Event& event);

  /// Fills `out` for this event; `out.known` is false if it has no descriptor.
  void describe(const Event& event, const Process& process, FdInfo& out);

  /// A descriptor of the process that acts which is not the event's own, as it is at the event:
  /// item `tag` (FC_ITEM_STANDARD_FD, FC_ITEM_POLLED_FD) with this index. False if it is closed, or
  /// the source was not asked for it (EventDetails).
  bool describe_item(const Event& event, uint16_t tag, int index, FdInfo& out) const;

 private:
  struct Socket {
    FdInfo::Role role = FdInfo::Role::UNKNOWN;
    std::string name;
    Endpoint remote;  ///< where the last datagram went or came from, if unconnected
    std::list<uint64_t>::iterator recency;
  };

  void tell(const Event& event, const Process& process, FdInfo& out);
  Socket& remember(uint64_t cookie);
  void describe_socket(const Event& event, uint64_t cookie, FdInfo& out);
  FdInfo::Role guess_role(const FdInfo& fd) const;
  /// Role and name of a socket from what is remembered, without remembering it.
  void recall_socket(uint64_t cookie, FdInfo& out) const;

  /// By socket cookie, least recently used forgotten first, bounded by kSocketLimit.
  std::unordered_map<uint64_t, Socket> sockets_;
  std::list<uint64_t> recency_;
  std::unordered_set<uint16_t> listened_ports_;
  uint16_t first_ephemeral_port_;
};

/// fd.typechar of a polled descriptor; '?' if it was not open.
char type_char(const fc_poll_fd& polled);

/// All descriptors of the process that acts, as they are at the event.
struct FdTableFacts {
  uint64_t limit = 0;       ///< RLIMIT_NOFILE
  uint64_t open_count = 0;  ///< all of them
  std::string_view types;   ///< FC_FD_TYPE_* by number, as far as the probe looked
};
/// Nothing if the source was not asked for it (EventDetails), or cannot know.
std::optional<FdTableFacts> fd_table_of(const Event& event);
/// fd.type of an FC_FD_TYPE_*; empty = <NA>.
std::string_view fd_type_name(uint8_t code);
/// The number of the `index`-th descriptor that poll or ppoll waits on; false if there are fewer.
bool polled_number(const Event& event, int index, int64_t& number);

/// The descriptor a parameter other than the event's own names, as far as the event tells: for the
/// text of `evt.arg`. Roles are not remembered.
bool describe_fd_param(const Event& event, size_t index, FdInfo& out);

}  // namespace falcod
