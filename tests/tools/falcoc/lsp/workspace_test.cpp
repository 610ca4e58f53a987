#include "tools/falcoc/lsp/workspace.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>

#include "tools/falcoc/lsp/files.h"
#include "tools/falcoc/lsp/rule_tests.h"
#include "tools/falcoc/lsp/uri.h"

namespace falcoc::lsp {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "falcoc-lsp-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = fs::canonical(name).string();
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((fs::path(path_) / name).parent_path());
    std::ofstream(fs::path(path_) / name) << text;
  }
  const std::string& path() const { return path_; }
  /// Paths relative to the folder.
  std::vector<std::string> names(const std::vector<std::string>& paths) const {
    std::vector<std::string> out;
    for (const std::string& path : paths) out.push_back(fs::path(path).lexically_relative(path_));
    return out;
  }

 private:
  std::string path_;
};

using Strings = std::vector<std::string>;

const std::string kList = "- list: l\n  items: [a]\n";

TEST_CASE("rule files of a folder come in the order in which falcod loads them") {
  Folder folder;
  for (const char* const name :
       {"zz.yaml", "falco_rules.yaml", "falco_rules.local.yaml", "rules.d/b.yml", "rules.d/a.yaml",
        "more/c.yaml", ".hidden/d.yaml", "node_modules/e.yaml", "x.test.yaml"}) {
    folder.write(name, kList);
  }
  folder.write("compose.yaml", "services: {}\n");
  CHECK(folder.names(find_rule_files(folder.path())) ==
        Strings{"falco_rules.yaml", "falco_rules.local.yaml", "zz.yaml", "rules.d/a.yaml",
                "rules.d/b.yml", "more/c.yaml"});
}

TEST_CASE("globs name rule files in load order, each once") {
  Folder folder;
  for (const char* const name : {"std/a.yaml", "std/b.yaml", "mine/x.yaml", "mine/deep/y.yaml"}) {
    folder.write(name, kList);
  }
  const auto expand = [&](const Strings& globs) {
    return folder.names(expand_globs(globs, folder.path()));
  };
  CHECK(expand({"std/*.yaml", "mine/**/*.yaml"}) ==
        Strings{"std/a.yaml", "std/b.yaml", "mine/deep/y.yaml", "mine/x.yaml"});
  CHECK(expand({"mine/x.yaml", "std", "mine/x.yaml"}) ==
        Strings{"mine/x.yaml", "std/a.yaml", "std/b.yaml"});
  CHECK(expand({folder.path() + "/std/b.yaml"}) == Strings{"std/b.yaml"});
  CHECK(expand({"nothing/*.yaml"}).empty());
}

TEST_CASE("names are found in all files that load together, texts of the editor first") {
  Folder folder;
  folder.write("a.yaml", kList);
  folder.write("b.yaml", "- list: l\n  items: [b]\n  override: {items: append}\n");
  folder.write("other.txt", kList);
  Workspace workspace;
  workspace.set_root(folder.path());
  workspace.rescan();
  const std::string uri = uri_of(folder.path() + "/a.yaml");
  Document* document = workspace.find(uri);
  REQUIRE(document != nullptr);
  CHECK(workspace.group_of(*document).size() == 2);
  CHECK(Names(workspace.group_of(*document)).list_items("l") == Strings{"a", "b"});

  workspace.open(uri, 1, "- list: l\n  items: [open]\n");
  workspace.rescan();
  CHECK(Names(workspace.group_of(*document)).list_items("l") == Strings{"open", "b"});
  workspace.close(uri);
  workspace.rescan();
  CHECK(Names(workspace.group_of(*workspace.find(uri))).list_items("l") == Strings{"a", "b"});

  // What does not belong to the workspace is alone.
  Document& alone = workspace.open("untitled:x", 1, kList);
  CHECK(workspace.group_of(alone).size() == 1);
  CHECK(workspace.groups().size() == 2);
}

TEST_CASE("tests beside a rule file are found by the rule that they are about") {
  Folder folder;
  folder.write("rules/r.yaml", "- rule: R\n");
  folder.write(
      "rules/tests/r.test.yaml",
      "rules: ../r.yaml\ntests:\n- test: one\n  event: open\n  expect: R\n"
      "- test: two\n  cases:\n  - {case: a, expect: [R, S]}\n- test: three\n  expect: none\n");
  folder.write("rules/tests/folder.test.yaml", "rules: [..]\ntests:\n- test: x\n  reject: R\n");
  folder.write("rules/tests/foreign.test.yaml",
               "rules: ../q.yaml\ntests:\n- test: x\n  expect: R\n");
  folder.write("tests/beside.test.yaml", "rules: ../rules/\ntests:\n- test: x\n  expect: {R: 1}\n");
  const auto read = [](const std::string& path) -> std::optional<std::string> {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const RuleTests tests = find_tests(folder.path() + "/rules/r.yaml", read);
  REQUIRE(tests.rules.contains("R"));
  const auto& files = tests.rules.find("R")->second;
  CHECK(files.size() == 3);
  const auto& lines = files.at(folder.path() + "/rules/tests/r.test.yaml");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].first == 3);
  CHECK(lines[1].first == 6);
  CHECK(lines[1].last >= 8);
  CHECK(files.contains(folder.path() + "/tests/beside.test.yaml"));
  CHECK(tests.names.at(folder.path() + "/rules/tests/r.test.yaml").size() == 4);  // R, R, S, none
}

TEST_CASE("the outcome of a test run counts the tests of the rule alone") {
  const std::map<std::string, std::vector<LineRange>> files{{"/t.test.yaml", {{3, 6}}}};
  const Json printed{{"passed", 2},
                     {"failed", 2},
                     {"tests",
                      {{{"file", "/t.test.yaml"}, {"line", 3}, {"name", "a"}, {"passed", true}},
                       {{"file", "/t.test.yaml"},
                        {"line", 5},
                        {"name", "b"},
                        {"passed", false},
                        {"problems", {"no alert", "of R"}},
                        {"reasons", {"x is false", "y too"}}},
                       {{"file", "/t.test.yaml"}, {"line", 9}, {"name", "c"}, {"passed", false}},
                       {{"file", "/u.test.yaml"}, {"line", 3}, {"name", "d"}, {"passed", true}}}}};
  const TestOutcome outcome = outcome_of("R", written(printed), "", files);
  CHECK(outcome.passed == 1);
  CHECK(outcome.failed == 1);
  CHECK(outcome.message == "`R`: 1 of 2 tests failed: b\nno alert\nof R\nx is false\ny too");
  REQUIRE(outcome.diagnostics.at("/t.test.yaml").size() == 1);
  CHECK(outcome.diagnostics.at("/t.test.yaml")[0]["range"]["start"]["line"] == 4);
  const TestOutcome none = outcome_of("R", "", "error: no such file", files);
  CHECK(none.message == "tests of `R` did not run: error: no such file");
  CHECK(none.diagnostics.empty());
}

}  // namespace
}  // namespace falcoc::lsp
