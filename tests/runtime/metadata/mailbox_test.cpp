#include "runtime/metadata/mailbox.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

using falcod::metadata::Mailbox;

TEST_CASE("values come out in the order they were put in, all at once") {
  Mailbox<int> box;
  CHECK(box.take().empty());
  for (int i = 0; i < 3; ++i) box.put(i);
  CHECK(box.take() == std::vector<int>{0, 1, 2});
  CHECK(box.take().empty());
  box.put(3);  // what is left goes with the box
}

TEST_CASE("of several writers each value arrives once, and each writer's in order") {
  constexpr int kWriters = 4, kValues = 5000;
  Mailbox<std::pair<int, int>> box;
  std::vector<std::jthread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&box, writer] {
      for (int i = 0; i < kValues; ++i) box.put({writer, i});
    });
  }
  std::vector<int> next(kWriters);
  for (int taken = 0; taken < kWriters * kValues;) {
    for (const auto& [writer, value] : box.take()) {
      REQUIRE(value == next[static_cast<size_t>(writer)]++);
      ++taken;
    }
  }
  CHECK(box.take().empty());
}
