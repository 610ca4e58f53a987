// What is written is what is read again.
#include "runtime/capture/scap/encode.h"

#include <doctest/doctest.h>

#include "runtime/capture/scap/capture_file.h"
#include "runtime/capture/scap/stored_event.h"
#include "tests/support/capture_builder.h"

namespace falcod::scap {
namespace {

using test::text;
using test::value;

/// The last of everything, texts copied.
struct Seen : CaptureVisitor {
  void on_section() override {}
  void on_machine(const Machine& machine) override {
    cpus = machine.cpus;
    boot_time_ns = machine.boot_time_ns;
    hostname = machine.hostname;
  }
  void on_interface(const Interface& interface) override {
    interface_name = interface.name;
    address.assign(interface.address.data(), interface.address_bytes);
    netmask.assign(interface.netmask.data(), interface.address_bytes);
  }
  void on_user(const UserEntry& user) override {
    users.push_back(std::string(user.name) + "/" + std::string(user.home) + "/" +
                    std::string(user.shell) + (user.is_group ? "/group" : ""));
  }
  void on_process(const ProcessEntry& entry) override {
    ++processes;
    process = entry;
    comm = entry.comm;
    args = entry.args;
    cgroups = entry.cgroups;
    root = entry.root;
  }
  void on_fd(const FdEntry& entry) override {
    fds.push_back(entry);
    fd_names.emplace_back(entry.name);
  }
  void on_tables_end() override {}
  void on_event(const StoredEvent& event, uint64_t) override {
    code = event.code;
    tid = event.tid;
    time_ns = event.time_ns;
    cpu = event.cpu;
    params.clear();
    for (const Param& param : event.params) params.emplace_back(param.data, param.size);
  }

