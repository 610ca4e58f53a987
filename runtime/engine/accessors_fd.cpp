// Fields of classes fd and fs.path.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "compiler/catalog/path_params.h"
#include "runtime/engine/accessors.h"
#include "runtime/state/params.h"
#include "runtime/state/paths.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

constexpr uint32_t kMinorBits = 20;  // fc_fd.dev

const FdInfo& fd_of(void* context) { return of(context).fd; }

/// Its name, or a part of it.
bool put_own(const FdInfo& fd, Value& out, std::string_view text) {
  return put_known_text(out, text, fd.has_plain_names);
}

bool put_address(const Endpoint* endpoint, Value& out) {
  if (endpoint == nullptr || endpoint->size == 0) return false;
  return put_text(out, {endpoint->address.data(), endpoint->size});
}
bool put_port(const Endpoint* endpoint, Value& out) {
  return endpoint != nullptr && endpoint->size != 0 && put_unsigned(out, endpoint->port);
}
bool put_number_text(const EventContext& context, Value& out, int64_t number) {
  std::string& text = scratch(context);
  fmt::format_to(std::back_inserter(text), "{}", number);
  return put_built(context, out, text);
}
bool put_port_text(void* context, const Endpoint* endpoint, Value& out) {
  return endpoint != nullptr && endpoint->size != 0 &&
         put_number_text(of(context), out, endpoint->port);
}

/// Endpoints as RULE-LANGUAGE 3.9 has them: a listening socket has a server side only, the others
/// both or, while the role is unknown, none.
const Endpoint* client(void* context) {
  const FdInfo& fd = fd_of(context);
  return fd.is_ip() && !fd.listening ? fd.client() : nullptr;
}
const Endpoint* server(void* context) {
  const FdInfo& fd = fd_of(context);
  if (!fd.is_ip()) return nullptr;
  return fd.listening ? &fd.local : fd.server();
}
const Endpoint* local(void* context) {
  const FdInfo& fd = fd_of(context);
  const bool both = fd.is_ip() && !fd.listening && fd.role != FdInfo::Role::UNKNOWN;
  return both ? &fd.local : nullptr;
}
const Endpoint* remote(void* context) {
  const FdInfo& fd = fd_of(context);
  const bool both = fd.is_ip() && !fd.listening && fd.role != FdInfo::Role::UNKNOWN;
  return both ? &fd.remote : nullptr;
}

/// Both endpoints, however many there are: absent for what is not an IP socket.
template <typename Put>
bool either_side(void* context, Value& out, Put put) {
  const FdInfo& fd = fd_of(context);
  if (!fd.is_ip()) return false;
  std::array<Value, 2> values;
  size_t count = 0;
  for (const Endpoint* endpoint : {&fd.local, &fd.remote}) {
    if (endpoint == &fd.remote && fd.listening) continue;
    if (put(endpoint, values[count])) ++count;
  }
  return count > 0 && put_items(of(context), out, {values.data(), count});
}

/// `ID:path`, as fd.container* print it.
bool put_in_container(const EventContext& context, Value& out, std::string_view path) {
  std::string& text = scratch(context);
  text.append(context.process->cgroups->container_id).append(1, ':').append(path);
  return put_built(context, out, text);
}

/// Name of an address. In conditions the item list of all names that it has, and of its own text:
/// an address that nobody named still differs from a name, and `=` an address works as in Falco.
bool put_host_name(void* context, const FieldRef& field, const Endpoint* endpoint, Value& out) {
  const EventContext& event = of(context);
  if (endpoint == nullptr || endpoint->size == 0) return false;
  const auto names = event.names->names_of({endpoint->address.data(), endpoint->size});
  if (field.shape == falcoc::Shape::SCALAR) {
    return !names.empty() && put_built(event, out, names.front());
  }
  constexpr size_t kNameLimit = 64;  // of names that share one address
  std::array<Value, kNameLimit + 1> values;
  std::string& text = scratch(event);
  append_endpoint(text, *endpoint, false);
  put_built(event, values[0], text);
  size_t count = 1;
  for (const std::string& name : names.first(std::min(names.size(), kNameLimit))) {
    put_built(event, values[count++], name);
  }
  return put_items(event, out, {values.data(), count});
}

