// See channel.h. Which rows there are depends on the libraries that were there when falcod was
// built.
#include "runtime/route/channel.h"

#include <charconv>
#include <vector>

namespace falcod::route {

namespace {

const std::vector<Protocol>& rows() {
  static const std::vector<Protocol> kRows{
      {"syslog", "host", "port protocol format checkcert mutualtls", open_syslog},
      {"smtp", "hostport from to",
       "tls user password token authmechanism outputformat checkcert mutualtls", open_smtp,
       "identity trace"},
#ifdef FALCOD_HAS_REDIS
      {"redis", "address",
       "username password database storagetype key tls checkcert mutualtls cacertfile certfile "
       "keyfile",
       open_redis, "version", REDIS_LIBRARY},
#endif
#ifdef FALCOD_HAS_NATS
      {"nats", "hostport", "subjecttemplate checkcert mutualtls", open_nats,
       "maxconcurrentrequests", NATS_LIBRARY},
#endif
#ifdef FALCOD_HAS_KAFKA
      {"kafka", "hostport topic",
       "sasl tls username password balancer clientid compression requiredacks topiccreation "
       "checkcert",
       open_kafka, "async", KAFKA_LIBRARY},
#endif
#ifdef FALCOD_HAS_MQTT
      {"mqtt", "broker", "topic qos retained user password checkcert", open_mqtt, "", MQTT_LIBRARY},
#endif
#ifdef FALCOD_HAS_RABBITMQ
      {"rabbitmq", "url queue", "checkcert", open_rabbitmq, "", RABBITMQ_LIBRARY},
#endif
#ifdef FALCOD_HAS_POSTGRES
      {"timescaledb", "host", "port user password database hypertablename", open_timescaledb, "",
       POSTGRES_LIBRARY},
#endif
  };
  return kRows;
}

}  // namespace

std::span<const Protocol> protocols() { return rows(); }

bool split_address(std::string_view address, std::string& host, uint16_t& port) {
  const size_t colon = address.rfind(':');
  const bool bracketed = address.starts_with('[');
  const size_t end = bracketed ? address.find(']') : colon;
  if (bracketed && end == std::string_view::npos) return false;
  host = bracketed ? address.substr(1, end - 1) : address.substr(0, end);
  const bool has_port = colon != std::string_view::npos && (!bracketed || colon == end + 1);
  if (!has_port) return !host.empty();
  const std::string_view digits = address.substr(colon + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return !host.empty() && parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size();
}

WriteResult retry(size_t written, std::string reason) {
  return {.written = written, .status = WriteResult::Status::RETRY, .reason = std::move(reason)};
}

}  // namespace falcod::route
