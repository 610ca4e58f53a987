// The decoder on records made by hand: encodings, and what it makes of hostile bytes.
#include "runtime/capture/decode.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "compiler/catalog/flag_encoding.h"

using namespace falcod;
using falcoc::encode_open_flags;
using falcoc::EventCode;
using falcoc::FlagTableId;

namespace {

/// A record under construction.
class RecordBuilder {
 public:
  explicit RecordBuilder(uint16_t kind) {
    header_.kind = kind;
    header_.task.tid = header_.task.pid = 42;
    std::strcpy(header_.task.comm, "tester");
  }
  explicit RecordBuilder(EventCode code) : RecordBuilder(static_cast<uint16_t>(code)) {}

  fc_event& header() { return header_; }

  RecordBuilder& item(uint16_t tag, std::string_view bytes, uint8_t index = 0) {
    const fc_item item{
        .tag = tag, .flags = 0, .index = index, .size = static_cast<fc_u32>(bytes.size())};
    items_.append(reinterpret_cast<const char*>(&item), sizeof item);
    items_.append(bytes);
    items_.resize((items_.size() + 7) & ~size_t{7});
    ++header_.item_count;
    return *this;
  }
  template <typename Struct>
  RecordBuilder& structure(uint16_t tag, const Struct& value, uint8_t index = 0) {
    return item(tag, {reinterpret_cast<const char*>(&value), sizeof value}, index);
  }

  /// The record, 8-aligned and in memory of exactly its size, so that a sanitizer sees every
  /// overrun.
  std::vector<uint64_t> build() {
    header_.size = static_cast<fc_u32>(sizeof header_ + items_.size());
    std::vector<uint64_t> words(header_.size / 8);
    std::memcpy(words.data(), &header_, sizeof header_);
    std::memcpy(words.data() + sizeof header_ / 8, items_.data(), items_.size());
    return words;
  }

