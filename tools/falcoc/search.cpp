// `falcoc search`: which rules are about something. What a rule uses through macros and lists
// counts; the events are those that its condition can be true for.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/catalog/event_sets.h"
#include "compiler/ir/text_match.h"
#include "tools/falcoc/commands.h"
#include "tools/falcoc/references.h"
#include "tools/falcoc/report.h"

namespace falcoc::cli {

namespace {

/// `evt.arg` is used by `evt.arg.flags`.
bool is_about(const std::string& used, const std::string& name) {
  return used == name || (used.starts_with(name) && used[name.size()] == '.');
}

/// A field, the beginning of some (`evt.arg`), or one with an argument behind a dot.
bool is_field(std::string_view name) {
  return std::ranges::any_of(fields(), [name](const FieldInfo& field) {
    const size_t common = std::min(field.name.size(), name.size());
    const std::string_view longer = field.name.size() > name.size() ? field.name : name;
    return field.name.substr(0, common) == name.substr(0, common) &&
           (field.name.size() == name.size() || longer[common] == '.');
  });
}

class Search {
 public:
  Search(const SearchOptions& options, const RuleInput& input)
      : options_(options), input_(input), references_(input.rules) {
    for (const rules::Rule& rule : input.rules.rules) written_[rule.name.str()] = &rule;
  }

  /// What is asked for and cannot be there; empty if all can.
  std::string mistake() {
    if (!options_.event.empty()) {
      events_ = event_kinds_named(options_.event);
      if (!events_) return fmt::format("no event is named '{}'", options_.event);
    }
    if (!options_.priority.empty()) {
      priority_ = parse_priority(options_.priority);
      if (!priority_) return fmt::format("no priority is named '{}'", options_.priority);
    }
    const std::string& name = options_.uses;
    if (name.empty() || references_.has(name) || is_field(name)) return {};
    return fmt::format("no macro, list or field is named '{}'", name);
  }

  std::vector<const ir::Rule*> found() const {
    std::vector<const ir::Rule*> out;
    for (const ir::Rule& rule : input_.program.rules) {
      if (matches(rule)) out.push_back(&rule);
    }
    return out;
  }

 private:
  bool matches(const ir::Rule& rule) const {
    if (!options_.tag.empty() && std::ranges::find(rule.tags, options_.tag) == rule.tags.end()) {
      return false;
    }
    if (priority_ && rule.priority > *priority_) return false;
    if (events_ && (input_.program.rule_events(rule) & *events_).none()) return false;
    return says(rule) && uses_name(rule);
  }

  bool says(const ir::Rule& rule) const {
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{rule.name, rule.description, rule.condition_text,
                                                rule.output_text},
        [this](std::string_view text) { return ir::contains_ignoring_case(text, options_.text); });
  }

  bool uses_name(const ir::Rule& rule) const {
    if (options_.uses.empty()) return true;
    const auto written = written_.find(rule.name);
    if (written == written_.end()) return false;
    return std::ranges::any_of(references_.of(*written->second), [this](const Reference& used) {
      return is_about(used.name, options_.uses);
    });
  }

  const SearchOptions& options_;
  const RuleInput& input_;
  References references_;
  std::map<std::string, const rules::Rule*> written_;
  std::optional<EventSet> events_;
  std::optional<Priority> priority_;
};

/// Places as editors and `grep -n` have them.
std::string as_lines(const std::vector<const ir::Rule*>& rules) {
  std::string out;
  for (const ir::Rule* rule : rules) {
    out += fmt::format("{}:{}: {} {}\n", rule->origin.file, rule->origin.line,
                       priority_name(rule->priority), rule->name);
  }
  return out;
}

std::string as_json(const ir::Program& program, const std::vector<const ir::Rule*>& rules) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const ir::Rule* rule : rules) {
    nlohmann::ordered_json events = nlohmann::ordered_json::array();
    const EventSet& kinds = program.rule_events(*rule);
    if (kinds != all_event_kinds()) {
      for_each_kind(kinds, [&](EventKind kind, const EventInfo&) {
        events.push_back(event_kind_name(kind));
      });
    }
    out.push_back({{"rule", rule->name},
                   {"file", rule->origin.file},
                   {"line", rule->origin.line},
                   {"priority", priority_name(rule->priority)},
                   {"source", rule->source},
                   {"enabled", rule->enabled},
                   {"tags", rule->tags},
                   {"events", events}});  // empty: all
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitStatus search(const SearchOptions& options) {
  const RuleInput input = read_rules(options.paths);
  if (input.unreadable || input.diagnostics.has_errors()) {
    report(input, formats().front(), false, stderr);
    return input.unreadable ? ExitStatus::FAILURE : ExitStatus::FINDINGS;
  }
  Search search(options, input);
  if (const std::string mistake = search.mistake(); !mistake.empty()) {
    fmt::print(stderr, "error: {}\n", mistake);
    return ExitStatus::FAILURE;
  }
  const std::vector<const ir::Rule*> found = search.found();
  const bool written =
      write_all(options.json ? as_json(input.program, found) : as_lines(found), stdout);
  if (!written) return ExitStatus::FAILURE;
  return found.empty() ? ExitStatus::FINDINGS : ExitStatus::CLEAN;
}

}  // namespace falcoc::cli
