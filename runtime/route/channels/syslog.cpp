// Syslog of another machine: RFC 5424, over UDP one message in a datagram (RFC 5426), over TCP and
// TLS with the length before each (RFC 6587, RFC 5425). `format: cef` is ArcSight's.
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "runtime/route/channel.h"
#include "runtime/route/channels/stream.h"

namespace falcod::route {

namespace {

constexpr std::string_view kTag = "falco";
constexpr size_t kDatagramLimit = 65'000;

/// Values of extensions: backslash, equals sign and line ends are escaped.
std::string cef_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '=') out += '\\';
    out += c == '\n' || c == '\r' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

std::string cef_header(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string cef(const SinkAlert& alert) {
  // 0 to 10 there; Falco's priorities are 0 (emergency) to 7.
  const int severity = 10 - static_cast<int>(alert.level);
  std::string text = fmt::format("CEF:0|Falcosecurity|Falco|1.0|Falco Event|{}|{}|externalId={}",
                                 cef_header(alert.rule), severity, cef_value(alert.id));
  text += fmt::format(" reason={} msg={} start={}", cef_value(alert.source),
                      cef_value(alert.output), alert.time_ns / 1'000'000);
  if (!alert.hostname.empty()) text += fmt::format(" shost={}", cef_value(alert.hostname));
  return text;
}

class Syslog final : public Channel {
 public:
  Syslog(std::string host, uint16_t port, bool datagrams, bool encrypted, bool as_cef,
         const TlsOptions& tls)
      : host_(std::move(host)),
        port_(port),
        as_cef_(as_cef),
        datagrams_(datagrams),
        stream_(host_, port, encrypted, tls) {}
  ~Syslog() override { close_socket(); }
  Syslog(const Syslog&) = delete;
  Syslog& operator=(const Syslog&) = delete;

  WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      const std::string problem = datagrams_ ? send_datagram(alert) : send_framed(alert, stop_fd);
      if (!problem.empty()) return retry(written, problem);
      ++written;
    }
    return {.written = written};
  }

 private:
  std::string entry(const SinkAlert& alert) const {
    const std::string_view host = alert.hostname.empty() ? "-" : std::string_view(alert.hostname);
    const std::string body =
        as_cef_ ? cef(alert)
                : alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return fmt::format("<{}>1 {} {} {} {} - - {}", LOG_USER | static_cast<int>(alert.level),
                       alert.time.empty() ? "-" : alert.time, host, kTag, ::getpid(), body);
  }

  std::string send_framed(const SinkAlert& alert, int stop_fd) {
    if (!stream_.is_open()) {
      if (std::string problem = stream_.open(); !problem.empty()) return problem;
    }
    const std::string text = entry(alert);
    return stream_.send(fmt::format("{} {}", text.size(), text), stop_fd);
  }

  std::string open_socket() {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (const int error =
            ::getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &wanted, &found);
        error != 0) {
      return fmt::format("{}: {}", host_, ::gai_strerror(error));
    }
    for (const addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
      socket_ = ::socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (socket_ >= 0 && ::connect(socket_, at->ai_addr, at->ai_addrlen) != 0) close_socket();
    }
    ::freeaddrinfo(found);
    return socket_ < 0 ? fmt::format("{}:{}: {}", host_, port_, std::strerror(errno)) : "";
  }

  std::string send_datagram(const SinkAlert& alert) {
    if (socket_ < 0) {
      if (std::string problem = open_socket(); !problem.empty()) return problem;
    }
    const std::string text = entry(alert);
    if (::send(socket_, text.data(), std::min(text.size(), kDatagramLimit), 0) >= 0) return {};
    const int error = errno;
    close_socket();
    return std::strerror(error);
  }

  void close_socket() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  std::string host_;
  uint16_t port_;
  bool as_cef_;
  bool datagrams_;
  int socket_ = -1;
  Stream stream_;
};

}  // namespace

ChannelOrError open_syslog(const Settings& settings, const TlsOptions& tls) {
  const std::string protocol = settings.text("protocol", "tcp");
  const std::string format = settings.text("format", "json");
  if (protocol != "tcp" && protocol != "udp" && protocol != "tls") {
    return std::unexpected(fmt::format("protocol: `{}` is none of tcp, udp and tls", protocol));
  }
  if (format != "json" && format != "cef") {
    return std::unexpected(fmt::format("format: `{}` is none of json and cef", format));
  }
  const uint64_t port = settings.number("port", protocol == "tls" ? 6514 : 514);
  if (port == 0 || port > UINT16_MAX) return std::unexpected(fmt::format("port: {} is none", port));
  return std::make_unique<Syslog>(settings.text("host"), static_cast<uint16_t>(port),
                                  protocol == "udp", protocol == "tls", format == "cef", tls);
}

}  // namespace falcod::route
