// Joining of paths, see paths.h (rules: SCAP notes, section 6, "Joining").
#include "runtime/state/paths.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "runtime/capture/decode.h"
#include "runtime/state/captured_fds.h"
#include "runtime/state/params.h"

namespace falcod {
namespace {

constexpr size_t kPathLimit = 1024;  // Falco's own; longer joins print a fixed text
constexpr std::string_view kTooLong = "/DIR_TOO_LONG/FILENAME_TOO_LONG";
constexpr std::string_view kUnknownBase = "<UNKNOWN>";

/// Nothing to resolve: every part is a name. Some that clean() would leave alone are not seen.
bool is_clean(std::string_view path) {
  if (!path.starts_with('/') || (path.ends_with('/') && path.size() > 1)) return false;
  bool after_slash = false;
  for (const char c : path) {
    if (after_slash && (c == '/' || c == '.')) return false;
    after_slash = c == '/';
  }
  return true;
}

/// Resolves `.`, `..` and repeated slashes in place: what is kept only ever moves to the left.
void clean(std::string& path) {
  const bool absolute = path.starts_with('/');
  size_t used = 0;
  size_t start = 0;
  while (start < path.size()) {
    const size_t slash = std::min(path.find('/', start), path.size());
    const std::string_view part = std::string_view(path).substr(start, slash - start);
    start = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const size_t last = std::string_view(path).substr(0, used).rfind('/');
      used = last == std::string_view::npos ? 0 : last;
      continue;
    }
    if (absolute || used > 0) path[used++] = '/';
    std::memmove(path.data() + used, part.data(), part.size());
    used += part.size();
  }
  path.resize(used);
  if (path.empty() && absolute) path = '/';
}

/// Base directory of a relative path parameter, without regard to a trailing slash.
std::string_view base_of(const Event& event, const Process& process, size_t index) {
  Item item;
  const int dirfd_param = event.info->params[index].dirfd;
  const bool has_dirfd = dirfd_param >= 0;
  if (has_dirfd && event.record != nullptr &&
      find_item(*event.record, FC_ITEM_DIR_PATH, static_cast<int>(index), item)) {
    return item.bytes.substr(0, item.bytes.find('\0'));
  }
  const int64_t dirfd =
      has_dirfd ? signed_of(param_at(event, static_cast<size_t>(dirfd_param))) : AT_FDCWD;
  if (dirfd != AT_FDCWD) {
    return event.captured != nullptr ? event.captured->name(process.pid, dirfd)
                                     : std::string_view{};
  }
  if (event.record != nullptr && find_item(*event.record, FC_ITEM_CWD, kAnyIndex, item)) {
    return item.bytes.substr(0, item.bytes.find('\0'));
  }
  return process.cwd;
}

}  // namespace

void absolute_path(std::string_view path, std::string_view base, std::string& out) {
  out.clear();
  if (!path.empty() && !path.starts_with('/')) {
    out = base;
    if (!out.empty() && !out.ends_with('/')) out += '/';
  }
  out += path;
  if (out.size() + 1 > kPathLimit) {
    out = kTooLong;
  } else if (!is_clean(out)) {
    clean(out);
  }
}

std::string absolute_path(std::string_view path, std::string_view base) {
  std::string out;
  absolute_path(path, base, out);
  return out;
}

void absolute_param_path(const Event& event, const Process& process, size_t index,
                         std::string& out) {
  const std::string_view path = text_of(param_at(event, index));
  if (path.empty() || path.starts_with('/')) return absolute_path(path, {}, out);
  // The working directory of a chdir's record is the one it led to.
  const bool moved = event.info->code == falcoc::EventCode::CHDIR && event.ret == 0;
  Item cwd;
  if (moved && event.record != nullptr && find_item(*event.record, FC_ITEM_CWD, kAnyIndex, cwd)) {
    out = cwd.bytes;
    return;
  }
  if (moved && event.captured != nullptr) return absolute_path(process.cwd, {}, out);
  const std::string_view base = base_of(event, process, index);
  if (!base.empty()) return absolute_path(path, base, out);
  out = kUnknownBase;
  out += path;
}

std::string absolute_param_path(const Event& event, const Process& process, size_t index) {
  std::string out;
  absolute_param_path(event, process, index, out);
  return out;
}

}  // namespace falcod
