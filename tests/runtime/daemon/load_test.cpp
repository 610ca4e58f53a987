// What -r names: files, directories, bundles, and what is wrong with them.
#include "runtime/daemon/load.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "compiler/bundle/bundle.h"
#include "runtime/daemon/describe.h"

using namespace falcod;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcod-load-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
};

std::string rule(const std::string& name) {
  return "- rule: " + name +
         "\n  desc: d\n  condition: evt.type = openat\n  output: o %proc.name\n  priority: "
         "WARNING\n";
}

struct Loaded {
  falcoc::SourceMap sources;
  falcoc::Diagnostics diagnostics;
  std::optional<LoadedRules> rules;
  std::optional<falcoc::ir::Program> program;
  explicit Loaded(const std::vector<std::string>& paths,
                  const std::vector<falcoc::ir::OutputAddition>& additions = {},
                  const std::vector<RuleSelection>& selections = {},
                  const falcoc::ir::StaticFields& static_fields = {}) {
    rules = load_rules(
        paths, {.additions = additions, .selections = selections, .static_fields = static_fields},
        sources, diagnostics);
    if (rules) program = rules->program;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    if (program) {
      for (const auto& each : program->rules) all.push_back(each.name);
    }
    return all;
  }
  bool has(falcoc::Code code) const {
    for (const auto& each : diagnostics.items()) {
      if (each.code == code) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("a directory gives its rule files sorted by path, and nothing else of it") {
  const Folder folder;
  folder.write("b.yaml", rule("second"));
  folder.write("a.yml", rule("first"));
  folder.write("readme.txt", "not: rules");
  fs::create_directory(folder.path / "sub.yaml");
  const Loaded loaded({folder.path.string()});
  CHECK(loaded.names() == std::vector<std::string>{"first", "second"});
}

TEST_CASE("files are loaded in the order given") {
  const Folder folder;
  const Loaded loaded(
      {folder.write("b.yaml", rule("second")), folder.write("a.yaml", rule("first"))});
  CHECK(loaded.names() == std::vector<std::string>{"second", "first"});
}

TEST_CASE("a missing file and an empty directory are errors") {
  const Folder folder;
  CHECK(Loaded({(folder.path / "none.yaml").string()}).has(falcoc::Code::FILE_UNREADABLE));
  CHECK(Loaded({folder.path.string()}).has(falcoc::Code::FILE_UNREADABLE));
}

TEST_CASE("a plugin that rules require and falcod has not built in is an error") {
  const Folder folder;
  const std::string needs = "- required_plugin_versions:\n  - name: ";
  CHECK(Loaded({folder.write("a.yaml", needs + "container\n    version: 0.4.0\n" + rule("one"))})
            .program);
  const Loaded other(
      {folder.write("b.yaml", needs + "k8saudit\n    version: 0.7.0\n" + rule("one"))});
  CHECK_FALSE(other.program);
  CHECK(other.diagnostics.has_errors());
}

TEST_CASE("a bundle is recognised by its content and gives the same rules") {
  const Folder folder;
  const Loaded compiled({folder.write("a.yaml", rule("one"))});
  REQUIRE(compiled.program);
  const std::string bundle = falcoc::bundle::write(*compiled.program);
  const Loaded loaded({folder.write("rules.yaml", bundle)});
  CHECK(loaded.names() == std::vector<std::string>{"one"});
}

TEST_CASE("a truncated or altered bundle is an error") {
  const Folder folder;
  const Loaded compiled({folder.write("a.yaml", rule("one"))});
  REQUIRE(compiled.program);
  std::string bundle = falcoc::bundle::write(*compiled.program);
  CHECK_FALSE(Loaded({folder.write("cut", bundle.substr(0, bundle.size() / 2))}).program);
  bundle[bundle.size() / 2] = static_cast<char>(bundle[bundle.size() / 2] ^ 1);
  const Loaded altered({folder.write("altered", bundle)});
  CHECK_FALSE(altered.program);
  CHECK(altered.diagnostics.has_errors());
}

TEST_CASE("a bundle takes no further rules") {
  const Folder folder;
  const std::string file = folder.write("a.yaml", rule("one"));
  const Loaded compiled({file});
  REQUIRE(compiled.program);
  const std::string bundle = folder.write("b", falcoc::bundle::write(*compiled.program));
  CHECK(Loaded({bundle, file}).has(falcoc::Code::RULE_INPUT_MIXED));
}

TEST_CASE("outputs of rule files and bundles are added to") {
  const Folder folder;
  const std::string file = folder.write("a.yaml", rule("one"));
  const Loaded compiled({file});
  REQUIRE(compiled.program);
  const std::string bundle = folder.write("b", falcoc::bundle::write(*compiled.program));
  for (const std::string& path : {file, bundle}) {
    CAPTURE(path);
    const Loaded loaded({path}, {{.name = "-p", .extra_output = "pid=%proc.pid"}});
    REQUIRE(loaded.program);
    const auto& output = loaded.program->rules[0].output;
    CHECK(loaded.program->rules[0].output_text == "o %proc.name pid=%proc.pid");
    REQUIRE(output.fields.size() == 2);
    CHECK(output.fields[1].key == "proc.pid");
    CHECK_FALSE(Loaded({path}, {{.name = "-p", .extra_output = "%proc.pib"}}).program);
  }
}

TEST_CASE("errors of a rule have a position and keep the rules from running") {
  const Folder folder;
  const std::string path =
      folder.write("a.yaml", rule("good") +
                                 "- rule: bad\n  desc: d\n  condition: evt.typ = openat\n"
                                 "  output: o\n  priority: WARNING\n");
  const Loaded loaded({path});
  CHECK_FALSE(loaded.program);
  REQUIRE(loaded.diagnostics.items().size() >= 1);
  const std::string text =
      falcoc::render_text(loaded.diagnostics.items()[0], loaded.sources, false);
  CHECK(text.find(path + ":8:") != std::string::npos);
  CHECK(text.find("evt.type") != std::string::npos);
}

TEST_CASE("rules are described in text and JSON, one rule by its name") {
  const Folder folder;
  const Loaded loaded({folder.write("a.yaml", rule("one") + rule("two"))});
  REQUIRE(loaded.program);
  const auto all = describe_rules(*loaded.rules, "", false);
  REQUIRE(all);
  CHECK(all->find("one") != std::string::npos);
  CHECK(all->find("Warning, syscall") != std::string::npos);
  const auto one = describe_rules(*loaded.rules, "two", true);
  REQUIRE(one);
  CHECK(one->find(R"("name":"two")") != std::string::npos);
  CHECK(one->find(R"("name":"one")") == std::string::npos);
  const auto none = describe_rules(*loaded.rules, "twoo", false);
  REQUIRE_FALSE(none);
  CHECK(none.error().hint == "did you mean `two`?");
}

TEST_CASE("fields are listed by class, by name alone, and for known sources only") {
  const auto full = list_fields("", false);
  REQUIRE(full);
  CHECK(full->find("Field Class:") != std::string::npos);
  CHECK(full->find("proc.cmdline") != std::string::npos);
  const auto names = list_fields("syscall", true);
  REQUIRE(names);
  CHECK(names->find("\nproc.cmdline\n") != std::string::npos);
  CHECK_FALSE(list_fields("k8s_audit", false));
}

namespace {

/// The names of the rules that are enabled after these selections.
std::vector<std::string> enabled(const std::vector<RuleSelection>& selections,
                                 size_t* unmet = nullptr) {
  const Folder folder;
  const std::string path = folder.write(
      "rules.yaml", rule("Read a file") + "  tags: [file, slow]\n" + rule("Write a file") +
                        "  tags: [file]\n" + rule("Odd") + "  enabled: false\n");
  const Loaded loaded({path}, {}, selections);
  REQUIRE(loaded.program);
  if (unmet != nullptr) {
    *unmet = 0;
    for (const auto& each : loaded.diagnostics.items()) {
      *unmet += each.code == falcoc::Code::CONFIG_SELECTION ? 1 : 0;
    }
  }
  std::vector<std::string> names;
  for (const auto& each : loaded.program->rules) {
    if (each.enabled) names.push_back(each.name);
  }
  return names;
}

}  // namespace

TEST_CASE("rules are enabled and disabled by name and tag, in order, the last one counts") {
  using Names = std::vector<std::string>;
  CHECK(enabled({}) == Names{"Read a file", "Write a file"});
  CHECK(enabled({{false, false, "Write a file", {}}}) == Names{"Read a file"});
  CHECK(enabled({{false, false, "*", {}}, {true, true, "slow", {}}}) == Names{"Read a file"});
  CHECK(enabled({{true, false, "O*", {}}}) == Names{"Read a file", "Write a file", "Odd"});
  CHECK(enabled({{false, false, "*a*file", {}}}).empty());
  CHECK(enabled({{false, false, "*a*fil", {}}}) == Names{"Read a file", "Write a file"});
  CHECK(enabled({{false, false, "Read * file*", {}}}) == Names{"Write a file"});
  CHECK(enabled({{false, true, "fil*", {}}}) == Names{"Read a file", "Write a file"});  // exact
}

TEST_CASE("a selection that meets no rule is told of") {
  size_t unmet = 0;
  enabled({{false, false, "Write the file", {}}, {true, true, "file", {}}}, &unmet);
  CHECK(unmet == 1);
}
