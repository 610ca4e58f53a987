// Reading capture files: framing, tables, events, and what is done with files that are not right.
#include "runtime/capture/scap/capture_file.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/capture_builder.h"

namespace falcod::scap {
namespace {

using falcoc::Code;
using test::Bytes;
using test::CaptureBuilder;
using test::text;
using test::value;

/// What a capture told, copied.
struct Seen : CaptureVisitor {
  struct OneEvent {
    uint16_t code;
    int64_t tid;
    uint64_t number;
    std::vector<std::string> params;
  };

  void on_section() override { ++sections; }
  void on_machine(const Machine& machine) override { hostname = machine.hostname; }
  void on_interface(const Interface& interface) override {
    interfaces.emplace_back(interface.name);
  }
  void on_user(const UserEntry& user) override { users.emplace_back(user.name); }
  void on_process(const ProcessEntry& process) override {
    processes.emplace_back(process.comm);
    last_pgid = process.pgid;
    last_tty = process.tty;
    last_login_uid = process.login_uid;
  }
  void on_fd(const FdEntry& fd) override {
    fds.emplace_back(fd.name);
    last_fd = fd;
  }
  void on_tables_end() override { ++tables; }
  void on_event(const StoredEvent& event, uint64_t number) override {
    OneEvent copy{event.code, event.tid, number, {}};
    for (const Param& param : event.params) copy.params.emplace_back(param.data, param.size);
    events.push_back(std::move(copy));
  }

