// Joining of paths as Falco prints them.
#include "runtime/state/paths.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "tests/support/record_builder.h"

namespace falcod {
namespace {

using falcoc::EventCode;
using testing::EventBuilder;
using testing::RecordBuilder;

TEST_CASE("paths are joined and cleaned as text") {
  CHECK_EQ(absolute_path("/etc/passwd", "/home/"), "/etc/passwd");
  CHECK_EQ(absolute_path("notes", "/home/user"), "/home/user/notes");
  CHECK_EQ(absolute_path("notes", "/home/user/"), "/home/user/notes");
  CHECK_EQ(absolute_path("../../x", "/home/user/"), "/x");
  CHECK_EQ(absolute_path("../../../../x", "/home/"), "/x");
  CHECK_EQ(absolute_path("./a//b/./c/", "/"), "/a/b/c");
  CHECK_EQ(absolute_path("/", "/home"), "/");
  CHECK_EQ(absolute_path("..", "/"), "/");
  CHECK_EQ(absolute_path(std::string(2000, 'x'), "/"), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
}

TEST_CASE("a relative path parameter is joined to the directory that the call named") {
  Process process;
  process.cwd = "/home/user/";
  const auto openat = [&](int64_t dirfd) {
    EventBuilder event(EventCode::OPENAT);
    event.number("dirfd", dirfd).text("name", "a/b").ret(3);
    return event;
  };

  SUBCASE("the working directory known to the table") {
    auto event = openat(AT_FDCWD);
    CHECK_EQ(absolute_param_path(event.event(), process, 2), "/home/user/a/b");
  }
  SUBCASE("the working directory of the record, which is fresher") {
    auto event = openat(AT_FDCWD);
    event.record(RecordBuilder(307).ret(3).text(FC_ITEM_CWD, "/srv"));
    CHECK_EQ(absolute_param_path(event.event(), process, 2), "/srv/a/b");
  }
  SUBCASE("the directory descriptor's path") {
    auto event = openat(7);
    event.record(RecordBuilder(307).ret(3).text(FC_ITEM_DIR_PATH, "/data", 2));
    CHECK_EQ(absolute_param_path(event.event(), process, 2), "/data/a/b");
  }
  SUBCASE("a descriptor nobody knows") {
    auto event = openat(7);
    CHECK_EQ(absolute_param_path(event.event(), process, 2), "<UNKNOWN>a/b");
  }
}

}  // namespace
}  // namespace falcod