/// Directory of a path: `/` for what lies in the root, as Falco cuts it.
std::string_view directory_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "/";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

template <int8_t falcoc::PathParams::* Which>
int path_index(const Event& event) {
  return event.info == nullptr ? -1 : falcoc::path_params(event.info->code).*Which;
}

bool put_raw_path(void* context, int index, Value& out) {
  if (index < 0) return false;
  const std::string_view path = text_of(param_at(*of(context).event, static_cast<size_t>(index)));
  return !path.empty() && put_text(out, path);
}

bool put_absolute_path(void* context, int index, Value& out) {
  if (!put_raw_path(context, index, out)) return false;
  const EventContext& event = of(context);
  std::string& path = scratch(event);
  absolute_param_path(*event.event, *event.process, static_cast<size_t>(index), path);
  return put_built(event, out, path);
}

}  // namespace

// ---- kind and name

bool fd_num(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_signed(out, fd_of(context).number);
}
bool fd_type(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  return fd.known && !fd.type.empty() && put_word(out, fd.type);
}
bool fd_typechar(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  return fd.known && put_word(out, {&fd.type_char, 1});
}
bool fd_name(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  return fd.known && fd.has_name && put_own(fd, out, fd.name);
}
bool fd_nameraw(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  return fd.known && fd.has_name && put_own(fd, out, fd.name_raw);
}
bool fd_directory(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (!fd.known || !fd.has_name || !fd.is_file()) return false;
  return put_own(fd, out, fd.type_char == 'd' ? std::string_view(fd.name) : directory_of(fd.name));
}
bool fd_filename(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (!fd.known || !fd.has_name || fd.type_char != 'f') return false;
  const size_t slash = fd.name.rfind('/');
  if (slash == std::string::npos) return put_word(out, "/");
  return put_own(fd, out, std::string_view(fd.name).substr(slash + 1));
}
bool fd_containername(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (!fd.known || !fd.has_name) return false;
  return put_in_container(of(context), out, fd.name);
}
bool fd_containerdirectory(void* context, const FieldRef& field, Value& out) {
  if (!fd_directory(context, field, out)) return false;
  return put_in_container(of(context), out, out.text());
}
bool fd_uid(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (!fd.known) return false;
  std::string& text = scratch(of(context));
  fmt::format_to(std::back_inserter(text), "{}{}", of(context).event->tid, fd.number);
  return put_built(of(context), out, text);
}

// ---- file

bool fd_dev(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_signed(out, static_cast<int32_t>(fd_of(context).dev));
}
bool fd_dev_major(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_signed(out, fd_of(context).dev >> kMinorBits);
}
bool fd_dev_minor(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_signed(out, fd_of(context).dev & ((1u << kMinorBits) - 1));
}
bool fd_ino(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_signed(out, static_cast<int64_t>(fd_of(context).ino));
}
bool fd_is_upper_layer(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_bool(out, fd_of(context).layer == 1);
}
bool fd_is_lower_layer(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_bool(out, fd_of(context).layer == 2);
}

// ---- socket

