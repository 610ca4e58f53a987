// HTTP over a Unix socket, as container engines speak it: whole replies and endless streams,
// HTTP/1.1 or HTTP/2 without TLS. One thread, but for stop().
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace falcod::metadata {

struct HttpAnswer {
  long status = 0;
  std::string body{};
  std::chrono::seconds retry_after{0};  ///< as the server asks; 0: it does not
  std::string grpc_status{};            ///< header or trailer grpc-status, empty if there is none
  std::string grpc_message{};           ///< likewise
};

class HttpPool {
 public:
  /// A reply larger than this is none that an engine has reason to send.
  static constexpr size_t kMaxReply = size_t{64} << 20;

  /// Sets up a connection: what its CURL handle is given before the first transfer.
  using SetUp = std::function<void(void* easy)>;

  /// `base`: what paths are put behind, "http://localhost".
  HttpPool(std::string base, SetUp set_up);
  ~HttpPool();
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  struct Request {
    std::string path;
    std::vector<std::string> headers{};
    std::string body{};
    bool post = false;
    std::chrono::milliseconds timeout{2000};  ///< 0: none
    /// Gets the reply's body piece by piece instead of HttpAnswer::body; false ends the transfer.
    std::function<bool(std::string_view)> on_data{};
    /// Called when a reply of status 200 begins.
    std::function<void()> on_begin{};
  };
  /// The reply, or what went wrong with the connection.
  std::expected<HttpAnswer, std::string> perform(const Request& request);

  /// Running transfers end with an error, and so does every later one.
  void stop();
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

 private:
  struct Handles;
  class Loan;

  std::string base_;
  SetUp set_up_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Handles>> idle_;
  std::vector<Handles*> busy_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace falcod::metadata
