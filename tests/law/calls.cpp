#include "tests/law/calls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "compiler/catalog/descriptors.h"
#include "compiler/catalog/parameter_source.h"

namespace falcoc::law {
namespace {

bool is_connecting(EventCode code) { return connecting_events().test(static_cast<size_t>(code)); }

}  // namespace

Calls::Calls(Random& random, std::vector<EventKind> kinds)
    : random_(random), kinds_(std::move(kinds)) {}

uint64_t Calls::text_argument() {
  switch (random_() % 20) {
    case 0:
      return 0;
    case 1:
      return 1;  // nothing is there
    default:
      return reinterpret_cast<uint64_t>(texts_.emplace_back(a_text(random_)).c_str());
  }
}

uint64_t Calls::number_argument(const ParamInfo* param) {
  static constexpr std::array<uint64_t, 18> kNumbers{0,
                                                     1,
                                                     2,
                                                     3,
                                                     5,
                                                     7,
                                                     10,
                                                     16,
                                                     17,
                                                     64,
                                                     100,
                                                     0x241,
                                                     0x10000,
                                                     0x10241,
                                                     0x80000,
                                                     ~uint64_t{0},
                                                     static_cast<uint64_t>(AT_FDCWD),
                                                     0xffffff9c};
  if (param != nullptr && param->name == "dirfd" && !chance(random_, 8)) {
    return chance(random_, 3) ? uint64_t{kFirstFile} + random_() % kFiles
                              : static_cast<uint64_t>(AT_FDCWD);
  }
  switch (random_() % 4) {
    case 0:
      return random_();
    case 1:
      return random_() % 0x80000;
    default:
      return one_of(random_, kNumbers);
  }
}

Call Calls::next() {
  static constexpr std::array<int64_t, 20> kResults{
      0, 1, 2, 3, 3, 3, 17, 100, 101, 102, 103, 104, 105, 3, -1, -2, -13, -115, -516, -4095};
  texts_.clear();
  Call call{.kind = one_of(random_, kinds_)};
  call.ret = one_of(random_, kResults);
  for (uint64_t& argument : call.args) argument = number_argument(nullptr);
  const EventInfo& info = *event_of_kind(call.kind);
  // Of sockets without a peer the runtime remembers what events with addresses said of them, and an
  // event that was filtered said nothing.
  const bool has_tuple = std::ranges::any_of(
      info.params, [](const ParamInfo& param) { return param.type == ParamType::SOCKTUPLE; });
  const auto sources = param_sources(info.code);
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].kind != SourceKind::ARG && sources[i].kind != SourceKind::INT_ARG) continue;
    const ParamInfo& param = info.params[i];
    const bool is_text = param.type == ParamType::CHARBUF || param.type == ParamType::FSPATH ||
                         param.type == ParamType::FSRELPATH;
    const bool is_descriptor = param.type == ParamType::FD && !param.name.ends_with("dirfd");
    call.args[sources[i].a] = is_text         ? text_argument()
                              : is_descriptor ? descriptor(has_tuple)
                                              : number_argument(&param);
  }
  if (has(info.flags, EventFlag::CREATES_FD) && call.ret >= 0) make_descriptor(info, call);
  if (has_tuple) pass_address(info.code, call);
  return call;
}

/// What the test got from others could have been made by a call that this one is not.
void Calls::make_descriptor(const EventInfo& info, Call& call) {
  const DescriptorMaker* maker = descriptor_maker(info.code);
  const bool opens = maker != nullptr && maker->path_param >= 0;
  if (opens && call.ret < kFirstFile) call.ret = kFirstFile + call.ret % kFiles;
  if (!opens) call.ret = static_cast<int64_t>(descriptor(is_connecting(info.code)));
}

uint64_t Calls::descriptor(bool connected) {
  constexpr uint64_t kClosed = 999;
  if (chance(random_, 12)) return chance(random_, 2) ? kClosed : 0xffffffff;
  const int count = kFiles + (connected ? kConnectedSockets : kSockets);
  return static_cast<uint64_t>(kFirstFile) + random_() % static_cast<uint64_t>(count);
}

void Calls::pass_address(EventCode code, Call& call) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(random_() % 2 == 0 ? 9 : random_()));
  address.sin_addr.s_addr = htonl(chance(random_, 2) ? 0x0a000001 : 0x7f000005);
  const std::string& bytes =
      texts_.emplace_back(reinterpret_cast<const char*>(&address), sizeof address);
  const size_t at = code == EventCode::CONNECT ? 1 : 4;
  if (code != EventCode::CONNECT && code != EventCode::SENDTO && code != EventCode::RECVFROM)
    return;
  call.args[at] = chance(random_, 2) ? 0 : reinterpret_cast<uint64_t>(bytes.data());
  call.args[at + 1] = sizeof address;
}

std::string Calls::print(const Call& call) const {
  std::string text = std::string(event_kind_name(call.kind)) + "(";
  for (const uint64_t argument : call.args) {
    const auto found = std::ranges::find_if(texts_, [&](const std::string& each) {
      return reinterpret_cast<uint64_t>(each.c_str()) == argument;
    });
    text +=
        found == texts_.end() ? fmt::format("{:#x}, ", argument) : fmt::format("\"{}\", ", *found);
  }
  return fmt::format("{}) = {}", text, call.ret);
}

}  // namespace falcoc::law
