#include "runtime/capture/scap/byte_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace falcod::scap {
namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// Small beside what BlockReader asks for at once: zlib then reads files that are not compressed
/// without copying.
constexpr unsigned kInputBytes = 64 * 1024;

gzFile gz(void* file) { return static_cast<gzFile>(file); }

Diagnostic cannot_open(const std::string& path, int error) {
  return Diagnostic::global(
      Code::CAPTURE_OPEN,
      fmt::format("capture file '{}' cannot be read: {}", path, std::strerror(error)),
      "give the path of a .scap file that this user may read");
}

}  // namespace

void ByteStream::CloseFile::operator()(void* file) const { ::gzclose_r(gz(file)); }

std::expected<ByteStream, Diagnostic> ByteStream::open(const std::string& path) {
  const int fd = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(cannot_open(path, errno));
  struct stat status{};
  if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(fd);
    return std::unexpected(cannot_open(path, EISDIR));
  }
  gzFile file = ::gzdopen(fd, "rb");
  if (file == nullptr) {
    ::close(fd);
    return std::unexpected(cannot_open(path, ENOMEM));
  }
  ::gzbuffer(file, kInputBytes);
  ByteStream stream;
  stream.file_.reset(file);
  if (S_ISREG(status.st_mode)) stream.file_size_ = static_cast<uint64_t>(status.st_size);
  return stream;
}

ByteStream ByteStream::of_bytes(std::span<const std::byte> bytes) {
  ByteStream stream;
  stream.bytes_ = bytes;
  stream.file_size_ = bytes.size();
  return stream;
}

size_t ByteStream::read(std::span<std::byte> out) {
  size_t got = 0;
  if (file_ == nullptr) {
    got = std::min(out.size(), bytes_.size());
    std::copy_n(bytes_.begin(), got, out.begin());
    bytes_ = bytes_.subspan(got);
  } else if (damage_.empty()) {
    while (got < out.size()) {
      const auto wanted = static_cast<unsigned>(std::min<size_t>(out.size() - got, 1u << 30));
      const int count = ::gzread(gz(file_.get()), out.data() + got, wanted);
      if (count > 0) got += static_cast<size_t>(count);
      int error = Z_OK;
      const char* text = ::gzerror(gz(file_.get()), &error);
      if (error != Z_OK && error != Z_STREAM_END) {
        damage_ = error == Z_BUF_ERROR ? "the compressed data ends in the middle"
                                       : fmt::format("the compressed data is damaged ({})", text);
        break;
      }
      if (count <= 0) break;
    }
  }
  offset_ += got;
  return got;
}

uint64_t ByteStream::file_position() const {
  if (file_ == nullptr) return offset_;
  const auto position = ::gzoffset(gz(file_.get()));
  return position < 0 ? 0 : static_cast<uint64_t>(position);
}

}  // namespace falcod::scap
