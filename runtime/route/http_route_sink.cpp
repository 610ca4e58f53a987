// See http_route_sink.h.
#include "runtime/route/http_route_sink.h"

#include <algorithm>

#include "runtime/output/http_sink.h"

namespace falcod::route {

namespace {

using nlohmann::json;
using Status = WriteResult::Status;

/// What a bulk reply says of one alert.
Status item_status(const json& item) {
  constexpr int kAlreadyThere = 409;  // sent before, under the same id
  const json& outcome = item.is_object() && !item.empty() ? item.front() : item;
  const int status = outcome.is_object() ? outcome.value("status", 0) : 0;
  if (status < 300 || status == kAlreadyThere) return Status::OK;
  return status == 429 || status >= 500 ? Status::RETRY : Status::REFUSED;
}

/// Counts what was taken, up to the first that was not. What comes behind that is sent again, which
/// the ids make harmless.
void judge_each(const HttpReply& reply, size_t sent, WriteResult& result) {
  const json answer = json::parse(reply.body, nullptr, false);
  if (!answer.is_object() || !answer.value("errors", false)) {
    result.written += sent;
    return;
  }
  const json items = answer.value("items", json::array());
  for (size_t i = 0; i < sent; ++i) {
    const Status status = i < items.size() ? item_status(items[i]) : Status::OK;
    if (status != Status::OK) {
      result.status = status;
      result.reason = items[i].dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 300);
      return;
    }
    ++result.written;
  }
}

}  // namespace

HttpRouteSink::HttpRouteSink(Plan plan, std::shared_ptr<const AlertShape> shape)
    : plan_(std::move(plan)), shape_(std::move(shape)), client_(plan_.http) {}

/// One request. False if nothing more is to be sent now.
bool HttpRouteSink::send(std::span<const Message> batch, int stop_fd, WriteResult& result) {
  std::vector<SinkAlert> alerts;
  for (const Message& message : batch) alerts.push_back(shape_->shape(message));
  const HttpReply reply = client_.perform(plan_.form->make(plan_.settings, alerts), stop_fd);
  result.status = status_of(reply, result);
  if (result.status == Status::OK) {
    if (plan_.form->answers_each) {
      judge_each(reply, batch.size(), result);
    } else {
      result.written += batch.size();
    }
  }
  return result.status == Status::OK;
}

WriteResult HttpRouteSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  while (result.written < batch.size()) {
    const size_t count = std::min(plan_.most, batch.size() - result.written);
    const size_t begin = result.written;
    if (send(batch.subspan(begin, count), stop_fd, result)) continue;
    // One alert that is refused must not take those beside it along: one by one, then.
    if (result.status != Status::REFUSED || count == 1 || plan_.form->answers_each) return result;
    result = WriteResult{.written = begin};
    for (size_t i = 0; i < count; ++i) {
      if (!send(batch.subspan(begin + i, 1), stop_fd, result)) return result;
    }
  }
  return result;
}

}  // namespace falcod::route
