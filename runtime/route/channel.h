// Destinations that speak a protocol of their own: one file in channels/ and one row in
// channel.cpp. What is common (queue, retry, spool, which alerts) is as for HTTP.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/output/http_client.h"
#include "runtime/route/alert.h"

namespace falcod::route {

/// A connection, made when it is first needed and again after it broke. One thread.
class Channel {
 public:
  virtual ~Channel() = default;
  /// As Sink::write. May block for kChannelTimeout, whatever `stop_fd` says.
  virtual WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) = 0;
};

/// For connecting and for each answer.
inline constexpr std::chrono::milliseconds kChannelTimeout{5'000};

struct Protocol {
  std::string_view section;   ///< of `sinks`, as Falcosidekick calls it
  std::string_view required;  ///< keys that switch it on, blanks between
  std::string_view keys;      ///< the others but `minimumpriority`
  /// The error says which key is wrong. Connects to nothing yet.
  std::expected<std::unique_ptr<Channel>, std::string> (*open)(const Settings& settings,
                                                               const TlsOptions& tls);
  /// Keys of Falcosidekick's that change nothing here; told of where they are set.
  std::string_view not_done{};
  const char* library = CURL_LIBRARY;  ///< a delayed one that it works by, besides
  std::string_view part{};             ///< as of a Form
  std::string_view needed{};           ///< likewise
};

/// Those that this build has libraries for.
std::span<const Protocol> protocols();

/// `host:port`, an IPv6 host in brackets; `port` stays if there is none. False if it is neither.
bool split_address(std::string_view address, std::string& host, uint16_t& port);
/// What all channels say when they cannot go on for now.
WriteResult retry(size_t written, std::string reason);

using ChannelOrError = std::expected<std::unique_ptr<Channel>, std::string>;
ChannelOrError open_syslog(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_smtp(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_redis(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_nats(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_kafka(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_mqtt(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_rabbitmq(const Settings& settings, const TlsOptions& tls);
ChannelOrError open_timescaledb(const Settings& settings, const TlsOptions& tls);

}  // namespace falcod::route
