// Joining of paths, see paths.h (rules: SCAP notes, section 6, "Joining").
#include "runtime/state/paths.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <vector>

#include "runtime/capture/decode.h"
#include "runtime/state/params.h"

namespace falcod {
namespace {

constexpr size_t kPathLimit = 1024;  // Falco's own; longer joins print a fixed text
constexpr std::string_view kTooLong = "/DIR_TOO_LONG/FILENAME_TOO_LONG";
constexpr std::string_view kUnknownBase = "<UNKNOWN>";

std::string clean(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  size_t start = 0;
  while (start < path.size()) {
    const size_t slash = path.find('/', start);
    const std::string_view part = path.substr(start, slash - start);
    start = slash == std::string_view::npos ? path.size() : slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string out;
  out.reserve(path.size());
  for (const std::string_view part : parts) {
    if (absolute || !out.empty()) out += '/';
    out += part;
  }
  if (out.empty() && absolute) out += '/';
  return out;
}

/// Base directory of a relative path parameter, without regard to a trailing slash.
std::string base_of(const Event& event, const Process& process, size_t index) {
  Item item;
  const int dirfd_param = event.info->params[index].dirfd;
  const bool has_dirfd = dirfd_param >= 0;
  if (has_dirfd && event.record != nullptr &&
      find_item(*event.record, FC_ITEM_DIR_PATH, static_cast<int>(index), item)) {
    return std::string(item.bytes.substr(0, item.bytes.find('\0')));
  }
  const int64_t dirfd =
      has_dirfd ? signed_of(param_at(event, static_cast<size_t>(dirfd_param))) : AT_FDCWD;
  if (dirfd != AT_FDCWD) return {};
  if (event.record != nullptr && find_item(*event.record, FC_ITEM_CWD, kAnyIndex, item)) {
    return std::string(item.bytes.substr(0, item.bytes.find('\0')));
  }
  return process.cwd;
}

}  // namespace

std::string absolute_path(std::string_view path, std::string_view base) {
  if (path.empty() || path.starts_with('/')) {
    return path.size() + 1 > kPathLimit ? std::string(kTooLong) : clean(path);
  }
  std::string joined(base);
  if (!joined.empty() && !joined.ends_with('/')) joined += '/';
  joined += path;
  return joined.size() + 1 > kPathLimit ? std::string(kTooLong) : clean(joined);
}

std::string absolute_param_path(const Event& event, const Process& process, size_t index) {
  const std::string_view path = text_of(param_at(event, index));
  if (path.empty() || path.starts_with('/')) return absolute_path(path, {});
  // The working directory of a chdir's record is the one it led to.
  const bool moved = event.info->code == falcoc::EventCode::CHDIR && event.ret == 0;
  Item cwd;
  if (moved && event.record != nullptr && find_item(*event.record, FC_ITEM_CWD, kAnyIndex, cwd)) {
    return std::string(cwd.bytes);
  }
  const std::string base = base_of(event, process, index);
  if (base.empty()) return fmt::format("{}{}", kUnknownBase, path);
  return absolute_path(path, base);
}

}  // namespace falcod
