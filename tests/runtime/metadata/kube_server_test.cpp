// Pods as an API server over TLS tells of them: the server of the live tests, with connections that
// break, versions that are forgotten, tokens that are exchanged, and without it for a while.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <thread>

#include "runtime/metadata/kubernetes.h"

using namespace falcod;
using namespace falcod::metadata;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kPatience{60};

bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

/// The server, its folder, and whoever asks it.
class Cluster {
 public:
  Cluster() {
    fs::create_directories(folder_);
    const std::string certificate =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
        "subjectAltName=IP:127.0.0.1 -keyout " +
        (folder_ / "server.key").string() + " -out " + (folder_ / "server.pem").string() +
        " 2>/dev/null";
    REQUIRE(std::system(certificate.c_str()) == 0);
    write("tokens", "first");
    write("token", "first");
    start();
  }
  ~Cluster() {
    client.reset();
    stop();
    fs::remove_all(folder_);
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text << '\n';
  }
  void start() {
    fs::remove(folder_ / "port");
    const std::string command =
        "exec python3 " KUBE_API_SERVER " " + folder_.string() + " " + port_ + " 2>/dev/null";
    server_ = ::popen(command.c_str(), "w");
    REQUIRE(server_ != nullptr);
    REQUIRE(wait([this] { return fs::exists(folder_ / "port"); }));
    std::ifstream(folder_ / "port") >> port_;
  }
  void stop() {
    if (server_ != nullptr) ::pclose(std::exchange(server_, nullptr));  // its input ends
  }
  void order(const Json& json) {
    std::fputs((json.dump() + "\n").c_str(), server_);
    std::fflush(server_);
  }
  void put(const std::string& kind, const std::string& name, const std::string& labels,
           const std::string& more = "{}", bool gone = false) {
    Json object = parse_json(more);
    Json& metadata = object["metadata"];
    metadata["name"] = name;
    metadata["uid"] = "uid-" + name;
    if (kind != "namespaces") metadata["namespace"] = "shop";
    metadata["labels"] = parse_json(labels);
    if (kind == "pods" && !object.contains("spec")) object["spec"]["nodeName"] = "node-1";
    order({{"op", gone ? "delete" : "put"}, {"kind", kind}, {"object", object}});
  }
  void trouble(const std::string& how, int count) {
    order({{"op", "trouble"}, {"how", how}, {"count", count}});
  }
  std::string server() const { return "https://127.0.0.1:" + port_; }
  void connect() {
    std::ifstream file(folder_ / "server.pem");
    std::ostringstream text;
    text << file.rdbuf();
    const std::string certificate = text.str();
    client.emplace(
        KubeAccess{
            .server = server(), .ca = certificate, .token_file = (folder_ / "token").string()},
        "node-1", 100, answers_);
  }

  bool wait(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }
  const Pod* pod(const std::string& name) {
    take();
    const auto found = pods.find("uid-" + name);
    return found == pods.end() ? nullptr : found->second.get();
  }
  bool wait_for_pod(const std::string& name, const std::function<bool(const Pod&)>& condition) {
    return wait([&] {
      const Pod* found = pod(name);
      return found != nullptr && condition(*found);
    });
  }
  bool wait_for_pod(const std::string& name) {
    return wait_for_pod(name, [](const Pod&) { return true; });
  }
  bool wait_for_note(const std::string& part) {
    return wait([&] {
      take();
      return notes.find(part) != std::string::npos;
    });
  }
  size_t requests(const std::string& part) {
    std::ifstream file(folder_ / "requests");
    size_t count = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.find(part) != std::string::npos) ++count;
    }
    return count;
  }

  std::optional<Kubernetes> client;
  std::map<std::string, PodPtr> pods;
  std::string notes;

 private:
  void take() {
    for (ContainerAnswer& answer : answers_.take()) pods[answer.pod_uid] = std::move(answer.pod);
    for (const std::string& note : client->take_notes()) notes += note + "\n";
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("falcoc-kube-server-" + std::to_string(::getpid()));
  std::string port_ = "0";
  std::FILE* server_ = nullptr;
  Mailbox<ContainerAnswer> answers_;
};

