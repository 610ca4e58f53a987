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
  KubeStore::Clock::time_point now{};

  void owner(const KubeOwner& wanted, const Json& json) { store.put_owner(wanted, json, now); }
  void remove(KubeKind kind, const Json& json) { store.remove(kind, json, now); }
  /// What is gone is told of.
  void pass_grace() {
    now += KubeStore::kGrace;
    store.expire(now);
  }
};

}  // namespace

TEST_CASE("a pod has its namespace, its owners and the services that select it") {
  Fixture f;
  f.store.put(KubeKind::POD, object("shop", "web-1", "p1", owned_by("ReplicaSet", "web-7", "rs")));
  CHECK_FALSE(f.store.is_complete("p1"));
  CHECK(f.told == 0);  // with its owners, which come soon

  auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].kind == "ReplicaSet");
  CHECK(missing[0].ns == "shop");
  CHECK(f.store.missing_owners().empty());
  f.owner(missing[0], object("shop", "web-7", "rs", owned_by("Deployment", "web", "dep")));
  CHECK_FALSE(f.store.is_complete("p1"));
  missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.owner(missing[0], object("shop", "web", "dep", "}"));
  CHECK(f.store.is_complete("p1"));
  REQUIRE(f.pods["p1"] != nullptr);
  CHECK(f.pods["p1"]->ns->name == "shop");
  CHECK(f.pods["p1"]->ns->uid.empty());
  f.store.put(KubeKind::NAMESPACE, object("", "shop", "ns", "}"));
  f.store.put(KubeKind::SERVICE,
              object("shop", "front", "s1", R"(},"spec":{"selector":{"own":"web-1"}})"));
  f.store.put(KubeKind::SERVICE,
              object("shop", "none", "s2", R"(},"spec":{"selector":{"own":"other"}})"));
  f.store.put(KubeKind::SERVICE,
              object("other", "front", "s3", R"(},"spec":{"selector":{"own":"web-1"}})"));
  f.store.put(KubeKind::SERVICE, object("shop", "headless", "s4", "}"));

  const Pod& pod = *f.pods["p1"];
  CHECK(pod.ns->uid == "ns");
  CHECK(pod.owner(OwnerKind::REPLICA_SET)->name == "web-7");
  CHECK(pod.owner(OwnerKind::DEPLOYMENT)->name == "web");
  CHECK(pod.owner(OwnerKind::DEPLOYMENT)->labels.at("own") == "web");
  REQUIRE(pod.services.size() == 1);
  CHECK(pod.services[0]->uid == "s1");

  const int told = f.told;
  f.store.put(KubeKind::NAMESPACE, object("", "shop", "ns", "}"));
  CHECK(f.told == told);  // nothing is another
  f.remove(KubeKind::SERVICE, object("shop", "front", "s1", "}"));
  CHECK(f.pods["p1"]->services.empty());
  f.remove(KubeKind::POD, object("shop", "web-1", "p1", "}"));
  CHECK(f.pods["p1"] != nullptr);  // late events still find it
  f.pass_grace();
  CHECK(f.pods["p1"] == nullptr);
  CHECK(f.store.size() == 4);  // the namespace and services
}

TEST_CASE("an owner that is not there is known by its name") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p", owned_by("ReplicationController", "rc", "u")));
  const auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.owner(missing[0], Json{});
  CHECK(f.store.is_complete("p"));
  CHECK(f.pods["p"]->owner(OwnerKind::REPLICATION_CONTROLLER)->name == "rc");
  // Owners of kinds that no field shows are not asked for.
  f.store.put(KubeKind::POD, object("a", "y", "q", owned_by("Gateway", "s", "v")));
  CHECK(f.store.missing_owners().empty());
  CHECK(f.store.is_complete("q"));
}

