// Events of containers that nobody has described yet: what waits, what does not, and what comes of
// it.
#include <doctest/doctest.h>

#include "compiler/ir/alert_routes.h"
#include "compiler/ir/compile.h"
#include "compiler/ir/fact_fields.h"
#include "runtime/engine/engine.h"
#include "tests/support/record_builder.h"

using namespace falcod;
using falcoc::EventCode;
using falcod::testing::RecordBuilder;
using std::chrono::milliseconds;

namespace {

constexpr int64_t kPid = 5'000'000;
constexpr milliseconds kBound{1000};

constexpr std::string_view kRules = R"(
- rule: by image
  desc: d
  condition: evt.type = openat and fd.name startswith /tmp and container.image.repository = good
  output: by image %fd.name %container.image.repository %proc.name
  priority: WARNING
- rule: shown
  desc: d
  condition: evt.type = openat and fd.name startswith /tmp
  output: shown %fd.name %container.name %proc.name %evt.num
  priority: WARNING
- rule: by pod
  desc: d
  condition: evt.type = openat and fd.name startswith /pod
  output: by pod %k8smeta.pod.name %k8s.pod.name %k8smeta.pod.uid
  priority: NOTICE
- rule: plain
  desc: d
  condition: evt.type = openat and fd.name startswith /tmp
  output: plain %fd.name %container.id
  priority: NOTICE
)";

using RouteTexts = std::vector<falcoc::ir::AlertRouteText>;

falcoc::ir::Program compile(std::string_view yaml, const RouteTexts& routes = {}) {
  falcoc::SourceMap sources;
  falcoc::rules::RuleSet rules;
  falcoc::Diagnostics diagnostics;
  REQUIRE(falcoc::rules::load_rules(sources.add("test.yaml", std::string(yaml)), sources, rules,
                                    diagnostics));
  return falcoc::ir::add_alert_routes(falcoc::ir::compile(rules, {}, diagnostics), routes, {},
                                      sources, diagnostics);
}

/// Answers when the test says so.
class FakeSource : public ContainerSource {
 public:
  void ask(std::vector<ContainerQuestion> questions) override {
    for (ContainerQuestion& question : questions) asked.push_back(std::move(question));
  }
  std::vector<ContainerAnswer> take() override { return std::exchange(answers, {}); }

  void know(const std::string& id, const std::string& repository) {
    Container container;
    container.id = id;
    container.name = "name-of-" + id;
    container.image_repository = repository;
    answers.push_back({.id = id, .known = true, .container = std::move(container)});
  }

  PodStats pod_stats() const override { return {.asked = true, .awaited = awaits_pods}; }

  void know_pod(const std::string& uid, const std::string& name) {
    Pod pod;
    pod.self = pod.ns = std::make_shared<const KubernetesObject>(KubernetesObject{name, uid, {}});
    answers.push_back({.id = {},
                       .known = true,
                       .pod_uid = uid,
                       .pod = std::make_shared<const Pod>(std::move(pod))});
  }

  bool awaits_pods = false;
  std::vector<ContainerQuestion> asked;
  std::vector<ContainerAnswer> answers;
};

struct Running {
  std::vector<std::string> lines;
  std::vector<AlertRoutes> routes;  ///< parallel to lines
  falcoc::Diagnostics diagnostics;
  FakeSource source;
  std::unique_ptr<Engine> engine;
  ContainerKeeper::Clock::time_point now = ContainerKeeper::Clock::now();

  explicit Running(bool all_rules, Evaluator evaluator = Evaluator::REFERENCE,
                   const RouteTexts& texts = {}) {
    EngineOptions engine_options;
    engine_options.evaluator = evaluator;
    engine_options.boot_to_epoch_ns = 0;
    engine_options.hostname = "host";
    AlertOptions options;
    options.all_rules = all_rules;
    auto created = Engine::create(
        compile(kRules, texts), options,
        [this](const Alert& alert) {
          const std::string line(alert.line);
          lines.push_back(line.substr(line.find(": ") + 2));
          routes.emplace_back(alert.routes.begin(), alert.routes.end());
        },
        diagnostics, engine_options);
    REQUIRE(created);
    engine = std::move(*created);
    engine->use_containers(source, kBound);
    engine->update_containers(now);
  }

  /// A process in the container of this digit; 0: on the host.
  void add_process(int64_t pid, char digit) {
    add_process_in(pid, digit == 0 ? "/" : "/docker/" + std::string(64, digit));
  }
  void add_process_in(int64_t pid, const std::string& cgroup) {
    Process process;
    process.pid = pid;
    process.ppid = 1;
    RecordBuilder any(static_cast<uint16_t>(EventCode::OPENAT));
    any.task(static_cast<uint32_t>(pid), 1, "reader");
    process.start_time_ns = any.header().task.start_time_ns;
    process.comm = "reader";
    process.image = std::make_shared<Image>();
    auto cgroups = std::make_shared<Cgroups>();
    cgroups->paths = {{"memory", cgroup}};
    process.cgroups = std::move(cgroups);
    engine->processes().add(std::move(process));
  }

