#include "compiler/ir/syntax_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "compiler/ir/spelling.h"

namespace falcoc::ir {

namespace {

struct Advice {
  bool (*applies)(const Place&);
  std::string (*text)(const Place&);
};

struct Replacement {
  std::string_view written;
  std::string_view meant;
};

std::string_view meant_by(std::span<const Replacement> table, std::string_view written) {
  const auto row = std::ranges::find(table, written, &Replacement::written);
  return row == table.end() ? std::string_view() : row->meant;
}

constexpr Replacement kConnectives[] = {
    {"AND", "and"}, {"OR", "or"}, {"And", "and"}, {"Or", "or"},   {"&&", "and"},
    {"||", "or"},   {"&", "and"}, {"|", "or"},    {"NOT", "not"}, {"Not", "not"},
};

/// Operators of other languages, as they stand where an operator is expected.
constexpr Replacement kOperatorWords[] = {
    {"matches", "regex"},
    {"match", "regex"},
    {"like", "glob"},
    {"~", "regex"},
    {"~=", "regex"},
    {"is", "="},
    {"eq", "="},
    {"ne", "!="},
    {"equals", "="},
    {"starts_with", "startswith"},
    {"ends_with", "endswith"},
    {"startsWith", "startswith"},
    {"endsWith", "endswith"},
    {"IN", "in"},
    {"EXISTS", "exists"},
    {"CONTAINS", "contains"},
    {"has", "contains"},
    {":", "="},
    {"!~", "regex"},
    {"include", "contains"},
    {"includes", "contains"},
    {"exist", "exists"},
    {"contain", "contains"},
    {"!==", "!="},
    {"startwith", "startswith"},
    {"endwith", "endswith"},
};

/// `FIELD = X` where X is the rest of an operator that the language does not have.
constexpr Replacement kSplitOperators[] = {
    {"~", "regex"}, {">", ">="}, {"<", "<="}, {"!", "!="}, {"*", "glob"},
};

bool expects_connective(const Place& place) {
  return place.expected == Expected::CONNECTIVE || place.expected == Expected::CONNECTIVE_OR_CLOSE;
}
bool expects_value(const Place& place) {
  return place.expected == Expected::STRING_VALUE || place.expected == Expected::NUMBER_VALUE ||
         place.expected == Expected::LIST_VALUE || place.expected == Expected::MODIFIER_LIST;
}
bool expects_item(const Place& place) {
  return place.expected == Expected::LIST_ITEM || place.expected == Expected::LIST_ITEM_OR_END;
}
bool found(const Place& place, char byte) {
  return !place.found.empty() && place.found.front() == byte;
}
bool found_letter(const Place& place) {
  if (place.found.empty()) return false;
  const char byte = place.found.front();
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
bool is_word_operator(std::string_view word) {
  const auto op = operator_spelt(word);
  return op && *op >= Operator::CONTAINS && *op <= Operator::REGEX;
}
std::string_view field_or(const Place& place) {
  return place.field.empty() ? std::string_view("FIELD") : place.field;
}

/// `inn (…)`: the operator took the beginning of a word, the list's name is the rest.
bool ends_inside_word(const Place& place) {
  return place.behind_name && operator_spelt(place.before_previous).has_value() &&
         place.before_previous.data() + place.before_previous.size() == place.previous.data();
}
bool calls_word(const Place& place) {
  return place.found.size() > place.word.size() && place.found[place.word.size()] == '(';
}

bool negates_operator(const Place& place) {
  return place.expected == Expected::OPERATOR &&
         (place.word == "not" || place.word == "NOT" ||
          (place.word.starts_with('!') && operator_spelt(place.word.substr(1)).has_value()));
}
std::string negate_check(const Place& place) {
  std::string_view rest = place.found;
  rest.remove_prefix(place.word.starts_with('!') ? 1 : place.word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  const std::string_view op = rest.substr(0, rest.find_first_of(" \t\r\n('\""));
  if (!operator_spelt(op)) return "write `not` before the field: `not FIELD in (…)`";
  return fmt::format("write `not` before the field: `not {} {} {}`", field_or(place), op,
                     op == "in" || op == "intersects" || op == "pmatch" ? "(…)" : "…");
}

const Advice kAdvice[] = {
    // Behind a check
    {[](const Place& p) {
       return expects_connective(p) && !meant_by(kConnectives, p.word).empty();
     },
     [](const Place& p) { return fmt::format("write `{}`", meant_by(kConnectives, p.word)); }},
    {[](const Place& p) { return p.behind_macro && !meant_by(kConnectives, p.previous).empty(); },
     [](const Place& p) {
       return fmt::format("`{}` is read as the name of a macro; write `{}`", p.previous,
                          meant_by(kConnectives, p.previous));
     }},
    {[](const Place& p) {
       return p.behind_macro && found(p, '(') &&
              (transformer_spelt(p.previous).has_value() || p.previous == "val");
     },
     [](const Place& p) {
       return p.previous == "val"
                  ? std::string("`val()` stands on the right side of an operator only")
                  : fmt::format("write the parenthesis right behind the name: `{}(…)`", p.previous);
     }},
    {[](const Place& p) {
       return p.behind_macro && found(p, '(') && !closest_transformer(p.previous).empty();
     },
     [](const Place& p) {
       return fmt::format("did you mean the transformer `{}`?", closest_transformer(p.previous));
     }},
    {[](const Place& p) { return expects_connective(p) && found(p, '(') && ends_inside_word(p); },
     [](const Place& p) {
       return fmt::format("`{0}{1}` is read as `{0} {1}`; write `{0} (…)`", p.before_previous,
                          p.previous);
     }},
    {[](const Place& p) {
       return p.behind_macro && expects_connective(p) &&
              (found(p, '=') || found(p, '<') || found(p, '>') || found(p, '!') || found(p, '[') ||
               operator_spelt(p.word).has_value());
     },
     [](const Place& p) {
       return fmt::format(
           "`{}` is read as the name of a macro; names of fields have a dot, like "
           "`proc.name`",
           p.previous);
     }},
    {[](const Place& p) { return expects_connective(p) && (p.word == "and" || p.word == "or"); },
     [](const Place& p) {
       if (p.found.size() == p.word.size()) return fmt::format("a check must follow `{}`", p.word);
       return p.found[p.word.size()] == ' '
                  ? std::string("write a blank between `or` and the parenthesis behind it")
                  : fmt::format("write a blank behind `{}`", p.word);
     }},
    {[](const Place& p) {
       return p.behind_bare && p.before_previous == "=" &&
              !meant_by(kSplitOperators, p.previous).empty();
     },
     [](const Place& p) {
       const auto meant = meant_by(kSplitOperators, p.previous);
       return fmt::format("there is no operator `={}`; use `{}`{}", p.previous, meant,
                          meant == "regex" ? " (whole value) or `glob`" : "");
     }},
    {[](const Place& p) {
       return (p.behind_bare || p.behind_name) && found(p, '(') &&
              modifier_spelt(p.previous).has_value();
     },
     [](const Place& p) {
       return p.behind_name
                  ? fmt::format("`{}` goes with `=`, `!=` and word operators, not with `{}`",
                                p.previous, p.before_previous)
                  : fmt::format("write blanks on both sides of `{}`", p.previous);
     }},
    {[](const Place& p) { return p.behind_bare && expects_connective(p) && found(p, '='); },
     [](const Place&) { return std::string("quote a value that contains `=`"); }},
    {[](const Place& p) { return p.behind_bare && expects_connective(p) && found(p, '('); },
     [](const Place&) { return std::string("quote a value that contains a parenthesis"); }},
    {[](const Place& p) { return p.behind_bare && expects_connective(p) && found(p, ','); },
     [](const Place&) {
       return std::string(
           "for several values write `in (a, b)`; quote a value that contains a comma");
     }},
    {[](const Place& p) { return p.behind_number && expects_connective(p) && found_letter(p); },
     [](const Place&) {
       return std::string("numbers have no units: times are nanoseconds, sizes are bytes");
     }},
    {[](const Place& p) {
       return p.behind_bare && expects_connective(p) && !p.found.empty() && !found(p, ')');
     },
     [](const Place& p) {
       return fmt::format(
           "quote a value that contains blanks, as in `'{} {}'`, or join two checks "
           "with `and` or `or`",
           p.previous, p.word);
     }},
    {[](const Place& p) { return expects_connective(p) && (found_letter(p) || found(p, '(')); },
     [](const Place&) { return std::string("join checks with `and` or `or`"); }},

    // Where a check begins
    {[](const Place& p) { return p.expected == Expected::CHECK && found(p, '!'); },
     [](const Place&) { return std::string("write `not` and a blank"); }},
    {[](const Place& p) {
       return p.expected == Expected::CHECK && (p.previous == "and" || p.previous == "or") &&
              p.found.empty();
     },
     [](const Place& p) { return fmt::format("remove the last `{}`", p.previous); }},
    {[](const Place& p) {
       return p.expected == Expected::CHECK && (found(p, '"') || found(p, '\''));
     },
     [](const Place&) {
       return std::string("a check begins with a field, a transformer or the name of a macro");
     }},
    {[](const Place& p) { return p.expected == Expected::CHECK && found(p, '%'); },
     [](const Place&) { return std::string("`%` before fields is for outputs; leave it out"); }},

    {[](const Place& p) {
       return p.expected == Expected::LEFT_SIDE && calls_word(p) &&
              !closest_transformer(p.word).empty();
     },
     [](const Place& p) {
       return fmt::format("did you mean the transformer `{}`?", closest_transformer(p.word));
     }},

    // Where an operator stands
    {negates_operator, negate_check},
    {[](const Place& p) { return p.expected == Expected::OPERATOR && found(p, '['); },
     [](const Place& p) {
       return fmt::format("write the bracket right behind the name: `{}[…]`", field_or(p));
     }},
    {[](const Place& p) { return p.expected == Expected::OPERATOR && is_word_operator(p.word); },
     [](const Place& p) { return fmt::format("write a blank behind `{}`", p.word); }},
    {[](const Place& p) {
       return p.expected == Expected::OPERATOR && !meant_by(kOperatorWords, p.word).empty();
     },
     [](const Place& p) {
       const auto meant = meant_by(kOperatorWords, p.word);
       return fmt::format("use `{}`{}", meant,
                          meant == "regex" ? " (matches the whole value) or `glob`" : "");
     }},
    {[](const Place& p) {
       return p.expected == Expected::OPERATOR && found_letter(p) &&
              !closest_operator(p.word).empty();
     },
     [](const Place& p) { return fmt::format("did you mean `{}`?", closest_operator(p.word)); }},
    {[](const Place& p) {
       return p.expected == Expected::OPERATOR &&
              (p.found.empty() || found(p, ')') || p.word == "and" || p.word == "or");
     },
     [](const Place& p) {
       return fmt::format("to test that the field is present, write `{} exists`", field_or(p));
     }},
    {[](const Place& p) { return p.expected == Expected::OPERATOR && found(p, '-'); },
     [](const Place&) { return std::string("names of fields contain no dash"); }},

    // Where a value stands
    {[](const Place& p) { return p.expected == Expected::STRING_VALUE && found(p, '('); },
     [](const Place& p) {
       return p.previous == "!="
                  ? fmt::format("for several values write `not {} in (…)`", field_or(p))
              : p.previous == "=" || p.previous == "=="
                  ? fmt::format("for several values write `{} in (…)`", field_or(p))
                  : fmt::format("for several values write `{} {} anyof (…)`", field_or(p),
                                p.previous);
     }},
    {[](const Place& p) { return p.expected == Expected::STRING_VALUE && found(p, '='); },
     [](const Place&) { return std::string("quote a value that contains `=`"); }},
    {[](const Place& p) {
       return p.expected == Expected::NUMBER_VALUE && p.previous == "<" && found(p, '>');
     },
     [](const Place&) { return std::string("use `!=`"); }},
    {[](const Place& p) {
       return p.expected == Expected::NUMBER_VALUE && modifier_spelt(p.word).has_value();
     },
     [](const Place& p) {
       return fmt::format("`{}` goes with `=`, `!=` and word operators, not with `{}`", p.word,
                          p.previous);
     }},
    {[](const Place& p) {
       return p.expected == Expected::NUMBER_VALUE &&
              (found_letter(p) || found(p, '"') || found(p, '\''));
     },
     [](const Place& p) {
       return found_letter(p)
                  ? fmt::format(
                        "`{}` compares with a number or with `val(FIELD)`; a list of one number "
                        "cannot stand there by its name",
                        p.previous)
                  : fmt::format("`{}` compares with an unquoted number or with `val(FIELD)`",
                                p.previous);
     }},
    {[](const Place& p) { return p.expected == Expected::LIST_VALUE && !p.found.empty(); },
     [](const Place& p) {
       return found(p, '[') || found(p, '{')
                  ? fmt::format("lists are written in parentheses: `{} {} (a, b)`", field_or(p),
                                p.previous)
                  : fmt::format("write the list in parentheses: `{} {} ({})`", field_or(p),
                                p.previous, p.word);
     }},
    {[](const Place& p) { return expects_value(p) && p.found.empty(); },
     [](const Place& p) {
       return p.expected == Expected::STRING_VALUE ? std::string("for the empty text write `''`")
                                                   : std::string();
     }},

    // In lists
    {[](const Place& p) { return p.expected == Expected::LIST_SEPARATOR && !p.found.empty(); },
     [](const Place& p) {
       return found(p, '=') || found(p, '(')
                  ? fmt::format("quote an item that contains `{}`", p.found.substr(0, 1))
                  : std::string("write a comma between the items of a list");
     }},
    {[](const Place& p) { return expects_item(p) && found(p, ')'); },
     [](const Place&) { return std::string("remove the comma behind the last item"); }},
    {[](const Place& p) { return expects_item(p) && found(p, ','); },
     [](const Place&) { return std::string("remove the comma"); }},
    {[](const Place& p) { return expects_item(p) && found(p, '('); },
     [](const Place&) { return std::string("lists do not nest; write the items side by side"); }},
    {[](const Place& p) { return expects_item(p) && found(p, '='); },
     [](const Place&) { return std::string("quote an item that contains `=`"); }},

    // In brackets and calls
    {[](const Place& p) {
       return (p.expected == Expected::ARGUMENT || p.expected == Expected::ARGUMENT_CLOSE) &&
              !p.found.empty();
     },
     [](const Place&) {
       return std::string("write no blanks between the brackets, or quote the argument: `['a b']`");
     }},
    {[](const Place& p) {
       return (p.expected == Expected::OPERAND || p.expected == Expected::OPERAND_OR_END) &&
              found_letter(p);
     },
     [](const Place& p) { return fmt::format("quote text inside a transformer: `'{}'`", p.word); }},
    {[](const Place& p) { return p.expected == Expected::OPERAND_SEPARATOR && found(p, '['); },
     [](const Place&) { return std::string("write the bracket right behind the name"); }},
    {[](const Place& p) {
       return p.expected == Expected::VAL_FIELD || p.expected == Expected::VAL_CLOSE;
     },
     [](const Place&) { return std::string("`val()` takes one plain field: `val(proc.name)`"); }},
};

}  // namespace

std::string advice(const Place& place) {
  for (const Advice& row : kAdvice) {
    if (row.applies(place)) return row.text(place);
  }
  return {};
}

}  // namespace falcoc::ir
