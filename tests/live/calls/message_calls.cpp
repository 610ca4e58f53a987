// Sending and receiving.
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "tests/live/calls/encode.h"
#include "tests/live/calls/families.h"

namespace calls {
namespace {

/// Two datagram sockets that know of each other only by the addresses in the calls.
struct Datagrams {
  int sender = bound_socket(SOCK_DGRAM);
  int receiver = bound_socket(SOCK_DGRAM);
  uint16_t from = port_of(sender), to = port_of(receiver);
  sockaddr_in target = loopback(to);

  ~Datagrams() {
    close(sender);
    close(receiver);
  }
  /// Of the receiver's event: it has no peer, the address that the call brought tells.
  std::string tuple() const { return loopback_tuple(from, to); }
};

void send_cases(Report& report, const Datagrams& sockets) {
  report
      .ok("sendto", SYS_sendto,
          {sockets.sender, "datagram", 8, 0, &sockets.target, sizeof sockets.target})
      .ret("res")
      .bytes("data", "datagram")
      .num("fd", sockets.sender)
      .num("size", 8)
      .bytes("tuple", sockets.tuple());
  report.fails("sendto", EBADF, SYS_sendto, {-1, "never", 5, 0, nullptr, 0})
      .ret("res")
      .bytes("data", "never")
      .num("fd", -1)
      .num("size", 5)
      .empty("tuple");
  char buffer[32]{};
  sockaddr_in source{};
  socklen_t size = sizeof source;
  report.ok("recvfrom", SYS_recvfrom, {sockets.receiver, buffer, sizeof buffer, 0, &source, &size})
      .ret("res")
      .bytes("data", "datagram")
      .bytes("tuple", sockets.tuple())
      .num("fd", sockets.receiver)
      .num("size", sizeof buffer);
  report
      .fails("recvfrom", EAGAIN, SYS_recvfrom,
             {sockets.receiver, buffer, sizeof buffer, MSG_DONTWAIT, &source, &size})
      .ret("res")
      .empty("data")
      .empty("tuple")
      .num("fd", sockets.receiver)
      .num("size", sizeof buffer);
}

void sendmsg_cases(Report& report, const Datagrams& sockets) {
  char first[] = "first ", second[] = "second";
  iovec parts[] = {{first, 6}, {second, 6}};
  sockaddr_in target = sockets.target;
  msghdr message{};
  message.msg_name = &target;
  message.msg_namelen = sizeof target;
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  report.ok("sendmsg", SYS_sendmsg, {sockets.sender, &message, 0})
      .ret("res")
      .bytes("data", "first second")
      .num("fd", sockets.sender)
      .num("size", 12)
      .bytes("tuple", sockets.tuple());
  report.fails("sendmsg", EBADF, SYS_sendmsg, {-1, &message, 0})
      .ret("res")
      .bytes("data", "first second")
      .num("fd", -1)
      .num("size", 12)
      .empty("tuple");
  std::array<char, 64> buffer{};
  iovec target_part{buffer.data(), buffer.size()};
  sockaddr_in source{};
  msghdr received{};
  received.msg_name = &source;
  received.msg_namelen = sizeof source;
  received.msg_iov = &target_part;
  received.msg_iovlen = 1;
  report.ok("recvmsg", SYS_recvmsg, {sockets.receiver, &received, 0})
      .ret("res")
      .num("size", 12)
      .bytes("data", "first second")
      .bytes("tuple", sockets.tuple())
      .empty("msgcontrol")
      .num("fd", sockets.receiver);
  report.fails("recvmsg", EAGAIN, SYS_recvmsg, {sockets.receiver, &received, MSG_DONTWAIT})
      .ret("res")
      .num("size", 0)
      .empty("data")
      .empty("tuple")
      .empty("msgcontrol")
      .num("fd", sockets.receiver);
}

/// A descriptor sent over a unix socket: the control message tells its number here.
void control_case(Report& report) {
  int pair[2] = {-1, -1};
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  char data[] = "x";
  iovec part{data, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int sent = 0;
  std::memcpy(CMSG_DATA(header), &sent, sizeof sent);
  if (sendmsg(pair[0], &message, 0) != 1) return;
  control.fill(0);
  message.msg_controllen = control.size();
  {
    Measured received = report.ok("recvmsg", SYS_recvmsg, {pair[1], &message, 0});
    received.ret("res").num("size", 1).bytes("data", "x").num("fd", pair[1]);
    received.starts("tuple", std::string(1, AF_UNIX));
    received.bytes("msgcontrol", std::string(control.data(), message.msg_controllen));
  }
  int passed = -1;
  std::memcpy(&passed, CMSG_DATA(header), sizeof passed);
  close(passed);
  close(pair[0]);
  close(pair[1]);
}

/// An event per message; the checker gets the messages in order under one mark.
void many_cases(Report& report, const Datagrams& sockets) {
  char texts[2][8] = {"number1", "no2"};
  iovec parts[2] = {{texts[0], 7}, {texts[1], 3}};
  sockaddr_in target = sockets.target;
  std::array<mmsghdr, 2> messages{};
  for (size_t i = 0; i < 2; ++i) {
    messages[i].msg_hdr.msg_name = &target;
    messages[i].msg_hdr.msg_namelen = sizeof target;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int id = report.mark();
  raw_call(SYS_sendmmsg, {sockets.sender, messages.data(), 2, 0});
  for (size_t i = 0; i < 2; ++i) {
    const auto size = static_cast<long>(parts[i].iov_len);
    Measured sent = report.finish(id, "sendmmsg", 0, size);
    sent.ret("res").num("fd", sockets.sender).num("size", size);
    sent.bytes("data", std::string(texts[i], parts[i].iov_len)).bytes("tuple", sockets.tuple());
  }
  report.fails("sendmmsg", EBADF, SYS_sendmmsg, {-1, messages.data(), 2, 0})
      .ret("res")
      .num("fd", -1)
      .num("size", 0)
      .empty("data")
      .empty("tuple");
  char buffers[2][16]{};
  iovec targets[2] = {{buffers[0], 16}, {buffers[1], 16}};
  std::array<sockaddr_in, 2> sources{};
  std::array<mmsghdr, 2> received{};
  for (size_t i = 0; i < 2; ++i) {
    received[i].msg_hdr.msg_name = &sources[i];
    received[i].msg_hdr.msg_namelen = sizeof sources[i];
    received[i].msg_hdr.msg_iov = &targets[i];
    received[i].msg_hdr.msg_iovlen = 1;
  }
  const int receive_id = report.mark();
  raw_call(SYS_recvmmsg, {sockets.receiver, received.data(), 2, 0, nullptr});
  for (size_t i = 0; i < 2; ++i) {
    const auto size = static_cast<long>(parts[i].iov_len);
    Measured got = report.finish(receive_id, "recvmmsg", 0, size);
    got.ret("res").num("fd", sockets.receiver).num("size", size).empty("msgcontrol");
    got.bytes("data", std::string(texts[i], parts[i].iov_len)).bytes("tuple", sockets.tuple());
  }
  report
      .fails("recvmmsg", EAGAIN, SYS_recvmmsg,
             {sockets.receiver, received.data(), 2, MSG_DONTWAIT, nullptr})
      .ret("res")
      .num("fd", sockets.receiver)
      .num("size", 0)
      .empty("data")
      .empty("tuple")
      .empty("msgcontrol");
}

}  // namespace

void message_calls(Report& report) {
  const Datagrams sockets;
  send_cases(report, sockets);
  sendmsg_cases(report, sockets);
  control_case(report);
  many_cases(report, sockets);
}

}  // namespace calls
