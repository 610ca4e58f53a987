// Arguments at their limits: limits path DIRECTORY | limits deep DIRECTORY | limits arguments COUNT
//   path       opens a file by a path of 4095 bytes, the longest there is
//   deep       opens a file whose own path is longer than 4095 bytes, step by step
//   arguments  runs itself with COUNT arguments of 1000 bytes
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kLongestPath = 4095;
constexpr size_t kSteps = 20;  // of 250 bytes each

int open_long_path(const std::string& directory) {
  const std::string file = "longest";
  std::string path = directory + "/";
  path.append(kLongestPath - path.size() - file.size(), '/');
  path += file;
  return open(path.c_str(), O_CREAT | O_RDWR, 0600) < 0;
}

int open_deep(const std::string& directory) {
  const std::string step(250, 'd');
  if (chdir(directory.c_str()) != 0) return 1;
  for (size_t i = 0; i < kSteps; ++i) {
    if ((mkdir(step.c_str(), 0700) != 0 && access(step.c_str(), F_OK) != 0) ||
        chdir(step.c_str()) != 0)
      return 1;
  }
  return open("deep", O_CREAT | O_RDWR, 0600) < 0;
}

int run_with(const char* self, int count) {
  const std::string argument(1000, 'a');
  std::vector<char*> arguments{const_cast<char*>("limits"), const_cast<char*>("nothing")};
  for (int i = 0; i < count; ++i) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(self, arguments.data());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "nothing") return 0;
  if (what == "path" && argc == 3) return open_long_path(argv[2]);
  if (what == "deep" && argc == 3) return open_deep(argv[2]);
  if (what == "arguments" && argc == 3) return run_with("/proc/self/exe", std::atoi(argv[2]));
  return 2;
}