 private:
  fc_event header_{};
  std::string items_;
};

std::span<const std::byte> bytes_of(const std::vector<uint64_t>& words) {
  return std::as_bytes(std::span(words));
}

std::string param(const Event& event, size_t index) {
  return {event.params[index].data, event.params[index].size};
}

int64_t number(const Event& event, size_t index) {
  const std::string bytes = param(event, index);
  int64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

RecordBuilder connect_record() {
  RecordBuilder record(EventCode::CONNECT);
  record.header().args[0] = 5;
  const unsigned char address[16] = {AF_INET, 0, 0x1f, 0x90, 10, 0, 0, 1};  // 10.0.0.1:8080
  record.item(3, {reinterpret_cast<const char*>(address), sizeof address});
  record.item(1, {reinterpret_cast<const char*>(address), sizeof address});
  fc_fd fd{};
  fd.fd = 5;
  fd.mode = 0140777;
  fd.family = AF_INET;
  fd.local_port = 1234;
  fd.local_addr[0] = 10;
  fd.local_addr[3] = 2;
  record.structure(FC_ITEM_FD, fd, 2);
  return record;
}

RecordBuilder exec_record() {
  RecordBuilder record(EventCode::EXECVE);
  fc_exec exec{};
  exec.tty = 34816;
  exec.cap_effective = 0x1ff;
  exec.flags = FC_EXE_UPPER_LAYER | FC_EXE_WRITABLE;
  record.structure(FC_ITEM_EXEC, exec);
  record.item(FC_ITEM_ARGS, std::string_view("sh\0-c\0ls\0", 9));
  record.item(FC_ITEM_ENV, std::string_view("A=1\0", 4));
  record.item(FC_ITEM_EXE_PATH, std::string_view("/bin/dash\0", 10));
  record.item(FC_ITEM_FILENAME, std::string_view("/bin/sh\0", 8));
  record.item(FC_ITEM_CGROUP, std::string_view("cpu=/a\0", 7));
  record.item(FC_ITEM_CGROUP, std::string_view("=/b\0", 4));
  record.item(FC_ITEM_CWD, std::string_view("/tmp\0", 5));
  return record;
}

}  // namespace

TEST_CASE("registers become parameters of the table's width and sign") {
  RecordBuilder record(EventCode::KILL);
  record.header().ret = -3;
  record.header().args[0] = 0xffffffff;  // the process group of all: -1
  record.header().args[1] = 9;
  const auto words = record.build();
  Decoder decoder(1000);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  CHECK(event->time_ns == 1000);
  CHECK(event->number == 1);
  CHECK(event->params[0].size == 8);
  CHECK(number(*event, 0) == -3);
  CHECK(number(*event, 1) == -1);
  CHECK(event->params[2].size == 1);
  CHECK(number(*event, 2) == 9);
}

TEST_CASE("open flags and modes are Falco's, with what the kernel found out") {
  RecordBuilder record(EventCode::OPENAT);
  record.header().ret = 3;
  record.header().args[0] = static_cast<uint32_t>(AT_FDCWD);
  record.header().args[2] = O_WRONLY | O_CREAT | O_TRUNC;
  record.header().args[3] = S_IFREG | 0644;
  fc_fd fd{};
  fd.dev = 8u << 20 | 0x1234;
  fd.ino = 77;
  fd.layer = 1;
  fd.created = 1;
  record.structure(FC_ITEM_FD, fd).item(2, std::string_view("f\0", 2));
  const auto words = record.build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  CHECK(number(*event, 1) == AT_FDCWD);
  CHECK(param(*event, 2) == std::string("f\0", 2));
  CHECK(number(*event, 3) == (2 | 4 | 256 | 16384 | 32768));
  CHECK(number(*event, 4) == 0644);
  CHECK(number(*event, 5) == (0x34 | 8 << 8 | 0x1200 << 12));
  CHECK(number(*event, 6) == 77);
}

TEST_CASE("an address that was passed completes the tuple of a socket without a peer") {
  const auto words = connect_record().build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  const std::string address("\x02\x0a\x00\x00\x01\x90\x1f", 7);
  CHECK(param(*event, 3) == address);
  CHECK(param(*event, 1) == std::string("\x02\x0a\x00\x00\x02\xd2\x04", 7) + address.substr(1));
  CHECK(number(*event, 2) == 5);
}

TEST_CASE("a unix tuple of a connect begins with the server's socket") {
  RecordBuilder record(EventCode::CONNECT);
  fc_fd fd{};
  fd.family = AF_UNIX;
  fd.socket_cookie = 1;
  fd.peer_cookie = 2;
  std::strcpy(fd.unix_path, "/run/x");
  record.structure(FC_ITEM_FD, fd, 2);
  const auto words = record.build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  CHECK(param(*event, 1) == std::string("\x01\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0/run/x\0", 24));
}

TEST_CASE("an execution's parameters come from its items") {
  const auto words = exec_record().build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  REQUIRE(event->params.size() == 31);
  CHECK(param(*event, 1) == std::string("sh\0", 3));
  CHECK(param(*event, 2) == std::string("-c\0ls\0", 6));
  CHECK(param(*event, 13) == std::string("tester\0", 7));
  CHECK(param(*event, 14) == std::string("cpu=/a\0=/b\0", 11));
  CHECK(param(*event, 15) == std::string("A=1\0", 4));
  CHECK(number(*event, 16) == 34816);
  CHECK(number(*event, 19) == (FC_EXE_UPPER_LAYER | FC_EXE_WRITABLE));
  CHECK(number(*event, 22) == 0x1ff);
  CHECK(param(*event, 27) == std::string("/bin/dash\0", 10));
  CHECK(param(*event, 30) == std::string("/bin/sh\0", 8));
  Item item;
  REQUIRE(find_item(*event->record, FC_ITEM_CWD, kAnyIndex, item));
  CHECK(item.bytes == "/tmp");
}

TEST_CASE("state records are no events: no number, no parameters") {
  Decoder decoder(0);
  const auto fork = RecordBuilder(FC_STATE_FORK).structure(FC_ITEM_FORK, fc_fork{}).build();
  const Event* event = decoder.decode(bytes_of(fork));
  REQUIRE(event != nullptr);
  CHECK(event->info == nullptr);
  CHECK(event->params.empty());
  const auto next = connect_record().build();
  event = decoder.decode(bytes_of(next));
  REQUIRE(event != nullptr);
  CHECK(event->number == 1);
}

TEST_CASE("a system call without an event of its own is generic and keeps its number") {
  RecordBuilder record(static_cast<uint16_t>(FC_GENERIC_BASE + 16));  // getpid
  record.header().syscall_nr = 39;
  const auto words = record.build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  CHECK(event->info->code == EventCode::GENERIC);
  CHECK(number(*event, 0) == 16);
  CHECK(number(*event, 1) == 39);
}

TEST_CASE("what was not captured is an empty parameter") {
  const auto words = RecordBuilder(EventCode::OPEN).build();
  Decoder decoder(0);
  const Event* event = decoder.decode(bytes_of(words));
  REQUIRE(event != nullptr);
  CHECK(event->params[1].size == 0);
}

TEST_CASE("kernel flags are brought into Falco's encoding") {
  CHECK(encode_flags(FlagTableId::clone_flags, 0x10000000) == 1048576);  // CLONE_NEWUSER
  CHECK(encode_flags(FlagTableId::fcntl_commands, 6) == 8);              // F_SETLK
  CHECK(encode_flags(FlagTableId::fcntl_commands, 9999) == 0);           // UNKNOWN
  CHECK(encode_flags(FlagTableId::ptrace_requests, 16) == 11);           // PTRACE_ATTACH
  CHECK(encode_flags(FlagTableId::file_flags, O_CLOEXEC) == 4096);       // no access mode
  CHECK(encode_flags(FlagTableId::mmap_flags, 0x22) == (2 | 8));         // private, anonymous
  CHECK(encode_flags(FlagTableId::socket_families, 2) == 2);
  CHECK(encode_open_flags(O_RDONLY) == 1);
  CHECK(encode_open_flags(O_RDWR | O_DIRECTORY) == (3 | 1024));
}

TEST_CASE("truncated records are refused at every length") {
  const auto words = exec_record().build();
  Decoder decoder(0);
  for (size_t length = 0; length < words.size() * 8; ++length) {
    std::vector<uint64_t> part((length + 7) / 8);
    if (length > 0) std::memcpy(part.data(), words.data(), length);
    CHECK(decoder.decode(bytes_of(part).first(length)) == nullptr);
  }
  CHECK(decoder.malformed() == words.size() * 8);
}

TEST_CASE("damaged records are refused or decoded within their bounds") {
  std::mt19937 random(4711);
  Decoder decoder(0);
  size_t decoded = 0, sum = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto words = round % 2 == 0 ? exec_record().build() : connect_record().build();
    auto* bytes = reinterpret_cast<unsigned char*>(words.data());
    for (int flips = 0; flips < 1 + round % 7; ++flips) {
      bytes[random() % (words.size() * 8)] ^= static_cast<unsigned char>(1u << random() % 8);
    }
    const Event* event = decoder.decode(bytes_of(words));
    if (event == nullptr) continue;
    ++decoded;
    for (const Param& each : event->params) {
      for (uint32_t i = 0; i < each.size; ++i) sum += static_cast<unsigned char>(each.data[i]);
    }
  }
  CHECK(decoded > 0);
  CHECK(decoder.malformed() > 0);
  CHECK(sum > 0);
}
