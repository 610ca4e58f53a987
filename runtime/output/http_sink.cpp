// See http_sink.h.
#include "runtime/output/http_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace falcod {

namespace {

/// A server that asks for more is asked again after this: alerts wait in memory meanwhile.
constexpr std::chrono::seconds kLongestRetryAfter{300};
/// How much of an answer is shown.
constexpr size_t kShownReply = 200;

bool is_for_now(long status) {
  static constexpr std::array<long, 3> kForNow{408, 425, 429};
  return status >= 500 || std::ranges::find(kForNow, status) != kForNow.end();
}

}  // namespace

WriteResult::Status status_of(const HttpReply& reply, WriteResult& result) {
  using Status = WriteResult::Status;
  switch (reply.outcome) {
    case HttpReply::Outcome::STOPPED:
      return Status::STOPPED;
    case HttpReply::Outcome::TIMEOUT:
    case HttpReply::Outcome::FAILED:
      result.reason = reply.error;
      return Status::RETRY;
    case HttpReply::Outcome::ANSWERED:
      break;
  }
  if (reply.status < 300) return Status::OK;
  result.reason = fmt::format("HTTP status {} {}", reply.status,
                              std::string_view(reply.body).substr(0, kShownReply));
  while (!result.reason.empty() && (result.reason.back() == ' ' || result.reason.back() == '\n')) {
    result.reason.pop_back();
  }
  if (!is_for_now(reply.status)) return Status::REFUSED;
  if (reply.retry_after) result.pause = std::min(*reply.retry_after, kLongestRetryAfter);
  return Status::RETRY;
}

HttpSink::HttpSink(HttpSinkOptions options, HttpOptions http)
    : options_(std::move(options)), client_(std::move(http)) {}

WriteResult::Status HttpSink::judge(const HttpReply& reply, WriteResult& result) {
  if (reply.outcome != HttpReply::Outcome::TIMEOUT) {
    timeouts_ = 0;
    return status_of(reply, result);
  }
  result.reason = reply.error;
  if (++timeouts_ <= options_.max_consecutive_timeouts) return WriteResult::Status::RETRY;
  timeouts_ = 0;
  return WriteResult::Status::REFUSED;
}

WriteResult HttpSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  for (const Message& message : batch) {
    const HttpReply reply = client_.perform({.url = options_.url,
                                             .headers = {"Content-Type: " + options_.content_type},
                                             .body = message.line},
                                            stop_fd);
    if (options_.echo && reply.outcome == HttpReply::Outcome::ANSWERED) options_.echo(reply.body);
    result.status = judge(reply, result);
    if (result.status != WriteResult::Status::OK) return result;
    ++result.written;
  }
  return result;
}

}  // namespace falcod
