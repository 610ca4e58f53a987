// The falcoc program as its users run it: arguments in, text and exit status out.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace falcoc::test {

namespace fs = std::filesystem;

struct Result {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string contents_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// A directory of its own for each test, and the program run in it.
class Sandbox {
 public:
  Sandbox() {
    std::string name = (fs::temp_directory_path() / "falcoc-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    directory_ = name;
    fs::create_directory(directory_ / "in");
  }
  ~Sandbox() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  void file(const std::string& name, const std::string& text) const {
    fs::create_directories((directory_ / "in" / name).parent_path());
    std::ofstream(directory_ / "in" / name, std::ios::binary) << text;
  }
  fs::path path(const std::string& name) const { return directory_ / "in" / name; }
  /// `arguments` is shell text; files are named relative to the sandbox.
  Result run(const std::string& arguments) const {
    const std::string command = "cd '" + (directory_ / "in").string() +
                                "' && '" FALCOC_PROGRAM "' " + arguments + " >../out 2>../err";
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    return {WEXITSTATUS(status), contents_of(directory_ / "out"), contents_of(directory_ / "err")};
  }

 private:
  fs::path directory_;
};

}  // namespace falcoc::test
