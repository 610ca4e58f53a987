// Waiting: for descriptors, for time.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <vector>

#include "tests/live/calls/families.h"

namespace calls {
namespace {

/// PT_FDLIST: the number of entries, then each descriptor and what was returned for it.
std::string fd_list(const std::vector<std::pair<int64_t, int16_t>>& entries) {
  const auto count = static_cast<uint16_t>(entries.size());
  std::string bytes(reinterpret_cast<const char*>(&count), sizeof count);
  for (const auto& [fd, flags] : entries) {
    bytes.append(reinterpret_cast<const char*>(&fd), sizeof fd);
    bytes.append(reinterpret_cast<const char*>(&flags), sizeof flags);
  }
  return bytes;
}

constexpr int16_t kIn = 1, kOut = 4, kInvalid = 64;  // Falco's POLLIN, POLLOUT, POLLNVAL

void poll_cases(Report& report, int readable, int writable) {
  pollfd polled[] = {{readable, POLLIN | POLLPRI, 0}, {writable, POLLOUT, 0}, {999, POLLIN, 0}};
  const std::string all = fd_list({{readable, kIn}, {writable, kOut}, {999, kInvalid}});
  report.ok("poll", SYS_poll, {polled, 3, 250}).ret("res").bytes("fds", all).num("timeout", 250);
  report.fails("poll", EFAULT, SYS_poll, {nullptr, 3, -1})
      .ret("res")
      .bytes("fds", fd_list({}))
      .num("timeout", -1);
  timespec wait{1, 500};
  const uint64_t mask = 1u << (SIGHUP - 1) | 1u << (SIGCHLD - 1);
  report.ok("ppoll", SYS_ppoll, {polled, 2, &wait, &mask, sizeof mask})
      .ret("res")
      .bytes("fds", fd_list({{readable, kIn}, {writable, kOut}}))
      .least("timeout", 1)  // the kernel writes back what was left
      .num("sigmask", static_cast<int64_t>(mask));
  wait = {3, 7};
  report.fails("ppoll", EINVAL, SYS_ppoll, {polled, 1, &wait, &mask, 5})
      .ret("res")
      .bytes("fds", fd_list({{readable, kIn}}))
      .num("timeout", 3'000'000'007)
      .num("sigmask", static_cast<int64_t>(mask));
}

void select_cases(Report& report, int readable) {
  fd_set read_set;
  FD_ZERO(&read_set);
  FD_SET(static_cast<unsigned>(readable), &read_set);
  timeval now{};
  report.ok("select", SYS_select, {readable + 1, &read_set, nullptr, nullptr, &now}).ret("res");
  report.fails("select", EINVAL, SYS_select, {-1, nullptr, nullptr, nullptr, &now}).ret("res");
}

void epoll_cases(Report& report, int readable) {
  const int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(epoll, EPOLL_CTL_ADD, readable, &event);
  report.ok("epoll_wait", SYS_epoll_wait, {epoll, &event, 1, 0}).ret("res").num("maxevents", 1);
  report.fails("epoll_wait", EINVAL, SYS_epoll_wait, {epoll, &event, -3, 0})
      .ret("res")
      .num("maxevents", -3);
  close(epoll);
}

void sleep_cases(Report& report) {
  timespec interval{0, 1500};
  report.ok("nanosleep", SYS_nanosleep, {&interval, nullptr}).ret("res").num("interval", 1500);
  interval = {2, 1'000'000'000};
  report.fails("nanosleep", EINVAL, SYS_nanosleep, {&interval, nullptr})
      .ret("res")
      .num("interval", 3'000'000'000);
}

}  // namespace

void wait_calls(Report& report) {
  int ends[2] = {-1, -1};
  if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1) return;
  poll_cases(report, ends[0], ends[1]);
  select_cases(report, ends[0]);
  epoll_cases(report, ends[0]);
  sleep_cases(report);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace calls
