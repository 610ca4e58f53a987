// Templates as Go has them; what is expected here is what text/template prints, but for absent
// values.
#include "runtime/route/template.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using falcod::route::Template;
using nlohmann::json;

namespace {

const json kAlert = {
    {"Rule", "Read <a> file"},
    {"Priority", "Critical"},
    {"Tags", {"host", "T1003"}},
    {"None", json::array()},
    {"OutputFields",
     {{"proc.name", "cat"}, {"proc.pid", 7}, {"user.name", nullptr}, {"ok", true}, {"load", 0.5}}},
};

std::string rendered(std::string_view text) {
  const auto parsed = Template::parse(text);
  if (!parsed) return "error: " + parsed.error();
  return parsed->render(kAlert);
}

}  // namespace

TEST_CASE("values") {
  CHECK(rendered("") == "");
  CHECK(rendered("a{b}} c") == "a{b}} c");
  CHECK(rendered("{{ .Rule }}|{{.Priority}}") == "Read <a> file|Critical");
  CHECK(rendered("{{ index .OutputFields \"proc.name\" }} {{ index .OutputFields `proc.pid` }}") ==
        "cat 7");
  CHECK(rendered("{{ .OutputFields.ok }} {{ .OutputFields.load }}") == "true 0.5");
  CHECK(rendered("{{ .Tags }} {{ index .Tags 1 }}") == "[host T1003] T1003");
  CHECK(rendered("[{{ .Absent }}{{ .Absent.more }}{{ index .OutputFields \"user.name\" }}{{ index "
                 ".Tags 9 }}]") == "[]");
  CHECK(rendered("{{ .OutputFields }}") ==
        "map[load:0.5 ok:true proc.name:cat proc.pid:7 user.name:]");
  CHECK(rendered("{{ 12 }} {{ -3 }} {{ 1.5 }} {{ \"a\\n\\\"\" }} {{ true }} {{ 'a' }}") ==
        "12 -3 1.5 a\n\" true 97");
  CHECK(rendered("{{ (index .OutputFields \"proc.name\") }}") == "cat");
  CHECK(rendered("{{ \"}}\" }}") == "}}");
}

TEST_CASE("conditions, the dot and variables") {
  CHECK(rendered("{{ if eq .Priority \"Critical\" }}!{{ else }}.{{ end }}") == "!");
  CHECK(rendered("{{ if .None }}a{{ else if .Tags }}b{{ else }}c{{ end }}") == "b");
  CHECK(rendered("{{ if and (gt .OutputFields.load 0.1) (not .None) }}yes{{ end }}") == "yes");
  CHECK(rendered("{{ with .OutputFields }}{{ .ok }}{{ $.Priority }}{{ end }}") == "trueCritical");
  CHECK(rendered("{{ with .Absent }}a{{ else }}b{{ end }}") == "b");
  CHECK(rendered("{{ $x := .Priority }}{{ if true }}{{ $x = \"changed\" }}{{ end }}{{ $x }}") ==
        "changed");
  CHECK(rendered("{{ if true }}{{ $x := 1 }}{{ end }}[{{ $x }}]") == "[]");
  CHECK(rendered("{{ if $n := len .Tags }}{{ $n }}{{ end }}") == "2");
}

TEST_CASE("ranges") {
  CHECK(rendered("{{ range .Tags }}<{{ . }}>{{ end }}") == "<host><T1003>");
  CHECK(rendered("{{ range $i, $tag := .Tags }}{{ $i }}={{ $tag }} {{ end }}") ==
        "0=host 1=T1003 ");
  CHECK(rendered("{{ range $key, $value := .OutputFields }}{{ $key }} {{ end }}") ==
        "load ok proc.name proc.pid user.name ");
  CHECK(rendered("{{ range .None }}a{{ else }}none{{ end }}") == "none");
  CHECK(rendered("{{ range $tag := .Tags }}{{ $tag }}{{ end }}") == "hostT1003");
}

