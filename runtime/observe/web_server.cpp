// See web_server.h.
#include "runtime/observe/web_server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace falcod {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

constexpr const char* kJson = "application/json";
constexpr const char* kPrometheus = "text/plain; version=0.0.4";
/// Nobody has to send us anything.
constexpr size_t kMaxRequest = 4096;
/// A client that sends nothing does not keep a thread for longer.
constexpr time_t kTimeoutSeconds = 5;

void answer_health(const WebPages& pages, httplib::Response& response) {
  const std::string trouble = pages.trouble();
  if (trouble.empty()) {
    response.set_content(R"({"status": "ok"})", kJson);
    return;
  }
  response.status = 503;
  response.set_content(nlohmann::json{{"status", "unhealthy"}, {"reason", trouble}}.dump(), kJson);
}

}  // namespace

struct WebServer::Impl {
  std::unique_ptr<httplib::Server> server;
  WebPages pages;
  int port = 0;
  std::thread thread;

  bool listens = false;

  ~Impl() {
    stop_listening();
    if (thread.joinable()) thread.join();
  }
  /// Once: the library asserts that it listens.
  void stop_listening() {
    if (std::exchange(listens, false)) server->stop();
  }
};

WebServer::WebServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebServer::~WebServer() = default;
WebServer::WebServer(WebServer&&) noexcept = default;
WebServer& WebServer::operator=(WebServer&&) noexcept = default;

int WebServer::port() const { return impl_->port; }

void WebServer::stop_listening() { impl_->stop_listening(); }

std::expected<WebServer, Diagnostic> WebServer::start(const WebServerConfig& config,
                                                      WebPages pages) {
  auto impl = std::make_unique<Impl>();
  impl->pages = std::move(pages);
  if (config.ssl_enabled) {
    impl->server = std::make_unique<httplib::SSLServer>(config.ssl_certificate.c_str(),
                                                        config.ssl_certificate.c_str());
  } else {
    impl->server = std::make_unique<httplib::Server>();
  }
  httplib::Server& server = *impl->server;
  if (!server.is_valid()) {
    return std::unexpected(Diagnostic::global(
        Code::WEB_SERVER_FAILED,
        fmt::format("{} holds no usable certificate and key", config.ssl_certificate),
        "webserver.ssl_certificate is a PEM file with both"));
  }
  const size_t threads = config.threadiness != 0
                             ? config.threadiness
                             : std::clamp(std::thread::hardware_concurrency(), 2u, 8u);
  server.new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
  server.set_payload_max_length(kMaxRequest);
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  server.set_keep_alive_max_count(100);
  // Not SO_REUSEPORT, with which a second falcod would take half of the requests.
  server.set_socket_options([](socket_t fd) {
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  const WebPages& answers = impl->pages;  // as long as the server
  server.Get(config.k8s_healthz_endpoint, [&answers](const auto&, httplib::Response& response) {
    answer_health(answers, response);
  });
  server.Get("/versions", [&answers](const auto&, httplib::Response& response) {
    response.set_content(answers.versions(), kJson);
  });
  if (answers.metrics) {
    server.Get("/metrics", [&answers](const auto&, httplib::Response& response) {
      const std::string text = answers.metrics();
      if (text.empty()) response.status = 503;
      response.set_content(text, kPrometheus);
    });
  }
  errno = 0;
  impl->port = config.listen_port == 0 ? server.bind_to_any_port(config.listen_address.c_str())
                                       : (server.bind_to_port(config.listen_address.c_str(),
                                                              static_cast<int>(config.listen_port))
                                              ? static_cast<int>(config.listen_port)
                                              : -1);
  if (impl->port <= 0) {
    return std::unexpected(Diagnostic::global(
        Code::WEB_SERVER_FAILED,
        fmt::format("cannot listen at {} port {}: {}", config.listen_address, config.listen_port,
                    errno == 0 ? "refused" : std::strerror(errno)),
        "set webserver.listen_address and webserver.listen_port, or webserver.enabled: false"));
  }
  impl->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  impl->listens = true;
  return WebServer(std::move(impl));
}

}  // namespace falcod