std::string owned_by(const std::string& kind, const std::string& group, const std::string& name) {
  return R"({"metadata":{"ownerReferences":[{"controller":true,"apiVersion":")" + group +
         R"(/v1","kind":")" + kind + R"(","name":")" + name + R"(","uid":"uid-)" + name + "\"}]}}";
}

bool can_run() {
  if (is_installed("python3") && is_installed("openssl")) return true;
  MESSAGE("SKIPPED: python3 or openssl is not installed");
  return false;
}

}  // namespace

TEST_CASE(
    "the life of pods: they come with their owners, are relabelled, move on and are deleted") {
  if (!can_run()) return;
  Cluster cluster;
  cluster.put("namespaces", "shop", R"({"team":"red"})",
              R"({"spec":{"finalizers":["kubernetes"]}})");
  cluster.put("deployments", "web", R"({"tier":"front"})");
  cluster.put("replicasets", "web-7", "{}", owned_by("Deployment", "apps", "web"));
  cluster.put("cronjobs", "nightly", R"({"when":"night"})");
  cluster.put("jobs", "nightly-1", "{}", owned_by("CronJob", "batch", "nightly"));
  cluster.put("services", "front", "{}", R"({"spec":{"selector":{"app":"web"}}})");
  for (int i = 0; i < 5; ++i) {  // several pages of a list
    cluster.put("pods", "web-7-" + std::to_string(i), R"({"app":"web"})",
                owned_by("ReplicaSet", "apps", "web-7"));
  }
  cluster.put("pods", "elsewhere", "{}", R"({"spec":{"nodeName":"node-2"}})");
  cluster.connect();
  for (int i = 0; i < 5; ++i) {
    CHECK(cluster.wait_for_pod("web-7-" + std::to_string(i), [](const Pod& pod) {
      return pod.owner(OwnerKind::DEPLOYMENT) != nullptr && pod.services.size() == 1 &&
             pod.ns->labels.contains("team");
    }));
  }
  CHECK(cluster.client->wait_for_pod("uid-web-7-0", kPatience));
  CHECK(cluster.pod("web-7-0")->owner(OwnerKind::DEPLOYMENT)->labels.at("tier") == "front");
  CHECK(cluster.pod("elsewhere") == nullptr);

  cluster.put("pods", "nightly-1-x", "{}", owned_by("Job", "batch", "nightly-1"));
  CHECK(cluster.wait_for_pod("nightly-1-x", [](const Pod& pod) {
    const auto& owner = pod.owner(OwnerKind::CRON_JOB);
    return owner != nullptr && owner->labels.at("when") == "night";
  }));
  cluster.put("pods", "web-7-1", R"({"app":"debug"})", owned_by("ReplicaSet", "apps", "web-7"));
  CHECK(cluster.wait_for_pod("web-7-1", [](const Pod& pod) {
    return pod.self->labels.at("app") == "debug" && pod.services.empty();
  }));
  cluster.put("namespaces", "shop", R"({"team":"blue"})");
  CHECK(cluster.wait_for_pod("web-7-0",
                             [](const Pod& pod) { return pod.ns->labels.at("team") == "blue"; }));
  cluster.put("pods", "web-7-2", R"({"app":"web"})", "{}", true);
  CHECK(cluster.wait([&] { return cluster.client->stats().pods == 5; }));
  CHECK(cluster.pod("web-7-2") != nullptr);  // for late events
  CHECK(cluster.requests("fieldSelector=spec.nodeName%3Dnode-1") > 0);
  CHECK(cluster.requests("/pods?") == cluster.requests("fieldSelector=spec.nodeName%3Dnode-1"));
}