TEST_CASE("pipelines and functions") {
  CHECK(rendered("{{ .Priority | printf \"%-10s|%q\" \"a\" }}") == "a         |\"Critical\"");
  CHECK(rendered("{{ printf \"%s %d %5.2f %t %v %% %x\" .Priority 7 0.5 true .Tags 255 }}") ==
        "Critical 7  0.50 true [host T1003] % ff");
  CHECK(rendered("{{ printf \"%s\" }}{{ printf \"%\" }}") == "%!s(MISSING)%!(NOVERB)");
  CHECK(rendered("{{ print 1 2 \"a\" 3 }}{{ println \"x\" 1 }}") == "1 2a3x 1\n");
  CHECK(rendered("{{ html .Rule }} {{ .Rule | urlquery }} {{ js .Rule }}") ==
        "Read &lt;a&gt; file Read+%3Ca%3E+file Read \\u003Ca\\u003E file");
  CHECK(rendered("{{ or .Absent .None \"d\" }}{{ and .Rule .Priority }}") == "dCritical");
  CHECK(rendered("{{ or (index .OutputFields \"k8s.ns.name\") \"no namespace\" }}") ==
        "no namespace");
  CHECK(rendered("{{ eq .Priority \"Error\" \"Critical\" }} {{ ne 1 1 }} {{ lt 1 2 }} {{ le 2 2 }} "
                 "{{ ge 1 2 }}") == "true false true true false");
  CHECK(
      rendered("{{ len .Rule }} {{ slice .Rule 5 8 }} {{ slice .Tags 1 }} {{ slice .Rule 9 4 }}") ==
      "13 <a> [T1003] ");
  CHECK(rendered("{{ len 4 }}{{ index .Rule 1 }}{{ lt 1 \"a\" }}") == "false");
}

TEST_CASE("trimming and comments") {
  CHECK(rendered("a \n {{- .Priority -}} \n b") == "aCriticalb");
  CHECK(rendered("a {{/* not this }} */}} b {{- /* nor this */ -}} c") == "a  bc");
  CHECK(rendered("{{-3 }}") == "-3");
}

TEST_CASE("what is not understood is said") {
  for (const auto& [text, error] : std::initializer_list<std::pair<const char*, const char*>>{
           {"{{ .Rule", "`{{` without `}}`"},
           {"{{ }}", "an action is empty"},
           {"{{ if .Rule }}", "`{{ end }}` is missing"},
           {"{{ end }}", "`{{ end }}` without if, with or range"},
           {"{{ upper .Rule }}", "there is no function `upper`"},
           {"{{ template \"x\" }}", "there is no function `template`"},
           {"{{ .Rule .Priority }}", "only functions take arguments"},
           {"{{ len len .Rule }}", "put `len` and its arguments in parentheses"},
           {"{{ (.Rule }}", "`(` without `)`"},
           {"{{ .Rule) }}", "`)` without `(`"},
           {"{{ .Rule | }}", "a value is missing"},
           {"{{ \"a }}", "a text without its closing quote"},
           {"{{ \"\\z\" }}", "`\\z` is not understood in a text"},
           {"{{ 1a }}", "`1a` is no number"},
           {"{{ .Rule ~ }}", "`~` has no place in an action"},
           {"{{ $a, $b := .Tags }}", "two variables belong to range"},
           {"{{ if 1 }}{{ else range }}{{ end }}", "behind else stands if or with, or nothing"},
           {"{{/* a }}", "`/*` without `*/`"},
       }) {
    CAPTURE(text);
    const auto parsed = Template::parse(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error() == error);
  }
}

TEST_CASE("nesting and work have bounds") {
  std::string deep, blocks;
  for (int i = 0; i < 1000; ++i) deep += "(";
  CHECK_FALSE(Template::parse("{{ " + deep + "1 }}").has_value());
  for (int i = 0; i < 1000; ++i) blocks += "{{ if 1 }}";
  CHECK_FALSE(Template::parse(blocks).has_value());
  // the fortieth power of two rounds
  std::string ranges, ends;
  for (int i = 0; i < 40; ++i) {
    ranges += "{{ range $.Tags }}";
    ends += "{{ end }}";
  }
  CHECK(rendered(ranges + "x" + ends).size() <= Template::kMaxText);
}
