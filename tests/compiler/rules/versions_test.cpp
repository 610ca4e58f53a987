// Requirements on the engine and on plugins.
#include "compiler/rules/versions.h"

#include <doctest/doctest.h>

#include "tests/compiler/rules/loading.h"

using namespace falcoc;
using namespace falcoc::rules;

TEST_CASE("a version is three numbers, and what follows is told apart") {
  const auto parsed = parse_version("0.63.0-rc1");
  REQUIRE(parsed.has_value());
  CHECK(parsed->version == Version{0, 63, 0});
  CHECK(parsed->rest == "-rc1");
  for (const char* const text :
       {"", "1", "1.2", "1.2.", "a.b.c", "-1.2.3", ".1.2", "1.2.99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_version(text).has_value());
  }
}

TEST_CASE("the highest engine requirement is kept") {
  Loading loading(
      "- required_engine_version: 10\n- required_engine_version: 0.20.0\n"
      "- required_engine_version: '0x0b'\n");
  CHECK(loading.loaded);
  CHECK(loading.set.required_engine_version == "0.20.0");
}

TEST_CASE("an engine requirement that cannot be met is an error at the version") {
  Loading newer("- required_engine_version: 0.64.0\n");
  CHECK_FALSE(newer.loaded);
  CHECK(newer.place(Code::ENGINE_VERSION_UNSUPPORTED) == "0.64.0");
  CHECK_FALSE(Loading("- required_engine_version: 1.0.0\n").loaded);
  CHECK(Loading("- required_engine_version: abc\n").found(Code::ENGINE_VERSION_MALFORMED));
  CHECK(Loading("- required_engine_version: -1\n").found(Code::ENGINE_VERSION_MALFORMED));
  CHECK(Loading("- required_engine_version: 08\n").found(Code::ENGINE_VERSION_MALFORMED));
}

TEST_CASE("text after an engine version is let pass with a warning") {
  Loading loading("- required_engine_version: 0.63.0junk\n");
  CHECK(loading.loaded);
  CHECK(loading.found(Code::ENGINE_VERSION_SUFFIX));
  CHECK(Loading("- required_engine_version: 0.63.0-rc1\n").codes().empty());
}

TEST_CASE("plugin requirements keep the order of alternatives") {
  Loading loading(
      "- required_plugin_versions:\n  - name: a\n    version: 1.2.3\n    alternatives:\n"
      "      - {name: b, version: 0.1.0}\n      - {name: c, version: 2.0.0}\n");
  CHECK(loading.loaded);
  REQUIRE(loading.set.required_plugins.size() == 1);
  const auto& alternatives = loading.set.required_plugins[0].alternatives;
  REQUIRE(alternatives.size() == 3);
  CHECK(alternatives[0].name == "a");
  CHECK(alternatives[2].name == "c");
}

TEST_CASE("a plugin named twice in one requirement, or with a bad version, is an error") {
  CHECK(Loading("- required_plugin_versions: [{name: a, version: 1.0.0, alternatives: [{name: a, "
                "version: 1.0.0}]}]\n")
            .found(Code::PLUGIN_REQUIREMENT));
  CHECK(Loading("- required_plugin_versions: [{name: a, version: x}]\n")
            .found(Code::PLUGIN_REQUIREMENT));
  CHECK(Loading("- required_plugin_versions: [{name: a}]\n").found(Code::VALUE_MISSING));
  CHECK(Loading("- required_plugin_versions: {name: a, version: 1.0.0}\n").found(Code::VALUE_TYPE));
}

TEST_CASE("the first available plugin of a requirement decides") {
  const auto fulfilled = [](std::string text) {
    Loading loading("- required_plugin_versions: [" + std::move(text) + "]\n");
    REQUIRE(loading.loaded);
    const AvailablePlugin available[] = {{"container", {0, 4, 2}}, {"other", {1, 0, 0}}};
    check_plugin_requirements(loading.set, available, loading.diagnostics);
    return !loading.found(Code::PLUGIN_UNAVAILABLE);
  };
  CHECK(fulfilled("{name: container, version: 0.4.0}"));
  CHECK_FALSE(fulfilled("{name: container, version: 0.5.0}"));
  CHECK_FALSE(fulfilled("{name: container, version: 1.0.0}"));
  CHECK_FALSE(fulfilled("{name: k8saudit, version: 0.1.0}"));
  CHECK(fulfilled("{name: absent, version: 1.0.0, alternatives: [{name: other, version: 1.0.0}]}"));
  CHECK_FALSE(fulfilled(
      "{name: container, version: 9.0.0, alternatives: [{name: other, version: 1.0.0}]}"));
}