  int sections = 0, tables = 0;
  std::string hostname;
  std::vector<std::string> interfaces, users, processes, fds;
  std::vector<OneEvent> events;
  int64_t last_pgid = 0;
  uint32_t last_tty = 0, last_login_uid = 0;
  FdEntry last_fd;
};

/// Reads to the end; the code of the error that ended it, if one did.
std::optional<Code> read_all(std::span<const std::byte> bytes, Seen& seen,
                             CaptureCounts* counts = nullptr) {
  auto file = CaptureFile::of_bytes(bytes, "test.scap");
  if (!file) return file.error().code;
  for (;;) {
    const auto more = file->next(seen);
    if (counts != nullptr) *counts = file->counts();
    if (!more) return more.error().code;
    if (!*more) return std::nullopt;
  }
}

std::optional<Code> read_all(const CaptureBuilder& builder, Seen& seen,
                             CaptureCounts* counts = nullptr) {
  return read_all(builder.bytes(), seen, counts);
}

constexpr uint16_t kOpenX = 3, kCloseE = 4, kCloseX = 5, kReadE = 6, kReadX = 7;

Bytes process_v9(std::string_view comm) {
  Bytes entry;
  entry.number(uint64_t{10}).number(uint64_t{10}).number(int64_t{1});
  entry.number(int64_t{5}).number(int64_t{6});
  for (const std::string_view name :
       {comm, std::string_view("exe"), std::string_view("/bin/exe")}) {
    entry.text(name);
  }
  entry.text(std::string_view("a\0b\0", 4)).text("/").number(int64_t{1024});
  entry.number(uint32_t{0}).number(uint32_t{1000}).number(uint32_t{1000});
  entry.number(uint32_t{1}).number(uint32_t{2}).number(uint32_t{3});
  entry.number(uint64_t{4}).number(uint64_t{5}).text("");
  entry.number(int64_t{10}).number(int64_t{10}).text("").text("/");
  return entry;
}

std::string sized(const Bytes& entry) {
  return Bytes().number(static_cast<uint32_t>(entry.str().size() + 4)).raw(entry.str()).str();
}

}  // namespace

TEST_CASE("events are read with their parameters, in order and with numbers") {
  CaptureBuilder builder;
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  builder.event(kCloseX, 8, {value(int64_t{-9}), {}});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  REQUIRE(seen.events.size() == 2);
  CHECK(seen.tables == 1);
  CHECK(seen.events[0].tid == 7);
  CHECK(seen.events[0].number == 1);
  CHECK(seen.events[0].params == std::vector{value(int64_t{0}), value(int64_t{3})});
  CHECK(seen.events[1].params == std::vector{value(int64_t{-9}), std::string()});
}

TEST_CASE("an exit takes what its enter event told") {
  CaptureBuilder builder;
  builder.event_v1(kReadE, 7, {value(int64_t{5}), value(uint32_t{80})});
  builder.event_v1(kReadX, 7, {value(int64_t{2}), "hi"});
  builder.event_v1(kReadX, 7, {value(int64_t{2}), "hi"});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  REQUIRE(seen.events.size() == 2);
  CHECK(seen.events[0].params ==
        std::vector{value(int64_t{2}), std::string("hi"), value(int64_t{5}), value(uint32_t{80})});
  CHECK_MESSAGE(seen.events[1].params[2] == value(int64_t{0}), "each enter event serves one exit");
}

TEST_CASE("an enter event of another kind gives nothing") {
  CaptureBuilder builder;
  builder.event(kCloseE, 7, {value(int64_t{5})});
  builder.event(kReadX, 7, {value(int64_t{2}), "hi"});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  REQUIRE(seen.events.size() == 1);
  CHECK(seen.events[0].params[2] == value(int64_t{0}));
}

TEST_CASE("the oldest execve becomes today's through the whole chain") {
  constexpr uint16_t kExecve8E = 12, kExecve8X = 13, kExecve19X = 293;
  CaptureBuilder builder;
  builder.event_v1(kExecve8E, 7, {});
  builder.event_v1(kExecve8X, 7,
                   {value(int64_t{0}), text("/bin/ls"), text("-l"), value(int64_t{7}),
                    value(int64_t{7}), value(int64_t{1}), text("/tmp"), value(uint64_t{1024})});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  REQUIRE(seen.events.size() == 2);  // the enter event is passed on, hidden from rules later
  CHECK(seen.events[1].code == kExecve19X);
  REQUIRE(seen.events[1].params.size() == 31);
  CHECK(seen.events[1].params[1] == text("/bin/ls"));
  CHECK(seen.events[1].params[6] == text("/tmp"));
  CHECK(seen.events[1].params[13].empty());
}

TEST_CASE("a container of the oldest kind becomes text") {
  constexpr uint16_t kContainerE = 228, kContainerJson2 = 324;
  CaptureBuilder builder;
  builder.event_v1(kContainerE, 7, {text("abc"), value(uint32_t{0}), text("web"), text("nginx")});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  REQUIRE(seen.events.size() == 1);
  CHECK(seen.events[0].code == kContainerJson2);
  CHECK(seen.events[0].params[0] == text(R"({"id":"abc","type":0,"name":"web","image":"nginx"})"));
}

TEST_CASE("kinds of events and blocks that are newer than this program are skipped and counted") {
  CaptureBuilder builder;
  builder.block(0x7777, "whatever");
  builder.event(kStoredCodes, 7, {"x"});
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  Seen seen;
  CaptureCounts counts;
  CHECK(read_all(builder, seen, &counts) == std::nullopt);
  REQUIRE(seen.events.size() == 1);
  CHECK(seen.events[0].number == 1);
  CHECK(counts.unknown_blocks == 1);
  CHECK(counts.unknown_events == 1);
}

TEST_CASE("process list: a short tail, today's and a longer one") {
  Seen seen;
  CaptureBuilder builder;
  Bytes old = process_v9("old");
  old.number(uint32_t{42});
  Bytes today = process_v9("today");
  today.number(uint64_t{0}).number(uint32_t{34816}).number(uint32_t{1000});
  today.raw(std::string(1 + 24 + 1 + 24 + 2, '\0')).number(int64_t{99}).raw("from the future");
  builder.block(PROCESSES_V9, sized(old));
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  CHECK(read_all(builder, seen) == std::nullopt);
  CHECK(seen.processes == std::vector<std::string>{"old"});
  CHECK(seen.last_login_uid == 42);
  CHECK(seen.last_tty == 0);
  CHECK(seen.last_pgid == -1);

  CaptureBuilder builder_today;
  builder_today.block(PROCESSES_V9, sized(today));
  builder_today.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  CHECK(read_all(builder_today, seen) == std::nullopt);
  CHECK(seen.last_login_uid == 1000);
  CHECK(seen.last_tty == 34816);
  CHECK(seen.last_pgid == 99);
}

TEST_CASE("descriptor list: sockets, files, and kinds that are not known") {
  const auto entry = [](uint8_t kind, const Bytes& payload) {
    return sized(Bytes().number(int64_t{3}).number(uint64_t{77}).number(kind).raw(payload.str()));
  };
  Seen seen;
  CaptureBuilder builder;
  builder.block(
      FDS_V2,
      Bytes()
          .number(uint64_t{10})
          .raw(entry(16, Bytes().number(uint32_t{1}).text("/etc/passwd").number(uint32_t{5})))
          .raw(entry(99, Bytes().text("strange")))
          .raw(entry(3, Bytes()
                            .raw("\x0a\x01\x01\x01\x0a\x01\x01\x02")
                            .number(uint16_t{40000})
                            .number(uint16_t{443})
                            .number(uint8_t{2})))
          .str());
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  CHECK(read_all(builder, seen) == std::nullopt);
  CHECK(seen.fds == std::vector<std::string>{"/etc/passwd", "", ""});
  CHECK(seen.last_fd.kind == FdKind::IPV4_SOCKET);
  CHECK(seen.last_fd.destination_port == 443);
  CHECK(seen.last_fd.l4 == 2);
}

TEST_CASE("a block of another kind after events begins a new section") {
  CaptureBuilder builder;
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  builder.block(0x7777, "");
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{4})});
  Seen seen;
  CHECK(read_all(builder, seen) == std::nullopt);
  CHECK(seen.sections == 1);
  CHECK(seen.tables == 2);
  REQUIRE(seen.events.size() == 2);
  CHECK(seen.events[1].number == 2);
}

