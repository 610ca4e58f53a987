// What a watch of a Kubernetes API server sends: one JSON object a line, cut into pieces as the
// network likes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/metadata/json.h"

namespace falcod::metadata {

struct KubeError {
  long status = 0;  ///< HTTP's; 0: there was no answer
  std::string message{};
  std::chrono::seconds retry_after{0};  ///< as the server asks; 0: it does not
};

/// What has to be listed anew, because the server does not remember so far back.
inline constexpr long kKubeGone = 410;

/// What a Status object says; `status` if it says none.
KubeError kube_error_of(long status, const Json& body);

class KubeStream {
 public:
  /// Servers refuse larger objects themselves; a longer line is left out.
  static constexpr size_t kMaxLine = size_t{4} << 20;

  /// `type`: ADDED, MODIFIED, DELETED or BOOKMARK.
  using OnEvent = std::function<void(const std::string& type, const Json& object)>;

  explicit KubeStream(OnEvent on_event) : on_event_(std::move(on_event)) {}

  /// False if the server said that the watch is over, or what it says is none: error() tells.
  bool take(std::string_view piece);
  /// Status 200 as long as there is none. What cannot be read is as good as forgotten: kKubeGone.
  const KubeError& error() const { return error_; }
  /// What came without an end of line: the one object of a reply that is no watch.
  const std::string& rest() const { return line_; }
  size_t lines_left_out() const { return left_out_; }

 private:
  bool take_line();

  OnEvent on_event_;
  std::string line_;
  bool skipping_ = false;
  size_t left_out_ = 0;
  KubeError error_{.status = 200};
};

}  // namespace falcod::metadata
