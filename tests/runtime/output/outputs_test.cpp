// Outputs one by one: files, programs, syslog; what they do when the other side is gone, full or
// moved away.
#include "runtime/output/outputs.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/output/file_sink.h"
#include "runtime/output/program_sink.h"
#include "runtime/output/sink_queue.h"
#include "runtime/output/syslog_sink.h"

using namespace falcod;
using Status = WriteResult::Status;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcod-outputs-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string at(const std::string& name) const { return (path / name).string(); }
};

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A descriptor that never becomes readable.
struct NeverStops {
  int fd = ::eventfd(0, EFD_CLOEXEC);
  ~NeverStops() { ::close(fd); }
};

std::vector<Message> lines(std::initializer_list<const char*> texts) {
  std::vector<Message> out;
  for (const char* text : texts) out.push_back({text, "rule", falcoc::Priority::ERROR, 0});
  return out;
}

}  // namespace

TEST_CASE("file: lines are appended; without keep_alive a moved file is noticed at once") {
  const Folder folder;
  const NeverStops stop;
  const std::string path = folder.at("events.txt");
  FileSink sink(path, false);
  CHECK(sink.write(lines({"a", "b"}), stop.fd).written == 2);
  fs::rename(path, path + ".1");
  CHECK(sink.write(lines({"c"}), stop.fd).written == 1);
  CHECK(contents(path + ".1") == "a\nb\n");
  CHECK(contents(path) == "c\n");
}

TEST_CASE("file: with keep_alive a moved file is written on until reopen()") {
  const Folder folder;
  const NeverStops stop;
  const std::string path = folder.at("events.txt");
  FileSink sink(path, true);
  sink.write(lines({"a"}), stop.fd);
  fs::rename(path, path + ".1");
  sink.write(lines({"b"}), stop.fd);
  sink.reopen();
  sink.write(lines({"c"}), stop.fd);
  CHECK(contents(path + ".1") == "a\nb\n");
  CHECK(contents(path) == "c\n");
}

TEST_CASE("file: what cannot be opened or is full is tried again, and says why") {
  const NeverStops stop;
  FileSink missing("/nonexistent/events.txt", false);
  const WriteResult result = missing.write(lines({"a"}), stop.fd);
  CHECK(result.status == Status::RETRY);
  CHECK(result.reason == "/nonexistent/events.txt: No such file or directory");
  FileSink full("/dev/full", true);
  const WriteResult refused = full.write(lines({"a"}), stop.fd);
  CHECK(refused.status == Status::RETRY);
  CHECK(refused.written == 0);
  CHECK(refused.reason == "/dev/full: No space left on device");
}

