// What a container and a pod cost in memory; printed, and bounded.
#include <doctest/doctest.h>
#include <malloc.h>

#include <string>

#include "runtime/metadata/kube_store.h"
#include "runtime/state/containers.h"

using namespace falcod;
using namespace falcod::metadata;

namespace {

size_t in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// As a kubelet makes them: a dozen labels, six mounts.
Container usual_container(int number) {
  Container container;
  container.full_id = std::to_string(100'000'000'000 + number) + std::string(52, 'a');
  container.id = container.full_id.substr(0, 12);
  container.name = "server";
  container.image = "registry.example.com/shop/web:1.27.3";
  container.image_repository = "registry.example.com/shop/web";
  container.image_tag = "1.27.3";
  container.image_id = std::string(64, 'b');
  container.image_digest = "sha256:" + std::string(64, 'c');
  container.ip = "10.244.117.33";
  container.cni_json = std::string(600, 'j');
  container.pod_sandbox_id = std::string(64, 'd');
  for (int i = 0; i < 6; ++i) {
    const std::string label = "app.kubernetes.io/label-" + std::to_string(i);
    container.labels[label] = "a usual value of a label";
    container.pod_labels[label] = "a usual value of a label";
    container.mounts.push_back(
        {"/var/lib/kubelet/pods/0f1e2d3c/volumes/" + label, "/srv/" + label, "", "rprivate", true});
  }
  return container;
}

Json usual_pod(int number) {
  Json pod =
      parse_json(R"({"metadata":{"namespace":"shop","labels":{}},"status":{"podIP":"10.0.0.1"}})");
  pod["metadata"]["name"] = "web-6f7d8c9b5-" + std::to_string(number);
  pod["metadata"]["uid"] = "0f1e2d3c-4b5a-6978-8796-" + std::to_string(100'000'000'000 + number);
  for (int i = 0; i < 6; ++i) {
    pod["metadata"]["labels"]["app.kubernetes.io/label-" + std::to_string(i)] =
        "a usual value of a label";
  }
  return pod;
}

}  // namespace

TEST_CASE("memory of 1,000 containers and of 10,000 pods") {
  constexpr size_t kContainers = 1000, kPods = 10'000;
  constexpr size_t kContainerBytes = 8192, kPodBytes = 8192;
  size_t before = in_use();
  Containers containers;
  for (int i = 0; i < static_cast<int>(kContainers); ++i) containers.put(usual_container(i));
  const size_t container = (in_use() - before) / kContainers;

  before = in_use();
  KubeStore store(
      100, [&](const std::string& uid, PodPtr pod) { containers.put_pod(uid, std::move(pod)); });
  // All in one namespace with ten services: what surrounds pods is there once.
  store.put(KubeKind::NAMESPACE, parse_json(R"({"metadata":{"name":"shop","uid":"ns"}})"));
  for (int i = 0; i < 10; ++i) {
    Json service = usual_pod(i);
    service["spec"]["selector"]["app.kubernetes.io/label-0"] = "a usual value of a label";
    store.put(KubeKind::SERVICE, service);
  }
  for (int i = 0; i < static_cast<int>(kPods); ++i) store.put(KubeKind::POD, usual_pod(i));
  const size_t pod = (in_use() - before) / kPods;
  MESSAGE("a container takes ", container, " bytes, a pod ", pod);
  CHECK(containers.size() == kContainers);
  CHECK(store.pods() == kPods);
  CHECK(containers.find_pod("0f1e2d3c-4b5a-6978-8796-100000000007")->services.size() == 10);
#if !defined(__SANITIZE_ADDRESS__)
  CHECK(container < kContainerBytes);
  CHECK(pod < kPodBytes);
  CHECK(container > 1000);  // the measure measures
#endif
}
