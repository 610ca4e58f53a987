// Files of the object cache: safe to open, whole, of known content.
#include "compiler/codegen/native/cache.h"

#include <cpuid.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

namespace falcoc::native {
namespace {

namespace fs = std::filesystem;

/// In front of every object: magic, then the hash of key and object.
constexpr std::string_view kMagic = "FALCOCO1";
constexpr size_t kHashBytes = 32;
constexpr size_t kHeaderBytes = kMagic.size() + kHashBytes;
/// The code of ten thousand rules takes some ten megabytes.
constexpr size_t kMaxObjectBytes = size_t{256} << 20;
/// Rule sets change; what was made of the last ones is kept, native code and filters of each.
constexpr size_t kMaxFiles = 32;
constexpr size_t kKeySize = 2 * kHashBytes;  // hex digits

class Hash {
 public:
  Hash() { crypto_generichash_init(&state_, nullptr, 0, kHashBytes); }
  Hash& add(std::string_view text) {
    const uint64_t size = text.size();
    update(&size, sizeof size);
    update(text.data(), text.size());
    return *this;
  }
  std::string finish() {
    std::string hash(kHashBytes, '\0');
    crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(hash.data()), kHashBytes);
    return hash;
  }

 private:
  void update(const void* data, size_t size) {
    crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
  }
  crypto_generichash_state state_;
};

/// What this processor can do, as it says itself. Left out is what differs between its cores.
std::string processor() {
  std::array<unsigned, 4> words{};
  std::string text;
  const auto add = [&](unsigned leaf, std::array<unsigned, 4> masks) {
    words.fill(0);
    __get_cpuid_count(leaf, 0, &words[0], &words[1], &words[2], &words[3]);
    for (size_t i = 0; i < 4; ++i) text += fmt::format("{:08x}", words[i] & masks[i]);
  };
  constexpr unsigned kAll = ~0u;
  constexpr unsigned kHybrid = 1u << 15;
  add(0, {kAll, kAll, kAll, kAll});  // vendor
  add(1, {kAll, 0, kAll, kAll});     // model, features; the second word names the core
  add(7, {kAll, kAll, kAll, kAll & ~kHybrid});
  add(0x80000001u, {0, 0, kAll, kAll});
  return text;
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Diagnostic> unusable(const std::string& path, std::string_view why) {
  return std::unexpected(Diagnostic::global(Code::CACHE_UNUSABLE, fmt::format("{}: {}", path, why),
                                            "code is generated as if the cache were empty"));
}

/// Why the file or directory must not be trusted; empty if it may be: it is ours or root's, and
/// nobody else may write it.
std::string_view distrust(const struct stat& info) {
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return "it belongs to another user";
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write it";
  return {};
}

std::optional<std::string> read_all(int fd, size_t size) {
  std::string text(size, '\0');
  for (size_t done = 0; done < size;) {
    const ssize_t count = ::read(fd, text.data() + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    done += static_cast<size_t>(count);
  }
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

/// Keeps the objects that were used last. What is being written has a longer name and is left
/// alone. A file that cannot be removed stays.
void remove_old(const std::string& directory) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename().string().size() != kKeySize) continue;
    files.emplace_back(entry.last_write_time(error), entry.path());
  }
  if (files.size() <= kMaxFiles) return;
  std::ranges::sort(files, std::ranges::greater{});
  for (size_t i = kMaxFiles; i < files.size(); ++i) fs::remove(files[i].second, error);
}

}  // namespace

std::string object_key(std::string_view bundle, std::string_view absent,
                       std::string_view generator) {
  const std::string hash = Hash().add(bundle).add(absent).add(generator).add(processor()).finish();
  std::string key;
  for (const char byte : hash) key += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return key;
}

std::expected<std::optional<std::string>, Diagnostic> ObjectCache::find(
    const std::string& key) const {
  const std::string path = directory_ + "/" + key;
  const File directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.fd() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return unusable(directory_, std::strerror(errno));
  }
  struct stat info{};
  if (::fstat(directory.fd(), &info) != 0) return unusable(directory_, std::strerror(errno));
  if (const std::string_view why = distrust(info); !why.empty()) return unusable(directory_, why);
  const File file(
      ::openat(directory.fd(), key.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.fd() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return unusable(path, std::strerror(errno));
  }
  if (::fstat(file.fd(), &info) != 0) return unusable(path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return unusable(path, "it is no regular file");
  if (const std::string_view why = distrust(info); !why.empty()) return unusable(path, why);
  const auto size = static_cast<size_t>(info.st_size);
  if (size < kHeaderBytes || size > kMaxObjectBytes) return unusable(path, "it is damaged");
  const std::optional<std::string> text = read_all(file.fd(), size);
  if (!text) return unusable(path, "it cannot be read whole");
  const std::string_view object = std::string_view(*text).substr(kHeaderBytes);
  if (!text->starts_with(kMagic) ||
      text->substr(kMagic.size(), kHashBytes) != Hash().add(key).add(object).finish()) {
    return unusable(path, "it is damaged");
  }
  ::futimens(file.fd(), nullptr);  // used now: see remove_old()
  return std::string(object);
}

std::expected<void, Diagnostic> ObjectCache::store(const std::string& key,
                                                   std::string_view object) const {
  if (::mkdir(directory_.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return unusable(directory_, std::strerror(errno));
  }
  struct stat info{};
  if (::lstat(directory_.c_str(), &info) != 0) return unusable(directory_, std::strerror(errno));
  if (!S_ISDIR(info.st_mode)) return unusable(directory_, "it is no directory");
  if (const std::string_view why = distrust(info); !why.empty()) return unusable(directory_, why);
  const std::string path = directory_ + "/" + key;
  std::string temporary = path + ".XXXXXX";
  const File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.fd() < 0) return unusable(temporary, std::strerror(errno));
  const std::string header = std::string(kMagic) + Hash().add(key).add(object).finish();
  if (!write_all(file.fd(), header) || !write_all(file.fd(), object) ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return unusable(path, std::strerror(error));
  }
  remove_old(directory_);
  return {};
}

}  // namespace falcoc::native