  void open(std::string_view path, int64_t pid = kPid) {
    constexpr uint16_t kName = 2;  // openat: fd, dirfd, name
    RecordBuilder record(static_cast<uint16_t>(EventCode::OPENAT));
    record.task(static_cast<uint32_t>(pid), 1, "reader").time_ns(1'000'000'000).ret(3);
    record.text(kName, path);
    engine->on_record(record.bytes());
  }

  bool update(milliseconds later = milliseconds{0}) {
    now += later;
    return engine->update_containers(now);
  }
};

std::string id_of(char digit) { return std::string(12, digit); }

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("an event of a new container waits for what its rules ask, and says what was then") {
  for (const Evaluator evaluator : {Evaluator::REFERENCE, Evaluator::NATIVE}) {
    Running run(false, evaluator);
    run.add_process(kPid, 'a');
    run.open("/tmp/x");
    CHECK(run.lines.empty());
    CHECK(run.update());
    REQUIRE(run.source.asked.size() == 1);
    CHECK(run.source.asked[0].id == id_of('a'));
    CHECK(run.source.asked[0].full_id == std::string(64, 'a'));
    CHECK(run.source.asked[0].engine == "docker");
    run.source.know(id_of('a'), "good");
    CHECK_FALSE(run.update());
    CHECK(run.lines == Lines{"Warning by image /tmp/x good reader"});
    run.open("/tmp/y");
    CHECK(run.lines.size() == 2);
    const MetadataStats stats = run.engine->stats().metadata;
    CHECK(stats.asked == 1);
    CHECK(stats.answered == 1);
    CHECK(stats.waited == 1);
    CHECK(stats.alerts_late == 1);
    CHECK(stats.alerts_blank == 0);
    CHECK(run.engine->stats().alerts == 2);
  }
}

TEST_CASE("when metadata decides against the first rule, the next that matches reports") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  run.source.know(id_of('a'), "bad");
  run.update();
  CHECK(run.lines == Lines{"Warning shown /tmp/x name-of-" + id_of('a') + " reader 1"});
}

TEST_CASE("with all rules, those that ask for no metadata do not wait for it") {
  Running run(true);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  CHECK(run.lines == Lines{"Notice plain /tmp/x " + id_of('a')});
  run.source.know(id_of('a'), "good");
  run.update();
  CHECK(run.lines == Lines{"Notice plain /tmp/x " + id_of('a'),
                           "Warning by image /tmp/x good reader",
                           "Warning shown /tmp/x name-of-" + id_of('a') + " reader 1"});
}

TEST_CASE("events that no rule can match whatever the metadata says do not wait") {
  Running run(true);
  run.add_process(kPid, 'a');
  run.open("/etc/x");
  CHECK_FALSE(run.update());
  CHECK(run.engine->stats().metadata.waited == 0);
}

TEST_CASE("one container's wait stops neither the host nor other containers, and keeps the order") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.add_process(kPid + 1, 'b');
  run.add_process(kPid + 2, 0);
  run.open("/tmp/1");
  run.open("/tmp/2", kPid + 1);
  run.open("/tmp/3");
  run.open("/tmp/4", kPid + 2);
  CHECK(run.lines == Lines{"Warning shown /tmp/4 host reader 4"});
  run.source.know(id_of('b'), "good");
  CHECK(run.update());
  CHECK(run.lines.back() == "Warning by image /tmp/2 good reader");
  run.source.know(id_of('a'), "good");
  CHECK_FALSE(run.update());
  CHECK(run.lines ==
        Lines{"Warning shown /tmp/4 host reader 4", "Warning by image /tmp/2 good reader",
              "Warning by image /tmp/1 good reader", "Warning by image /tmp/3 good reader"});
}

TEST_CASE("what does not come in time is absent, and the alert is counted") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  CHECK(run.update(kBound / 2));
  CHECK_FALSE(run.update(kBound));
  CHECK(run.lines == Lines{"Warning shown /tmp/x <NA> reader 1"});
  CHECK(run.engine->stats().metadata.unknown == 1);
  CHECK(run.engine->stats().metadata.alerts_blank == 1);
  // From then on nothing waits for it, but when it comes after all it is there.
  run.open("/tmp/y");
  CHECK(run.lines.size() == 2);
  run.source.know(id_of('a'), "good");
  run.update();
  run.open("/tmp/z");
  CHECK(run.lines.back() == "Warning by image /tmp/z good reader");
}

