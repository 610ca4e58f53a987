// Edits of findings: each finding whole or not at all, and no file is made worse.
#include "tools/falcoc/lint_fix.h"

#include "tests/tools/falcoc/sandbox.h"

using namespace falcoc;
using falcoc::check::RuleInput;
using falcoc::test::contents_of;
using falcoc::test::Sandbox;

namespace {

const std::string kFirst = "- macro: first\n  condition: proc.name = cat\n";
const std::string kSecond = "- macro: second\n  condition: proc.name = dog\n";

class Files {
 public:
  Files() {
    sandbox_.file("a.yaml", kFirst);
    sandbox_.file("b.yaml", kSecond);
    input_ =
        check::read_rules({sandbox_.path("a.yaml").string(), sandbox_.path("b.yaml").string()});
  }

  /// Puts `text` where `old` stands in the file of this number.
  lint::Edit edit(size_t file, std::string_view old, std::string text) const {
    const size_t at = input_.sources.file(FileId(file)).text().find(old);
    REQUIRE(at != std::string::npos);
    return {{FileId(file), static_cast<uint32_t>(at), static_cast<uint32_t>(at + old.size())},
            std::move(text)};
  }
  static lint::Finding finding(std::vector<lint::Edit> edits) {
    return {.diagnostic = Diagnostic::at(Code::LINT_GLOB_AFFIX, edits.front().span, "m"),
            .edits = std::move(edits)};
  }
  cli::FixResult fix(const std::vector<lint::Finding>& findings) const {
    return cli::fix(input_, findings);
  }
  std::string text(const std::string& name) const { return contents_of(sandbox_.path(name)); }

 private:
  Sandbox sandbox_;
  RuleInput input_;
};

}  // namespace

TEST_CASE("fix: of findings that meet the first is mended, whole, and the other not at all") {
  const Files files;
  const auto result = files.fix({
      Files::finding({files.edit(0, "=", "startswith"), files.edit(0, "cat", "ca")}),
      Files::finding({files.edit(0, "proc.name", "proc.pname"), files.edit(0, "cat", "cow")}),
      Files::finding({files.edit(1, "dog", "hen")}),
  });
  CHECK_FALSE(result.failed);
  CHECK(result.fixed == std::vector<bool>{true, false, true});
  CHECK(files.text("a.yaml") == "- macro: first\n  condition: proc.name startswith ca\n");
  CHECK(files.text("b.yaml") == "- macro: second\n  condition: proc.name = hen\n");
}

TEST_CASE("fix: a file that would get an error stays as it is, others are mended") {
  const Files files;
  const auto result = files.fix({
      Files::finding({files.edit(0, "cat", "")}),
      Files::finding({files.edit(0, "first", "third")}),
      Files::finding({files.edit(1, "dog", "hen")}),
  });
  CHECK(result.failed);
  CHECK(result.fixed == std::vector<bool>{false, false, true});
  CHECK(files.text("a.yaml") == kFirst);
  CHECK(files.text("b.yaml") == "- macro: second\n  condition: proc.name = hen\n");
}

TEST_CASE("fix: a file that cannot be written is told of, and counts as not mended") {
  RuleInput input = check::read_rules({check::NamedText{"missing/a.yaml", kFirst}});
  const uint32_t at = static_cast<uint32_t>(kFirst.find("cat"));
  const auto result = cli::fix(input, {Files::finding({{{FileId(0), at, at + 3}, "cow"}})});
  CHECK(result.failed);
  CHECK(result.fixed == std::vector<bool>{false});
}