  uint32_t cpus = 0;
  uint64_t boot_time_ns = 0;
  std::string hostname, interface_name, address, netmask;
  std::vector<std::string> users;
  int processes = 0;
  ProcessEntry process;
  std::string comm, args, cgroups, root;
  std::vector<FdEntry> fds;
  std::vector<std::string> fd_names;
  uint16_t code = 0, cpu = 0;
  int64_t tid = 0;
  uint64_t time_ns = 0;
  std::vector<std::string> params;
};

constexpr uint16_t kCloseX = 5;

void append_close(std::string& out) {
  const std::string result = value(int64_t{0}), fd = value(int64_t{3});
  const std::array params{Param{result.data(), 8}, Param{fd.data(), 8}};
  Event event;
  event.info = falcoc::find_event(static_cast<falcoc::EventCode>(kCloseX));
  event.time_ns = 77;
  event.tid = 50;
  event.cpu = 3;
  event.params = params;
  append_event(out, event);
}

/// Reads a header, `tables` and one event.
Seen read(const std::string& tables) {
  std::string file;
  append_section_header(file);
  file += tables;
  append_close(file);
  Seen seen;
  auto capture = CaptureFile::of_bytes(std::as_bytes(std::span(file)), "written");
  REQUIRE(capture);
  for (;;) {
    const auto more = capture->next(seen);
    REQUIRE(more);
    if (!*more) return seen;
  }
}

FdEntry fd_of(FdKind kind, int64_t number, std::string_view name = {}) {
  FdEntry fd;
  fd.fd = number;
  fd.kind = kind;
  fd.name = name;
  fd.ino = 9;
  return fd;
}

}  // namespace

TEST_CASE("capture writing: machine, interfaces and accounts") {
  std::string tables;
  Machine machine;
  machine.cpus = 2;
  machine.hostname = "box";
  machine.boot_time_ns = 5;
  append_machine(tables, machine);
  Interface interface;
  interface.address_bytes = 4;
  interface.address = {10, 1, 1, 7};
  interface.netmask = {127, 127, 0, 0};
  interface.name = "eth0";
  append_interfaces(tables, std::array{interface});
  const std::string long_shell(300, 's');
  UserEntry user, group;
  user.name = "alice";
  user.home = "/home/alice";
  user.shell = long_shell;
  group.is_group = true;
  group.name = "staff";
  append_users(tables, std::array{user, group});

  const Seen seen = read(tables);
  CHECK(seen.cpus == 2);
  CHECK(seen.hostname == "box");
  CHECK(seen.boot_time_ns == 5);
  CHECK(seen.interface_name == "eth0");
  CHECK(seen.address == std::string("\x0a\x01\x01\x07"));
  CHECK(seen.netmask == std::string("\x7f\x7f\0\0", 4));
  CHECK(seen.users ==
        std::vector<std::string>{"alice//home/alice/" + std::string(255, 's'), "staff///group"});
}

TEST_CASE("capture writing: every property of a process") {
  const std::string long_args(5000, 'a');
  ProcessEntry process;
  process.tid = 51;
  process.pid = 50;
  process.ptid = 1;
  process.sid = 40;
  process.pgid = 41;
  process.vpgid = 2;
  process.vtid = 3;
  process.vpid = 4;
  process.comm = "sh";
  process.args = long_args;
  process.cgroups = std::string_view("cpu=/a\0", 7);
  process.root = "/new";
  process.fd_limit = 1024;
  process.uid = 1000;
  process.login_uid = 1001;
  process.tty = 34816;
  process.maj_faults = 7;
  process.cap_effective = 0x1ff;
  process.pidns_start_ns = 99;
  process.exe_upper_layer = true;
  process.exe_ino = 12;
  process.exe_mtime_ns = 13;
  process.exe_memfd = true;
  std::string tables;
  append_processes(tables, std::array{process, process});

  const Seen seen = read(tables);
  CHECK(seen.processes == 2);
  CHECK(seen.process.tid == 51);
  CHECK(seen.process.pid == 50);
  CHECK(seen.process.ptid == 1);
  CHECK(seen.process.sid == 40);
  CHECK(seen.process.pgid == 41);
  CHECK(seen.process.vpgid == 2);
  CHECK(seen.process.vtid == 3);
  CHECK(seen.process.vpid == 4);
  CHECK(seen.comm == "sh");
  CHECK(seen.args == std::string(4095, 'a') + '\0');
  CHECK(seen.cgroups == std::string("cpu=/a\0", 7));
  CHECK(seen.root == "/new");
  CHECK(seen.process.fd_limit == 1024);
  CHECK(seen.process.uid == 1000);
  CHECK(seen.process.login_uid == 1001);
  CHECK(seen.process.tty == 34816);
  CHECK(seen.process.maj_faults == 7);
  CHECK(seen.process.cap_effective == 0x1ff);
  CHECK(seen.process.pidns_start_ns == 99);
  CHECK(seen.process.exe_upper_layer);
  CHECK_FALSE(seen.process.exe_lower_layer);
  CHECK(seen.process.exe_ino == 12);
  CHECK(seen.process.exe_mtime_ns == 13);
  CHECK(seen.process.exe_memfd);
}

TEST_CASE("capture writing: descriptors of every kind") {
  FdEntry file = fd_of(FdKind::FILE_V2, 1, "/etc/passwd");
  file.open_flags = 3;
  file.dev = 8;
  FdEntry v4 = fd_of(FdKind::IPV4_SOCKET, 2);
  v4.source = {1, 2, 3, 4};
  v4.destination = {5, 6, 7, 8};
  v4.source_port = 80;
  v4.destination_port = 443;
  v4.l4 = 2;
  FdEntry v6 = fd_of(FdKind::IPV6_SERVER, 3);
  v6.source[15] = 1;
  v6.source_port = 53;
  v6.l4 = 3;
  FdEntry unix_socket = fd_of(FdKind::UNIX_SOCKET, 4, "/run/x");
  unix_socket.unix_source = 0xabc;
  std::string tables;
  append_fds(tables, 50,
             std::array{file, v4, v6, unix_socket, fd_of(FdKind::FIFO, 5, "pipe:[9]"),
                        fd_of(FdKind::UNKNOWN, 6), fd_of(FdKind::PIDFD, 7, "anon_inode:[pidfd]")});

  const Seen seen = read(tables);
  REQUIRE(seen.fds.size() == 6);
  CHECK(seen.fds[0].tid == 50);
  CHECK(seen.fds[0].open_flags == 3);
  CHECK(seen.fds[0].dev == 8);
  CHECK(seen.fds[0].ino == 9);
  CHECK(seen.fd_names[0] == "/etc/passwd");
  CHECK(seen.fds[1].destination == v4.destination);
  CHECK(seen.fds[1].destination_port == 443);
  CHECK(seen.fds[1].l4 == 2);
  CHECK(seen.fds[2].source == v6.source);
  CHECK(seen.fds[2].source_port == 53);
  CHECK(seen.fds[3].unix_source == 0xabc);
  CHECK(seen.fd_names[3] == "/run/x");
  CHECK(seen.fds[4].kind == FdKind::FIFO);
  // Readers of before 2023 would refuse the file for kinds that they do not know.
  CHECK(seen.fds[5].kind == FdKind::UNSUPPORTED);
  CHECK(seen.fds[5].fd == 7);
}

TEST_CASE("capture writing: an event keeps time, thread, processor and parameters") {
  const Seen seen = read({});
  CHECK(seen.code == kCloseX);
  CHECK(seen.time_ns == 77);
  CHECK(seen.tid == 50);
  CHECK(seen.cpu == 3);
  CHECK(seen.params == std::vector<std::string>{value(int64_t{0}), value(int64_t{3})});
}

namespace {

/// Code, dump flags and parameters of each event block, as they lie in the file.
struct Written {
  uint16_t code;
  uint32_t dump_flags;
  std::vector<std::string> params;

