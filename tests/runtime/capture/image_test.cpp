// Images of eBPF objects: damaged ones are refused, and a probe that is loaded from one tells what
// the probe tells that it was made of. The latter needs root.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "runtime/capture/object_image.h"
#include "runtime/capture/probe.h"
#include "runtime/capture/process_snapshot.h"
#include "tests/runtime/capture/scenario.h"

using namespace falcod;
using namespace falcod::test;

namespace {

constexpr uint32_t kRingBytes = 1 << 20;

ObjectImage example() {
  ObjectImage image;
  image.types = "types";
  image.maps.push_back({.name = "counts",
                        .type = 2,
                        .key_size = 4,
                        .value_size = 8,
                        .max_entries = 16,
                        .flags = 1024});
  image.maps.push_back({.name = ".rodata",
                        .type = 2,
                        .key_size = 4,
                        .value_size = 5,
                        .max_entries = 1,
                        .is_constant = true,
                        .contents = "abcde"});
  image.programs.push_back({.name = "first",
                            .type = 17,
                            .attach_type = 3,
                            .attach_btf_id = 77,
                            .flags = 16,
                            .code = {0x18, 0, 0x95},
                            .maps = {{0, 1}},
                            .functions = {{0, 5}, {2, 6}}});
  image.programs.push_back({.name = "second", .type = 17, .code = {0xb7, 0x95}});
  return image;
}

std::vector<std::string> opened_names(const std::vector<Seen>& events) {
  std::vector<std::string> names;
  for (const Seen& event : events) {
    if (event.name() == "openat") names.push_back(event.text("name"));
  }
  return names;
}

class Counter : public RecordHandler {
 public:
  void on_record(std::span<const std::byte>) override { ++count; }
  size_t count = 0;
};

void overwrite_end(const std::filesystem::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('!');
}

}  // namespace

TEST_CASE("an image is read as it was written") {
  const ObjectImage image = example();
  const auto read = read_image(write_image(image));
  REQUIRE(read);
  CHECK(write_image(*read) == write_image(image));
  REQUIRE(read->maps.size() == 2);
  CHECK(read->maps[1].name == ".rodata");
  CHECK(read->maps[1].is_constant);
  CHECK(read->maps[1].contents == "abcde");
  REQUIRE(read->programs.size() == 2);
  CHECK(read->programs[0].attach_btf_id == 77);
  CHECK(read->programs[0].code == image.programs[0].code);
  CHECK(read->programs[0].maps.at(0).map == 1);
  CHECK(read->programs[0].functions.at(1).type == 6);
  CHECK(read->types == "types");
}

TEST_CASE("an image that ends early, goes on, or names what it has not is refused") {
  const std::string text = write_image(example());
  for (size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_image(std::string_view(text).substr(0, size)));
  }
  CHECK_FALSE(read_image(text + '\0'));
  ObjectImage image = example();
  image.programs[0].maps[0].map = 2;
  CHECK_FALSE(read_image(write_image(image)));
  image = example();
  image.programs[0].maps[0].instruction = 2;  // has no second half
  CHECK_FALSE(read_image(write_image(image)));
  image = example();
  image.programs[0].functions[1].instruction = 3;
  CHECK_FALSE(read_image(write_image(image)));
  image = example();
  image.maps[1].contents = "abc";
  CHECK_FALSE(read_image(write_image(image)));
}

TEST_CASE("features of a kernel are read as they were written") {
  const KernelFeatures none = *read_features(write_features({}));
  CHECK_FALSE(none.has_cast);
  CHECK(none.has_io_uring);
  CHECK_FALSE(none.ring);
  const KernelFeatures all = *read_features(write_features(
      {.has_cast = true, .ring = RingTracepoints{"io_uring_submit_req", true, false}}));
  CHECK(all.has_cast);
  REQUIRE(all.ring);
  CHECK(all.ring->submit == "io_uring_submit_req");
  CHECK(all.ring->complete_has_entry);
  CHECK_FALSE(all.ring->has_overflow);
  CHECK_FALSE(read_features(""));
  CHECK_FALSE(read_features("1 1 "));
}

TEST_CASE("a source loaded from the cache delivers what the first one did") {
  const TemporaryDirectory directory;
  const LiveOptions options{.wanted = events_named({"openat", "execve", "clone"}),
                            .ring_bytes = kRingBytes,
                            .filtered = true,
                            .cache_directory = directory.path() + "/cache"};
  const auto deeds = [] { close(open("/nonexistent/of-the-image", O_RDONLY)); };
  const auto first = open_source(options);
  if (first == nullptr) return;
  const auto names = opened_names(watch(*first, deeds));
  REQUIRE(std::ranges::count(names, "/nonexistent/of-the-image") == 1);

  const ProbeOptions probe_options{.ring_bytes = kRingBytes};
  if (Probe::load_cached(probe_options, options.cache_directory) == nullptr) {
    MESSAGE("SKIPPED: this kernel does not tell enough to keep an image");
    return;
  }
  const auto second = open_source(options);
  REQUIRE(second != nullptr);
  CHECK(opened_names(watch(*second, deeds)) == names);
  CHECK(second->hooks() == first->hooks());
  CHECK(second->sees_io_uring() == first->sees_io_uring());
  CHECK_FALSE(second->identities().empty());

  // programs that are loaded when they are first asked for
  CHECK(second->set_wanted(events_named({"openat", "recvmmsg", "sendmmsg", "signaldeliver"}), {}));
  falcoc::Diagnostics warnings;
  REQUIRE(second->filters() != nullptr);
  CHECK(second->filters()->load({}, {.ruleset = 1}, warnings) != nullptr);
  CHECK(warnings.items().empty());

  for (const auto& file : std::filesystem::directory_iterator(options.cache_directory)) {
    overwrite_end(file.path());
  }
  CHECK(Probe::load_cached(probe_options, options.cache_directory) == nullptr);
  const auto third = open_source(options);
  REQUIRE(third != nullptr);
  CHECK(opened_names(watch(*third, deeds)) == names);
}

TEST_CASE("the processes of an iterator from the cache are those of the first") {
  const TemporaryDirectory directory;
  const std::string cache = directory.path() + "/cache";
  for (const char* which : {"first", "second"}) {
    CAPTURE(which);
    const auto snapshot = ProcessSnapshot::open(cache);
    if (!snapshot) {
      MESSAGE("SKIPPED: ", snapshot.error().message);
      return;
    }
    Counter counter;
    const auto count = (*snapshot)->read(counter);
    REQUIRE(count);
    CHECK(*count > 1);
    CHECK(counter.count == *count);
  }
}
