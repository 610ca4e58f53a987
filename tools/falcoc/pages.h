// The pages of `falcoc explain-code`: one per diagnostic, with a bad and a good example where a
// rule file can show it. A page is one row of pages/*.def. Knows codes only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/source/diagnostic.h"

namespace falcoc::cli {

struct Page {
  enum class Example : unsigned char {
    NONE,       ///< cannot arise from a rule file, or only from a huge one
    CONDITION,  ///< `bad` and `good` are conditions
    RULES,      ///< `bad` and `good` are rule files
  };
  Code code;
  Example example = Example::NONE;
  std::string_view text;
  std::string_view bad;   ///< gives exactly this code, and `also`
  std::string_view good;  ///< gives no finding
  std::optional<Code> also{};
  bool is_lint = false;  ///< `bad` gives this code among others, `good` does not
};

/// All pages, in no order.
std::span<const Page> pages();

/// Null if there is none, which tests forbid.
const Page* find_page(Code code);

/// The rule file of an example; a condition becomes a rule that may match any event.
std::string example_file(const Page& page, std::string_view example);

}  // namespace falcoc::cli
