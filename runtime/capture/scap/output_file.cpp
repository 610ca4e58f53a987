// See output_file.h.
#include "runtime/capture/scap/output_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>

namespace falcod::scap {
namespace {

constexpr mode_t kMode = 0600;  // a capture holds what processes read and write

class PlainFile final : public OutputFile {
 public:
  explicit PlainFile(int fd) : fd_(fd) {}
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override { close(); }

  bool write(std::string_view blocks) override {
    std::string_view rest = blocks;
    while (!rest.empty()) {
      const ssize_t count = ::write(fd_, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        const int error = count < 0 ? errno : ENOSPC;
        // A block cut in the middle would be reported as damage of the file. Pipes and the like
        // cannot take it back.
        if (::ftruncate(fd_, static_cast<off_t>(good_bytes_)) != 0) good_bytes_ = 0;
        errno = error;
        return false;
      }
      rest.remove_prefix(static_cast<size_t>(count));
    }
    good_bytes_ += blocks.size();
    return true;
  }

  bool close() override {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
  uint64_t good_bytes_ = 0;
};

class CompressedFile final : public OutputFile {
 public:
  explicit CompressedFile(gzFile file) : file_(file) {}
  CompressedFile(const CompressedFile&) = delete;
  CompressedFile& operator=(const CompressedFile&) = delete;
  ~CompressedFile() override { close(); }

  bool write(std::string_view blocks) override {
    constexpr size_t kMost = 1u << 30;  // gzwrite counts in int
    while (!blocks.empty()) {
      const auto part = static_cast<unsigned>(std::min(blocks.size(), kMost));
      if (::gzwrite(file_, blocks.data(), part) != static_cast<int>(part)) return false;
      blocks.remove_prefix(part);
    }
    return true;
  }

  bool close() override {
    gzFile file = file_;
    file_ = nullptr;
    return file == nullptr || ::gzclose_w(file) == Z_OK;
  }

 private:
  gzFile file_;
};

}  // namespace

std::unique_ptr<OutputFile> OutputFile::create(const std::string& path, bool compress) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  if (fd < 0) return nullptr;
  if (!compress) return std::make_unique<PlainFile>(fd);
  gzFile file = ::gzdopen(fd, "wb1");  // fast: the rest of the machine pays for it
  if (file == nullptr) {
    ::close(fd);
    errno = ENOMEM;
    return nullptr;
  }
  return std::make_unique<CompressedFile>(file);
}

}  // namespace falcod::scap
