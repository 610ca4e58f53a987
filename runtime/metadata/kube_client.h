// Requests to a Kubernetes API server: objects, lists and watches.
#pragma once

#include "runtime/metadata/http_pool.h"
#include "runtime/metadata/json.h"
#include "runtime/metadata/kube_access.h"

namespace falcod::metadata {

struct KubeError {
  long status = 0;  ///< HTTP's; 0: there was no answer
  std::string message{};
};

/// What has to be listed anew, because the server does not remember so far back.
inline constexpr long kKubeGone = 410;

class KubeClient {
 public:
  explicit KubeClient(KubeAccess access);

  std::expected<Json, KubeError> get(const std::string& path);
  /// All objects, page by page, and the version of the list.
  struct List {
    std::vector<Json> items;
    std::string version;
  };
  /// `path` may have a query.
  std::expected<List, KubeError> list(const std::string& path);
  /// Calls `on_event` with the kind (ADDED, MODIFIED, DELETED, BOOKMARK) and object of each change
  /// since `version`, until the server ends the watch, which is no error, or it breaks.
  KubeError watch(const std::string& path, const std::string& version,
                  const std::function<void(const std::string& type, const Json& object)>& on_event);
  void stop() { http_.stop(); }
  const std::string& server() const { return access_.server; }

 private:
  std::vector<std::string> headers() const;

  KubeAccess access_;
  HttpPool http_;
};

}  // namespace falcod::metadata
