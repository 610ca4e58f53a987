#include "tools/falcoc/lsp/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "compiler/catalog/type_name.h"
#include "compiler/ir/field_name.h"
#include "compiler/lint/attack.h"
#include "compiler/lint/words.h"
#include "tools/falcoc/vocabulary.h"

namespace falcoc::lsp {

namespace {

constexpr std::array kKeys = {
    KeyDoc{"rule", "rule", "name", "Name of the rule; unique, and what alerts and tests call it"},
    KeyDoc{"rule", "desc", "text", "What the rule finds, and why that matters"},
    KeyDoc{"rule", "condition", "condition", "When the rule raises an alert"},
    KeyDoc{"rule", "output", "text with %fields", "What the alert says"},
    KeyDoc{"rule", "priority", "priority", "How grave it is, EMERGENCY to DEBUG"},
    KeyDoc{"rule", "tags", "list of words",
           "What the rule is about; chooses rules and routes alerts"},
    KeyDoc{"rule", "source", "event source",
           "Whose events it is about; `syscall` if it is not said"},
    KeyDoc{"rule", "enabled", "true or false",
           "Whether it is used; alone it switches an earlier rule"},
    KeyDoc{"rule", "exceptions", "list", "What the condition leaves out, by field and value"},
    KeyDoc{"rule", "warn_evttypes", "true or false",
           "Whether to warn of a condition for all events"},
    KeyDoc{"rule", "skip-if-unknown-filter", "true or false",
           "Skip the rule if it names a field that is not known"},
    KeyDoc{"rule", "capture", "true or false", "Whether the daemon records around a match"},
    KeyDoc{"rule", "capture_duration", "milliseconds", "For how long it records"},
    KeyDoc{"rule", "override", "key: append or replace",
           "Which keys change those of an earlier rule"},
    KeyDoc{"rule", "append", "true",
           "Older way of `override`: condition and exceptions are appended"},
    KeyDoc{"macro", "macro", "name", "Name by which conditions use it"},
    KeyDoc{"macro", "condition", "condition", "What the name stands for"},
    KeyDoc{"macro", "override", "condition: append or replace", "Changes an earlier macro"},
    KeyDoc{"macro", "append", "true", "Older way of `override: {condition: append}`"},
    KeyDoc{"list", "list", "name", "Name by which conditions and lists use it"},
    KeyDoc{"list", "items", "list of words", "What the name stands for; names of lists among them"},
    KeyDoc{"list", "override", "items: append or replace", "Changes an earlier list"},
    KeyDoc{"list", "append", "true", "Older way of `override: {items: append}`"},
    KeyDoc{"exception", "name", "name", "By which later files add values"},
    KeyDoc{"exception", "fields", "list of fields", "What is compared"},
    KeyDoc{"exception", "comps", "list of operators", "How; `=` or `in` if it is not said"},
    KeyDoc{"exception", "values", "list of rows", "A row holds a value for each field"},
};

constexpr std::array kTechniques = {
    Technique{"T1003", "OS Credential Dumping"},
    Technique{"T1005", "Data from Local System"},
    Technique{"T1014", "Rootkit"},
    Technique{"T1016", "System Network Configuration Discovery"},
    Technique{"T1020", "Automated Exfiltration"},
    Technique{"T1021", "Remote Services"},
    Technique{"T1027", "Obfuscated Files or Information"},
    Technique{"T1036", "Masquerading"},
    Technique{"T1037", "Boot or Logon Initialization Scripts"},
    Technique{"T1040", "Network Sniffing"},
    Technique{"T1041", "Exfiltration Over C2 Channel"},
    Technique{"T1046", "Network Service Discovery"},
    Technique{"T1048", "Exfiltration Over Alternative Protocol"},
    Technique{"T1053", "Scheduled Task/Job"},
    Technique{"T1055", "Process Injection"},
    Technique{"T1057", "Process Discovery"},
    Technique{"T1059", "Command and Scripting Interpreter"},
    Technique{"T1059.004", "Unix Shell"},
    Technique{"T1068", "Exploitation for Privilege Escalation"},
    Technique{"T1070", "Indicator Removal"},
    Technique{"T1071", "Application Layer Protocol"},
    Technique{"T1078", "Valid Accounts"},
    Technique{"T1082", "System Information Discovery"},
    Technique{"T1083", "File and Directory Discovery"},
    Technique{"T1090", "Proxy"},
    Technique{"T1098", "Account Manipulation"},
    Technique{"T1105", "Ingress Tool Transfer"},
    Technique{"T1110", "Brute Force"},
    Technique{"T1136", "Create Account"},
    Technique{"T1190", "Exploit Public-Facing Application"},
    Technique{"T1222", "File and Directory Permissions Modification"},
    Technique{"T1485", "Data Destruction"},
    Technique{"T1486", "Data Encrypted for Impact"},
    Technique{"T1489", "Service Stop"},
    Technique{"T1496", "Resource Hijacking"},
    Technique{"T1499", "Endpoint Denial of Service"},
    Technique{"T1505", "Server Software Component"},
    Technique{"T1518", "Software Discovery"},
    Technique{"T1525", "Implant Internal Image"},
    Technique{"T1543", "Create or Modify System Process"},
    Technique{"T1546", "Event Triggered Execution"},
    Technique{"T1547", "Boot or Logon Autostart Execution"},
    Technique{"T1548", "Abuse Elevation Control Mechanism"},
    Technique{"T1552", "Unsecured Credentials"},
    Technique{"T1553", "Subvert Trust Controls"},
    Technique{"T1556", "Modify Authentication Process"},
    Technique{"T1562", "Impair Defenses"},
    Technique{"T1564", "Hide Artifacts"},
    Technique{"T1565", "Data Manipulation"},
    Technique{"T1572", "Protocol Tunneling"},
    Technique{"T1574", "Hijack Execution Flow"},
    Technique{"T1609", "Container Administration Command"},
    Technique{"T1610", "Deploy Container"},
    Technique{"T1611", "Escape to Host"},
    Technique{"T1613", "Container and Resource Discovery"},
    Technique{"T1620", "Reflective Code Loading"},
};

std::string_view when_it_changes(BindingTime binding) {
  switch (binding) {
    case BindingTime::CONSTANT:
    case BindingTime::HOST:
      return "the same for all events of a host";
    case BindingTime::CONTAINER:
      return "the same for all events of a container: asked once per process, and the kernel knows "
             "the answer";
    case BindingTime::PROCESS:
      return "changes with the process only: asked once per process, and the kernel knows the "
             "answer";
    default:
      return "another for each event: the kernel decides what it can see in registers and paths, "
             "user space the rest";
  }
}

std::string_view argument_form(ArgumentRule rule) {
  switch (rule) {
    case ArgumentRule::NONE:
      return "";
    case ArgumentRule::INDEX_OPTIONAL:
    case ArgumentRule::KEY_OPTIONAL:
    case ArgumentRule::INDEX_OR_KEY_OPTIONAL:
      return "takes an argument in brackets, or none";
    case ArgumentRule::INDEX_REQUIRED:
    case ArgumentRule::KEY_REQUIRED:
    case ArgumentRule::INDEX_OR_KEY_REQUIRED:
      return "needs an argument in brackets";
    case ArgumentRule::SUFFIX_OPTIONAL:
      return "takes an argument behind a dot, or none";
    case ArgumentRule::SUFFIX_REQUIRED:
      return "needs an argument behind a dot";
    case ArgumentRule::INDEX_OR_SUFFIX_REQUIRED:
      return "needs an argument behind a dot or in brackets";
  }
  return "";
}

/// The parameter that `evt.arg.NAME` shows: its type in some event, and the names that its flags
/// have in any.
struct Parameter {
  const ParamInfo* info = nullptr;
  std::vector<std::string_view> flags;
};

Parameter parameter_of(std::string_view field) {
  constexpr std::string_view kPrefix = "evt.arg.";
  Parameter found;
  if (!field.starts_with(kPrefix)) return found;
  field.remove_prefix(kPrefix.size());
  std::set<std::string_view> flags;
  for (const EventInfo& event : events()) {
    for (const ParamInfo& param : event.params) {
      if (param.name != field) continue;
      if (found.info == nullptr) found.info = &param;
      if (param.table == FlagTableId::none) continue;
      for (const FlagName& flag : flag_table(param.table).flags) flags.insert(flag.name);
    }
  }
  found.flags.assign(flags.begin(), flags.end());
  return found;
}

}  // namespace

std::span<const KeyDoc> keys() { return kKeys; }

const KeyDoc* find_key(std::string_view owner, std::string_view key) {
  const auto* const found = std::ranges::find_if(
      kKeys, [&](const KeyDoc& row) { return row.owner == owner && row.key == key; });
  return found == kKeys.end() ? nullptr : found;
}

std::span<const Technique> techniques() { return kTechniques; }

std::optional<std::string> tag_meaning(std::string_view tag) {
  const auto* const technique = std::ranges::find(kTechniques, tag, &Technique::tag);
  if (technique != kTechniques.end()) {
    return fmt::format("Technique {} of MITRE ATT&CK: {}", tag, technique->name);
  }
  if (std::ranges::find(lint::kTactics, tag) == lint::kTactics.end()) return std::nullopt;
  std::string name(tag.substr(tag.find('_') + 1));
  std::ranges::replace(name, '_', ' ');
  return fmt::format("Tactic of MITRE ATT&CK: {}", name);
}

const cli::WordRow* find_word(std::string_view word) {
  for (const cli::WordRow& row : cli::kWords) {
    std::string_view words = row.words;
    while (!words.empty()) {
      const size_t end = std::min(words.find(' '), words.size());
      if (words.substr(0, end) == word) return &row;
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  return nullptr;
}

const FieldInfo* field_named(std::string_view name) {
  name = name.substr(0, name.find('['));
  if (const FieldInfo* const field = find_field(name)) return field;
  const auto resolved = ir::resolve_field_name(name);
  if (!resolved || resolved->field->argument == ArgumentRule::NONE) return nullptr;
  return resolved->rest.starts_with('.') || resolved->rest.empty() ? resolved->field : nullptr;
}

std::string field_markdown(const FieldInfo& field, std::string_view name) {
  std::string text = fmt::format("`{}` {}\n\n{}\n", name, cli::shown_type(field), field.doc);
  if (const Parameter param = parameter_of(name); param.info != nullptr) {
    text += fmt::format("\n`{}` is a {}", param.info->name, type_name(param.info->type));
    if (!param.flags.empty()) text += fmt::format(": {}", fmt::join(param.flags, ", "));
    text += '\n';
  }
  if (const auto words = lint::words_of(field.id); !words.empty()) {
    text += fmt::format("\nOne of {}\n", fmt::join(words, ", "));
  }
  if (const auto form = argument_form(field.argument); !form.empty()) {
    text += fmt::format("\n- {}\n", form);
  }
  text += fmt::format("\n- {}\n", when_it_changes(field.binding));
  if (!field.supplied) text += "- falcod cannot supply it yet\n";
  if (has(field.flags, FieldFlag::DEPRECATED)) text += "- deprecated\n";
  if (has(field.flags, FieldFlag::EXTENSION)) text += "- Falco does not have it\n";
  if (has(field.flags, FieldFlag::FILTER_ONLY)) text += "- in conditions only\n";
  if (has(field.flags, FieldFlag::PRINT_ONLY)) text += "- in outputs only\n";
  return text;
}

std::string event_markdown(std::string_view name) {
  for (const EventInfo& event : events()) {
    if (event.name != name) continue;
    std::string text = fmt::format("Event `{}`\n\n", name);
    for (const ParamInfo& param : event.params) {
      text += fmt::format("- `evt.arg.{}` {}\n", param.name, type_name(param.type));
    }
    return text;
  }
  const auto known = std::ranges::find(syscalls(), name, &SyscallInfo::name);
  if (known == syscalls().end()) return {};
  return fmt::format("System call `{}`, without parameters of its own", name);
}

const std::vector<std::string_view>& event_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::set<std::string_view> names;
    for (const EventInfo& event : events()) names.insert(event.name);
    for (const SyscallInfo& syscall : syscalls()) {
      if (syscall.event == EventCode::GENERIC) names.insert(syscall.name);
    }
    return std::vector<std::string_view>(names.begin(), names.end());
  }();
  return kNames;
}

const std::vector<std::string_view>& parameter_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::set<std::string_view> names;
    for (const EventInfo& event : events()) {
      for (const ParamInfo& param : event.params) names.insert(param.name);
    }
    return std::vector<std::string_view>(names.begin(), names.end());
  }();
  return kNames;
}

std::vector<std::string_view> values_of(std::string_view name) {
  if (name == "evt.type" || name == "syscall.type") return event_names();
  if (Parameter param = parameter_of(name); param.info != nullptr) return std::move(param.flags);
  const FieldInfo* const field = field_named(name);
  if (field == nullptr) return {};
  if (field->type == ParamType::BOOL) return {"true", "false"};
  const auto words = lint::words_of(field->id);
  return {words.begin(), words.end()};
}

}  // namespace falcoc::lsp