TEST_CASE("versions that are forgotten, connections that break, crawl or carry nonsense") {
  if (!can_run()) return;
  Cluster cluster;
  for (const char* how : {"cut", "slow", "busy", "garbage"}) cluster.trouble(how, 1);
  cluster.trouble("cut", 2);
  for (int i = 0; i < 4; ++i) cluster.put("pods", "early-" + std::to_string(i), "{}");
  cluster.connect();
  for (int i = 0; i < 4; ++i) CHECK(cluster.wait_for_pod("early-" + std::to_string(i)));
  CHECK(cluster.client->stats().failures > 0);
  CHECK(cluster.wait([&] { return cluster.client->stats().reachable; }));

  // A version that is gone: everything is listed anew, and what went meanwhile goes.
  const uint64_t lists = cluster.client->stats().lists;
  cluster.put("pods", "early-0", "{}", "{}", true);
  cluster.put("pods", "late", "{}");
  cluster.order({{"op", "forget"}});
  CHECK(cluster.wait_for_pod("late"));
  CHECK(cluster.wait([&] { return cluster.client->stats().lists > lists; }));
  CHECK(cluster.wait([&] { return cluster.client->stats().pods == 4; }));

  // A connection that breaks: the watch goes on where it was.
  for (int i = 0; i < 3; ++i) {
    cluster.order({{"op", "break"}});
    cluster.put("pods", "broken-" + std::to_string(i), "{}");
    CHECK(cluster.wait_for_pod("broken-" + std::to_string(i)));
  }
}

TEST_CASE("tokens that are exchanged, refusals that are told of, and a server that is away") {
  if (!can_run()) return;
  Cluster cluster;
  cluster.put("pods", "one", "{}");
  cluster.connect();
  CHECK(cluster.wait_for_pod("one"));

  // The former token is valid no more before the new one is there.
  cluster.write("tokens", "second");
  cluster.order({{"op", "break"}});
  CHECK(cluster.wait_for_note("does not tell of pods"));
  CHECK(cluster.notes.find("token") != std::string::npos);
  cluster.write("token", "second");
  cluster.put("pods", "two", "{}");
  CHECK(cluster.wait_for_pod("two"));
  CHECK(cluster.wait_for_note("tells of pods again"));

  cluster.order({{"op", "refuse"}, {"kinds", Json::array({"services", "deployments"})}});
  CHECK(cluster.wait_for_note("get, list and watch on services"));
  cluster.put("pods", "three", "{}", owned_by("Deployment", "apps", "gone"));
  CHECK(cluster.wait_for_pod("three"));  // the others are told of
  CHECK(cluster.wait_for_note("does not tell of owners"));
  CHECK(cluster.pod("three")->owner(OwnerKind::DEPLOYMENT)->name == "gone");

  cluster.stop();
  CHECK(cluster.wait([&] { return !cluster.client->stats().reachable; }));
  CHECK_FALSE(cluster.client->stats().awaited);
  CHECK(cluster.pod("one") != nullptr);  // what is known stays
  CHECK(cluster.client->stats().pods == 3);
  cluster.start();  // with nothing of what was
  cluster.put("pods", "four", "{}");
  CHECK(cluster.wait_for_pod("four"));
  CHECK(cluster.wait([&] { return cluster.client->stats().pods == 1; }));
}

TEST_CASE("a server that the authority did not certify is told nothing") {
  if (!can_run()) return;
  Cluster cluster;
  Mailbox<ContainerAnswer> answers;
  cluster.connect();
  CHECK(cluster.wait([&] { return cluster.client->stats().reachable; }));
  const size_t before = cluster.requests("other-node");
  Kubernetes other({.server = cluster.server(), .token = "first"}, "other-node", 100, answers);
  CHECK(cluster.wait([&] { return other.stats().failures > 2; }));
  CHECK(cluster.requests("other-node") == before);
  CHECK_FALSE(other.stats().reachable);
}
