// Objects of an API server and what follows from them for pods; how a server is reached.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "runtime/metadata/kube_access.h"
#include "runtime/metadata/kube_store.h"

using namespace falcod;
using namespace falcod::metadata;
namespace fs = std::filesystem;

namespace {

Json object(const std::string& ns, const std::string& name, const std::string& uid,
            const std::string& rest = "") {
  return parse_json(R"({"metadata":{"namespace":")" + ns + R"(","name":")" + name + R"(","uid":")" +
                    uid + R"(","labels":{"own":")" + name + R"("})" + rest + "}");
}

std::string owned_by(const std::string& kind, const std::string& name, const std::string& uid) {
  return R"(,"ownerReferences":[{"kind":"Node","name":"n","uid":"n"},{"controller":true,"kind":")" +
         kind + R"(","name":")" + name + R"(","uid":")" + uid + R"("}]})";
}

struct Fixture {
  std::map<std::string, PodPtr> pods;
  int told = 0;
  KubeStore store{100, [this](const std::string& uid, PodPtr pod) {
                    ++told;
                    pods[uid] = std::move(pod);
                  }};
};

}  // namespace

TEST_CASE("a pod has its namespace, its owners and the services that select it") {
  Fixture f;
  f.store.put(KubeKind::POD, object("shop", "web-1", "p1", owned_by("ReplicaSet", "web-7", "rs")));
  REQUIRE(f.pods["p1"] != nullptr);
  CHECK(f.pods["p1"]->ns.name == "shop");
  CHECK(f.pods["p1"]->ns.uid.empty());
  CHECK_FALSE(f.store.is_complete("p1"));

  auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].kind == "ReplicaSet");
  CHECK(missing[0].ns == "shop");
  CHECK(f.store.missing_owners().empty());
  f.store.put_owner(missing[0],
                    object("shop", "web-7", "rs", owned_by("Deployment", "web", "dep")));
  CHECK_FALSE(f.store.is_complete("p1"));
  missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.store.put_owner(missing[0], object("shop", "web", "dep", "}"));
  CHECK(f.store.is_complete("p1"));
  f.store.put(KubeKind::NAMESPACE, object("", "shop", "ns", "}"));
  f.store.put(KubeKind::SERVICE,
              object("shop", "front", "s1", R"(},"spec":{"selector":{"own":"web-1"}})"));
  f.store.put(KubeKind::SERVICE,
              object("shop", "none", "s2", R"(},"spec":{"selector":{"own":"other"}})"));
  f.store.put(KubeKind::SERVICE,
              object("other", "front", "s3", R"(},"spec":{"selector":{"own":"web-1"}})"));
  f.store.put(KubeKind::SERVICE, object("shop", "headless", "s4", "}"));

  const Pod& pod = *f.pods["p1"];
  CHECK(pod.ns.uid == "ns");
  CHECK(pod.replica_set->name == "web-7");
  CHECK(pod.deployment->name == "web");
  CHECK(pod.deployment->labels.at("own") == "web");
  REQUIRE(pod.services.size() == 1);
  CHECK(pod.services[0].uid == "s1");

  const int told = f.told;
  f.store.put(KubeKind::NAMESPACE, object("", "shop", "ns", "}"));
  CHECK(f.told == told);  // nothing is another
  f.store.remove(KubeKind::SERVICE, object("shop", "front", "s1", "}"));
  CHECK(f.pods["p1"]->services.empty());
  f.store.remove(KubeKind::POD, object("shop", "web-1", "p1", "}"));
  CHECK(f.pods["p1"] == nullptr);
  CHECK(f.store.size() == 4);  // the namespace and services
}

TEST_CASE("an owner that is not there is known by its name") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p", owned_by("ReplicationController", "rc", "u")));
  const auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.store.put_owner(missing[0], Json{});
  CHECK(f.store.is_complete("p"));
  CHECK(f.pods["p"]->replication_controller->name == "rc");
  // Owners of kinds that no field shows are not asked for.
  f.store.put(KubeKind::POD, object("a", "y", "q", owned_by("StatefulSet", "s", "v")));
  CHECK(f.store.missing_owners().empty());
  CHECK(f.store.is_complete("q"));
}

TEST_CASE("a list replaces what was there") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p1", "}"));
  f.store.put(KubeKind::POD, object("a", "y", "p2", "}"));
  f.store.replace(KubeKind::POD, {object("a", "y", "p2", "}"), object("a", "z", "p3", "}")});
  CHECK(f.pods["p1"] == nullptr);
  CHECK(f.pods["p2"] != nullptr);
  CHECK(f.pods["p3"] != nullptr);
}

TEST_CASE("a pod that a kubelet made from a file is known by both of its uids") {
  Fixture f;
  f.store.put(KubeKind::POD,
              object("kube-system", "etcd", "api-uid",
                     R"(,"annotations":{"kubernetes.io/config.mirror":"kubelet-uid"}})"));
  CHECK(f.pods["api-uid"] == f.pods["kubelet-uid"]);
  CHECK(f.store.is_complete("kubelet-uid"));
  f.store.remove(KubeKind::POD, object("kube-system", "etcd", "api-uid", "}"));
  CHECK(f.pods["kubelet-uid"] == nullptr);
}

TEST_CASE("nonsense is no object") {
  Fixture f;
  for (const char* text :
       {"null", "[]", "{}", R"({"metadata":{"name":"x"}})", R"({"metadata":{"name":1,"uid":2}})"}) {
    f.store.put(KubeKind::POD, parse_json(text));
    f.store.put(KubeKind::SERVICE, parse_json(text));
    f.store.remove(KubeKind::POD, parse_json(text));
  }
  CHECK(f.pods.empty());
  CHECK(f.store.size() == 0);
}

TEST_CASE("how a server is reached") {
  const fs::path folder = fs::temp_directory_path() / ("falcoc-kube-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(folder / name) << text;
  };
  write("ca.crt", "AUTHORITY");
  write("config", R"(
current-context: b
contexts: [{name: a, context: {cluster: x, user: x}}, {name: b, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://k:6443", certificate-authority: ca.crt}}]
users: [{name: u, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ, tokenFile: token}}]
)");
  auto access = kubeconfig_access((folder / "config").string());
  REQUIRE(access);
  CHECK(access->server == "https://k:6443");
  CHECK(access->ca == "AUTHORITY");
  CHECK(access->client_cert == "CERT");
  CHECK(access->client_key == "KEY");
  CHECK(access->token_file == (folder / "token").string());
  write("config", "current-context: b\n");
  CHECK_FALSE(kubeconfig_access((folder / "config").string()));
  write("config", "{");
  CHECK_FALSE(kubeconfig_access((folder / "config").string()));
  CHECK_FALSE(kubeconfig_access((folder / "none").string()));

  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  access = in_cluster_access(folder.string());
  REQUIRE(access);
  CHECK(access->server == "https://[fd00::1]:443");
  CHECK(access->ca == "AUTHORITY");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  CHECK_FALSE(in_cluster_access(folder.string()));
  CHECK_FALSE(is_in_cluster());
  fs::remove_all(folder);
}
