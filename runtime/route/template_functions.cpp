// See template_functions.h; what they do is Go's documentation of text/template.
#include "runtime/route/template_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/route/template_tree.h"

namespace falcod::route {

namespace {

using nlohmann::json;
using Arguments = std::span<const json>;

json and_(Arguments all) {
  for (const json& each : all) {
    if (!template_truth(each)) return each;
  }
  return all.empty() ? json() : all.back();
}

json or_(Arguments all) {
  for (const json& each : all) {
    if (template_truth(each)) return each;
  }
  return all.empty() ? json() : all.back();
}

json not_(Arguments all) { return all.size() == 1 && !template_truth(all[0]); }

json eq(Arguments all) {
  return all.size() >= 2 &&
         std::ranges::any_of(all.subspan(1), [&](const json& each) { return all[0] == each; });
}

json ne(Arguments all) { return all.size() == 2 && all[0] != all[1]; }

bool can_be_ordered(Arguments all) {
  return all.size() == 2 &&
         ((all[0].is_number() && all[1].is_number()) || (all[0].is_string() && all[1].is_string()));
}
json lt(Arguments all) { return can_be_ordered(all) && all[0] < all[1]; }
json le(Arguments all) { return can_be_ordered(all) && all[0] <= all[1]; }
json gt(Arguments all) { return can_be_ordered(all) && all[0] > all[1]; }
json ge(Arguments all) { return can_be_ordered(all) && all[0] >= all[1]; }

json index(Arguments all) {
  if (all.empty()) return {};
  json value = all[0];
  for (const json& key : all.subspan(1)) {
    if (value.is_object() && key.is_string()) {
      const auto found = value.find(key.get<std::string>());
      value = found == value.end() ? json() : json(*found);
    } else if (value.is_array() && key.is_number_integer()) {
      const auto at = key.get<int64_t>();
      value = at >= 0 && static_cast<size_t>(at) < value.size()
                  ? json(value[static_cast<size_t>(at)])
                  : json();
    } else {
      return {};
    }
  }
  return value;
}

json slice(Arguments all) {
  if (all.empty() || all.size() > 3 || (!all[0].is_string() && !all[0].is_array())) return {};
  const size_t size =
      all[0].is_string() ? all[0].get_ref<const std::string&>().size() : all[0].size();
  std::array<size_t, 2> bounds{0, size};
  for (size_t i = 1; i < all.size(); ++i) {
    if (!all[i].is_number_integer() || all[i].get<int64_t>() < 0) return {};
    bounds[i - 1] = std::min(all[i].get<size_t>(), size);
  }
  const auto [begin, end] = bounds;
  if (begin > end) return {};
  if (all[0].is_string()) return all[0].get_ref<const std::string&>().substr(begin, end - begin);
  return json(std::vector<json>(all[0].begin() + static_cast<ptrdiff_t>(begin),
                                all[0].begin() + static_cast<ptrdiff_t>(end)));
}

json len(Arguments all) {
  if (all.size() != 1) return {};
  if (all[0].is_string()) return all[0].get_ref<const std::string&>().size();
  return all[0].is_array() || all[0].is_object() ? json(all[0].size()) : json();
}

/// Blanks stand between values of which neither is a text.
json print(Arguments all) {
  std::string out;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i > 0 && !all[i].is_string() && !all[i - 1].is_string()) out += ' ';
    out += template_text(all[i]);
  }
  return out;
}

json println(Arguments all) {
  std::string out;
  for (size_t i = 0; i < all.size(); ++i) out += (i > 0 ? " " : "") + template_text(all[i]);
  return out + "\n";
}

