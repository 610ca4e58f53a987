// Requests to a Kubernetes API server: objects, lists and watches.
#pragma once

#include "runtime/metadata/http_pool.h"
#include "runtime/metadata/json.h"
#include "runtime/metadata/kube_access.h"
#include "runtime/metadata/kube_stream.h"

namespace falcod::metadata {

class KubeClient {
 public:
  explicit KubeClient(KubeAccess access);

  /// One object, of which the server may send its metadata alone.
  std::expected<Json, KubeError> get_metadata(const std::string& path);
  struct Request {
    std::string path;  ///< may have a query
    bool metadata_only = false;
  };
  /// Calls `on_page` with some objects at a time; the version of the list.
  std::expected<std::string, KubeError> list(
      const Request& request, const std::function<void(const Json& objects)>& on_page);
  struct Ended {
    KubeError error;
    size_t lines_left_out = 0;
  };
  /// Tells of each change since `version`, until the server ends the watch, which is no error
  /// (status 200), or it breaks; before that, that the watch has begun.
  Ended watch(const Request& request, const std::string& version, std::function<void()> on_begin,
              KubeStream::OnEvent on_event);
  void stop() { http_.stop(); }
  bool stopped() const { return http_.stopped(); }
  /// As part of a query.
  static std::string escaped(std::string_view text);
  const std::string& server() const { return access_.server; }

 private:
  std::expected<Json, KubeError> get(const std::string& path, std::string_view accept);
  std::vector<std::string> headers(std::string_view accept) const;

  KubeAccess access_;
  HttpPool http_;
};

}  // namespace falcod::metadata
