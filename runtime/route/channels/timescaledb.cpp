// TimescaleDB, which is PostgreSQL: a row for each alert in a table of Falcosidekick's columns.
#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>

#include "runtime/route/channel.h"

namespace falcod::route {

namespace {

struct ConnectionDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};

struct Server {
  std::string host, port, user, password, database;
};

class TimescaleDb final : public Channel {
 public:
  TimescaleDb(Server server, std::string statement)
      : server_(std::move(server)), statement_(std::move(statement)) {}

  WriteResult deliver(std::span<const SinkAlert> alerts, int) override {
    size_t written = 0;
    for (const SinkAlert& alert : alerts) {
      std::string problem = connected();
      if (!problem.empty()) return retry(written, problem);
      WriteResult result = insert(alert, written);
      if (result.status != WriteResult::Status::OK) return result;
      ++written;
    }
    return {.written = written};
  }

 private:
  std::string connected() {
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
    const std::string limit = std::to_string(kChannelTimeout.count() / 1000);
    const std::array<const char*, 9> names{"host",
                                           "port",
                                           "user",
                                           "password",
                                           "dbname",
                                           "connect_timeout",
                                           "tcp_user_timeout",
                                           "application_name",
                                           nullptr};
    const std::string silence = std::to_string(kChannelTimeout.count());
    const std::array<const char*, 9> values{server_.host.c_str(),
                                            server_.port.c_str(),
                                            server_.user.c_str(),
                                            server_.password.c_str(),
                                            server_.database.c_str(),
                                            limit.c_str(),
                                            silence.c_str(),
                                            "falcod",
                                            nullptr};
    connection_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (PQstatus(connection_.get()) == CONNECTION_OK) return {};
    std::string problem = PQerrorMessage(connection_.get());
    connection_.reset();
    std::ranges::replace(problem, '\n', ' ');
    return problem;
  }

  WriteResult insert(const SinkAlert& alert, size_t written) {
    const std::string tags = fmt::format("{}", fmt::join(alert.tags, ","));
    // PostgreSQL's texts hold no NUL; c_str() ends there.
    const std::array<const char*, 7> values{
        alert.time.c_str(),   alert.rule.c_str(), alert.priority.c_str(), alert.source.c_str(),
        alert.output.c_str(), tags.c_str(),       alert.hostname.c_str()};
    const std::unique_ptr<PGresult, ResultDeleter> result(
        PQexecParams(connection_.get(), statement_.c_str(), static_cast<int>(values.size()),
                     nullptr, values.data(), nullptr, nullptr, 0));
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
    std::string problem = PQresultErrorMessage(result.get());
    std::ranges::replace(problem, '\n', ' ');
    // Class 22, data exceptions: these values will never be taken.
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    WriteResult failed = retry(written, std::move(problem));
    if (state != nullptr && std::string_view(state).starts_with("22")) {
      failed.status = WriteResult::Status::REFUSED;
    }
    return failed;
  }

  Server server_;
  std::string statement_;
  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
};

/// Letters, digits, underscores, dots between schema and table: what needs no quotes.
bool is_table(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.';
  });
}

}  // namespace

ChannelOrError open_timescaledb(const Settings& settings, const TlsOptions&) {
  const std::string table = settings.text("hypertablename", "falcosidekick_events");
  if (!is_table(table)) {
    return std::unexpected(fmt::format("hypertablename: `{}` is no name of a table", table));
  }
  return std::make_unique<TimescaleDb>(
      Server{.host = settings.text("host"),
             .port = settings.text("port", "5432"),
             .user = settings.text("user", "postgres"),
             .password = settings.text("password", "postgres"),
             .database = settings.text("database", "falcosidekick")},
      fmt::format("INSERT INTO {} (time, rule, priority, source, output, tags, hostname) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  table));
}

}  // namespace falcod::route
