// Recording: files, rotation, and disks that take nothing.
#include "runtime/capture/scap/recorder.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "runtime/capture/scap/capture_file.h"
#include "runtime/capture/scap/encode.h"
#include "tests/support/capture_builder.h"

namespace falcod::scap {
namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using test::value;

class Folder {
 public:
  Folder() { path_ = ::mkdtemp(name_.data()); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  std::string name_ = "/tmp/recorder.XXXXXX";
  fs::path path_;
};

struct Nothing : CaptureVisitor {
  void on_section() override {}
  void on_machine(const Machine&) override {}
  void on_interface(const Interface&) override {}
  void on_user(const UserEntry&) override {}
  void on_process(const ProcessEntry&) override {}
  void on_fd(const FdEntry&) override {}
  void on_tables_end() override {}
  void on_event(const StoredEvent&, uint64_t) override {}
};

uint64_t events_in(const std::string& path) {
  auto capture = CaptureFile::open(path);
  REQUIRE(capture);
  Nothing visitor;
  for (;;) {
    const auto more = capture->next(visitor);
    REQUIRE(more);
    if (!*more) return capture->counts().events;
  }
}

std::string head() {
  std::string bytes;
  append_section_header(bytes);
  return bytes;
}

void write_events(Recorder& recorder, int count) {
  const std::string number = value(int64_t{3});
  const std::array params{Param{number.data(), 8}, Param{number.data(), 8}};
  Event event;
  event.info = falcoc::find_event(falcoc::EventCode::CLOSE);
  event.params = params;
  for (int i = 0; i < count; ++i) recorder.write(event);
}

}  // namespace

TEST_CASE("recording: plain and compressed files hold every event") {
  const Folder folder;
  for (const std::string_view name : {"a.scap", "b.scap.gz"}) {
    CAPTURE(name);
    auto recorder = Recorder::open({.path = folder.file(name)}, head);
    REQUIRE(recorder);
    write_events(**recorder, 100'000);
    (*recorder)->flush(Recorder::Clock::now());
    write_events(**recorder, 1);
    (*recorder)->close();
    CHECK((*recorder)->stats().events == 100'001);
    CHECK((*recorder)->stats().lost == 0);
    CHECK_FALSE((*recorder)->take_error());
    CHECK(events_in(folder.file(name)) == 100'001);
  }
  std::ifstream compressed(folder.file("b.scap.gz"), std::ios::binary);
  CHECK(compressed.get() == 0x1f);
  CHECK(fs::file_size(folder.file("b.scap.gz")) < fs::file_size(folder.file("a.scap")) / 4);
}

TEST_CASE("recording: a new file, with tables of its own, after so many bytes; old ones go") {
  const Folder folder;
  int heads = 0;
  auto recorder = Recorder::open(
      {.path = folder.file("x.scap"), .rotate_bytes = 100, .keep_files = 2}, [&heads] {
        ++heads;
        return head();
      });
  REQUIRE(recorder);
  for (int file = 0; file < 3; ++file) {
    write_events(**recorder, 10);
    (*recorder)->flush(Recorder::Clock::now());
  }
  write_events(**recorder, 1);
  (*recorder)->close();
  CHECK(heads == 4);
  CHECK(folder.names() == std::vector<std::string>{"x.3.scap", "x.4.scap"});
  CHECK(events_in(folder.file("x.3.scap")) == 10);
  CHECK(events_in(folder.file("x.4.scap")) == 1);
}

TEST_CASE("recording: a new file after so long, but none without events") {
  const Folder folder;
  auto recorder = Recorder::open(
      {.path = folder.file("x.scap"), .rotate_after = std::chrono::seconds{60}}, head);
  REQUIRE(recorder);
  const auto begin = Recorder::Clock::now();
  (*recorder)->flush(begin + std::chrono::seconds{3600});
  write_events(**recorder, 1);
  (*recorder)->flush(begin);
  (*recorder)->flush(begin + std::chrono::seconds{3600});
  write_events(**recorder, 2);
  (*recorder)->close();
  CHECK(folder.names() == std::vector<std::string>{"x.1.scap", "x.2.scap"});
  CHECK(events_in(folder.file("x.1.scap")) == 1);
  CHECK(events_in(folder.file("x.2.scap")) == 2);
}

TEST_CASE("recording: a full disk is reported once, events are counted as lost") {
  auto recorder = Recorder::open({.path = "/dev/full"}, head);
  REQUIRE(recorder);
  write_events(**recorder, 5);
  (*recorder)->flush(Recorder::Clock::now());
  write_events(**recorder, 5);
  (*recorder)->close();
  CHECK((*recorder)->stats().events == 0);
  CHECK((*recorder)->stats().lost == 10);
  const auto error = (*recorder)->take_error();
  REQUIRE(error);
  CHECK(error->code == Code::CAPTURE_WRITE);
  CHECK_FALSE((*recorder)->take_error());
}

TEST_CASE("recording: a file that cannot be created is an error at the start") {
  const auto recorder = Recorder::open({.path = "/nonexistent/x.scap"}, head);
  REQUIRE_FALSE(recorder);
  CHECK(recorder.error().code == Code::CAPTURE_WRITE);
}

TEST_CASE("recording: names of rotated files") {
  CHECK(rotated_name("x.scap", 3) == "x.3.scap");
  CHECK(rotated_name("dir/x.scap.gz", 12) == "dir/x.12.scap.gz");
  CHECK(rotated_name("x", 1) == "x.1");
}

}  // namespace falcod::scap
