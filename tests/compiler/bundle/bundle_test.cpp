// Bundles hold what was put in, and say clearly what is wrong with them.
#include "compiler/bundle/bundle.h"

#include <doctest/doctest.h>

#include "compiler/bundle/envelope.h"
#include "tests/compiler/bundle/sample_program.h"

namespace falcoc::testing {
namespace {

void check_equal(const std::vector<ir::OutputPiece>& a, const std::vector<ir::OutputPiece>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].is_text == b[i].is_text);
    CHECK(a[i].text == b[i].text);
    CHECK(a[i].operand == b[i].operand);
    CHECK(a[i].width == b[i].width);
  }
}

void check_equal(const ir::Rule& a, const ir::Rule& b) {
  CHECK(a.name == b.name);
  CHECK(a.description == b.description);
  CHECK(a.source == b.source);
  CHECK(a.priority == b.priority);
  CHECK(a.tags == b.tags);
  CHECK(a.enabled == b.enabled);
  CHECK(a.capture == b.capture);
  CHECK(a.capture_duration_ms == b.capture_duration_ms);
  CHECK(a.condition == b.condition);
  CHECK(a.condition_text == b.condition_text);
  CHECK(a.output_text == b.output_text);
  CHECK(a.origin.file == b.origin.file);
  CHECK(a.origin.line == b.origin.line);
  CHECK(a.origin.column == b.origin.column);
  check_equal(a.output.pieces, b.output.pieces);
  REQUIRE(a.output.texts.size() == b.output.texts.size());
  for (size_t i = 0; i < a.output.texts.size(); ++i) {
    CHECK(a.output.texts[i].key == b.output.texts[i].key);
    check_equal(a.output.texts[i].pieces, b.output.texts[i].pieces);
  }
  REQUIRE(a.output.fields.size() == b.output.fields.size());
  for (size_t i = 0; i < a.output.fields.size(); ++i) {
    CHECK(a.output.fields[i].key == b.output.fields[i].key);
    CHECK(a.output.fields[i].operand == b.output.fields[i].operand);
  }
}

Code code_of(std::string_view bytes) {
  const auto program = bundle::read(bytes, "test");
  REQUIRE(!program.has_value());
  CHECK(program.error().message.find("'test'") != std::string::npos);
  return program.error().code;
}

TEST_CASE("a program comes back from a bundle as it was") {
  ir::Program program = sample_program();
  program.required_engine_version = "0.50.0";
  const std::string bytes = bundle::write(program);
  CHECK(bundle::is_bundle(bytes));
  const auto loaded = bundle::read(bytes, "test");
  REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
  CHECK(loaded->fields == program.fields);
  CHECK(loaded->operands == program.operands);
  CHECK(loaded->literal_sets == program.literal_sets);
  CHECK(loaded->nodes == program.nodes);
  CHECK(loaded->required_engine_version == "0.50.0");
  REQUIRE(loaded->info.size() == program.info.size());
  for (size_t i = 0; i < program.info.size(); ++i) {
    CHECK(loaded->info[i].may_be_true == program.info[i].may_be_true);
    CHECK(loaded->info[i].may_be_false == program.info[i].may_be_false);
    CHECK(loaded->info[i].binding == program.info[i].binding);
  }
  REQUIRE(loaded->rules.size() == program.rules.size());
  for (size_t i = 0; i < program.rules.size(); ++i) check_equal(loaded->rules[i], program.rules[i]);
}

TEST_CASE("the same program gives the same bytes") {
  CHECK(bundle::write(sample_program()) == bundle::write(sample_program()));
}

TEST_CASE("a program without rules is a bundle too") {
  const auto loaded = bundle::read(bundle::write(ir::ProgramBuilder().finish()), "test");
  REQUIRE(loaded.has_value());
  CHECK(loaded->rules.empty());
}

TEST_CASE("a rule file is not taken for a bundle") {
  CHECK(!bundle::is_bundle("- rule: x\n"));
  CHECK(code_of("- rule: x\n") == Code::NOT_A_BUNDLE);
  CHECK(code_of("") == Code::NOT_A_BUNDLE);
}

TEST_CASE("each kind of damage has a diagnostic of its own") {
  const std::string bytes = bundle::write(sample_program());
  CHECK(code_of(bytes.substr(0, 20)) == Code::BUNDLE_TRUNCATED);
  CHECK(code_of(bytes.substr(0, bytes.size() - 1)) == Code::BUNDLE_TRUNCATED);
  CHECK(code_of(bytes + "x") == Code::BUNDLE_ALTERED);
  std::string altered = bytes;
  altered[bundle::kHeaderBytes + 9] ^= 1;
  CHECK(code_of(altered) == Code::BUNDLE_ALTERED);
  std::string newer = bytes;
  newer[8] = 2;
  CHECK(code_of(newer) == Code::BUNDLE_NEWER_FORMAT);
  std::string huge = bytes;
  huge[30] = 1;
  CHECK(code_of(huge) == Code::BUNDLE_LIMIT);
  CHECK(code_of(bundle::seal("not what the schema says")) == Code::BUNDLE_MALFORMED);
}

TEST_CASE("every truncation and every flipped bit is refused") {
  const std::string bytes = bundle::write(sample_program());
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(bundle::read(bytes.substr(0, size), "test").has_value());
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string altered = bytes;
      altered[i] = static_cast<char>(altered[i] ^ (1 << bit));
      if (bundle::read(altered, "test").has_value()) FAIL("byte " << i << " bit " << bit);
    }
  }
}

}  // namespace
}  // namespace falcoc::testing
