// The cache of objects: what was stored is found, and nothing else is.
#include "compiler/codegen/native/cache.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace falcoc::native {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcoc-cache-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }

  fs::path cache() const { return path_ / "objects"; }

 private:
  fs::path path_;
};

const std::string kKey = object_key("bundle", "01", "generator");

void check_refused(const ObjectCache& cache, std::string_view why) {
  const auto found = cache.find(kKey);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == Code::CACHE_UNUSABLE);
  CHECK(found.error().message.find(why) != std::string::npos);
}

TEST_CASE("what was stored is found under its key only") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  CHECK(cache.find(kKey).value() == std::nullopt);
  REQUIRE(cache.store(kKey, "code").has_value());
  CHECK(cache.find(kKey).value() == "code");
  CHECK(cache.find(object_key("bundle", "00", "generator")).value() == std::nullopt);
  REQUIRE(cache.store(kKey, "better code").has_value());
  CHECK(cache.find(kKey).value() == "better code");
}

TEST_CASE("every part of the key counts, and where one ends") {
  CHECK(kKey.size() == 64);
  CHECK(kKey == object_key("bundle", "01", "generator"));
  CHECK(kKey != object_key("other", "01", "generator"));
  CHECK(kKey != object_key("bundle", "11", "generator"));
  CHECK(kKey != object_key("bundle", "01", "other"));
  CHECK(object_key("a", "b", "") != object_key("ab", "", ""));
}

TEST_CASE("a damaged object is refused, and can be replaced") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  REQUIRE(cache.store(kKey, "code").has_value());
  {
    std::fstream file(folder.cache() / kKey, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('E');
  }
  check_refused(cache, "damaged");
  fs::resize_file(folder.cache() / kKey, 10);
  check_refused(cache, "damaged");
  REQUIRE(cache.store(kKey, "code").has_value());
  CHECK(cache.find(kKey).value() == "code");
}

TEST_CASE("an object under another object's name is refused") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  const std::string other = object_key("other", "", "");
  REQUIRE(cache.store(other, "other code").has_value());
  fs::rename(folder.cache() / other, folder.cache() / kKey);
  check_refused(cache, "damaged");
}

TEST_CASE("what others may write is refused") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  REQUIRE(cache.store(kKey, "code").has_value());
  SUBCASE("the file") {
    REQUIRE(::chmod((folder.cache() / kKey).c_str(), 0620) == 0);
    check_refused(cache, "others may write it");
  }
  SUBCASE("the directory") {
    REQUIRE(::chmod(folder.cache().c_str(), 0777) == 0);
    check_refused(cache, "others may write it");
    CHECK_FALSE(cache.store(kKey, "code").has_value());
  }
}

TEST_CASE("links and other things in place of a file are refused") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  REQUIRE(cache.store(kKey, "code").has_value());
  const fs::path file = folder.cache() / kKey;
  fs::rename(file, folder.cache() / "elsewhere");
  SUBCASE("a link") {
    fs::create_symlink("elsewhere", file);
    CHECK_FALSE(cache.find(kKey).has_value());
  }
  SUBCASE("a directory") {
    fs::create_directory(file);
    check_refused(cache, "no regular file");
  }
  SUBCASE("a pipe, which is not waited for") {
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    check_refused(cache, "no regular file");
  }
}

TEST_CASE("only the objects used last are kept") {
  const Folder folder;
  const ObjectCache cache(folder.cache());
  std::string last;
  for (int i = 0; i < 60; ++i) {
    last = object_key(std::to_string(i), "", "");
    REQUIRE(cache.store(last, "code").has_value());
  }
  const auto files =
      std::distance(fs::directory_iterator(folder.cache()), fs::directory_iterator());
  CHECK(files <= 33);
  CHECK(files > 1);
}

}  // namespace
}  // namespace falcoc::native