TEST_CASE("a list replaces what was there") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p1", "}"));
  f.store.put(KubeKind::POD, object("a", "y", "p2", "}"));
  f.store.begin_list(KubeKind::POD);
  f.store.put_listed(KubeKind::POD, object("a", "y", "p2", "}"));
  // A list that breaks off takes nothing away, and the next one begins anew.
  f.store.begin_list(KubeKind::POD);
  f.store.put_listed(KubeKind::POD, object("a", "y", "p2", "}"));
  f.store.put_listed(KubeKind::POD, object("a", "z", "p3", "}"));
  CHECK(f.store.pods() == 3);
  f.store.end_list(KubeKind::POD, f.now);
  f.pass_grace();
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
  f.remove(KubeKind::POD, object("kube-system", "etcd", "api-uid", "}"));
  f.pass_grace();
  CHECK(f.pods["kubelet-uid"] == nullptr);
}

TEST_CASE("owners are followed up to cron jobs, stateful and daemon sets, of the right group") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p", owned_by("Job", "nightly-1", "j")));
  auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.owner(missing[0], object("a", "nightly-1", "j", owned_by("CronJob", "nightly", "c")));
  missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  f.owner(missing[0], object("a", "nightly", "c", "}"));
  CHECK(f.pods["p"]->owner(OwnerKind::JOB)->name == "nightly-1");
  CHECK(f.pods["p"]->owner(OwnerKind::CRON_JOB)->labels.at("own") == "nightly");
  for (const char* kind : {"StatefulSet", "DaemonSet"}) {
    f.store.put(KubeKind::POD, object("a", "y", "q", owned_by(kind, "s", kind)));
    CHECK(f.store.missing_owners().size() == 1);
  }
  const auto of_other_group = [](const std::string& version) {
    return object("a", "z", "r",
                  R"(,"ownerReferences":[{"controller":true,"kind":"Job","name":"n",)"
                  R"("uid":"other","apiVersion":")" +
                      version + "\"}]}");
  };
  f.store.put(KubeKind::POD, of_other_group("batch.volcano.sh/v1alpha1"));
  CHECK(f.store.missing_owners().empty());
  f.store.put(KubeKind::POD, of_other_group("batch/v1"));
  CHECK(f.store.missing_owners().size() == 1);
}

TEST_CASE("a pod whose owners do not come is told of without") {
  Fixture f;
  f.now += std::chrono::hours(1);
  f.store.put(KubeKind::POD, object("a", "x", "p", owned_by("ReplicaSet", "rs", "u")));
  f.store.expire(f.now);
  CHECK(f.told == 0);
  f.store.expire(f.now + KubeStore::kOwnersWait);
  REQUIRE(f.pods["p"] != nullptr);
  CHECK(f.pods["p"]->owner(OwnerKind::REPLICA_SET) == nullptr);
  f.owner(f.store.missing_owners()[0], object("a", "rs", "u", "}"));
  CHECK(f.pods["p"]->owner(OwnerKind::REPLICA_SET)->name == "rs");
}

TEST_CASE("owners are asked for again when they may have changed, and keep what was known") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p", owned_by("ReplicaSet", "rs", "u")));
  const auto missing = f.store.missing_owners();
  REQUIRE(missing.size() == 1);
  CHECK(f.store.stale_owners(f.now + KubeStore::kOwnerAge).empty());  // it is on its way
  f.owner(missing[0], object("a", "rs", "u", "}"));
  CHECK(f.store.stale_owners(f.now).empty());
  f.now += KubeStore::kOwnerAge;
  const auto stale = f.store.stale_owners(f.now);
  REQUIRE(stale.size() == 1);
  CHECK(stale[0].name == "rs");
  CHECK(f.store.stale_owners(f.now).empty());
  f.owner(stale[0], Json{});
  CHECK(f.pods["p"]->owner(OwnerKind::REPLICA_SET)->labels.at("own") == "rs");
}

TEST_CASE("a pod that comes back within its grace stays") {
  Fixture f;
  f.store.put(KubeKind::POD, object("a", "x", "p", "}"));
  f.remove(KubeKind::POD, object("a", "x", "p", "}"));
  f.store.put(KubeKind::POD, object("a", "x", "p", "}"));
  f.pass_grace();
  CHECK(f.pods["p"] != nullptr);
}

