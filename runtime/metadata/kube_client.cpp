// See kube_client.h.
#include "runtime/metadata/kube_client.h"

#include <curl/curl.h>

#include <fstream>

namespace falcod::metadata {

namespace {

/// A page is some megabytes, which slow connections take their time for.
constexpr std::chrono::milliseconds kTimeout{30'000};
/// With TLS; a server that is there answers sooner.
constexpr long kConnectMs = 5000;
/// Objects of one page: the largest ones that there can be fit into a reply.
constexpr std::string_view kPage = "limit=100";
constexpr std::string_view kWhole = "application/json";
// A few hundred bytes instead of some kilobytes, where the server can.
constexpr std::string_view kMetadata =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json";
constexpr std::string_view kMetadataList =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json";
/// Servers end a watch after so many seconds; a connection that broke without a word is noticed
/// at the latest soon after.
constexpr int kWatchSeconds = 240;
constexpr std::chrono::milliseconds kWatchTimeout{(kWatchSeconds + 30) * 1000};
void set_blob(void* easy, CURLoption option, const std::string& text) {
  if (text.empty()) return;
  curl_blob blob{};
  blob.data = const_cast<char*>(text.data());
  blob.len = text.size();
  blob.flags = CURL_BLOB_COPY;
  curl_easy_setopt(easy, option, &blob);
}

void set_up(void* easy, const KubeAccess& access) {
  set_blob(easy, CURLOPT_CAINFO_BLOB, access.ca);
  set_blob(easy, CURLOPT_SSLCERT_BLOB, access.client_cert);
  set_blob(easy, CURLOPT_SSLKEY_BLOB, access.client_key);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, access.insecure ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, access.insecure ? 0L : 2L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // One stream per connection: a watch and a request do not wait for each other.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (!access.user.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, access.user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, access.password.c_str());
  }
}

std::string with_query(const std::string& path, const std::string& query) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

}  // namespace

KubeClient::KubeClient(KubeAccess access)
    : access_(std::move(access)),
      http_(access_.server, [this](void* easy) { set_up(easy, access_); }) {}

std::string KubeClient::escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
  }
  return out;
}

std::vector<std::string> KubeClient::headers(std::string_view accept) const {
  std::vector<std::string> headers{"Accept: " + std::string(accept), "User-Agent: falcod"};
  std::string token = access_.token;
  if (!access_.token_file.empty()) {
    std::ifstream file(access_.token_file);
    if (std::string line; std::getline(file, line)) token = line;
  }
  if (!token.empty()) headers.push_back("Authorization: Bearer " + token);
  return headers;
}

std::expected<Json, KubeError> KubeClient::get(const std::string& path, std::string_view accept) {
  auto reply = http_.perform({.path = path, .headers = headers(accept), .timeout = kTimeout});
  if (!reply) return std::unexpected(KubeError{.message = std::move(reply.error())});
  Json body = parse_json(reply->body);
  if (reply->status == 200 && body.is_object()) return body;
  KubeError error = reply->status == 200
                        ? KubeError{.status = 502, .message = "the server's answer is no JSON"}
                        : kube_error_of(reply->status, body);
  error.retry_after = reply->retry_after;
  return std::unexpected(std::move(error));
}

std::expected<Json, KubeError> KubeClient::get_metadata(const std::string& path) {
  return get(path, kMetadata);
}

std::expected<std::string, KubeError> KubeClient::list(
    const Request& request, const std::function<void(const Json& objects)>& on_page) {
  std::string next;
  while (true) {
    std::string page = with_query(request.path, std::string(kPage));
    if (!next.empty()) page = with_query(page, "continue=" + escaped(next));
    const auto body = get(page, request.metadata_only ? kMetadataList : kWhole);
    if (!body) return std::unexpected(body.error());
    if (const Json& items = member(*body, "items"); items.is_array()) on_page(items);
    const Json& metadata = member(*body, "metadata");
    next = text_of(metadata, "continue");
    if (!next.empty()) continue;
    std::string version = text_of(metadata, "resourceVersion");
    if (!version.empty()) return version;
    return std::unexpected(KubeError{.status = 502, .message = "the server's list has no version"});
  }
}

KubeClient::Ended KubeClient::watch(const Request& request, const std::string& version,
                                    std::function<void()> on_begin, KubeStream::OnEvent on_event) {
  KubeStream stream(std::move(on_event));
  HttpPool::Request transfer{
      .path = with_query(request.path,
                         "watch=1&allowWatchBookmarks=true&resourceVersion=" + escaped(version) +
                             "&timeoutSeconds=" + std::to_string(kWatchSeconds)),
      .headers = headers(request.metadata_only ? kMetadata : kWhole),
      .timeout = kWatchTimeout};
  transfer.on_begin = std::move(on_begin);
  transfer.on_data = [&stream](std::string_view piece) { return stream.take(piece); };
  const auto reply = http_.perform(transfer);
  const bool is_watch = reply && reply->status == 200;
  Ended ended{.error = stream.error(), .lines_left_out = stream.lines_left_out()};
  if (!reply && stream.error().status == 200) ended.error = {.message = reply.error()};
  if (reply && !is_watch && stream.error().status == 200) {
    // An error's status is one object without an end of line.
    ended.error = kube_error_of(reply->status, parse_json(stream.rest()));
    ended.error.retry_after = reply->retry_after;
  }
  return ended;
}

}  // namespace falcod::metadata