TEST_CASE(
    "file: a pipe that takes a long line in parts gets it whole; without a reader it is waited "
    "for") {
  const Folder folder;
  const NeverStops stop;
  const std::string path = folder.at("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  FileSink sink(path, true);
  CHECK(sink.write(lines({"nobody reads"}), stop.fd).status == Status::RETRY);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  // More than the pipe holds, so that a write ends in the middle of a line.
  const std::vector<Message> big{{std::string(100'000, 'x'), "rule", {}, 0},
                                 {std::string(10, 'y'), "rule", {}, 0}};
  SinkQueue queue(std::make_unique<FileSink>(path, true), {});
  for (const Message& message : big) queue.push(message);
  std::string text;
  std::array<char, 4096> buffer{};
  for (int i = 0; i < 1'000'000 && text.size() < 100'012; ++i) {
    const ssize_t size = ::read(reader, buffer.data(), buffer.size());
    if (size > 0) text.append(buffer.data(), static_cast<size_t>(size));
  }
  ::close(reader);
  CHECK(text == big[0].line + "\n" + big[1].line + "\n");
}

TEST_CASE("program: one command for each alert, or one for all") {
  const Folder folder;
  const NeverStops stop;
  const std::string each = folder.at("each");
  ProgramSink one_each("cat >>" + each + "; echo end >>" + each, false);
  CHECK(one_each.write(lines({"a", "b"}), stop.fd).written == 2);
  CHECK(contents(each) == "a\nend\nb\nend\n");
  const std::string all = folder.at("all");
  const std::string ended = folder.at("ended");
  REQUIRE(::mkfifo(ended.c_str(), 0600) == 0);
  {
    ProgramSink one("cat >>" + all + "; echo end >>" + all + "; echo >" + ended, true);
    CHECK(one.write(lines({"a"}), stop.fd).written == 1);
    CHECK(one.write(lines({"b"}), stop.fd).written == 1);
  }
  std::ifstream(ended).get();  // waits for the command's end
  CHECK(contents(all) == "a\nb\nend\n");
}

TEST_CASE(
    "program: one that does not read does not keep the others; one that ended is started again") {
  const NeverStops stop;
  std::signal(SIGPIPE, SIG_IGN);  // as falcod does
  ProgramSink ignores("true", false);
  CHECK(ignores.write(lines({"a", "b"}), stop.fd).written == 2);
  ProgramSink ends("read line", true);
  ends.write(lines({"a"}), stop.fd);
  bool noticed = false;
  for (int i = 0; i < 100'000 && !noticed; ++i) {
    noticed = ends.write(lines({"b"}), stop.fd).status == Status::RETRY;
  }
  CHECK(noticed);
  CHECK(ends.write(lines({"c"}), stop.fd).written == 1);
}

TEST_CASE("program: one that hangs is left when the queue is closed") {
  SinkQueue queue(std::make_unique<ProgramSink>("sleep 1000", false), {});
  queue.push(lines({"a"})[0]);
  queue.close(std::chrono::milliseconds{100});
  CHECK(queue.stats().dropped_closed == 1);
}

TEST_CASE("syslog: entries have the priority's level and the program's name") {
  const Folder folder;
  const NeverStops stop;
  const std::string path = folder.at("log");
  SyslogSink sink("falco", path);
  CHECK(sink.write(lines({"a"}), stop.fd).status == Status::RETRY);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int server = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(sink.write(lines({"an alert"}), stop.fd).written == 1);
  std::array<char, 512> buffer{};
  const ssize_t size = ::recv(server, buffer.data(), buffer.size(), MSG_DONTWAIT);
  REQUIRE(size > 0);
  const std::string entry(buffer.data(), static_cast<size_t>(size));
  CHECK(entry.starts_with("<11>"));  // user.err
  CHECK(entry.ends_with(" falco[" + std::to_string(::getpid()) + "]: an alert"));
  // Restarted: a new socket of the same name.
  ::close(server);
  fs::remove(path);
  const int again = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(again, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(sink.write(lines({"b"}), stop.fd).status == Status::RETRY);
  CHECK(sink.write(lines({"b"}), stop.fd).written == 1);
  ::close(again);
}

TEST_CASE("a queue: what its gate keeps back is counted, and told of at the end") {
  class Keeps final : public Sink {
   public:
    explicit Keeps(std::vector<std::string>& out) : out_(out) {}
    std::string_view name() const override { return "keeps"; }
    WriteResult write(std::span<const Message> batch, int) override {
      for (const Message& message : batch) out_.push_back(message.line);
      return {.written = batch.size()};
    }

   private:
    std::vector<std::string>& out_;
  };
  std::vector<std::string> out;
  SinkQueue queue(std::make_unique<Keeps>(out), {},
                  {.route = 0,
                   .window = std::chrono::hours{1},
                   .limit = 2,
                   .limit_time = std::chrono::hours{1}});
  using Routes = std::vector<std::optional<std::string>>;
  const auto push = [&](const char* line, const char* rule, Routes routes) {
    return queue.push(
        {.line = line, .rule = rule, .routes = std::make_shared<const Routes>(std::move(routes))});
  };
  CHECK(push("a", "one", {""}));
  CHECK(push("other", "one", {std::nullopt}));
  CHECK(push("again", "one", {""}));
  CHECK(push("b", "two", {""}));
  CHECK_FALSE(push("c", "three", {""}));
  queue.close(std::chrono::milliseconds{60'000});
  CHECK(out == std::vector<std::string>{"a", "b", "again (×1 in 1 s)"});
  const SinkStats stats = queue.stats();
  CHECK(stats.written == 3);
  CHECK(stats.repeated == 1);
  CHECK(stats.dropped_limited == 1);
  CHECK(stats.dropped() == 1);
}

namespace {

/// Writes down what it gets, and that it ended.
class Recording final : public Sink {
 public:
  Recording(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}
  ~Recording() override { log_.push_back("end of " + name_); }
  std::string_view name() const override { return name_; }
  WriteResult write(std::span<const Message> batch, int) override {
    for (const Message& message : batch) log_.push_back(name_ + ": " + message.line);
    return {.written = batch.size()};
  }

 private:
  std::string name_;
  std::vector<std::string>& log_;
};

OutputSpec recording(const std::string& name, const std::string& identity,
                     std::vector<std::string>& log) {
  return {.name = name, .identity = identity, .make = [name, &log] {
            return std::make_unique<Recording>(name, log);
          }};
}

}  // namespace

TEST_CASE(
    "outputs: one that stays goes on, one that changed follows the former, one that goes ends") {
  std::vector<std::string> kept, changed, gone;
  Outputs outputs;
  const Outputs::Time begin{};
  outputs.use({recording("kept", "1", kept), recording("changed", "1", changed),
               recording("gone", "1", gone)},
              begin);
  outputs.emit({.line = "a", .rule = "r"});
  outputs.use({recording("changed", "2", changed), recording("kept", "1", kept)}, begin);
  outputs.emit({.line = "b", .rule = "r"});
  outputs.close(std::chrono::milliseconds{60'000});
  using Lines = std::vector<std::string>;
  CHECK(kept == Lines{"kept: a", "kept: b"});
  CHECK(changed == Lines{"changed: a", "end of changed", "changed: b"});
  CHECK(gone == Lines{"gone: a", "end of gone"});
  uint64_t written = 0;
  for (const SinkStats& stats : outputs.stats()) written += stats.written;
  CHECK(outputs.stats().size() == 3);  // what went is still counted
  CHECK(written == 5);
}

TEST_CASE("outputs: one that cannot write when its time is over is ended, and its losses counted") {
  class Stuck final : public Sink {
   public:
    std::string_view name() const override { return "stuck"; }
    WriteResult write(std::span<const Message>, int) override {
      return {.status = Status::RETRY, .reason = "nobody there"};
    }
  };
  Outputs outputs;
  const Outputs::Time begin{};
  outputs.use(
      {{.name = "stuck", .identity = "1", .make = [] { return std::make_unique<Stuck>(); }}},
      begin);
  outputs.emit({.line = "a", .rule = "r"});
  outputs.use({}, begin);
  CHECK_FALSE(outputs.all_closed());
  outputs.turn(begin + Outputs::kRetireLimit);
  outputs.close(std::chrono::milliseconds{60'000});
  REQUIRE(outputs.stats().size() == 1);
  CHECK(outputs.stats()[0].dropped_closed == 1);
}

TEST_CASE("a queue: what the receiver refuses is counted and left, what follows is delivered") {
  class Refuses final : public Sink {
   public:
    explicit Refuses(std::vector<std::string>& out) : out_(out) {}
    std::string_view name() const override { return "refuses"; }
    WriteResult write(std::span<const Message> batch, int) override {
      WriteResult result;
      for (const Message& message : batch) {
        if (message.line == "bad") {
          result.status = Status::REFUSED;
          result.reason = "bad";
          return result;
        }
        out_.push_back(message.line);
        ++result.written;
      }
      return result;
    }

   private:
    std::vector<std::string>& out_;
  };
  std::vector<std::string> out;
  SinkQueue queue(std::make_unique<Refuses>(out), {});
  for (const char* line : {"a", "bad", "bad", "b"}) queue.push({line, "rule", {}, 0});
  queue.close(std::chrono::milliseconds{60'000});
  CHECK(out == std::vector<std::string>{"a", "b"});
  CHECK(queue.stats().written == 2);
  CHECK(queue.stats().dropped_refused == 2);
  CHECK(queue.stats().queued == 0);
  CHECK_FALSE(queue.stats().failing);
}
