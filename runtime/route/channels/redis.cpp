// Redis: a list that grows at its end, or a hash by the alert's id. hiredis writes and reads its
// protocol; connections are our own, so that TLS is as everywhere else.
#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <vector>

#include "runtime/route/channel.h"
#include "runtime/route/channels/stream.h"

namespace falcod::route {

namespace {

struct ReaderDeleter {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

struct RedisSettings {
  std::string username, password, database, key;
  bool is_hash = false;
};

class Redis final : public Channel {
 public:
  Redis(std::string host, uint16_t port, bool encrypted, const TlsOptions& tls,
        RedisSettings settings)
      : stream_(std::move(host), port, encrypted, tls), settings_(std::move(settings)) {}

  WriteResult deliver(std::span<const SinkAlert> alerts, int stop_fd) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      const std::string body =
          alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      std::string problem = connected(stop_fd);
      if (problem.empty()) {
        problem = settings_.is_hash ? command({"HSET", settings_.key, alert.id, body}, stop_fd)
                                    : command({"RPUSH", settings_.key, body}, stop_fd);
      }
      if (!problem.empty()) return retry(written, problem);
      ++written;
    }
    return {.written = written};
  }

 private:
  std::string connected(int stop_fd) {
    if (stream_.is_open()) return {};
    if (std::string problem = stream_.open(); !problem.empty()) return problem;
    reader_.reset(redisReaderCreate());
    std::string problem;
    if (!settings_.password.empty()) {
      problem = settings_.username.empty()
                    ? command({"AUTH", settings_.password}, stop_fd)
                    : command({"AUTH", settings_.username, settings_.password}, stop_fd);
    }
    if (problem.empty() && settings_.database != "0") {
      problem = command({"SELECT", settings_.database}, stop_fd);
    }
    if (!problem.empty()) stream_.close();
    return problem;
  }

  /// What the server has against it.
  std::string command(const std::vector<std::string>& words, int stop_fd) {
    std::vector<const char*> texts;
    std::vector<size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    char* bytes = nullptr;
    const auto size =
        redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), texts.data(), sizes.data());
    if (size < 0) return "out of memory";
    std::string problem = stream_.send({bytes, static_cast<size_t>(size)}, stop_fd);
    redisFreeCommand(bytes);
    while (problem.empty()) {
      void* answer = nullptr;
      if (redisReaderGetReply(reader_.get(), &answer) != REDIS_OK) {
        stream_.close();
        return "this is not Redis";
      }
      if (answer != nullptr) {
        const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(answer));
        return reply->type == REDIS_REPLY_ERROR ? std::string(reply->str, reply->len) : "";
      }
      std::string got;
      problem = stream_.receive(got, stop_fd);
      redisReaderFeed(reader_.get(), got.data(), got.size());
    }
    return problem;
  }

  Stream stream_;
  RedisSettings settings_;
  std::unique_ptr<redisReader, ReaderDeleter> reader_;
};

}  // namespace

ChannelOrError open_redis(const Settings& settings, const TlsOptions& common) {
  std::string host;
  uint16_t port = 6379;
  if (!split_address(settings.text("address"), host, port)) {
    return std::unexpected(fmt::format("address: `{}` is no host:port", settings.text("address")));
  }
  const std::string storage = settings.text("storagetype", "list");
  if (storage != "list" && storage != "hashmap") {
    return std::unexpected(fmt::format("storagetype: `{}` is none of list and hashmap", storage));
  }
  TlsOptions tls = common;
  if (settings.has("cacertfile")) tls.ca_file = settings.text("cacertfile");
  if (settings.has("certfile")) tls.client_cert = settings.text("certfile");
  if (settings.has("keyfile")) tls.client_key = settings.text("keyfile");
  return std::make_unique<Redis>(std::move(host), port, settings.flag("tls", false), tls,
                                 RedisSettings{.username = settings.text("username"),
                                               .password = settings.text("password"),
                                               .database = settings.text("database", "0"),
                                               .key = settings.text("key", "falco"),
                                               .is_hash = storage == "hashmap"});
}

}  // namespace falcod::route
