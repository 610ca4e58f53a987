// Captures around matches: when a file begins and ends, and what is in it.
#include "runtime/capture/scap/match_recorder.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <optional>

#include "runtime/capture/scap/capture_file.h"
#include "runtime/capture/scap/encode.h"
#include "tests/support/capture_builder.h"

namespace falcod::scap {
namespace {

namespace fs = std::filesystem;
using test::value;

constexpr uint64_t kSecond = 1'000'000'000;

struct Nothing : CaptureVisitor {
  void on_section() override {}
  void on_machine(const Machine&) override {}
  void on_interface(const Interface&) override {}
  void on_user(const UserEntry&) override {}
  void on_process(const ProcessEntry&) override { ++processes; }
  void on_fd(const FdEntry&) override {}
  void on_tables_end() override {}
  void on_event(const StoredEvent& event, uint64_t) override {
    seconds.push_back(event.time_ns / kSecond);
  }

  int processes = 0;
  std::vector<uint64_t> seconds;
};

class Stage {
 public:
  explicit Stage(MatchCaptureOptions options = {}) {
    folder_ = ::mkdtemp(name_.data());
    options.enabled = true;
    options.path_prefix = folder_ / "x";
    recorder_.emplace(options, [this] {
      ++heads;
      std::string bytes;
      append_section_header(bytes);
      append_processes(bytes, std::array{ProcessEntry{}});
      return bytes;
    });
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() { fs::remove_all(folder_); }

  void event(uint64_t second) {
    const std::string number = value(int64_t{3});
    const std::array params{Param{number.data(), 8}, Param{number.data(), 8}};
    Event event;
    event.info = falcoc::find_event(falcoc::EventCode::CLOSE);
    event.params = params;
    event.time_ns = second * kSecond;
    recorder_->write(event);
  }
  void events(uint64_t first, uint64_t last) {
    for (uint64_t second = first; second <= last; ++second) event(second);
  }
  void match(uint64_t second, bool captures = true, std::chrono::milliseconds duration = {}) {
    recorder_->on_match({second * kSecond, second, captures, duration});
  }
  MatchRecorder& recorder() { return *recorder_; }

  /// The seconds of the events in the file of the match at `second`; nothing without such a file.
  std::vector<uint64_t> file(uint64_t second) {
    recorder_->close();
    const fs::path path = folder_ / fmt::format("x_{:020}_{:020}.scap", second * kSecond, second);
    if (!fs::exists(path)) return {};
    auto capture = CaptureFile::open(path);
    REQUIRE(capture);
    Nothing visitor;
    for (auto more = capture->next(visitor); more && *more; more = capture->next(visitor)) {
    }
    CHECK(visitor.processes == 1);
    return visitor.seconds;
  }

  int heads = 0;

 private:
  std::string name_ = "/tmp/matches.XXXXXX";
  fs::path folder_;
  std::optional<MatchRecorder> recorder_;
};

using Seconds = std::vector<uint64_t>;

}  // namespace

TEST_CASE("captures around matches: from the matching event on, for the default duration") {
  Stage stage;
  stage.events(1, 3);
  stage.match(3);
  stage.events(4, 20);
  CHECK(stage.file(3) == Seconds{3, 4, 5, 6, 7, 8});
  CHECK(stage.recorder().stats().files == 1);
  CHECK(stage.recorder().stats().events == 5);  // the first is part of the beginning
}

TEST_CASE("captures around matches: a later match extends the file, and never shortens it") {
  Stage stage;
  stage.event(1);
  stage.match(1, true, std::chrono::seconds{10});
  stage.event(2);
  stage.match(2, true, std::chrono::seconds{1});
  stage.event(9);
  stage.match(9);
  stage.events(14, 15);
  CHECK(stage.file(1) == Seconds{1, 2, 9, 14});
  CHECK(stage.file(9).empty());
}

TEST_CASE("captures around matches: a match after the end begins another file") {
  Stage stage;
  stage.event(1);
  stage.match(1);
  stage.events(7, 8);
  stage.match(8);
  stage.event(9);
  CHECK(stage.file(1) == Seconds{1});
  CHECK(stage.file(8) == Seconds{8, 9});
}

TEST_CASE("captures around matches: rules that do not ask for it begin none, unless all do") {
  Stage stage;
  stage.event(1);
  stage.match(1, false);
  CHECK(stage.file(1).empty());
  Stage all({.all_rules = true});
  all.event(1);
  all.match(1, false);
  CHECK(all.file(1) == Seconds{1});
}

TEST_CASE(
    "captures around matches: with a look back, what was before is there, behind its tables") {
  Stage stage({.before = std::chrono::seconds{10}});
  stage.events(1, 35);
  CHECK(stage.heads == 4);
  stage.match(35);
  stage.event(36);
  const Seconds seconds = stage.file(35);
  REQUIRE_FALSE(seconds.empty());
  CHECK(seconds.front() ==
        21);  // tables of 21 and 31 were kept: at least ten seconds, at most twenty
  CHECK(seconds.size() == 16);
  CHECK(seconds.back() == 36);
  CHECK(stage.heads == 4);
}

TEST_CASE("captures around matches: a file ends at the largest size, and says so") {
  Stage stage({.max_file_bytes = 1000});
  stage.event(1);
  stage.match(1, true, std::chrono::seconds{1000});
  stage.events(2, 100);
  const auto limits = stage.recorder().take_limits();
  REQUIRE(limits.size() == 1);
  CHECK(limits.front().written_bytes >= 1000);
  CHECK(limits.front().written_bytes < 1200);
  CHECK(stage.file(1).size() < 20);
}

TEST_CASE("captures around matches: a file that cannot be made is told of once") {
  MatchCaptureOptions options;
  options.path_prefix = "/nowhere/x";
  MatchRecorder recorder(options, [] { return std::string(); });
  recorder.on_match({1, 1, true, {}});
  const auto error = recorder.take_error();
  REQUIRE(error);
  CHECK(error->code == falcoc::Code::CAPTURE_WRITE);
  CHECK_FALSE(recorder.take_error());
}

}  // namespace falcod::scap