TEST_CASE("a file cut off anywhere gives an error and everything before") {
  CaptureBuilder builder;
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{3})});
  const size_t first_end = builder.file().size();
  builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{4})});
  for (size_t size = first_end + 1; size < builder.file().size(); ++size) {
    Seen seen;
    CHECK(read_all(builder.bytes().first(size), seen) == Code::CAPTURE_TRUNCATED);
    CHECK(seen.events.size() == 1);
  }
}

TEST_CASE("what is no capture is refused with the reason") {
  Seen seen;
  CHECK(read_all(std::span<const std::byte>{}, seen) == Code::CAPTURE_NOT_SCAP);
  const std::string html = "<!DOCTYPE html><html></html>";
  CHECK(read_all(std::as_bytes(std::span(html)), seen) == Code::CAPTURE_NOT_SCAP);
  CaptureBuilder without_events;
  CHECK(read_all(without_events, seen) == Code::CAPTURE_EMPTY);
  std::string later(CaptureBuilder().file());
  later[12] = 9;
  CHECK(read_all(std::as_bytes(std::span(later)), seen) == Code::CAPTURE_VERSION);
  std::string swapped(CaptureBuilder().file());
  std::swap(swapped[8], swapped[11]);
  std::swap(swapped[9], swapped[10]);
  CHECK(read_all(std::as_bytes(std::span(swapped)), seen) == Code::CAPTURE_NOT_SCAP);
  const auto missing = CaptureFile::open("/nonexistent/file.scap");
  REQUIRE(!missing);
  CHECK(missing.error().code == Code::CAPTURE_OPEN);
}

TEST_CASE("lengths that lie are errors, not reads past the end") {
  Seen seen;
  CaptureBuilder event_too_long;
  event_too_long.block(EVENT_V2, Bytes()
                                     .number(uint16_t{0})
                                     .number(uint64_t{1})
                                     .number(int64_t{7})
                                     .number(uint32_t{1000})
                                     .number(kCloseX)
                                     .number(uint32_t{2})
                                     .str());
  CHECK(read_all(event_too_long, seen) == Code::CAPTURE_DAMAGED);
  CaptureBuilder params_too_many;
  params_too_many.block(EVENT_V2, Bytes()
                                      .number(uint16_t{0})
                                      .number(uint64_t{1})
                                      .number(int64_t{7})
                                      .number(uint32_t{26})
                                      .number(kOpenX)
                                      .number(uint32_t{0xffffffff})
                                      .str());
  CHECK(read_all(params_too_many, seen) == Code::CAPTURE_DAMAGED);
  CaptureBuilder entry_too_long;
  entry_too_long.block(USERS_V2, Bytes().number(uint32_t{5000}).number(uint32_t{1}).str());
  CHECK(read_all(entry_too_long, seen) == Code::CAPTURE_DAMAGED);
  CaptureBuilder empty_entry;
  empty_entry.block(PROCESSES_V9, Bytes().number(uint32_t{0}).number(uint32_t{1}).str());
  CHECK(read_all(empty_entry, seen) == Code::CAPTURE_DAMAGED);
  std::string huge(CaptureBuilder().file());
  huge += Bytes().number(uint32_t{0x201}).number(uint32_t{0xfffffff0}).str();
  CHECK(read_all(std::as_bytes(std::span(huge)), seen) == Code::CAPTURE_DAMAGED);
}

TEST_CASE(
    "compressed files are read, several members as one stream, damaged ones up to the damage") {
  CaptureBuilder builder;
  for (int i = 0; i < 2000; ++i) {
    builder.event(kCloseX, 7, {value(int64_t{0}), value(int64_t{i})});
  }
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("falcod-capture-test-" + std::to_string(::getpid()));
  const auto compress = [&](std::string_view bytes, const char* mode) {
    gzFile file = gzopen(path.c_str(), mode);
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  };
  const std::string_view all = builder.file();
  compress(all.substr(0, 1000), "wb");
  compress(all.substr(1000), "ab");
  const auto read_path = [&](Seen& seen) -> std::optional<Code> {
    auto file = CaptureFile::open(path.string());
    if (!file) return file.error().code;
    for (;;) {
      const auto more = file->next(seen);
      if (!more) return more.error().code;
      if (!*more) return std::nullopt;
    }
  };
  Seen whole;
  CHECK(read_path(whole) == std::nullopt);
  CHECK(whole.events.size() == 2000);

  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 40);
  Seen cut;
  CHECK(read_path(cut) == Code::CAPTURE_TRUNCATED);
  CHECK(cut.events.size() < 2000);
  std::filesystem::remove(path);
}

}  // namespace falcod::scap
