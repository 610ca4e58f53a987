// Any bytes as the watch of a Kubernetes API server: pods, then namespaces and services, then
// owners. The first byte says how the stream is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/metadata/kube_store.h"
#include "runtime/metadata/kube_stream.h"

using namespace falcod::metadata;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const KubeStore::Clock::time_point now{};
  KubeStore store(100, [](const std::string& uid, const falcod::PodPtr& pod) {
    if (uid.empty() || (pod != nullptr && pod->self == nullptr)) std::abort();
  });
  KubeKind kind = KubeKind::POD;
  KubeStream stream([&](const std::string& type, const Json& object) {
    if (type == "BOOKMARK") {  // the next kind
      kind = kind == KubeKind::POD         ? KubeKind::NAMESPACE
             : kind == KubeKind::NAMESPACE ? KubeKind::SERVICE
                                           : KubeKind::POD;
    } else if (type == "DELETED") {
      store.remove(kind, object, now);
    } else {
      store.put(kind, object);
      for (const KubeOwner& owner : store.missing_owners()) store.put_owner(owner, object, now);
    }
  });
  const size_t piece = size_t{data[0]} + 1;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  while (!text.empty() && stream.take(text.substr(0, piece))) {
    text.remove_prefix(std::min(piece, text.size()));
  }
  store.end_list(KubeKind::POD, now);  // an empty list: all are gone
  if (store.pods() != 0) std::abort();
  store.expire(now + KubeStore::kGrace);
  return 0;
}
