#include "compiler/ir/split/descriptor_values.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>

#include "compiler/catalog/parameter_source.h"
#include "compiler/ir/split/alternatives.h"

namespace falcoc::ir::split {
namespace {

using AlternativeKind = Alternative::Kind;

constexpr uint8_t kInet = kDescriptorOfSocket + AF_INET;
constexpr uint8_t kInet6 = kDescriptorOfSocket + AF_INET6;
constexpr uint8_t kUnix = kDescriptorOfSocket + AF_UNIX;

KernelNumber of_descriptor(DescriptorNumber number) {
  return {.source = KernelNumber::Source::DESCRIPTOR,
          .index = static_cast<uint8_t>(number),
          .bytes = descriptor_number_bytes(number)};
}

/// Parameters with an address that was passed, of calls that may bring one: 0, none was.
struct PassedAddress {
  EventCode event;
  uint8_t argument;
};
constexpr PassedAddress kPassedAddresses[] = {{EventCode::SENDTO, 4}, {EventCode::RECVFROM, 4}};

bool is_accept(EventCode code) { return code == EventCode::ACCEPT || code == EventCode::ACCEPT4; }

bool makes_by_path(const DescriptorMaker* maker) {
  return maker != nullptr && maker->path_param >= 0;
}

Alternative not_known(GuardId when) { return split::not_known(when, Reason::DESCRIPTOR); }

/// The parameter that the probe looks at as the descriptor used.
struct UsedRegister {
  int param = -1;  ///< -1: there is none
  uint8_t argument = KernelDescriptor::kNone;
};
UsedRegister used_register(const EventInfo& info) {
  if (!has(info.flags, EventFlag::USES_FD)) return {};
  const auto sources = param_sources(info.code);
  for (size_t i = 1; i < sources.size(); ++i) {
    if (info.params[i].type == ParamType::FD && sources[i].kind == SourceKind::ARG) {
      return {static_cast<int>(i), sources[i].a};
    }
  }
  return {};
}

}  // namespace

DescriptorValues::DescriptorValues(const EventInfo& info, GuardBuilder& guards)
    : info_(info), guards_(guards), maker_(descriptor_maker(info.code)) {
  find_registers();
}

/// As extraction_plan() lets the probe look, and FdTable finds it.
void DescriptorValues::find_registers() {
  const auto sources = param_sources(info_.code);
  const bool stored = std::ranges::any_of(
      sources, [](const ParamSource& source) { return source.kind == SourceKind::USER_FD; });
  const bool several = info_.code == EventCode::SENDMMSG || info_.code == EventCode::RECVMMSG;
  // what bpf returns is seldom a descriptor; what close was about is gone
  const bool gone = info_.code == EventCode::BPF || has(info_.flags, EventFlag::DESTROYS_FD);
  if (stored || several || gone || !has_return_value(info_) || sources.empty()) return;
  const UsedRegister used = used_register(info_);
  const int when_done = descriptor_param(info_, false);
  if (!has(info_.flags, EventFlag::CREATES_FD)) {
    if (used.param != when_done) return;
    descriptor_.argument = descriptor_.if_failed = used.argument;
  } else if (when_done == 0) {
    const bool is_copy = maker_ == nullptr;
    if (is_copy && used.param != descriptor_param(info_, true)) return;
    descriptor_.argument = KernelDescriptor::kResult;
    if (is_copy) descriptor_.if_failed = used.argument;
  }
}

FieldValue DescriptorValues::of(const FieldRef& field) const {
  if (field.id == FieldId::fd_num) return number();
  const FieldValue unknown{{not_known(KernelPlan::kTrue)}};
  if (descriptor_.argument == KernelDescriptor::kNone || makes_by_path(maker_)) return unknown;
  switch (field.id) {
    case FieldId::fd_typechar:
      return by_type([](const DescriptorType& type, uint8_t) {
        return std::optional(std::string(1, type.letter));
      });
    case FieldId::fd_type:
      return by_type([](const DescriptorType& type, uint8_t) {
        return type.name.empty() ? std::nullopt : std::optional(std::string(type.name));
      });
    case FieldId::fd_sockfamily:
      return by_type([](const DescriptorType& type, uint8_t code) -> std::optional<std::string> {
        if (type.is_ip()) return "ip";
        if (code == kUnix) return "unix";
        return std::nullopt;
      });
    case FieldId::fd_l4proto:
      return protocol();
    case FieldId::fd_connected:
      return connected();
    case FieldId::fd_is_server:
      return is_server();
    case FieldId::fd_ip:
    case FieldId::fd_net:
      return end(Side::EITHER, Form::ADDRESS);
    case FieldId::fd_cip:
    case FieldId::fd_cnet:
      return end(Side::CLIENT, Form::ADDRESS);
    case FieldId::fd_sip:
    case FieldId::fd_snet:
      return end(Side::SERVER, Form::ADDRESS);
    case FieldId::fd_lip:
    case FieldId::fd_lnet:
      return end(Side::LOCAL, Form::ADDRESS);
    case FieldId::fd_rip:
    case FieldId::fd_rnet:
      return end(Side::REMOTE, Form::ADDRESS);
    case FieldId::fd_cip_name:
      return end(Side::CLIENT, Form::NAME);
    case FieldId::fd_sip_name:
      return end(Side::SERVER, Form::NAME);
    case FieldId::fd_lip_name:
      return end(Side::LOCAL, Form::NAME);
    case FieldId::fd_rip_name:
      return end(Side::REMOTE, Form::NAME);
    case FieldId::fd_port:
    case FieldId::fd_proto:
      return end(Side::EITHER, Form::NUMBER);
    case FieldId::fd_cport:
      return end(Side::CLIENT, Form::NUMBER);
    case FieldId::fd_sport:
      return end(Side::SERVER, Form::NUMBER);
    case FieldId::fd_lport:
      return end(Side::LOCAL, Form::NUMBER);
    case FieldId::fd_rport:
      return end(Side::REMOTE, Form::NUMBER);
    case FieldId::fd_cproto:
      return end(Side::CLIENT, Form::DECIMAL);
    case FieldId::fd_sproto:
      return end(Side::SERVER, Form::DECIMAL);
    case FieldId::fd_lproto:
      return end(Side::LOCAL, Form::DECIMAL);
    case FieldId::fd_rproto:
      return end(Side::REMOTE, Form::DECIMAL);
    default:
      return unknown;
  }
}

// ---- guards

GuardId DescriptorValues::is(DescriptorNumber number, uint64_t value) const {
  return guards_.number_in(of_descriptor(number), {single(value)});
}

GuardId DescriptorValues::is_type(std::vector<Range> codes) const {
  return guards_.number_in(of_descriptor(DescriptorNumber::TYPE), united(std::move(codes)));
}

GuardId DescriptorValues::is_ip() const { return is_type({single(kInet), single(kInet6)}); }

GuardId DescriptorValues::looked_at() const {
  if (maker_ == nullptr) return KernelPlan::kTrue;
  return guards_.number_in(returned(), {{0, kFirstNegative - 1}});
}

GuardId DescriptorValues::tells_peer() const {
  const bool has_tuple = std::ranges::any_of(
      info_.params, [](const ParamInfo& param) { return param.type == ParamType::SOCKTUPLE; });
  switch (info_.code) {
    case EventCode::CONNECT:  // the socket's peer counts more than what was passed
    case EventCode::ACCEPT:
    case EventCode::ACCEPT4:
    case EventCode::SEND:
    case EventCode::RECV:
      return KernelPlan::kTrue;
    default:
      break;
  }
  for (const auto& [event, argument] : kPassedAddresses) {
    if (event != info_.code) continue;
    return guards_.number_in(argument_number(argument, 8, false), {single(0)});
  }
  return has_tuple ? KernelPlan::kFalse : KernelPlan::kTrue;
}

void DescriptorValues::add_failed(FieldValue& value, const Alternative& alternative) const {
  if (maker_ == nullptr) return;
  value.alternatives.push_back(alternative);
  value.alternatives.back().when = guards_.negate(looked_at());
}

// ---- fields

FieldValue DescriptorValues::number() const {
  const auto sources = param_sources(info_.code);
  const GuardId failed = guards_.number_in(returned(), {{kFirstNegative, ~uint64_t{0}}});
  const auto parameter = [&](GuardId when, int index) -> Alternative {
    if (index < 0 || static_cast<size_t>(index) >= sources.size()) return not_known(when);
    const ParamSource& source = sources[static_cast<size_t>(index)];
    const bool plain = source.kind == SourceKind::ARG || source.kind == SourceKind::INT_ARG;
    const bool is_fd = info_.params[static_cast<size_t>(index)].type == ParamType::FD;
    if (!plain || !is_fd) return not_known(when);
    return number_itself(when, argument_number(source.a, 4, true));
  };
  if (!has_return_value(info_)) return {{not_known(KernelPlan::kTrue)}};
  const int done = descriptor_param(info_, false);
  const bool creates = has(info_.flags, EventFlag::CREATES_FD);
  FieldValue value;
  if (creates && done == 0) {
    value.alternatives.push_back(
        {.kind = AlternativeKind::NUMBER, .when = guards_.negate(failed), .number = returned()});
  } else {
    value.alternatives.push_back(parameter(guards_.negate(failed), done));
  }
  value.alternatives.push_back(maker_ != nullptr
                                   ? constant_number(failed, static_cast<uint64_t>(-1))
                                   : parameter(failed, descriptor_param(info_, true)));
  return value;
}

/// `project(type, code)`: the field's text, nothing if it is absent.
template <typename Project>
FieldValue DescriptorValues::by_type(Project project) const {
  std::map<std::optional<std::string>, std::vector<Range>> codes;
  for (uint8_t code = 0; code < kDescriptorCodes; ++code) {
    codes[project(descriptor_type(code), code)].push_back(single(code));
  }
  // an address that was passed may be of the other family
  for (const uint8_t code : {kInet, kInet6}) {
    if (tells_peer() == KernelPlan::kTrue) break;
    codes[project(descriptor_type(kInet), kInet)].push_back(single(code));
    codes[project(descriptor_type(kInet6), kInet6)].push_back(single(code));
  }
  const auto alternative = [](GuardId when, const std::optional<std::string>& text) {
    return text ? constant_text(when, *text) : absent(when);
  };
  FieldValue value;
  for (auto& [text, ranges] : codes) {
    value.alternatives.push_back(
        alternative(guards_.all_of({looked_at(), is_type(std::move(ranges))}), text));
  }
  if (maker_ != nullptr) {  // closed again already: it has the type that it was made with
    value.alternatives.push_back(
        not_known(guards_.all_of({looked_at(), is_type({single(kClosedDescriptor)})})));
    add_failed(value, alternative(KernelPlan::kTrue, project(maker_->type, kClosedDescriptor)));
  }
  value.is_exact = maker_ == nullptr && tells_peer() == KernelPlan::kTrue;
  return value;
}

FieldValue DescriptorValues::protocol() const {
  const auto is_protocol = [this](uint64_t number) {
    return is(DescriptorNumber::PROTOCOL, number);
  };
  const auto is_socket = [this](uint64_t type) { return is(DescriptorNumber::SOCKET_TYPE, type); };
  const GuardId none = is_protocol(0);
  const GuardId raw = guards_.any_of({is_socket(SOCK_RAW), is_protocol(IPPROTO_RAW)});
  const GuardId stream =
      is_accept(info_.code) ? GuardId(KernelPlan::kTrue) : is_socket(SOCK_STREAM);
  const GuardId tcp = guards_.any_of({is_protocol(IPPROTO_TCP), guards_.all_of({none, stream})});
  const GuardId udp =
      guards_.any_of({is_protocol(IPPROTO_UDP),
                      guards_.all_of({none, guards_.negate(stream), is_socket(SOCK_DGRAM)})});
  const GuardId icmp = is_protocol(IPPROTO_ICMP);
  const GuardId ip = guards_.all_of({looked_at(), is_ip()});
  const GuardId cooked = guards_.all_of({ip, guards_.negate(raw)});
  FieldValue value;
  value.alternatives.push_back(constant_text(guards_.all_of({ip, raw}), "raw"));
  value.alternatives.push_back(constant_text(guards_.all_of({cooked, tcp}), "tcp"));
  value.alternatives.push_back(constant_text(guards_.all_of({cooked, udp}), "udp"));
  value.alternatives.push_back(constant_text(guards_.all_of({cooked, icmp}), "icmp"));
  value.alternatives.push_back(constant_text(
      guards_.all_of({cooked, guards_.negate(guards_.any_of({tcp, udp, icmp}))}), "<NA>"));
  value.alternatives.push_back(
      constant_text(guards_.all_of({looked_at(), guards_.negate(is_ip())}), "<NA>"));
  if (maker_ != nullptr) {
    value.alternatives.push_back(
        not_known(guards_.all_of({looked_at(), is_type({single(kClosedDescriptor)})})));
  }
  add_failed(value, constant_text(KernelPlan::kTrue, "<NA>"));
  value.is_exact = maker_ == nullptr;
  return value;
}

FieldValue DescriptorValues::connected() const {
  std::vector<Range> states;
  for (uint8_t state = 0; state < kTcpStates; ++state) {
    if (is_connected_state(state)) states.push_back(single(state));
  }
  const GuardId connected =
      is_accept(info_.code)
          ? is_ip()
          : guards_.all_of({is_ip(), guards_.number_in(of_descriptor(DescriptorNumber::TCP_STATE),
                                                       united(std::move(states)))});
  FieldValue value{{constant_number(guards_.all_of({looked_at(), connected}), 1),
                    constant_number(guards_.all_of({looked_at(), guards_.negate(connected)}), 0)}};
  // of other sockets that were accepted the runtime says it where it has a name for them
  if (is_accept(info_.code)) {
    value.alternatives.push_back(not_known(guards_.all_of({looked_at(), guards_.negate(is_ip())})));
  }
  if (maker_ != nullptr) {
    value.alternatives.push_back(
        not_known(guards_.all_of({looked_at(), is_type({single(kClosedDescriptor)})})));
  }
  add_failed(value, constant_number(KernelPlan::kTrue, 0));
  value.is_exact = maker_ == nullptr;
  return value;
}

/// What the kernel does not tell, the runtime remembers or guesses.
FieldValue DescriptorValues::is_server() const {
  const GuardId file = is_type({{0, kDescriptorOfSocket - 1}});
  const auto has_role = [&](uint64_t role) {
    return guards_.all_of({looked_at(), guards_.negate(file), is(DescriptorNumber::ROLE, role)});
  };
  FieldValue value{{constant_number(guards_.all_of({looked_at(), file}), 0),
                    constant_number(has_role(kRoleClient), 0),
                    constant_number(has_role(kRoleServer), 1), not_known(has_role(kRoleUnknown))}};
  if (is_accept(info_.code)) {
    value.alternatives.push_back(not_known(guards_.all_of({looked_at(), guards_.negate(file)})));
  }
  add_failed(value, constant_number(KernelPlan::kTrue, 0));
  return value;
}

void DescriptorValues::add_end(FieldValue& value, bool remote, GuardId when, Form form) const {
  const KernelNumber port =
      of_descriptor(remote ? DescriptorNumber::REMOTE_PORT : DescriptorNumber::LOCAL_PORT);
  switch (form) {
    case Form::NUMBER:
      value.alternatives.push_back(number_itself(when, port));
      break;
    case Form::DECIMAL:
      value.alternatives.push_back(
          {.kind = AlternativeKind::DECIMAL, .when = when, .number = port});
      break;
    case Form::ADDRESS:
      for (const bool is_v6 : {false, true}) {
        value.alternatives.push_back(
            {.kind = AlternativeKind::ADDRESS,
             .when = guards_.all_of({when, is_type({single(is_v6 ? kInet6 : kInet)})}),
             .address = {.is_remote = remote, .is_v6 = is_v6}});
      }
      break;
    case Form::NAME: {  // an address without a name stands for itself
      const GuardId unnamed = is(DescriptorNumber::NAMED, kNamedNone);
      value.alternatives.push_back(
          {.kind = AlternativeKind::ADDRESS_TEXT, .when = guards_.all_of({when, unnamed})});
      value.alternatives.push_back(not_known(guards_.all_of({when, guards_.negate(unnamed)})));
      break;
    }
  }
}

/// Ends as the fields have them: those of a listening socket are the server's, of others both are
/// known once there is a peer. Where the kernel knows none, the runtime may remember one.
FieldValue DescriptorValues::end(Side side, Form form) const {
  const GuardId ip = guards_.all_of({looked_at(), is_ip()});
  const GuardId listens = is(DescriptorNumber::TCP_STATE, kTcpListen);
  const GuardId has_peer = guards_.negate(is(DescriptorNumber::REMOTE_PORT, 0));
  const GuardId both = guards_.all_of({ip, guards_.negate(listens), has_peer, tells_peer()});
  const GuardId one = guards_.all_of({ip, listens, tells_peer()});
  FieldValue value;
  const auto by_role = [&](uint64_t remote_if) {
    for (const bool remote : {false, true}) {
      const uint64_t not_of_role = (remote_if == kRoleClient) == remote ? kRoleServer : kRoleClient;
      const GuardId may_be = guards_.negate(is(DescriptorNumber::ROLE, not_of_role));
      // who accepts is the server, whatever was noted of the socket before
      const GuardId when = is_accept(info_.code) ? both : guards_.all_of({both, may_be});
      add_end(value, remote, when, form);
    }
  };
  switch (side) {
    case Side::LOCAL:
    case Side::REMOTE:
      add_end(value, side == Side::REMOTE, both, form);
      value.alternatives.push_back(absent(one));
      break;
    case Side::SERVER:
      by_role(kRoleClient);
      add_end(value, false, one, form);
      break;
    case Side::CLIENT:
      by_role(kRoleServer);
      value.alternatives.push_back(absent(one));
      break;
    case Side::EITHER:
      add_end(value, false, guards_.any_of({both, one}), form);
      add_end(value, true, both, form);
      break;
  }
  value.alternatives.push_back(
      not_known(guards_.all_of({ip, guards_.negate(guards_.any_of({both, one}))})));
  value.alternatives.push_back(absent(guards_.all_of({looked_at(), guards_.negate(is_ip())})));
  if (maker_ != nullptr) {
    value.alternatives.push_back(
        not_known(guards_.all_of({looked_at(), is_type({single(kClosedDescriptor)})})));
  }
  add_failed(value, absent(KernelPlan::kTrue));
  return value;
}

}  // namespace falcoc::ir::split
