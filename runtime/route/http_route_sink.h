// A sink that is a form, an endpoint and a way to authenticate: every HTTP destination of `sinks`.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/output/http_client.h"
#include "runtime/route/channel.h"
#include "runtime/route/forms.h"
#include "runtime/route/gate_settings.h"

namespace falcod::route {

/// One destination as configured.
struct Plan {
  std::string name{};                  ///< "sinks.slack"
  const Form* form = nullptr;          ///< of HTTP, or
  const Protocol* protocol = nullptr;  ///< the other one
  Settings settings{};
  size_t most = 1;     ///< alerts in one request
  size_t at_once = 1;  ///< requests that are on their way together
  HttpOptions http{};
  Gate gate{};
};

class HttpRouteSink final : public Sink {
 public:
  HttpRouteSink(Plan plan, std::shared_ptr<const AlertShape> shape);

  std::string_view name() const override { return plan_.name; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;

 private:
  using Alerts = std::vector<const Message*>;

  std::vector<Alerts> next_requests(std::span<const Message> batch) const;
  HttpRequest request(const Alerts& alerts) const;
  WriteResult judge(const Alerts& sent, const HttpReply& reply) const;
  void advance(std::span<const Message> batch, const Alerts& sent, size_t count,
               WriteResult& result);
  void skip_taken(std::span<const Message> batch, WriteResult& result);
  void one_by_one(std::span<const Message> batch, const Alerts& alerts, int stop_fd,
                  WriteResult& result);

  Plan plan_;
  std::shared_ptr<const AlertShape> shape_;
  HttpClient client_;
  /// Ids of alerts that were taken before one ahead of them was; that one is offered again.
  std::set<std::string> taken_;
};

}  // namespace falcod::route
