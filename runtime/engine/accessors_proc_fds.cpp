// Fields about all descriptors of a process: the standard ones, how many there are, of which types,
// those that are polled. Read by the probe with the events whose rules ask (event_details).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "runtime/engine/process_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

constexpr size_t kPolledLimit = FC_POLLED_FDS;
constexpr std::string_view kUnknown = "<NA>";

/// Standard input, output or error as they are at the event; null if it is closed.
const FdInfo* standard(void* context, int number) {
  const EventContext& event = of(context);
  const bool open =
      event.descriptors->describe_item(*event.event, FC_ITEM_STANDARD_FD, number, event.other_fd);
  return open ? &event.other_fd : nullptr;
}

bool put_standard_type(void* context, int number, Value& out) {
  const FdInfo* fd = standard(context, number);
  return fd != nullptr && !fd->type.empty() && put_text(out, fd->type);
}

bool put_standard_name(void* context, int number, Value& out) {
  const FdInfo* fd = standard(context, number);
  return fd != nullptr && fd->has_name && put_built(of(context), out, fd->name);
}

/// Appends what `append(text, descriptor)` says of each polled one, null if it is closed; those of
/// which it says nothing (false) are left out.
template <typename Append>
bool put_polled(void* context, Value& out, Append append) {
  const EventContext& event = of(context);
  std::string& text = scratch(event);
  for (int i = 0; i < static_cast<int>(kPolledLimit); ++i) {
    int64_t number = 0;
    if (!polled_number(*event.event, i, number)) break;
    const bool open =
        event.descriptors->describe_item(*event.event, FC_ITEM_POLLED_FD, i, event.other_fd);
    const size_t before = text.size();
    if (before > 0) text += ',';
    if (!append(text, number, open ? &event.other_fd : nullptr)) text.resize(before);
  }
  return !text.empty() && put_built(event, out, text);
}

enum class Side : uint8_t { CLIENT, SERVER };

/// Of a connected IP socket: the client is what acts where nobody knows better.
const Endpoint* side_of(const FdInfo* fd, Side side) {
  if (fd == nullptr || !fd->is_ip()) return nullptr;
  if (fd->listening) return side == Side::SERVER ? &fd->local : nullptr;
  const bool serves = fd->role == FdInfo::Role::SERVER;
  return (side == Side::SERVER) == serves ? &fd->local : &fd->remote;
}

bool put_polled_addresses(void* context, Side side, Value& out) {
  return put_polled(context, out, [side](std::string& text, int64_t, const FdInfo* fd) {
    const Endpoint* endpoint = side_of(fd, side);
    if (endpoint == nullptr || endpoint->size == 0) return false;
    append_endpoint(text, *endpoint, false);
    return true;
  });
}

/// Listening sockets have no port here, though an address, as in Falco.
bool put_polled_ports(void* context, Side side, Value& out) {
  return put_polled(context, out, [side](std::string& text, int64_t, const FdInfo* fd) {
    const Endpoint* endpoint = side_of(fd, side);
    if (endpoint == nullptr || endpoint->size == 0 || fd->listening) return false;
    fmt::format_to(std::back_inserter(text), "{}", endpoint->port);
    return true;
  });
}

}  // namespace

// ---- standard descriptors

bool proc_stdin_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDIN_FILENO, out);
}
bool proc_stdout_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDOUT_FILENO, out);
}
bool proc_stderr_type(void* context, const FieldRef&, Value& out) {
  return put_standard_type(context, STDERR_FILENO, out);
}
bool proc_stdin_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDIN_FILENO, out);
}
bool proc_stdout_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDOUT_FILENO, out);
}
bool proc_stderr_name(void* context, const FieldRef&, Value& out) {
  return put_standard_name(context, STDERR_FILENO, out);
}

// ---- all descriptors

bool proc_fdopencount(void* context, const FieldRef&, Value& out) {
  const auto table = fd_table_of(*of(context).event);
  return table && put_unsigned(out, table->open_count);
}
bool proc_fdlimit(void* context, const FieldRef&, Value& out) {
  const auto table = fd_table_of(*of(context).event);
  return put_signed(out, static_cast<int64_t>(table ? table->limit : process_of(context).fd_limit));
}
bool proc_fdusage(void* context, const FieldRef&, Value& out) {
  const auto table = fd_table_of(*of(context).event);
  if (!table) return false;
  if (table->limit == 0) return put_double(out, 0);
  const double percent =
      100 * static_cast<double>(table->open_count) / static_cast<double>(table->limit);
  return put_double(out, std::min(percent, 100.0));
}

/// Each type once, in the order of the descriptors; with a number, the type of that one.
bool fd_types(void* context, const FieldRef& field, Value& out) {
  const EventContext& event = of(context);
  const auto table = fd_table_of(*event.event);
  if (!event.fd.known || !table) return false;
  std::array<Value, FC_FD_TYPE_COUNT> types;
  size_t count = 0;
  const auto add = [&](uint8_t code) {
    std::string_view type = fd_type_name(code);
    if (type.empty()) type = kUnknown;
    const auto same = [type](const Value& other) { return other.text() == type; };
    if (std::any_of(types.begin(), types.begin() + count, same)) return;
    put_text(types[count++], type);
  };
  const int64_t number = numeric_argument(field);
  if (number >= 0) {
    if (static_cast<size_t>(number) >= table->types.size()) return false;
    const auto code = static_cast<uint8_t>(table->types[static_cast<size_t>(number)]);
    if (code == FC_FD_TYPE_CLOSED) return false;
    add(code);
  } else {
    for (const char code : table->types) {
      if (static_cast<uint8_t>(code) != FC_FD_TYPE_CLOSED) add(static_cast<uint8_t>(code));
    }
  }
  return put_items(event, out, {types.data(), count});
}

// ---- descriptors of poll and ppoll

bool fdlist_nums(void* context, const FieldRef&, Value& out) {
  return put_polled(context, out, [](std::string& text, int64_t number, const FdInfo*) {
    fmt::format_to(std::back_inserter(text), "{}", number);
    return true;
  });
}
bool fdlist_names(void* context, const FieldRef&, Value& out) {
  return put_polled(context, out, [](std::string& text, int64_t, const FdInfo* fd) {
    text += fd != nullptr && !fd->name.empty() ? std::string_view(fd->name) : kUnknown;
    return true;
  });
}
bool fdlist_cips(void* context, const FieldRef&, Value& out) {
  return put_polled_addresses(context, Side::CLIENT, out);
}
bool fdlist_sips(void* context, const FieldRef&, Value& out) {
  return put_polled_addresses(context, Side::SERVER, out);
}
bool fdlist_cports(void* context, const FieldRef&, Value& out) {
  return put_polled_ports(context, Side::CLIENT, out);
}
bool fdlist_sports(void* context, const FieldRef&, Value& out) {
  return put_polled_ports(context, Side::SERVER, out);
}

}  // namespace falcod::access
