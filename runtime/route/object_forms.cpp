// Stores of objects: each alert is one, under a name of its own.
#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "runtime/route/forms.h"

namespace falcod::route {

namespace {

std::string sha256(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> hex{};
  return sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
}

}  // namespace

/// As Falcosidekick names them, by day and time; the id keeps alerts of one event apart, and what
/// is sent again takes the place of itself.
HttpRequest make_s3(const Settings& settings, std::span<const SinkAlert> alerts) {
  const SinkAlert& alert = alerts.front();
  const std::string region = settings.text("region");
  const std::string bucket = settings.text("s3.bucket");
  const std::string key = fmt::format("{}/{:.10}/{}.{}.json", settings.text("s3.prefix", "falco"),
                                      alert.time, alert.time, alert.id);
  const std::string endpoint = settings.text("s3.endpoint");
  HttpRequest request{
      .method = "PUT",
      .url =
          endpoint.empty()
              ? fmt::format("https://{}.s3.{}.amazonaws.com/{}", bucket, region, escaped_path(key))
              : joined_url(endpoint, fmt::format("{}/{}", bucket, escaped_path(key))),
      .headers = {"Content-Type: application/json",
                  "x-amz-acl: " + settings.text("s3.objectcannedacl", "bucket-owner-full-control")},
      .body = alert.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
      .user = settings.text("accesskeyid"),
      .password = settings.text("secretaccesskey"),
      .signature = fmt::format("aws:amz:{}:s3", region)};
  // S3 asks for it, and libcurl does not add it before 8.0
  request.headers.push_back("x-amz-content-sha256: " + sha256(request.body));
  return request;
}

}  // namespace falcod::route
