// See spool.h. A record is its length, its CRC-32 and the message as JSON; numbers are little
// endian, as every machine is that falcod runs on.
#include "runtime/output/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace falcod {

namespace {

namespace fs = std::filesystem;
using falcoc::Code;
using falcoc::Diagnostic;
using nlohmann::json;

constexpr std::string_view kSuffix = ".alerts";
constexpr size_t kHead = 8;
/// No alert is larger: a length beyond it is damage.
constexpr uint32_t kMaxRecord = 16u << 20;

std::string encode(const Message& message) {
  json all = {{"line", message.line},
              {"rule", message.rule},
              {"priority", static_cast<int>(message.priority)},
              {"time", message.time_ns},
              {"id", message.id}};
  if (message.json != nullptr) all["json"] = *message.json;
  const std::string body = all.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto length = static_cast<uint32_t>(body.size());
  const auto crc = static_cast<uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
  std::string record(kHead, '\0');
  std::memcpy(record.data(), &length, sizeof length);
  std::memcpy(record.data() + sizeof length, &crc, sizeof crc);
  return record + body;
}

Message decode(std::string_view body) {
  Message message;
  const json all = json::parse(body, nullptr, false);
  if (!all.is_object()) return message;
  message.line = all.value("line", "");
  message.rule = all.value("rule", "");
  message.priority = static_cast<falcoc::Priority>(all.value("priority", 7) & 7);
  message.time_ns = all.value("time", uint64_t{0});
  message.id = all.value("id", "");
  if (all.contains("json")) {
    message.json = std::make_shared<const std::string>(all.value("json", ""));
  }
  return message;
}

/// The record at `offset`; nothing if there is none that is whole.
std::optional<std::string> record_at(int fd, uint64_t offset) {
  std::array<char, kHead> head{};
  if (::pread(fd, head.data(), kHead, static_cast<off_t>(offset)) != static_cast<ssize_t>(kHead)) {
    return std::nullopt;
  }
  uint32_t length = 0;
  uint32_t crc = 0;
  std::memcpy(&length, head.data(), sizeof length);
  std::memcpy(&crc, head.data() + sizeof length, sizeof crc);
  if (length > kMaxRecord) return std::nullopt;
  std::string body(length, '\0');
  const ssize_t size = ::pread(fd, body.data(), length, static_cast<off_t>(offset + kHead));
  if (size != static_cast<ssize_t>(length)) return std::nullopt;
  const auto found = static_cast<uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(length)));
  return found == crc ? std::optional<std::string>(std::move(body)) : std::nullopt;
}

Diagnostic failed(const std::string& path, const char* why) {
  return Diagnostic::global(Code::SPOOL_FAILED,
                            fmt::format("the spool {} cannot be used: {}", path, why),
                            "set sinks.spool.directory to a folder that falcod may write to");
}

}  // namespace

std::expected<Spool, Diagnostic> Spool::open(const std::string& directory, const std::string& name,
                                             uint64_t max_bytes) {
  const std::string folder = directory + "/" + name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return std::unexpected(failed(folder, error.message().c_str()));
  fs::permissions(folder, fs::perms::owner_all, error);
  const int lock = ::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return std::unexpected(failed(folder, std::strerror(errno)));
  Spool spool(folder, lock, max_bytes);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected(failed(folder, "another falcod has it open"));
  }
  if (auto problem = spool.recover()) return std::unexpected(std::move(*problem));
  return spool;
}

Spool::Spool(Spool&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      max_bytes_(other.max_bytes_),
      segments_(std::move(other.segments_)),
      write_fd_(std::exchange(other.write_fd_, -1)),
      progress_fd_(std::exchange(other.progress_fd_, -1)),
      read_offset_(other.read_offset_),
      last_(other.last_),
      read_(std::move(other.read_)),
      pending_(other.pending_),
      bytes_(other.bytes_) {}

Spool::~Spool() {
  for (const int fd : {write_fd_, progress_fd_, lock_}) {
    if (fd >= 0) ::close(fd);
  }
}

std::string Spool::path(uint64_t number) const {
  return fmt::format("{}/{:016}{}", folder_, number, kSuffix);
}

/// What an earlier process left: its segments, and how far it came.
std::optional<Diagnostic> Spool::recover() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    uint64_t number = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (wrong == std::errc{} && std::string_view(end) == kSuffix) {
      segments_.push_back({.number = number, .size = entry.file_size(error)});
    }
  }
  std::ranges::sort(segments_, {}, &Segment::number);
  progress_fd_ = ::open((folder_ + "/progress").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (progress_fd_ < 0) return failed(folder_, std::strerror(errno));
  std::array<uint64_t, 2> progress{};
  if (::pread(progress_fd_, progress.data(), sizeof progress, 0) != sizeof progress) progress = {};
  last_ = progress[0];
  while (!segments_.empty() && segments_.front().number < progress[0]) {
    ::unlink(path(segments_.front().number).c_str());
    segments_.pop_front();
  }
  for (Segment& segment : segments_) {
    const bool first = segment.number == progress[0];
    recover_segment(segment, first ? progress[1] : 0);
    if (&segment == &segments_.front()) read_offset_ = first ? progress[1] : 0;
  }
  std::string why;
  if (!begin_segment(why)) return failed(folder_, why.c_str());
  return std::nullopt;
}

