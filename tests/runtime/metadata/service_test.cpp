// The service's threads, with engines that are made up.
#include "runtime/metadata/service.h"

#include <doctest/doctest.h>

using namespace falcod;
using namespace falcod::metadata;
using std::chrono::milliseconds;

namespace {

MetadataSettings nothing_there() {
  MetadataSettings settings;
  settings.docker.sockets = settings.podman.sockets = settings.cri.sockets =
      settings.containerd.sockets = {"/nonexistent.sock"};
  settings.podman_storage = {"/nonexistent"};
  return settings;
}

/// Knows a container from the nth time on that it is asked.
class LateEngine : public ContainerEngine {
 public:
  LateEngine(int from, bool makeshift) : from_(from), makeshift_(makeshift) {}
  std::string name() const override { return "late"; }
  bool serves(std::string_view) const override { return true; }
  bool is_present() const override { return true; }
  bool is_makeshift() const override { return makeshift_; }
  std::expected<std::vector<std::string>, std::string> list() override { return {}; }
  std::expected<std::optional<Container>, std::string> find(const std::string& id) override {
    if (++asked_ < from_) return std::nullopt;
    Container container;
    container.id = id.substr(0, 12);
    container.name = "found";
    return container;
  }

 private:
  int from_;
  bool makeshift_;
  std::atomic<int> asked_ = 0;
};

OpenQuestionPtr question(milliseconds wait) {
  auto open = std::make_shared<OpenQuestion>();
  open->question = {std::string(12, 'a'), std::string(64, 'a'), {}};
  open->until = std::chrono::steady_clock::now() + wait;
  open->engines = 1;
  return open;
}

template <typename Take>
std::vector<ContainerAnswer> wait_for_answer(Take take) {
  for (int i = 0; i < 3000; ++i) {
    if (auto answers = take(); !answers.empty()) return answers;
    std::this_thread::sleep_for(milliseconds{10});
  }
  return {};
}

}  // namespace

TEST_CASE("without engines the answer is there at once, and it is that nobody knows") {
  Service service(nothing_there());
  service.ask({{std::string(12, 'a'), std::string(64, 'a'), {}}});
  const auto answers = wait_for_answer([&] { return service.take(); });
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].id == std::string(12, 'a'));
  CHECK_FALSE(answers[0].known);
}

TEST_CASE("an engine that does not know the container yet is asked again") {
  Mailbox<ContainerAnswer> box;
  EngineRunner runner(std::make_unique<LateEngine>(4, false), box,
                      [](Container& container) { container.user = "completed"; });
  REQUIRE(runner.look());
  runner.ask(question(milliseconds{60'000}));
  const auto answers = wait_for_answer([&] { return box.take(); });
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].known);
  CHECK(answers[0].container.name == "found");
  CHECK(answers[0].container.user == "completed");
}

TEST_CASE("what a makeshift engine knows is used when the better one does not know it") {
  Mailbox<ContainerAnswer> box;
  EngineRunner better(std::make_unique<LateEngine>(1 << 30, false), box, [](Container&) {});
  EngineRunner makeshift(std::make_unique<LateEngine>(1, true), box, [](Container&) {});
  REQUIRE(better.look());
  REQUIRE(makeshift.look());
  auto open = question(milliseconds{60'000});
  open->engines = 2;
  open->has_better = true;
  makeshift.ask(open);
  better.ask(open);
  const auto answers = wait_for_answer([&] { return box.take(); });
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].known);
  CHECK(answers[0].container.name == "found");
}

TEST_CASE("an engine that never knows it gives up in the end") {
  Mailbox<ContainerAnswer> box;
  EngineRunner runner(std::make_unique<LateEngine>(1 << 30, false), box, [](Container&) {});
  REQUIRE(runner.look());
  runner.ask(question(milliseconds{50}));
  const auto answers = wait_for_answer([&] { return box.take(); });
  REQUIRE(answers.size() == 1);
  CHECK_FALSE(answers[0].known);
}
