// Whether appending to a condition keeps what was written before. Falco joins the texts without
// parentheses, and so do we (quirk Q44). Knows words and parentheses, not the grammar.
#pragma once

#include <string_view>

namespace falcoc::rules {

enum class AppendEffect : unsigned char {
  KEEPS_MEANING,
  BINDS_TO_LAST_ALTERNATIVE,  ///< `a or b` and `and c`: c restricts b alone
  ALTERNATIVE_TO_ALL,         ///< `a and b` and `or c`: c is enough, whatever a says
};

AppendEffect effect_of_append(std::string_view earlier, std::string_view appended);

}  // namespace falcoc::rules
