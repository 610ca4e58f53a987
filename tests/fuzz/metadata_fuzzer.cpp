// What container engines and API servers say, which nobody vouches for. The first byte says who
// says it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/metadata/cri_messages.h"
#include "runtime/metadata/docker_json.h"
#include "runtime/metadata/image_name.h"
#include "runtime/metadata/kube_store.h"
#include "runtime/metadata/oci_spec.h"
#include "runtime/metadata/probes.h"

namespace {

using namespace falcod;
using namespace falcod::metadata;

constexpr size_t kLabels = 100;

/// One object or owner per line.
void feed_store(std::string_view text) {
  const KubeStore::Clock::time_point now{};
  KubeStore store(kLabels, [](const std::string&, PodPtr) {});
  for (size_t line = 0; !text.empty(); ++line) {
    const size_t end = text.find('\n');
    const Json object = parse_json(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto kind = static_cast<KubeKind>(line % 3);
    store.put(kind, object);
    for (const KubeOwner& owner : store.missing_owners()) store.put_owner(owner, object, now);
    if (line % 5 == 4) store.remove(kind, object, now);
    if (line % 7 == 6) {
      store.begin_list(kind);
      store.put_listed(kind, object);
      store.end_list(kind, now);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Container container;
  switch (data[0]) {
    case 'd':
      container = container_of_docker(parse_json(text), kLabels);
      add_docker_image(container, parse_json(text));
      break;
    case 'p':
      container = container_of_podman(parse_json(text), kLabels);
      add_oci_spec(container, parse_json(text), "own");
      break;
    case 'c':
      container = cri::container_of(text, kLabels);
      cri::add_sandbox(container, text, kLabels);
      break;
    case 's':
      container = cri::sandbox_container(text, kLabels);
      break;
    case 'k':
      feed_store(text);
      break;
    default:
      parse_image_name(text);
      add_kubernetes_probes(container, std::string(text));
  }
  return 0;
}