  bool operator==(const Written&) const = default;
};

std::vector<Written> written(uint16_t code, const std::vector<std::string>& values) {
  std::vector<Param> params;
  for (const std::string& bytes : values) {
    params.push_back({bytes.data(), static_cast<uint32_t>(bytes.size())});
  }
  Event event;
  event.info = falcoc::find_event(static_cast<falcoc::EventCode>(code));
  event.params = params;
  std::string file;
  append_event(file, event);
  std::vector<Written> blocks;
  BlockReader reader(ByteStream::of_bytes(std::as_bytes(std::span(file))), "written");
  for (auto block = reader.next(); block && *block; block = reader.next()) {
    StoredEvent stored;
    std::string what;
    REQUIRE_MESSAGE(parse_event(**block, stored, what), what);
    Written& entry = blocks.emplace_back(Written{stored.code, stored.dump_flags, {}});
    for (const Param& param : stored.params) entry.params.emplace_back(param.data, param.size);
  }
  return blocks;
}

}  // namespace

TEST_CASE("capture writing: what older readers take from enter events goes before the exit") {
  const std::string ok = value(int64_t{0}), fd = value(int64_t{3}), size = value(uint32_t{5});
  CHECK(written(7, {ok, "bytes", fd, size}) ==
        std::vector<Written>{{6, 0, {fd, size}}, {7, 0, {ok, "bytes", fd, size}}});
  // Its enter event tells nothing.
  CHECK(written(61, {ok, fd, fd, ok}) == std::vector<Written>{{61, 0, {ok, fd, fd, ok}}});
}

TEST_CASE("capture writing: newer calls go before as those that older readers follow, unseen") {
  const std::string three = value(int64_t{3}), five = value(int64_t{5});
  CHECK(written(363, {five, three, five}) == std::vector<Written>{{124, kStateOnly, {three}},
                                                                  {125, kStateOnly, {five}},
                                                                  {362, 0, {three}},
                                                                  {363, 0, {five, three, five}}});
}

TEST_CASE("capture writing: companions leave nothing for this reader to complete") {
  std::string file;
  append_section_header(file);
  const std::string three = value(int64_t{3}), five = value(int64_t{5});
  const std::array params{Param{five.data(), 8}, Param{three.data(), 8}, Param{five.data(), 8}};
  Event event;
  event.info = falcoc::find_event(falcoc::EventCode::DUP2);
  event.params = params;
  append_event(file, event);
  auto capture = CaptureFile::of_bytes(std::as_bytes(std::span(file)), "written");
  REQUIRE(capture);
  Seen seen;
  for (auto more = capture->next(seen); more && *more; more = capture->next(seen)) {
  }
  CHECK(seen.code == 363);
  CHECK(seen.params == std::vector<std::string>{five, three, five});
  CHECK(capture->counts().incomplete == 0);
}

}  // namespace falcod::scap
