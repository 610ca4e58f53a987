// The web server as probes and Prometheus see it.
#include "runtime/observe/web_server.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/output/http_client.h"

using namespace falcod;

namespace {

struct Client {
  int never = ::eventfd(0, EFD_CLOEXEC);
  HttpOptions options{};
  ~Client() { ::close(never); }
  HttpReply get(const std::string& url) const {
    HttpClient client(options);
    return client.perform({.method = "GET", .url = url}, never);
  }
};

WebServerConfig any_port() {
  WebServerConfig config;
  config.enabled = true;
  config.listen_port = 0;
  config.listen_address = "127.0.0.1";
  return config;
}

WebPages pages(std::string& trouble) {
  return {.trouble = [&trouble] { return trouble; },
          .versions = [] { return std::string(R"({"engine_version":"63"})"); },
          .metrics = [] { return std::string("a_metric 1\n"); }};
}

std::string url(const WebServer& server, const std::string& path, const char* scheme = "http") {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + path;
}

}  // namespace

TEST_CASE("health, versions and metrics; everything else is not found") {
  std::string trouble;
  auto server = WebServer::start(any_port(), pages(trouble));
  REQUIRE(server);
  const Client client;
  const HttpReply well = client.get(url(*server, "/healthz"));
  CHECK(well.status == 200);
  CHECK(well.body == R"({"status": "ok"})");
  trouble = "it stands still";
  const HttpReply ill = client.get(url(*server, "/healthz"));
  CHECK(ill.status == 503);
  CHECK(ill.body.find("it stands still") != std::string::npos);
  CHECK(client.get(url(*server, "/versions")).body == R"({"engine_version":"63"})");
  CHECK(client.get(url(*server, "/metrics")).body == "a_metric 1\n");
  CHECK(client.get(url(*server, "/")).status == 404);
}

TEST_CASE("another health path; no metrics unless they are wanted") {
  std::string trouble;
  WebServerConfig config = any_port();
  config.k8s_healthz_endpoint = "/alive";
  WebPages without = pages(trouble);
  without.metrics = nullptr;
  auto server = WebServer::start(config, without);
  REQUIRE(server);
  const Client client;
  CHECK(client.get(url(*server, "/alive")).status == 200);
  CHECK(client.get(url(*server, "/healthz")).status == 404);
  CHECK(client.get(url(*server, "/metrics")).status == 404);
}

TEST_CASE("a port that is taken is an error that names it") {
  std::string trouble;
  auto first = WebServer::start(any_port(), pages(trouble));
  REQUIRE(first);
  WebServerConfig config = any_port();
  config.listen_port = static_cast<uint32_t>(first->port());
  config.listen_address = "127.0.0.1";
  const auto second = WebServer::start(config, pages(trouble));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == falcoc::Code::WEB_SERVER_FAILED);
  CHECK(second.error().message.find(std::to_string(first->port())) != std::string::npos);
}

TEST_CASE("with ssl_enabled the page comes over TLS; a file without a key is refused") {
  if (std::system("command -v openssl >/dev/null 2>&1") != 0) {
    MESSAGE("SKIPPED: openssl is not installed (tools/setup)");
    return;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "falcod-web-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string pem = folder + "/falco.pem";
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
      " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null && cat " + folder + "/key.pem " +
      folder + "/cert.pem >" + pem;
  REQUIRE(std::system(make.c_str()) == 0);
  std::string trouble;
  WebServerConfig config = any_port();
  config.ssl_enabled = true;
  config.ssl_certificate = pem;
  {
    auto server = WebServer::start(config, pages(trouble));
    REQUIRE(server);
    Client client;
    client.options.tls.ca_file = folder + "/cert.pem";
    CHECK(client.get(url(*server, "/healthz", "https")).status == 200);
    CHECK(client.get(url(*server, "/healthz")).outcome != HttpReply::Outcome::ANSWERED);
  }
  std::ofstream(pem) << "nothing";
  CHECK_FALSE(WebServer::start(config, pages(trouble)));
  std::filesystem::remove_all(folder);
}
