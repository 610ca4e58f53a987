// Fields of what an API server tells of a pod, and of the commands that engines run in containers.
#include "tests/runtime/engine/field_fixture.h"

namespace falcod {
namespace {

using testing::EventBuilder;
using testing::FieldFixture;
using testing::kAbsent;
using testing::open_event;

struct PodFields : FieldFixture {
  Containers containers;

  void put(std::vector<std::string> healthcheck) {
    context.containers = &containers;
    Container container;
    container.id = "bbbbbbbbbbbb";
    container.labels["io.kubernetes.pod.uid"] = "u-1";
    container.healthcheck = std::move(healthcheck);
    containers.put(std::move(container));
  }
  void put_pod() {
    using Labels = std::map<std::string, std::string>;
    const auto object = [](const char* name, const char* uid, Labels labels) {
      return std::make_shared<const KubernetesObject>(
          KubernetesObject{name, uid, std::move(labels)});
    };
    Pod pod;
    pod.self = object("web-0", "u-1", {{"app", "web"}, {"bare", ""}});
    pod.ip = "10.0.0.2";
    pod.ns = object("shop", "n-1", {{"team", "red"}});
    const auto owner = [&pod](OwnerKind kind) -> KubernetesObjectPtr& {
      return pod.owners[static_cast<size_t>(kind)];
    };
    owner(OwnerKind::DEPLOYMENT) = object("web", "d-1", {{"app", "web"}});
    owner(OwnerKind::REPLICA_SET) = object("web-7", "r-1", {{"hash", "7"}});
    owner(OwnerKind::REPLICATION_CONTROLLER) = object("old", "c-1", {{"old", "yes"}});
    owner(OwnerKind::STATEFUL_SET) = object("set", "t-1", {{"set", "1"}});
    owner(OwnerKind::DAEMON_SET) = object("daemon", "e-1", {{"set", "2"}});
    owner(OwnerKind::JOB) = object("job", "j-1", {{"set", "3"}});
    owner(OwnerKind::CRON_JOB) = object("cron", "o-1", {{"set", "4"}});
    pod.services = {object("a", "s-1", {{"tier", "x"}}), object("b", "s-2", {})};
    containers.put_pod("u-1", std::make_shared<const Pod>(std::move(pod)));
  }

  /// Name, uid, one label and all of one object, in both classes' words.
  void check_object(const std::string& kind, const std::string& name, const std::string& uid,
                    const std::string& label, const std::string& value) {
    const std::string old = "k8s." + kind, now = "k8smeta." + kind;
    const auto is = [this](const std::string& field, const std::string& expected) {
      CAPTURE(field);
      CHECK(text(field) == expected);
    };
    is(now + ".name", name);
    is(now + ".uid", uid);
    is(now + ".label[" + label + "]", value);
    is(now + ".label[none]", std::string(kAbsent));
    is(now + ".labels", "(" + label + ":" + value + ")");
    is(old + ".label[" + label + "]", value);
    is(old + ".labels", label + ":" + value);
    is(old + ".id", uid);
    if (kind != "ns") is(old + ".name", name);
  }

  void run() {
    put({});
    put_pod();
    EventBuilder event = open_event();
    on(event);
    check({{"k8smeta.pod.name", "web-0"},
           {"k8smeta.pod.uid", "u-1"},
           {"k8smeta.pod.ip", "10.0.0.2"},
           {"k8smeta.pod.label[app]", "web"},
           {"k8smeta.pod.labels", "(app:web,bare)"},
           {"k8smeta.statefulset.name", "set"},
           {"k8smeta.statefulset.uid", "t-1"},
           {"k8smeta.statefulset.label[set]", "1"},
           {"k8smeta.statefulset.labels", "(set:1)"},
           {"k8smeta.daemonset.name", "daemon"},
           {"k8smeta.daemonset.uid", "e-1"},
           {"k8smeta.daemonset.label[set]", "2"},
           {"k8smeta.daemonset.labels", "(set:2)"},
           {"k8smeta.job.name", "job"},
           {"k8smeta.job.uid", "j-1"},
           {"k8smeta.job.label[set]", "3"},
           {"k8smeta.job.labels", "(set:3)"},
           {"k8smeta.cronjob.name", "cron"},
           {"k8smeta.cronjob.uid", "o-1"},
           {"k8smeta.cronjob.label[set]", "4"},
           {"k8smeta.cronjob.labels", "(set:4)"},
           {"k8smeta.svc.name", "(a,b)"},
           {"k8smeta.svc.uid", "(s-1,s-2)"},
           {"k8smeta.svc.label[tier]", "(x)"},
           {"k8smeta.svc.label[none]", std::string(kAbsent)},
           {"k8smeta.svc.labels", "(tier:x)"},
           {"k8s.svc.name", "a, b"},
           {"k8s.svc.id", "s-1, s-2"},
           {"k8s.svc.label[tier]", "x"},
           {"k8s.svc.labels", "tier:x"}});
    check_object("ns", "shop", "n-1", "team", "red");
    check_object("deployment", "web", "d-1", "app", "web");
    check_object("rs", "web-7", "r-1", "hash", "7");
    check_object("rc", "old", "c-1", "old", "yes");
    check({{"container.healthcheck", std::string(kAbsent)},
           {"container.liveness_probe", std::string(kAbsent)},
           {"container.readiness_probe", std::string(kAbsent)},
           {"proc.is_container_healthcheck", "false"},
           {"proc.is_container_liveness_probe", "false"},
           {"proc.is_container_readiness_probe", "false"}});
  }
};

TEST_CASE_FIXTURE(PodFields, "a pod that the API server tells of") { run(); }

TEST_CASE_FIXTURE(PodFields, "without the API server's word these fields are absent") {
  put({});
  EventBuilder event = open_event();
  on(event);
  check({{"k8smeta.pod.name", std::string(kAbsent)},
         {"k8smeta.ns.labels", std::string(kAbsent)},
         {"k8smeta.svc.name", std::string(kAbsent)},
         {"k8s.deployment.name", std::string(kAbsent)}});
  put_pod();
  containers.put_pod("u-1", nullptr);
  on(event);
  check({{"k8smeta.pod.name", std::string(kAbsent)}});
}

TEST_CASE_FIXTURE(PodFields, "a healthcheck is told from the container's own work") {
  // The fixture's process is `/bin/cat -n /etc/shadow`, whose parent is outside of the container.
  using Words = std::vector<std::string>;
  const auto is_healthcheck = [this](Words words) {
    put(std::move(words));
    EventBuilder event = open_event();
    on(event);
    return text("proc.is_container_healthcheck");
  };
  CHECK(is_healthcheck({"/bin/cat", "-n", "/etc/shadow"}) == "true");
  CHECK(text("container.healthcheck") == "/bin/cat -n /etc/shadow");
  CHECK(is_healthcheck({"/bin/sh", "-c", "test -e x && /bin/cat -n /etc/shadow"}) == "true");
  CHECK(is_healthcheck({"/bin/sh", "-c", "/bin/cat -n /etc/shadow; true"}) == "false");
  CHECK(is_healthcheck({"/bin/cat"}) == "false");

  // Its first process is its own work, whatever it runs.
  context.process = table.find(300);
  auto first = std::make_shared<Process>(*context.process);
  first->vpid = 1;
  context.process = first;
  CHECK(is_healthcheck({"/bin/cat", "-n", "/etc/shadow"}) == "false");
}

}  // namespace

void testing::look_at_fields_of_pods() { PodFields{}.run(); }

}  // namespace falcod
