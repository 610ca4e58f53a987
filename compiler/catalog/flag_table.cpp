// Flag and enumerator names, expanded from flags.def.
#include <array>

#include "compiler/catalog/catalog.h"

namespace falcoc {
namespace {

#define FALCOC_NO_NATIVE kNoNative

struct Row {
  FlagTableId table;
  FlagName flag;
};

constexpr Row kRows[] = {
#define FLAG_TABLE(...)
#define FLAG(table, name, value, native) {FlagTableId::table, {#name, value, native}},
#include "compiler/catalog/flags.def"
#undef FLAG_TABLE
#undef FLAG
};

constexpr auto kNames = [] {
  std::array<FlagName, std::size(kRows)> names{};
  for (size_t i = 0; i < names.size(); ++i) names[i] = kRows[i].flag;
  return names;
}();

constexpr bool kExactEXACT = true;
constexpr bool kExactBITMASK = false;

constexpr auto build_tables() {
  auto tables = std::to_array<FlagTable>({
      {.name = "none", .exact = false, .flags = {}},
#define FLAG_TABLE(table, match) {.name = #table, .exact = kExact##match, .flags = {}},
#define FLAG(...)
#include "compiler/catalog/flags.def"
#undef FLAG_TABLE
#undef FLAG
  });
  for (size_t i = 0; i < std::size(kRows);) {
    size_t end = i;
    while (end < std::size(kRows) && kRows[end].table == kRows[i].table) ++end;
    tables[static_cast<size_t>(kRows[i].table)].flags = {kNames.data() + i, end - i};
    i = end;
  }
  return tables;
}
constexpr auto kTables = build_tables();

}  // namespace

const FlagTable& flag_table(FlagTableId id) { return kTables[static_cast<size_t>(id)]; }

}  // namespace falcoc