TEST_CASE("a container that no engine knows is not waited for any longer") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  run.source.answers.push_back({.id = id_of('a')});
  CHECK_FALSE(run.update());
  CHECK(run.lines == Lines{"Warning shown /tmp/x <NA> reader 1"});
}

TEST_CASE("values are those of the event, whatever became of the process since") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  Process other;
  other.pid = kPid;
  other.start_time_ns = 1;
  other.comm = "other";
  other.image = std::make_shared<Image>();
  run.engine->processes().add(std::move(other));
  run.source.know(id_of('a'), "good");
  run.update();
  CHECK(run.lines == Lines{"Warning by image /tmp/x good reader"});
}

TEST_CASE("rules that are exchanged take with them what waits") {
  Running run(false);
  run.add_process(kPid, 'a');
  run.open("/tmp/x");
  auto next = run.engine->arm(compile(kRules), run.diagnostics);
  REQUIRE(next);
  run.engine->replace_rules(std::move(*next));
  CHECK(run.lines == Lines{"Warning shown /tmp/x <NA> reader 1"});
  CHECK_FALSE(run.update());
}

TEST_CASE("there is room for so many events and no more") {
  Running run(false);
  run.add_process(kPid, 'a');
  constexpr size_t kTooMany = 17'000;
  for (size_t i = 0; i < kTooMany; ++i) run.open("/tmp/x");
  const MetadataStats stats = run.engine->stats().metadata;
  CHECK(stats.waited + stats.no_room == kTooMany);
  CHECK(stats.no_room == run.lines.size());
  CHECK(stats.no_room > 0);
}

TEST_CASE("what engines tell is waited for and is no process fact, so that no filter drops early") {
  using falcoc::FieldId;
  for (const falcoc::FieldInfo& field : falcoc::fields()) {
    CAPTURE(field.name);
    const bool of_engines = field.field_class == "container" || field.field_class == "k8smeta";
    const bool by_cgroup =
        field.id == FieldId::container_id || field.id == FieldId::container_full_id ||
        field.id == FieldId::container_start_ts || field.id == FieldId::container_duration;
    CHECK(is_metadata(field.id) == (of_engines && !by_cgroup));
    if (!is_metadata(field.id)) continue;
    CHECK(falcoc::ir::field_dependencies(field.id).reason != falcoc::ir::NoFact::NONE);
  }
}

namespace {

const std::string kPodUid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/// A container of that pod, which rules ask of and no engine knows.
struct InPod : Running {
  explicit InPod(bool awaited) : Running(false) {
    source.awaits_pods = awaited;
    add_process_in(kPid, "/kubepods/pod" + kPodUid + "/" + std::string(64, 'a'));
    open("/pod");
    update();
    source.answers.push_back({.id = id_of('a')});
    update();
  }
};

}  // namespace

TEST_CASE("a pod that the API server will tell of is waited for, whatever engines know") {
  InPod run(true);
  CHECK(run.lines.empty());
  run.source.know_pod("another-pod", "other");
  run.update();
  CHECK(run.lines.empty());
  run.source.know_pod(kPodUid, "web-1");
  CHECK_FALSE(run.update());
  CHECK(run.lines == Lines{"Notice by pod web-1 web-1 " + kPodUid});
  run.open("/pod");
  CHECK(run.lines.size() == 2);
}

TEST_CASE("a pod that does not come in time is absent") {
  InPod run(true);
  CHECK_FALSE(run.update(kBound));
  CHECK(run.lines == Lines{"Notice by pod <NA> <NA> <NA>"});
}

TEST_CASE("pods are not waited for while their server is away") {
  InPod run(false);
  CHECK(run.lines == Lines{"Notice by pod <NA> <NA> <NA>"});
}

TEST_CASE("what decides where alerts go is waited for, and as it was at the event") {
  Running running(true, Evaluator::NATIVE,
                  {{.name = "sinks.a",
                    .when = "container.name = name-of-aaaaaaaaaaaa and fd.name = /tmp/x",
                    .group = {"container.image.repository", "fd.name"}},
                   {.name = "sinks.b", .when = "alert.rule = plain"}});
  running.add_process(kPid, 'a');
  running.open("/tmp/x");
  running.update();
  CHECK(running.lines.empty());  // the plain rule too: who gets its alert is not known
  running.source.know(id_of('a'), "good");
  running.update();
  REQUIRE(running.lines.size() == 3);
  for (const AlertRoutes& routes : running.routes) {
    REQUIRE(routes.size() == 2);
    REQUIRE(routes[0]);
    CHECK(*routes[0] == std::string("good\0/tmp/x", 11));
  }
  CHECK_FALSE(running.routes[0][1]);
  CHECK(running.routes[2][1] == "");

  running.lines.clear();
  running.routes.clear();
  running.open("/tmp/y");
  REQUIRE(running.lines.size() == 3);
  CHECK_FALSE(running.routes[0][0]);
}
