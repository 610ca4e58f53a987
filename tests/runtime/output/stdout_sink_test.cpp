// Lines on pipes: whole lines only are counted, and neither a closed nor a full pipe blocks the
// end.
#include "runtime/output/stdout_sink.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "runtime/output/sink_queue.h"

using namespace falcod;

namespace {

struct Pipe {
  std::array<int, 2> fds{-1, -1};
  Pipe() { REQUIRE(::pipe2(fds.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    close_reader();
    if (fds[1] >= 0) ::close(fds[1]);
  }
  void close_reader() {
    if (fds[0] >= 0) ::close(fds[0]);
    fds[0] = -1;
  }
  void close_writer() {
    if (fds[1] >= 0) ::close(fds[1]);
    fds[1] = -1;
  }
};

std::vector<Message> messages(size_t count, size_t size) {
  std::vector<Message> all(count);
  for (Message& message : all) message.line.assign(size, 'x');
  return all;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n; (n = ::read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  return text;
}

}  // namespace

TEST_CASE("every message becomes one line, also past the capacity of the pipe") {
  Pipe pipe;
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  std::string text;
  std::thread reader([&] { text = read_all(pipe.fds[0]); });
  {
    StdoutSink sink(pipe.fds[1]);
    const auto batch = messages(3000, 100);
    const WriteResult result = sink.write(batch, stop);
    CHECK(result.status == WriteResult::Status::OK);
    CHECK(result.written == 3000);
  }
  pipe.close_writer();
  reader.join();
  CHECK(text.size() == 3000 * 101);
  ::close(stop);
}

TEST_CASE("a full pipe that nobody reads does not keep the daemon from ending") {
  Pipe pipe;
  SinkQueue queue(std::make_unique<StdoutSink>(pipe.fds[1]), {});
  for (Message& message : messages(2000, 100)) CHECK(queue.push(std::move(message)));
  queue.close(std::chrono::milliseconds{50});
  const SinkStats stats = queue.stats();
  CHECK(stats.written > 0);
  CHECK(stats.written + stats.dropped_closed == 2000);
  CHECK(stats.dropped_closed > 0);
  CHECK_FALSE(stats.closed);
}

TEST_CASE("a closed pipe closes the sink with the reason") {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  StdoutSink sink(pipe.fds[1]);
  pipe.close_reader();
  const int stop = ::eventfd(0, EFD_CLOEXEC);
  const auto batch = messages(2, 10);
  const WriteResult result = sink.write(batch, stop);
  CHECK(result.status == WriteResult::Status::CLOSED);
  CHECK(result.written == 0);
  CHECK(result.reason == "Broken pipe");
  ::close(stop);
}

TEST_CASE("the pipe's own flags stay as the other users of the pipe know them") {
  Pipe pipe;
  const int before = ::fcntl(pipe.fds[1], F_GETFL);
  StdoutSink sink(pipe.fds[1]);
  CHECK(::fcntl(pipe.fds[1], F_GETFL) == before);
}
