#include "tools/bench/check/generate.h"

#include <fmt/format.h>

namespace falcoc::bench {

namespace {

constexpr size_t kRulesPerList = 5;
constexpr size_t kRulesPerMacro = 3;
constexpr size_t kItemsPerList = 12;

std::string list(size_t number) {
  std::string text = fmt::format("- list: binaries_{}\n  items: [", number);
  for (size_t i = 0; i < kItemsPerList; ++i) {
    text += fmt::format("{}tool_{}_{}", i == 0 ? "" : ", ", number, i);
  }
  return text + "]\n\n";
}

std::string macro(size_t number) {
  return fmt::format(
      "- macro: activity_{0}\n  condition: >\n"
      "    (proc.name in (binaries_{1}) or proc.pname startswith tool_{0})\n"
      "    and not proc.cmdline contains \"--quiet {0}\"\n\n",
      number, number * kRulesPerMacro / kRulesPerList);
}

std::string rule(size_t number) {
  return fmt::format(
      "- rule: Generated rule {0}\n  desc: >\n    One of many rules that look like published ones "
      "and differ\n    in their texts.\n  condition: >\n"
      "    evt.type in (open, openat, openat2) and evt.is_open_write = true\n"
      "    and fd.typechar = 'f' and fd.num >= 0\n"
      "    and (fd.name startswith /srv/data_{0}/ or fd.directory in (/etc/{0}, /opt/{0}))\n"
      "    and activity_{1}\n"
      "    and not (proc.pname in (binaries_{2}) and user.uid = {3})\n"
      "  output: file opened (file=%fd.name command=%proc.cmdline parent=%proc.pname "
      "user=%user.name)\n"
      "  priority: WARNING\n  tags: [filesystem, generated]\n"
      "  exceptions:\n  - name: known\n    fields: [proc.name, fd.name]\n"
      "    values:\n    - [helper_{0}, /srv/data_{0}/lock]\n\n",
      number, number / kRulesPerMacro, number / kRulesPerList, number % 1000);
}

}  // namespace

std::string generate_rules(size_t rules) {
  std::string text;
  for (size_t i = 0; i < rules; ++i) {
    if (i % kRulesPerList == 0) text += list(i / kRulesPerList);
    if (i % kRulesPerMacro == 0) text += macro(i / kRulesPerMacro);
    text += rule(i);
  }
  return text;
}

}  // namespace falcoc::bench
