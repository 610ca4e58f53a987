// `falcoc explain` and `falcoc cost` as their users run them.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

namespace {

namespace fs = std::filesystem;

struct Result {
  int status = -1;
  std::string out;
};

constexpr const char* kRules = R"(
- macro: opened
  condition: evt.type in (open, openat)
- rule: Secret read
  desc: d
  condition: opened and fd.name regex '.*secret.*' and not proc.name in (cat, "a\"b")
  output: o
  priority: INFO
- rule: Failed mkdir
  desc: d
  condition: evt.type = mkdir and evt.rawres < 0
  output: o
  priority: INFO
- rule: Impossible
  desc: d
  condition: evt.type = open and evt.type = close
  output: o
  priority: INFO
)";

/// Runs falcoc on kRules. `arguments` is shell text; RULES stands for the file.
class Falcoc {
 public:
  Falcoc() {
    std::string name = (fs::temp_directory_path() / "falcoc-explain-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::ofstream(folder_ / "rules.yaml") << kRules;
  }
  Falcoc(const Falcoc&) = delete;
  Falcoc& operator=(const Falcoc&) = delete;
  ~Falcoc() { fs::remove_all(folder_); }

  Result run(const std::string& arguments) const {
    const std::string out = (folder_ / "out").string();
    const std::string command = "RULES='" + (folder_ / "rules.yaml").string() + "'; '" +
                                FALCOC_PROGRAM "' " + arguments + " >'" + out + "' 2>&1";
    const int status = std::system(command.c_str());
    REQUIRE(WIFEXITED(status));
    std::ifstream in(out);
    return {WEXITSTATUS(status), std::string(std::istreambuf_iterator<char>(in), {})};
  }

 private:
  fs::path folder_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "explain says what is left for each kind of event, and which check keeps the kernel out") {
  const Falcoc falcoc;
  const Result result = falcoc.run("explain --rule 'Secret read' \"$RULES\"");
  CHECK(result.status == 0);
  CHECK(contains(result.out, "Secret read\n"));
  CHECK(contains(result.out, "rules.yaml:4"));
  // The macro is expanded and the kind of event is folded away.
  CHECK(contains(result.out, "  open:\n    kernel passes  path at arg0 is"));
  CHECK(contains(result.out, "  openat:\n    kernel passes  path at arg1 is"));
  CHECK(contains(result.out, "user space     fd.name regex"));
  CHECK(contains(result.out, "fd.name regex \".*secret.*\" needs the path made absolute"));
  CHECK_FALSE(contains(result.out, "Failed mkdir"));
}

TEST_CASE("explain shows what the kernel asks, and rules that nothing can make true") {
  const Falcoc falcoc;
  const Result result = falcoc.run("explain \"$RULES\"");
  CHECK(result.status == 0);
  CHECK(contains(result.out, "mkdir:\n    kernel passes  ret in ("));
  CHECK(contains(result.out, "Impossible\n"));
  CHECK(contains(result.out, "No event can make it true."));
}

TEST_CASE("explain of a rule that is not there names one that is") {
  const Falcoc falcoc;
  const Result result = falcoc.run("explain --rule 'Secret rea' \"$RULES\"");
  CHECK(result.status == 2);
  CHECK(contains(result.out, "did you mean 'Secret read'?"));
}

TEST_CASE("every stage of the compiler can be printed") {
  const Falcoc falcoc;
  const auto emit = [&](const std::string& form) {
    const Result result = falcoc.run("explain --emit=" + form + " \"$RULES\"");
    CAPTURE(form);
    CHECK(result.status == 0);
    return result.out;
  };
  CHECK(contains(emit("ast"), "macro opened\n"));
  CHECK(contains(emit("ir"), "evt.rawres < 0"));
  CHECK(contains(emit("facts"), "proc.name in ("));
  CHECK(contains(emit("filter"), "Failed mkdir: ret in ("));
  CHECK(contains(emit("llvm"), "define internal"));
  CHECK(contains(emit("asm"), "falcoc_manifest:"));
  const std::string dot = emit("dot");
  CHECK(contains(dot, "digraph rules {"));
  CHECK(contains(dot, R"(\"b)"));  // the quote in the literal is escaped
}

TEST_CASE("cost has a row for each rule and kind, as a table and as JSON") {
  const Falcoc falcoc;
  const Result table = falcoc.run("cost \"$RULES\"");
  CHECK(table.status == 0);
  CHECK(contains(table.out, "Secret read"));
  CHECK(contains(table.out, "filtered"));
  const auto rows = nlohmann::json::parse(falcoc.run("cost --json \"$RULES\"").out);
  CHECK(rows.size() == 3);
  for (const auto& row : rows) {
    CHECK(row.at("estimated_ns") > 0);
    CHECK(row.at("over_budget") == false);
    if (row.at("rule") == "Failed mkdir") {
      CHECK(row.at("event") == "mkdir");
      CHECK(row.at("filtered") == true);
      CHECK(row.at("fields") == nlohmann::json::array({"evt.rawres"}));
    }
  }
}

TEST_CASE("a rule over the budget is a finding") {
  const Falcoc falcoc;
  CHECK(falcoc.run("cost --budget 100000 \"$RULES\"").status == 0);
  const Result result = falcoc.run("cost --budget 50 --json \"$RULES\"");
  CHECK(result.status == 1);
  for (const auto& row : nlohmann::json::parse(result.out)) {
    CHECK(row.at("over_budget") == (row.at("rule") == "Secret read"));
  }
}

TEST_CASE("rules with errors are not explained") {
  const Falcoc falcoc;
  CHECK(falcoc.run("explain /dev/null/none").status == 2);
  CHECK(falcoc.run("explain --emit=nonsense \"$RULES\"").status == 2);
}
