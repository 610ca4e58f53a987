// HTTP requests that can be interrupted: libcurl with a descriptor that ends the waiting.
// Connections are kept between requests. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace falcod {

struct TlsOptions {
  bool verify = true;
  std::string ca_file{};  ///< empty: the system's
  std::string ca_path{};
  std::string client_cert{};  ///< PEM; empty: none is shown
  std::string client_key{};
};

struct HttpOptions {
  TlsOptions tls{};
  std::string user_agent{};
  bool tcp_keepalive = false;
  bool compressed_transfer = false;  ///< ask for a compressed transfer of the reply (TE)
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000};  ///< of a whole request
};

struct HttpRequest {
  std::string method = "POST";
  std::string url{};
  std::vector<std::string> headers{};  ///< "Name: value"
  std::string body{};
  std::string user{};  ///< basic authentication, with `password`; empty: none
  std::string password{};
  /// Signed by these two in place of that, as CURLOPT_AWS_SIGV4 says: "aws:amz:REGION:SERVICE".
  std::string signature{};
};

struct HttpReply {
  enum class Outcome : uint8_t { ANSWERED, TIMEOUT, FAILED, STOPPED };
  Outcome outcome = Outcome::FAILED;
  long status = 0;                                    ///< ANSWERED
  std::string body{};                                 ///< the first kMaxReply bytes
  std::optional<std::chrono::seconds> retry_after{};  ///< as the server asked for
  std::string error{};                                ///< TIMEOUT, FAILED
};

class HttpClient {
 public:
  static constexpr size_t kMaxReply = size_t{64} * 1024;

  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpReply perform(const HttpRequest& request, int stop_fd);
  /// All at once, each over a connection of its own. The replies are in the order of the requests.
  std::vector<HttpReply> perform(std::span<const HttpRequest> requests, int stop_fd);

 private:
  struct Handles;
  HttpOptions options_;
  std::string problem_;  ///< why there are no handles
  std::unique_ptr<Handles> handles_;
};

}  // namespace falcod