bool fd_ip(void* context, const FieldRef&, Value& out) {
  return either_side(context, out, put_address);
}
bool fd_port(void* context, const FieldRef&, Value& out) {
  return either_side(context, out, put_port);
}
bool fd_cip(void* context, const FieldRef&, Value& out) {
  return put_address(client(context), out);
}
bool fd_sip(void* context, const FieldRef&, Value& out) {
  return put_address(server(context), out);
}
bool fd_lip(void* context, const FieldRef&, Value& out) { return put_address(local(context), out); }
bool fd_rip(void* context, const FieldRef&, Value& out) {
  return put_address(remote(context), out);
}
bool fd_cport(void* context, const FieldRef&, Value& out) { return put_port(client(context), out); }
bool fd_sport(void* context, const FieldRef&, Value& out) { return put_port(server(context), out); }
bool fd_lport(void* context, const FieldRef&, Value& out) { return put_port(local(context), out); }
bool fd_rport(void* context, const FieldRef&, Value& out) { return put_port(remote(context), out); }
bool fd_cproto(void* context, const FieldRef&, Value& out) {
  return put_port_text(context, client(context), out);
}
bool fd_sproto(void* context, const FieldRef&, Value& out) {
  return put_port_text(context, server(context), out);
}
bool fd_lproto(void* context, const FieldRef&, Value& out) {
  return put_port_text(context, local(context), out);
}
bool fd_rproto(void* context, const FieldRef&, Value& out) {
  return put_port_text(context, remote(context), out);
}
bool fd_l4proto(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (!fd.known) return false;
  if (!fd.is_ip()) return put_word(out, "<NA>");
  if (fd.socket_type == SOCK_RAW || fd.protocol == IPPROTO_RAW) return put_word(out, "raw");
  switch (fd.protocol) {
    case IPPROTO_TCP:
      return put_word(out, "tcp");
    case IPPROTO_UDP:
      return put_word(out, "udp");
    case IPPROTO_ICMP:
      return put_word(out, "icmp");
    default:
      return put_word(out, "<NA>");
  }
}
bool fd_sockfamily(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  if (fd.is_ip()) return put_word(out, "ip");
  return fd.family == AF_UNIX && put_word(out, "unix");
}
bool fd_is_server(void* context, const FieldRef&, Value& out) {
  const FdInfo& fd = fd_of(context);
  return fd.known && put_bool(out, fd.role == FdInfo::Role::SERVER);
}
bool fd_connected(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_bool(out, fd_of(context).connected);
}
bool fd_name_changed(void* context, const FieldRef&, Value& out) {
  return fd_of(context).known && put_bool(out, fd_of(context).name_changed);
}

bool fd_cip_name(void* context, const FieldRef& field, Value& out) {
  return put_host_name(context, field, client(context), out);
}
bool fd_sip_name(void* context, const FieldRef& field, Value& out) {
  return put_host_name(context, field, server(context), out);
}
bool fd_lip_name(void* context, const FieldRef& field, Value& out) {
  return put_host_name(context, field, local(context), out);
}
bool fd_rip_name(void* context, const FieldRef& field, Value& out) {
  return put_host_name(context, field, remote(context), out);
}

// ---- paths of the call

bool fs_path_name(void* context, const FieldRef&, Value& out) {
  return put_absolute_path(context, path_index<&falcoc::PathParams::name>(*of(context).event), out);
}
bool fs_path_nameraw(void* context, const FieldRef&, Value& out) {
  return put_raw_path(context, path_index<&falcoc::PathParams::name>(*of(context).event), out);
}
bool fs_path_source(void* context, const FieldRef&, Value& out) {
  return put_absolute_path(context, path_index<&falcoc::PathParams::source>(*of(context).event),
                           out);
}
bool fs_path_sourceraw(void* context, const FieldRef&, Value& out) {
  return put_raw_path(context, path_index<&falcoc::PathParams::source>(*of(context).event), out);
}
bool fs_path_target(void* context, const FieldRef&, Value& out) {
  return put_absolute_path(context, path_index<&falcoc::PathParams::target>(*of(context).event),
                           out);
}
bool fs_path_targetraw(void* context, const FieldRef&, Value& out) {
  return put_raw_path(context, path_index<&falcoc::PathParams::target>(*of(context).event), out);
}

bool evt_abspath(void* context, const FieldRef& field, Value& out) {
  const Event& event = *of(context).event;
  const int source = path_index<&falcoc::PathParams::source>(event);
  const int target = path_index<&falcoc::PathParams::target>(event);
  if (field.key == "src") return put_absolute_path(context, source, out);
  if (field.key == "dst") return put_absolute_path(context, target, out);
  const int name = path_index<&falcoc::PathParams::name>(event);
  return put_absolute_path(context, name >= 0 ? name : source, out);
}

}  // namespace falcod::access
