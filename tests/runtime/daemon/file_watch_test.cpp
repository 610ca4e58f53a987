// Which changes on disk are told, and that they are told once. Time is what the test says it is.
#include "runtime/daemon/file_watch.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

using namespace falcod;
namespace fs = std::filesystem;

namespace {

class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "file-watch-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

/// A watch and its clock.
struct Watched {
  FileWatch watch;
  FileWatch::Clock::time_point now;

  explicit Watched(const fs::path& path) : watch(*FileWatch::open({path.string()})) {}

  /// Asks now, and again when it has become quiet.
  bool tells() {
    const bool at_once = watch.changed(now);
    now += FileWatch::kQuiet;
    const bool later = watch.changed(now);
    CHECK_FALSE(at_once);
    return later;
  }
};

/// A mounted ConfigMap: the files are links through a link that is exchanged as a whole.
void mount(const Directory& directory, const std::string& version, const std::string& text) {
  fs::create_directory(directory / version);
  write(directory / version / "rules.yaml", text);
  fs::create_symlink(version, directory / "..data_tmp");
  fs::rename(directory / "..data_tmp", directory / "..data");
  if (!fs::exists(directory / "rules.yaml")) {
    fs::create_symlink("..data/rules.yaml", directory / "rules.yaml");
  }
}

}  // namespace

TEST_CASE("a file that is written is told of once") {
  const Directory directory;
  write(directory / "rules.yaml", "a");
  Watched rules(directory / "rules.yaml");
  CHECK_FALSE(rules.tells());
  write(directory / "rules.yaml", "b");
  CHECK(rules.tells());
  CHECK_FALSE(rules.tells());
}

TEST_CASE("a file that is replaced, removed or made again is told of") {
  const Directory directory;
  write(directory / "rules.yaml", "a");
  Watched rules(directory / "rules.yaml");
  for (const char* text : {"b", "c"}) {
    write(directory / "new", text);
    CHECK_FALSE(rules.tells());
    fs::rename(directory / "new", directory / "rules.yaml");
    CHECK(rules.tells());
  }
  fs::remove(directory / "rules.yaml");
  CHECK(rules.tells());
  write(directory / "rules.yaml", "d");
  CHECK(rules.tells());
}

TEST_CASE("other files of the directory are nobody's business") {
  const Directory directory;
  write(directory / "rules.yaml", "a");
  Watched rules(directory / "rules.yaml");
  write(directory / "other.yaml", "b");
  CHECK_FALSE(rules.tells());
}

TEST_CASE("a directory stands for its rule files") {
  const Directory directory;
  Watched rules(directory.path());
  write(directory / "notes.txt", "a");
  CHECK_FALSE(rules.tells());
  write(directory / "new.yaml", "b");
  CHECK(rules.tells());
}

TEST_CASE(
    "a link on the way that leads elsewhere is told of, and what it leads to now is watched") {
  const Directory directory;
  mount(directory, "..1", "a");
  for (const bool whole : {false, true}) {
    CAPTURE(whole);
    Watched rules(whole ? directory.path() : directory / "rules.yaml");
    mount(directory, whole ? "..3" : "..2", "b");
    CHECK(rules.tells());
    write(directory / (whole ? "..3" : "..2") / "rules.yaml", "c");
    CHECK(rules.tells());
    write(directory / "..1" / "rules.yaml", "d");
    CHECK_FALSE(rules.tells());
  }
}

TEST_CASE("a path that does not exist yet is told of when it appears") {
  const Directory directory;
  Watched rules(directory / "later" / "rules.yaml");
  fs::create_directory(directory / "later");
  CHECK(rules.tells());
  write(directory / "later" / "rules.yaml", "a");
  CHECK(rules.tells());
}

TEST_CASE("what never becomes quiet is told of all the same") {
  const Directory directory;
  write(directory / "rules.yaml", "a");
  Watched rules(directory / "rules.yaml");
  bool told = false;
  const auto end = rules.now + FileWatch::kLongest + FileWatch::kQuiet;
  while (!told && rules.now < end) {
    write(directory / "rules.yaml", "b");
    told = rules.watch.changed(rules.now);
    rules.now += FileWatch::kQuiet / 2;
  }
  CHECK(told);
}
