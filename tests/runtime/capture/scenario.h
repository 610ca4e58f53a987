// A scenario for the live source: a child process does something under the probe's eyes, its events
// are kept. Every machine runs other processes too, so events are picked by pid.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/capture/decode.h"
#include "runtime/capture/live.h"

namespace falcod::test {

/// For one case, removed at its end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// One event copied out of the source's buffers.
class Seen {
 public:
  explicit Seen(const Event& event);

  uint16_t kind() const { return record().kind; }
  std::string name() const;
  int64_t ret() const { return record().ret; }
  const fc_event& record() const { return *reinterpret_cast<const fc_event*>(bytes_.data()); }
  /// Parameter as text without terminator, or as a number.
  std::string text(std::string_view param) const;
  int64_t number(std::string_view param) const;
  std::string bytes(std::string_view param) const;
  /// All parameters by name.
  const std::vector<std::pair<std::string, std::string>>& params() const { return params_; }
  /// Text of an item; empty if there is none.
  std::string item(uint16_t tag, int index = kAnyIndex) const;
  fc_fd fd() const;
  template <typename Struct>
  Struct structure(uint16_t tag) const;

 private:
  std::vector<uint64_t> bytes_;
  std::vector<std::pair<std::string, std::string>> params_;
};

/// Names of evt.type to the wanted set.
falcoc::EventSet events_named(std::initializer_list<std::string_view> names);

/// Opens the source, or skips the test with a message if this machine does not allow it. In the
/// environment FALCOC_TEST_HOOKS, `tracepoint` or `fentry`, says how system calls are hooked.
std::unique_ptr<LiveSource> open_source(const LiveOptions& options);

/// Runs `child` in a new process and returns what was seen of it and its descendants until it was
/// gone.
std::vector<std::vector<Seen>> watch(std::span<LiveSource* const> sources,
                                     const std::function<void()>& child);
std::vector<Seen> watch(LiveSource& source, const std::function<void()>& child);
std::vector<Seen> watch(std::initializer_list<std::string_view> wanted,
                        const std::function<void()>& child);

/// First event of this name that fulfils the predicate; null if there is none.
const Seen* find(
    const std::vector<Seen>& events, std::string_view name,
    const std::function<bool(const Seen&)>& is = [](const Seen&) { return true; });

template <typename Struct>
Struct Seen::structure(uint16_t tag) const {
  Item found;
  Struct value{};
  if (find_item(record(), tag, kAnyIndex, found) && found.bytes.size() >= sizeof value) {
    std::memcpy(&value, found.bytes.data(), sizeof value);
  }
  return value;
}

}  // namespace falcod::test
