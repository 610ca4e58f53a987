// The descriptor an event is about, in Falco's terms: type, name, both endpoints and who is the
// client. Made per event from what the kernel said of the struct file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/capture/event.h"
#include "runtime/state/process_table.h"

namespace falcod {

struct Endpoint {
  std::array<char, 16> address{};  ///< network order, 4 or 16 bytes used
  uint8_t size = 0;                ///< 0 = none
  uint16_t port = 0;               ///< host order
};

struct FdInfo {
  enum class Role : uint8_t { UNKNOWN, CLIENT, SERVER };

  bool known = false;  ///< false: the event has no descriptor, all fd.* absent
  int64_t number = -1;
  char type_char = 'o';   ///< fd.typechar
  std::string_view type;  ///< fd.type, empty = <NA>
  std::string name;       ///< fd.name
  std::string name_raw;   ///< as passed
  std::string real_path;  ///< from the kernel's dentries
  uint32_t dev = 0;
  uint64_t ino = 0;
  uint16_t layer = 0;  ///< 1 upper, 2 lower
  uint16_t family = 0;
  uint8_t protocol = 0;  ///< IPPROTO_*
  bool listening = false;
  bool connected = false;
  bool name_changed = false;
  Role role = Role::UNKNOWN;  ///< of the process that acts
  Endpoint local, remote;

  const Endpoint* client() const {
    return role == Role::CLIENT ? &local : role == Role::SERVER ? &remote : nullptr;
  }
  const Endpoint* server() const {
    return role == Role::CLIENT ? &remote : role == Role::SERVER ? &local : nullptr;
  }
};

/// Remembers what one event alone does not tell: which side opened a connection.
class FdTable {
 public:
  /// Fills `out` for this event; `out.known` is false if it has no descriptor.
  void describe(const Event& event, const Process& process, FdInfo& out);

 private:
  /// Role by socket cookie, bounded by kMaxSockets.
  std::unordered_map<uint64_t, FdInfo::Role> roles_;
};

/// `path` made absolute against `base` (which may lack its slash), with `.`, `..` and repeated
/// slashes resolved as text, as Falco prints fd.name.
std::string absolute_path(std::string_view path, std::string_view base);

}  // namespace falcod