TEST_CASE("what is too large is cut, and told of") {
  Fixture f;
  std::string labels = R"("long":")" + std::string(101, 'v') + "\"";
  for (size_t i = 0; i < KubeStore::kMaxLabels + 10; ++i)
    labels += ",\"l" + std::to_string(i) + "\":\"\"";
  f.store.put(KubeKind::POD,
              parse_json(R"({"metadata":{"name":"x","uid":"p","labels":{)" + labels + "}}}"));
  CHECK(f.pods["p"]->self->labels.size() == KubeStore::kMaxLabels);
  CHECK(f.store.labels_cut() == 11);
  f.store.put(KubeKind::POD, object("a", std::string(KubeStore::kMaxName + 1, 'n'), "q", "}"));
  CHECK(f.store.objects_left_out() == 1);
  CHECK_FALSE(f.pods.contains("q"));
}

TEST_CASE("pods share the objects around them") {
  Fixture f;
  f.store.put(KubeKind::NAMESPACE, object("", "a", "ns", "}"));
  f.store.put(KubeKind::POD, object("a", "x", "p", "}"));
  f.store.put(KubeKind::POD, object("a", "y", "q", "}"));
  CHECK(f.pods["p"]->ns == f.pods["q"]->ns);
}

TEST_CASE("nonsense is no object") {
  Fixture f;
  for (const char* text :
       {"null", "[]", "{}", R"({"metadata":{"name":"x"}})", R"({"metadata":{"name":1,"uid":2}})"}) {
    f.store.put(KubeKind::POD, parse_json(text));
    f.store.put(KubeKind::SERVICE, parse_json(text));
    f.remove(KubeKind::POD, parse_json(text));
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
  write("token", "TOKEN");
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
  CHECK(access->token.empty());
  access = kubeconfig_access((folder / "config").string(), "a");
  REQUIRE_FALSE(access);
  CHECK(access.error().ends_with("context a names no cluster with a server"));
  CHECK(kubeconfig_access((folder / "config").string(), "z").error().ends_with("no context z"));
  const std::string clusters =
      "current-context: b\ncontexts: [{name: b, context: {cluster: c, user: u}}]\n"
      "clusters: [{name: c, cluster: {server: 'https://k:6443/'}}]\nusers: [{name: u, user: ";
  const auto refused = [&](const std::string& user, const std::string& why) {
    write("config", (clusters + user + "}]\n").c_str());
    const auto given = kubeconfig_access((folder / "config").string());
    REQUIRE_FALSE(given);
    CAPTURE(given.error());
    CHECK(given.error().find(why) != std::string::npos);
  };
  refused("{exec: {command: aws}}", "user u gets its token by exec, which falcod does not run");
  refused("{auth-provider: {name: gcp}}", "by auth-provider");
  refused("{as: admin}", "as is not supported");
  refused("{tokenFile: nowhere}", "nowhere cannot be read");
  refused("{client-certificate: nowhere}", "nowhere cannot be read");
  refused("{client-certificate-data: Q0VSVA==}", "go together");
  refused("{client-key-data: '***'}", "is no base64");
  write("config", (clusters + "{token: T}}]\n").c_str());
  access = kubeconfig_access((folder / "config").string());
  REQUIRE(access);
  CHECK(access->server == "https://k:6443");
  CHECK(access->token == "T");
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
  fs::remove(folder / "token");
  CHECK_FALSE(in_cluster_access(folder.string()));
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  CHECK_FALSE(in_cluster_access(folder.string()));
  CHECK_FALSE(is_in_cluster());
  fs::remove_all(folder);
}

TEST_CASE("the node's name is configured, or in the environment, or the host's") {
  ::unsetenv("FALCO_K8S_NODE_NAME");
  ::unsetenv("NODE_NAME");
  CHECK_FALSE(kube_node_name("").empty());
  ::setenv("NODE_NAME", "by-pod", 1);
  CHECK(kube_node_name("") == "by-pod");
  ::setenv("FALCO_K8S_NODE_NAME", "by-chart", 1);
  CHECK(kube_node_name("") == "by-chart");
  CHECK(kube_node_name("mine") == "mine");
  ::unsetenv("FALCO_K8S_NODE_NAME");
  ::unsetenv("NODE_NAME");
}
