// A sink that is a form, an endpoint and a way to authenticate: every HTTP destination of `sinks`.
#pragma once

#include <memory>
#include <string>

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
  size_t most = 1;  ///< alerts in one request
  HttpOptions http{};
  Gate gate{};
};

class HttpRouteSink final : public Sink {
 public:
  HttpRouteSink(Plan plan, std::shared_ptr<const AlertShape> shape);

  std::string_view name() const override { return plan_.name; }
  WriteResult write(std::span<const Message> batch, int stop_fd) override;

 private:
  bool send(std::span<const Message> batch, int stop_fd, WriteResult& result);

  Plan plan_;
  std::shared_ptr<const AlertShape> shape_;
  HttpClient client_;
};

}  // namespace falcod::route
