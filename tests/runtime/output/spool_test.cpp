// The spool and the sink behind it: order, bounds, and what an earlier process left.
#include "runtime/output/spool.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "runtime/output/durable_sink.h"

using namespace falcod;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcod-spool-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  Spool open(uint64_t max_bytes = uint64_t{64} << 20) const {
    auto spool = Spool::open(path.string(), "sink", max_bytes);
    REQUIRE(spool);
    return std::move(*spool);
  }
};

Message message(uint64_t number, size_t size = 10) {
  return {.line = std::to_string(number) + std::string(size, '.'),
          .rule = "a rule",
          .priority = falcoc::Priority::ERROR,
          .time_ns = number,
          .json = std::make_shared<const std::string>("{\"n\":" + std::to_string(number) + "}"),
          .id = "id-" + std::to_string(number)};
}

std::vector<Message> messages(uint64_t begin, uint64_t end, size_t size = 10) {
  std::vector<Message> out;
  for (uint64_t i = begin; i < end; ++i) out.push_back(message(i, size));
  return out;
}

std::vector<std::string> ids(const std::vector<Message>& all) {
  std::vector<std::string> out;
  for (const Message& each : all) out.push_back(each.id);
  return out;
}

/// Takes what it is told to, remembers it.
struct Receiver {
  std::mutex mutex;
  std::vector<std::string> got;
  bool down = false;
};

class ReceiverSink final : public Sink {
 public:
  explicit ReceiverSink(Receiver& receiver) : receiver_(receiver) {}
  std::string_view name() const override { return "sinks.test"; }
  WriteResult write(std::span<const Message> batch, int) override {
    const std::lock_guard lock(receiver_.mutex);
    if (receiver_.down) return {0, WriteResult::Status::RETRY, "down"};
    for (const Message& each : batch) receiver_.got.push_back(each.id);
    return {batch.size(), WriteResult::Status::OK, {}};
  }

 private:
  Receiver& receiver_;
};

}  // namespace

TEST_CASE("what is appended is read in order, whole, until it is done") {
  const Folder folder;
  Spool spool = folder.open();
  std::string error;
  CHECK(spool.append(messages(0, 5), error) == 5);
  CHECK(ids(spool.read(3)) == std::vector<std::string>{"id-0", "id-1", "id-2"});
  CHECK(ids(spool.read(2)) == std::vector<std::string>{"id-0", "id-1"});
  spool.done(2);
  const std::vector<Message> rest = spool.read(100);
  CHECK(ids(rest) == std::vector<std::string>{"id-2", "id-3", "id-4"});
  CHECK(rest[0].line == message(2).line);
  CHECK(rest[0].rule == "a rule");
  CHECK(rest[0].priority == falcoc::Priority::ERROR);
  CHECK(rest[0].time_ns == 2);
  CHECK(*rest[0].json == "{\"n\":2}");
  CHECK(spool.pending() == 3);
}

TEST_CASE("a later process finds what was not delivered, and only that") {
  const Folder folder;
  std::string error;
  {
    Spool spool = folder.open();
    spool.append(messages(0, 10), error);
    spool.read(4);
    spool.done(4);
  }
  {
    Spool spool = folder.open();
    CHECK(spool.pending() == 6);
    spool.append(messages(10, 12), error);
    CHECK(ids(spool.read(100)).front() == "id-4");
    CHECK(ids(spool.read(100)).back() == "id-11");
    spool.read(100);
    spool.done(8);
  }
  for (int again = 0; again < 3; ++again) {
    Spool spool = folder.open();
    CHECK(spool.pending() == 0);
    spool.append(messages(20, 21), error);
    CHECK(ids(spool.read(100)) == std::vector<std::string>{"id-20"});
    spool.done(1);
  }
}

TEST_CASE("segments whose messages are delivered are deleted") {
  const Folder folder;
  Spool spool = folder.open();
  std::string error;
  for (uint64_t i = 0; i < 200; ++i) spool.append(messages(i, i + 1, 100'000), error);
  CHECK(spool.bytes() > 4 * Spool::kSegmentBytes);
  uint64_t next = 0;
  while (spool.pending() > 0) {
    const std::vector<Message> batch = spool.read(7);
    REQUIRE_FALSE(batch.empty());
    for (const Message& each : batch) CHECK(each.id == "id-" + std::to_string(next++));
    spool.done(batch.size());
  }
  CHECK(next == 200);
  CHECK(spool.bytes() < 2 * Spool::kSegmentBytes);
}

TEST_CASE(
    "a full spool takes nothing more and says so; room is there again when something is done") {
  const Folder folder;
  Spool spool = folder.open(9 << 20);
  std::string error;
  const size_t taken = spool.append(messages(0, 200, 100'000), error);
  CHECK(taken < 100);
  CHECK(error.find("full") != std::string::npos);
  while (spool.pending() > 0) spool.done(spool.read(50).size());
  CHECK(spool.append(messages(0, 10, 100'000), error) == 10);
}

TEST_CASE("a record that a crash cut short is left out, those before and behind are not") {
  const Folder folder;
  std::string error;
  {
    Spool spool = folder.open();
    spool.append(messages(0, 3), error);
  }
  for (const auto& entry : fs::directory_iterator(folder.path / "sink")) {
    if (entry.path().extension() == ".alerts" && entry.file_size() > 0) {
      fs::resize_file(entry.path(), entry.file_size() - 5);
    }
  }
  Spool spool = folder.open();
  CHECK(spool.pending() == 2);
  spool.append(messages(5, 6), error);
  CHECK(ids(spool.read(10)) == std::vector<std::string>{"id-0", "id-1", "id-5"});
}

TEST_CASE("two processes do not share a spool; a folder that cannot be made is said") {
  const Folder folder;
  const Spool spool = folder.open();
  const auto second = Spool::open(folder.path.string(), "sink", 1 << 20);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == falcoc::Code::SPOOL_FAILED);
  CHECK_FALSE(Spool::open("/proc/nonexistent", "sink", 1 << 20));
}

TEST_CASE("a receiver that is down: everything is on disk, and delivered after a restart") {
  const Folder folder;
  Receiver receiver;
  receiver.down = true;
  {
    SinkQueue queue(
        std::make_unique<DurableSink>(std::make_unique<ReceiverSink>(receiver), folder.open()), {});
    for (const Message& each : messages(0, 100)) CHECK(queue.push(each));
    queue.close(milliseconds{60'000});  // ends at once: the receiver is known to be down
    CHECK(queue.stats().spooled == 100);
    CHECK(queue.stats().written == 0);
    CHECK(queue.stats().dropped() == 0);
  }
  receiver.down = false;
  {
    SinkQueue queue(
        std::make_unique<DurableSink>(std::make_unique<ReceiverSink>(receiver), folder.open()), {});
    queue.close(milliseconds{60'000});
    CHECK(queue.stats().written == 100);
  }
  CHECK(receiver.got == ids(messages(0, 100)));
}

TEST_CASE("kill -9: what reached the spool is delivered by the next process, under the same ids") {
  const Folder folder;
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // No threads here: the spool itself is what survives.
    auto spool = Spool::open(folder.path.string(), "sink", 64 << 20);
    std::string error;
    if (spool) spool->append(messages(0, 1000), error);
    const char byte = 1;
    if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  Receiver receiver;
  SinkQueue queue(
      std::make_unique<DurableSink>(std::make_unique<ReceiverSink>(receiver), folder.open()), {});
  queue.close(milliseconds{60'000});
  CHECK(receiver.got == ids(messages(0, 1000)));
  ::close(ready[0]);
  ::close(ready[1]);
}