/// Counts the messages behind `begin`; what is not whole ends the segment.
void Spool::recover_segment(Segment& segment, uint64_t begin) {
  const int fd = ::open(path(segment.number).c_str(), O_RDWR | O_CLOEXEC);
  uint64_t offset = begin;
  if (fd >= 0) {
    while (const auto body = record_at(fd, offset)) {
      offset += kHead + body->size();
      ++pending_;
    }
    if (offset < segment.size && ::ftruncate(fd, static_cast<off_t>(offset)) != 0) offset = begin;
    ::close(fd);
  }
  segment.size = offset;
  bytes_ += segment.size;
}

bool Spool::begin_segment(std::string& error) {
  // Behind every number that was ever delivered: those are deleted at the next start.
  const uint64_t number = std::max(segments_.empty() ? 0 : segments_.back().number, last_) + 1;
  const int fd =
      ::open(path(number).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    error = std::strerror(errno);
    return false;
  }
  if (write_fd_ >= 0) ::close(write_fd_);
  write_fd_ = fd;
  segments_.push_back({.number = number});
  return true;
}

size_t Spool::append(std::span<const Message> messages, std::string& error) {
  size_t count = 0;
  for (const Message& message : messages) {
    if (segments_.back().size >= kSegmentBytes && !begin_segment(error)) break;
    const std::string record = encode(message);
    if (bytes_ + record.size() > max_bytes_) {
      error = fmt::format("the spool is full: {} bytes", bytes_);
      break;
    }
    Segment& segment = segments_.back();
    const ssize_t written = ::write(write_fd_, record.data(), record.size());
    if (written != static_cast<ssize_t>(record.size())) {
      error = written < 0 ? std::strerror(errno) : "the disk is full";
      // What is there in part must not stand before the next record.
      if (::ftruncate(write_fd_, static_cast<off_t>(segment.size)) != 0) begin_segment(error);
      break;
    }
    segment.size += record.size();
    bytes_ += record.size();
    ++pending_;
    ++count;
  }
  return count;
}

std::vector<Message> Spool::read(size_t count) {
  std::vector<Message> out;
  read_.clear();
  uint64_t offset = read_offset_;
  for (const Segment& segment : segments_) {
    if (out.size() == count) break;
    if (offset < segment.size) {
      const int fd = ::open(path(segment.number).c_str(), O_RDONLY | O_CLOEXEC);
      while (fd >= 0 && out.size() < count && offset < segment.size) {
        const auto body = record_at(fd, offset);
        if (!body) break;
        offset += kHead + body->size();
        out.push_back(decode(*body));
        read_.emplace_back(segment.number, offset);
      }
      if (fd >= 0) ::close(fd);
    }
    if (offset < segment.size) break;  // there is more in this one
    offset = 0;
  }
  return out;
}

void Spool::done(size_t count) {
  if (count == 0 || count > read_.size()) return;
  const auto [number, offset] = read_[count - 1];
  read_.erase(read_.begin(), read_.begin() + static_cast<std::ptrdiff_t>(count));
  pending_ -= std::min(pending_, count);
  read_offset_ = offset;
  while (segments_.front().number < number) {
    ::unlink(path(segments_.front().number).c_str());
    bytes_ -= segments_.front().size;
    segments_.pop_front();
  }
  // The one that is written to is emptied instead, when nothing is left in it.
  if (pending_ == 0 && segments_.size() == 1 && segments_.front().size >= kSegmentBytes) {
    std::string ignored;
    if (begin_segment(ignored)) {
      ::unlink(path(segments_.front().number).c_str());
      bytes_ -= segments_.front().size;
      segments_.pop_front();
      read_offset_ = 0;
    }
  }
  write_progress();
}

void Spool::write_progress() {
  const std::array<uint64_t, 2> progress{segments_.front().number, read_offset_};
  // Should it fail, messages are delivered twice after a restart, under the same ids.
  [[maybe_unused]] const ssize_t written =
      ::pwrite(progress_fd_, progress.data(), sizeof progress, 0);
}

}  // namespace falcod
