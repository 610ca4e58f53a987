#include "tools/falcoc/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace falcoc::cli {

std::string replace_file(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::string target = std::filesystem::canonical(path, error).string();
  if (error) return error.message();
  struct stat old{};
  if (stat(target.c_str(), &old) != 0) return std::strerror(errno);
  std::string beside = target + ".XXXXXX";
  const int file = mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  // Only root can give a file away; what others write is theirs.
  const bool given = fchown(file, old.st_uid, old.st_gid) == 0;
  bool good = fchmod(file, old.st_mode & (given ? 07777 : 0777)) == 0;
  while (good && !bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    good = written >= 0 || errno == EINTR;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  good = good && fsync(file) == 0;
  good = close(file) == 0 && good && rename(beside.c_str(), target.c_str()) == 0;
  if (good) return {};
  const std::string why = std::strerror(errno);
  unlink(beside.c_str());
  return why;
}

}  // namespace falcoc::cli
