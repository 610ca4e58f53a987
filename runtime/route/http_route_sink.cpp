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

HttpRequest HttpRouteSink::request(const Alerts& alerts) const {
  std::vector<SinkAlert> shaped;
  for (const Message* message : alerts) shaped.push_back(shape_->shape(*message));
  return plan_.form->make(plan_.settings, shaped);
}

/// What is to be on its way together: the first alerts that are not taken.
std::vector<HttpRouteSink::Alerts> HttpRouteSink::next_requests(
    std::span<const Message> batch) const {
  std::vector<Alerts> requests;
  for (const Message& message : batch) {
    if (taken_.contains(message.id)) continue;
    if (requests.empty() || requests.back().size() == plan_.most) {
      if (requests.size() == plan_.at_once) break;
      requests.emplace_back();
    }
    requests.back().push_back(&message);
  }
  return requests;
}

/// Alerts that were taken earlier than one ahead of them.
void HttpRouteSink::skip_taken(std::span<const Message> batch, WriteResult& result) {
  while (result.written < batch.size() && taken_.erase(batch[result.written].id) != 0) {
    ++result.written;
  }
}

/// What became of one request: `written` counts its alerts.
WriteResult HttpRouteSink::judge(const Alerts& sent, const HttpReply& reply) const {
  WriteResult result;
  result.status = status_of(reply, result);
  if (result.status != Status::OK) return result;
  if (plan_.form->answers_each) {
    judge_each(reply, sent.size(), result);
  } else {
    result.written = sent.size();
  }
  return result;
}

/// The first `count` of them are out, and everything of the batch before them.
void HttpRouteSink::advance(std::span<const Message> batch, const Alerts& sent, size_t count,
                            WriteResult& result) {
  if (count == 0) return;
  result.written = static_cast<size_t>(sent[count - 1] - batch.data()) + 1;
  skip_taken(batch, result);
}

/// One alert that is refused must not take those beside it along.
void HttpRouteSink::one_by_one(std::span<const Message> batch, const Alerts& alerts, int stop_fd,
                               WriteResult& result) {
  for (const Message* message : alerts) {
    const Alerts alone{message};
    WriteResult one = judge(alone, client_.perform(request(alone), stop_fd));
    advance(batch, alone, one.written, result);
    if (one.status == Status::OK) continue;
    one.written = result.written;
    result = std::move(one);
    return;
  }
}

WriteResult HttpRouteSink::write(std::span<const Message> batch, int stop_fd) {
  WriteResult result;
  skip_taken(batch, result);
  while (result.status == Status::OK && result.written < batch.size()) {
    const std::vector<Alerts> sent = next_requests(batch.subspan(result.written));
    std::vector<HttpRequest> requests;
    for (const Alerts& alerts : sent) requests.push_back(request(alerts));
    const std::vector<HttpReply> replies = client_.perform(requests, stop_fd);
    const Alerts* refused = nullptr;
    bool blocked = false;  // by one that was not taken: what is behind it is remembered
    for (size_t i = 0; i < sent.size(); ++i) {
      WriteResult one = judge(sent[i], replies[i]);
      for (size_t k = 0; blocked && k < one.written; ++k) {
        if (!sent[i][k]->id.empty()) taken_.insert(sent[i][k]->id);
      }
      if (blocked) continue;
      advance(batch, sent[i], one.written, result);
      if (one.status == Status::OK) continue;
      blocked = true;
      const bool several = sent[i].size() > 1 && !plan_.form->answers_each;
      if (one.status == Status::REFUSED && several) refused = &sent[i];
      one.written = result.written;
      result = std::move(one);
    }
    if (refused == nullptr) continue;
    result = WriteResult{.written = result.written};
    one_by_one(batch, *refused, stop_fd, result);
  }
  return result;
}

}  // namespace falcod::route
