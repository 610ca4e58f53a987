// See kube_stream.h.
#include "runtime/metadata/kube_stream.h"

namespace falcod::metadata {

KubeError kube_error_of(long status, const Json& body) {
  std::string message = text_of(body, "message");
  if (message.empty()) message = "HTTP status " + std::to_string(status);
  return {.status = status, .message = std::move(message)};
}

bool KubeStream::take_line() {
  if (line_.find_first_not_of(" \t\r") == std::string::npos) return true;
  const Json event = parse_json(line_);
  const std::string type = text_of(event, "type");
  const Json& object = member(event, "object");
  if (type == "ADDED" || type == "MODIFIED" || type == "DELETED" || type == "BOOKMARK") {
    on_event_(type, object);
    return true;
  }
  // A reply that is no watch is a Status by itself.
  const Json& status = type == "ERROR" ? object : event;
  if (type == "ERROR" || text_of(event, "kind") == "Status") {
    const Json& code = member(status, "code");
    error_ = kube_error_of(code.is_number_integer() ? code.get<long>() : 500, status);
    if (error_.status == 200) error_.status = 500;  // an error is none that went well
  } else {
    error_ = {.status = kKubeGone, .message = "the watch sent what is no event"};
  }
  return false;
}

bool KubeStream::take(std::string_view piece) {
  while (!piece.empty() && error_.status == 200) {
    const size_t end = piece.find('\n');
    if (!skipping_) line_ += piece.substr(0, end);
    if (line_.size() > kMaxLine) {
      skipping_ = true;
      ++left_out_;
      line_ = {};
    }
    if (end == std::string_view::npos) break;
    piece.remove_prefix(end + 1);
    if (!std::exchange(skipping_, false) && !take_line()) return false;
    line_.clear();
  }
  return error_.status == 200;
}

}  // namespace falcod::metadata