/// One verb of printf: flags, width and precision are those of C.
std::string formatted(std::string_view flags, char verb, const json& value) {
  const auto padded = [&](std::string text) {
    size_t width = 0;
    const bool left = flags.starts_with('-');
    const std::string_view digits = flags.substr(left ? 1 : 0);
    std::from_chars(digits.data(), digits.data() + digits.size(), width);
    width = std::min<size_t>(width, 4096);
    if (text.size() < width) text.insert(left ? text.size() : 0, width - text.size(), ' ');
    return text;
  };
  switch (verb) {
    case 's':
    case 'v':
      return padded(template_text(value));
    case 'd':
      return padded(value.is_number_integer() ? value.dump() : template_text(value));
    case 't':
      return padded(value.is_boolean() ? value.dump() : template_text(value));
    case 'q':
      return padded(
          json(template_text(value)).dump(-1, ' ', false, json::error_handler_t::replace));
    case 'x':
      return padded(value.is_number_integer() ? fmt::format("{:x}", value.get<int64_t>())
                                              : template_text(value));
    case 'f': {
      const size_t dot = flags.find('.');
      int precision = 6;
      if (dot != flags.npos)
        std::from_chars(flags.data() + dot + 1, flags.data() + flags.size(), precision);
      return padded(value.is_number()
                        ? fmt::format("{:.{}f}", value.get<double>(), std::clamp(precision, 0, 30))
                        : template_text(value));
    }
    default:
      return fmt::format("%!{}({})", verb, template_text(value));
  }
}

json printf(Arguments all) {
  if (all.empty() || !all[0].is_string()) return {};
  const std::string_view format = all[0].get_ref<const std::string&>();
  std::string out;
  size_t next = 1;
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      out += format[at];
      continue;
    }
    const size_t verb =
        std::min(format.find_first_not_of("-+ #0123456789.", at + 1), format.size());
    if (verb == format.size()) {
      out += "%!(NOVERB)";
      break;
    }
    if (format[verb] == '%') {
      out += '%';
    } else if (next < all.size()) {
      out += formatted(format.substr(at + 1, verb - at - 1), format[verb], all[next++]);
    } else {
      out += fmt::format("%!{}(MISSING)", format[verb]);
    }
    at = verb;
  }
  return out;
}

json html(Arguments all) {
  const json text = print(all);
  std::string out;
  for (const char c : text.get_ref<const std::string&>()) {
    switch (c) {
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

json js(Arguments all) {
  const std::string quoted = json(print(all)).dump(-1, ' ', true, json::error_handler_t::replace);
  std::string out;
  for (const char c : quoted.substr(1, quoted.size() - 2)) {
    if (c == '<' || c == '>' || c == '&' || c == '\'' || c == '=') {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

json urlquery(Arguments all) {
  const json text = print(all);
  std::string out;
  for (const char c : text.get_ref<const std::string&>()) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += c == ' ' ? "+" : fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

struct Function {
  std::string_view name;
  json (*call)(Arguments);
};
constexpr std::array kFunctions{
    Function{"and", and_},    Function{"or", or_},        Function{"not", not_},
    Function{"eq", eq},       Function{"ne", ne},         Function{"lt", lt},
    Function{"le", le},       Function{"gt", gt},         Function{"ge", ge},
    Function{"index", index}, Function{"slice", slice},   Function{"len", len},
    Function{"print", print}, Function{"printf", printf}, Function{"println", println},
    Function{"html", html},   Function{"js", js},         Function{"urlquery", urlquery},
};

}  // namespace

std::string template_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  std::string out;
  const auto separate = [&] {
    if (!out.empty()) out += ' ';
  };
  if (value.is_array()) {
    for (const json& item : value) {
      separate();
      out += template_text(item);
    }
    return "[" + out + "]";
  }
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      separate();
      out += key + ":" + template_text(item);
    }
    return "map[" + out + "]";
  }
  return value.dump();
}

bool template_truth(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

bool is_template_function(std::string_view name) {
  return std::ranges::find(kFunctions, name, &Function::name) != kFunctions.end();
}

json call_template_function(std::string_view name, Arguments arguments) {
  return std::ranges::find(kFunctions, name, &Function::name)->call(arguments);
}

}  // namespace falcod::route
