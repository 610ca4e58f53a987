// Objects of S3, whose requests are signed, and metrics of OpenTelemetry.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <span>

#include "tests/runtime/route/planned.h"

using namespace falcod;
using namespace falcod::route;

namespace {

std::string hex(std::span<const unsigned char> bytes) {
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return hex(hash);
}

std::string hmac(std::string_view key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                text.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const size_t at = text.find(begin) + begin.size();
  return text.substr(at, text.find(end, at) - at);
}

/// The signature that Amazon's documentation says a request must have (Signature Version 4).
std::string expected_signature(const RecordedRequest& request, const std::string& secret) {
  const std::string authorization = request.header("Authorization");
  const std::string scope = between(authorization, "Credential=KEY/", ",");
  const std::string names = between(authorization, "SignedHeaders=", ",");
  std::string canonical = request.method + "\n" + request.path + "\n\n";
  for (size_t at = 0; at <= names.size();) {
    const size_t end = std::min(names.find(';', at), names.size());
    const std::string name = names.substr(at, end - at);
    canonical += name + ":" + request.header(name) + "\n";
    at = end + 1;
  }
  canonical += "\n" + names + "\n" + sha256(request.body);
  std::string key = "AWS4" + secret;
  for (size_t at = 0; at <= scope.size();) {
    const size_t end = std::min(scope.find('/', at), scope.size());
    key = hmac(key, scope.substr(at, end - at));
    at = end + 1;
  }
  const std::string mac = hmac(key, "AWS4-HMAC-SHA256\n" + request.header("X-Amz-Date") + "\n" +
                                        scope + "\n" + sha256(canonical));
  return hex({reinterpret_cast<const unsigned char*>(mac.data()), mac.size()});
}

}  // namespace

TEST_CASE("aws.s3: an object for each alert, signed") {
  const Sent sent(
      "aws: {region: eu-1, accesskeyid: KEY, secretaccesskey: SECRET, s3: {bucket: b, endpoint: "
      "$URL, prefix: a/b}}");
  CHECK(sent.request().method == "PUT");
  CHECK(sent.request().path ==
        "/b/a/b/2026-11-26/2026-11-26T08%3A00%3A00.123456789Z.6f1c1a52-0000-4000-8000-000000000001"
        ".json");
  CHECK(sent.body()["rule"] == "Read a file");
  CHECK(sent.request().header("X-Amz-Acl") == "bucket-owner-full-control");
  const std::string authorization = sent.request().header("Authorization");
  CHECK(authorization.starts_with("AWS4-HMAC-SHA256 Credential=KEY/"));
  CHECK(authorization.find("/eu-1/s3/aws4_request") != std::string::npos);
  CHECK(authorization.ends_with("Signature=" + expected_signature(sent.request(), "SECRET")));
  CHECK(sent.request().header("X-Amz-Content-Sha256") == sha256(sent.request().body));
}

TEST_CASE("aws.s3: what it needs, and what of the section is not done") {
  const Planned without_keys("aws: {region: eu-1, s3: {bucket: b}}");
  CHECK(without_keys.routes.plans.empty());
  CHECK(without_keys.text().find("sinks.aws has no accesskeyid") != std::string::npos);
  const Planned other("aws: {region: eu-1, accesskeyid: K, secretaccesskey: S, sqs: {url: u}}");
  CHECK(other.routes.plans.empty());
  CHECK(other.text().find("sinks.aws.sqs.url is not done") != std::string::npos);
  const Planned minimum(
      "aws: {region: r, accesskeyid: K, secretaccesskey: S, s3: {bucket: b, minimumpriority: "
      "error}}");
  REQUIRE(minimum.routes.plans.size() == 1);
  CHECK(minimum.routes.plans[0].name == "sinks.aws.s3");
  CHECK(minimum.routes.plans[0].gate.options.minimum == falcoc::Priority::ERROR);
}

TEST_CASE("otlp: how many alerts there were of each rule") {
  const Sent sent(
      "otlp: {metrics: {endpoint: $URL/v1/metrics, headers: {X-Key: k}, extraattributes: "
      "[k8s.ns.name]}}",
      {alert(), alert(falcoc::Priority::ERROR), alert()});
  CHECK(sent.requests.size() == 1);
  CHECK(sent.request().path == "/v1/metrics");
  CHECK(sent.request().header("X-Key") == "k");
  const json metric = sent.body()["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0];
  CHECK(metric["name"] == "falcosecurity_falco_rules_matches_total");
  CHECK(metric["sum"]["aggregationTemporality"] == 1);
  CHECK(metric["sum"]["isMonotonic"] == true);
  const json& points = metric["sum"]["dataPoints"];
  REQUIRE(points.size() == 2);  // by rule and priority
  CHECK(points[0]["asInt"] == "1");
  CHECK(points[1]["asInt"] == "2");
  CHECK(points[0]["timeUnixNano"] == "1795680000123456789");
  const json pod = {{"key", "k8s_ns_name"}, {"value", {{"stringValue", "prod"}}}};
  CHECK(std::ranges::find(points[0]["attributes"], pod) != points[0]["attributes"].end());
}
