// The words of conditions with what they mean, for lists and editors. Data only.
#pragma once

#include <array>
#include <string_view>

namespace falcoc::cli {

enum class WordKind : unsigned char { OPERATOR, MODIFIER, TRANSFORMER, CONNECTIVE };

struct WordRow {
  WordKind kind;
  std::string_view words;  ///< bare, with one blank between
  std::string_view shown;  ///< as a list shows them, with what stands behind
  std::string_view types;  ///< of what stands on the left
  std::string_view doc;
};

inline constexpr std::array kWords = {
    WordRow{WordKind::OPERATOR, "= ==", "=, ==", "all", "the value is the same"},
    WordRow{WordKind::OPERATOR, "!=", "!=", "all", "the value is there and another"},
    WordRow{WordKind::OPERATOR, "< <= > >=", "<, <=, >, >=", "numbers, text",
            "compared in size; text byte by byte"},
    WordRow{WordKind::OPERATOR, "exists", "exists", "all", "the value is there"},
    WordRow{WordKind::OPERATOR, "in", "in (a, b)", "all",
            "the value is one of the list; of a list field, all are"},
    WordRow{WordKind::OPERATOR, "intersects", "intersects (a, b)", "list fields",
            "a value of the field is one of the list"},
    WordRow{WordKind::OPERATOR, "contains", "contains", "text, bytes",
            "the text is a part of the value"},
    WordRow{WordKind::OPERATOR, "icontains", "icontains", "text",
            "the same, whatever the case of letters"},
    WordRow{WordKind::OPERATOR, "startswith endswith", "startswith, endswith", "text",
            "the value begins or ends with the text"},
    WordRow{WordKind::OPERATOR, "glob iglob", "glob, iglob", "text",
            "the whole value matches a pattern of * ? []; iglob whatever the case"},
    WordRow{WordKind::OPERATOR, "regex", "regex", "text",
            "the whole value matches a regular expression, POSIX syntax"},
    WordRow{WordKind::OPERATOR, "pmatch", "pmatch (p, q)", "text",
            "the value is one of the paths or lies below one"},
    WordRow{WordKind::OPERATOR, "bcontains bstartswith", "bcontains, bstartswith", "bytes, text",
            "as without b, the literal in hexadecimal"},
    WordRow{WordKind::MODIFIER, "oneof anyof allof", "OP oneof, anyof, allof (a, b)", "scalars",
            "the operator holds for one, at least one, every literal"},
    WordRow{WordKind::TRANSFORMER, "tolower toupper", "tolower(), toupper()", "text",
            "the value in one case"},
    WordRow{WordKind::TRANSFORMER, "b64", "b64()", "text", "the value decoded"},
    WordRow{WordKind::TRANSFORMER, "basename", "basename()", "text",
            "what stands behind the last slash"},
    WordRow{WordKind::TRANSFORMER, "len", "len()", "text, bytes, lists", "how long it is"},
    WordRow{WordKind::TRANSFORMER, "join concat", "join(SEP, …), concat(…)", "text",
            "values as one text, with and without something between"},
    WordRow{WordKind::TRANSFORMER, "getopt", "getopt(LIST, 'ab:')", "lists of text",
            "options of a command line; getopt(…)[b] the argument of one"},
    WordRow{WordKind::TRANSFORMER, "val", "val(FIELD)", "all",
            "on the right side: the value of a field instead of a literal"},
    WordRow{WordKind::CONNECTIVE, "and or not", "and, or, not", "",
            "not binds most tightly, then and, then or"},
};

}  // namespace falcoc::cli
