// The web server of `webserver`: health, versions, metrics. Threads of its own; what it answers
// comes from functions that must be safe to call from them.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "compiler/source/diagnostic.h"
#include "runtime/config/config.h"

namespace falcod {

struct WebPages {
  /// Empty if all is well, else what is not.
  std::function<std::string()> trouble;
  std::function<std::string()> versions;  ///< JSON
  /// Prometheus' text; empty if it cannot be had now. Null: there is no such page.
  std::function<std::string()> metrics;
};

class WebServer {
 public:
  /// Listens when this returns.
  static std::expected<WebServer, falcoc::Diagnostic> start(const WebServerConfig& config,
                                                            WebPages pages);
  ~WebServer();
  WebServer(WebServer&&) noexcept;
  WebServer& operator=(WebServer&&) noexcept;

  /// The port it listens at: chosen by the system if the configuration says 0.
  int port() const;
  /// Gives the port up at once; what is being answered is, until the end of this object.
  void stop_listening();

 private:
  struct Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace falcod
