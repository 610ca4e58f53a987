#include "runtime/route/channels/stream.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/route/channel.h"

namespace falcod::route {

struct Stream::Handle {
  CURL* easy = curl_easy_init();
  curl_socket_t socket = CURL_SOCKET_BAD;
  Handle() = default;
  ~Handle() { curl_easy_cleanup(easy); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

Stream::Stream(std::string host, uint16_t port, bool encrypted, TlsOptions tls)
    : host_(std::move(host)), port_(port), encrypted_(encrypted), tls_(std::move(tls)) {}

Stream::~Stream() = default;

void Stream::close() { handle_.reset(); }

std::string Stream::open() {
  auto handle = std::make_unique<Handle>();
  if (handle->easy == nullptr) return "out of memory";
  CURL* const easy = handle->easy;
  const bool is_ipv6 = host_.find(':') != std::string::npos;
  const std::string url = fmt::format(fmt::runtime(is_ipv6 ? "{}://[{}]:{}" : "{}://{}:{}"),
                                      encrypted_ ? "https" : "http", host_, port_);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kChannelTimeout.count()));
  curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls_.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls_.verify ? 2L : 0L);
  if (!tls_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls_.ca_file.c_str());
  if (!tls_.client_cert.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls_.client_cert.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, tls_.client_key.c_str());
  }
  if (const CURLcode code = curl_easy_perform(easy); code != CURLE_OK) {
    return fmt::format("{}:{}: {}", host_, port_, curl_easy_strerror(code));
  }
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &handle->socket);
  handle_ = std::move(handle);
  return {};
}

std::string Stream::wait(bool for_writing, int stop_fd) {
  std::array<pollfd, 2> fds{
      {{handle_->socket, static_cast<short>(for_writing ? POLLOUT : POLLIN), 0},
       {stop_fd, POLLIN, 0}}};
  const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(kChannelTimeout.count()));
  if (ready < 0 && errno != EINTR) return std::strerror(errno);
  if (ready == 0) return "timed out";
  return fds[1].revents != 0 ? "stopped" : "";
}

std::string Stream::send(std::string_view bytes, int stop_fd) {
  while (!bytes.empty()) {
    size_t sent = 0;
    const CURLcode code = curl_easy_send(handle_->easy, bytes.data(), bytes.size(), &sent);
    bytes.remove_prefix(sent);
    std::string problem = code == CURLE_OK || code == CURLE_AGAIN ? "" : curl_easy_strerror(code);
    if (problem.empty() && code == CURLE_AGAIN) problem = wait(true, stop_fd);
    if (problem.empty()) continue;
    close();
    return problem;
  }
  return {};
}

std::string Stream::receive(std::string& bytes, int stop_fd) {
  std::array<char, 4096> part{};
  for (;;) {
    size_t got = 0;
    const CURLcode code = curl_easy_recv(handle_->easy, part.data(), part.size(), &got);
    if (code == CURLE_OK && got > 0) {
      bytes.append(part.data(), got);
      return {};
    }
    std::string problem = code == CURLE_AGAIN ? wait(false, stop_fd)
                          : code == CURLE_OK  ? "the connection was closed"
                                              : curl_easy_strerror(code);
    if (problem.empty()) continue;
    close();
    return problem;
  }
}

}  // namespace falcod::route
