// Alerts posted to a URL, one each (`http_output`): what Falcosidekick and others receive.
#pragma once

#include <functional>
#include <string>

#include "runtime/output/http_client.h"
#include "runtime/output/sink.h"

namespace falcod {

struct HttpSinkOptions {
  std::string url;
  std::string content_type;  ///< of the alerts: application/json or text/plain
  /// Timeouts in a row after which an alert is given up; other failures are waited out.
  uint32_t max_consecutive_timeouts = 5;
  /// Told what the server answers, if set.
  std::function<void(std::string_view)> echo{};
};

class HttpSink final : public Sink {
 public:
  HttpSink(HttpSinkOptions options, HttpOptions http);

  std::string_view name() const override { return "http"; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;

 private:
  WriteResult::Status judge(const HttpReply& reply, WriteResult& result);

  HttpSinkOptions options_;
  HttpClient client_;
  uint32_t timeouts_ = 0;
};

/// What a reply means for the message it answers, the same for every HTTP receiver: 2xx are OK,
/// 408, 425, 429, 5xx and failures of the network RETRY, everything else, redirections included,
/// REFUSED. Fills reason and pause.
WriteResult::Status status_of(const HttpReply& reply, WriteResult& result);

}  // namespace falcod
