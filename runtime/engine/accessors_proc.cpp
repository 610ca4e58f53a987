// Fields of class process about the program: executable, arguments, environment, directory.
#include "runtime/engine/process_access.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Shape;
using falcoc::Value;

constexpr size_t kEnvAncestors = 20;  // how far proc.aenv[NAME] looks (RULE-LANGUAGE 4.4)

bool put_command_line(const EventContext& context, std::string_view name, const Process& process,
                      Value& out) {
  if (process.image->args.empty()) return put_own(process, out, name);
  std::string& text = scratch(context);
  text.append(name).append(1, ' ').append(process.image->args_text);
  return put_own(process, out, context.arena->keep(text));
}

/// Value of a variable, null if it is not set.
const char* find_variable(const Process& process, std::string_view name, size_t& size) {
  for (const std::string& variable : process.image->env) {
    if (variable.size() > name.size() && variable.starts_with(name) &&
        variable[name.size()] == '=') {
      size = variable.size() - name.size() - 1;
      return variable.data() + name.size() + 1;
    }
  }
  return nullptr;
}

bool put_environment(const EventContext& context, const Process& process, Value& out) {
  std::string& text = scratch(context);
  for (const std::string& variable : process.image->env) {
    if (!text.empty()) text += ' ';
    text += variable;
  }
  return put_built(context, out, text);
}

}  // namespace

// ---- executable and arguments

bool proc_exe(void* context, const FieldRef&, Value& out) {
  return put_own(process_of(context), out, process_of(context).image->exe);
}
bool proc_pexe(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_own(*parent, out, parent->image->exe);
}
bool proc_aexe(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_own(process, value, process.image->exe);
  });
}
bool proc_exepath(void* context, const FieldRef&, Value& out) {
  return put_exe_path(process_of(context), out);
}
bool proc_pexepath(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_exe_path(*parent, out);
}
bool proc_aexepath(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, put_exe_path);
}
bool proc_name(void* context, const FieldRef&, Value& out) {
  return put_own(process_of(context), out, process_of(context).comm);
}
bool proc_pname(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_own(*parent, out, parent->comm);
}
bool proc_aname(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [](const Process& process, Value& value) {
    return put_own(process, value, process.comm);
  });
}
bool proc_args(void* context, const FieldRef& field, Value& out) {
  const Process& process = process_of(context);
  const Image& image = *process.image;
  const int64_t index = numeric_argument(field);
  if (index < 0) return put_own(process, out, image.args_text);
  const auto position = static_cast<size_t>(index);
  // Out of range is empty, not absent (quirk Q27).
  return put_own(
      process, out,
      position < image.args.size() ? std::string_view(image.args[position]) : std::string_view{});
}
bool proc_aargs(void* context, const FieldRef& field, Value& out) {
  const int64_t index = numeric_argument(field);
  if (index >= 0) {
    const ProcessPtr process = nth_ancestor(of(context), index);
    return process && put_own(*process, out, process->image->args_text);
  }
  std::string text;
  bool any = false;
  for_each_ancestor(of(context), [&](const Process& process) {
    if (any) text += ' ';
    text += process.image->args_text;
    return any = true;
  });
  return any && put_built(of(context), out, std::move(text));
}
bool proc_cmdline(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_command_line(of(context), process.comm, process, out);
}
bool proc_pcmdline(void* context, const FieldRef&, Value& out) {
  const ProcessPtr parent = parent_of(context);
  return parent && put_command_line(of(context), parent->comm, *parent, out);
}
bool proc_acmdline(void* context, const FieldRef& field, Value& out) {
  return ancestors(context, field, out, [&](const Process& process, Value& value) {
    return put_command_line(of(context), process.comm, process, value);
  });
}
bool proc_exeline(void* context, const FieldRef&, Value& out) {
  const Process& process = process_of(context);
  return put_command_line(of(context), process.image->exe, process, out);
}
bool proc_cmdnargs(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, process_of(context).image->args.size());
}
bool proc_cmdlenargs(void* context, const FieldRef&, Value& out) {
  uint64_t length = 0;
  for (const std::string& argument : process_of(context).image->args) length += argument.size();
  return put_unsigned(out, length);
}

// ---- environment and directory

bool proc_env(void* context, const FieldRef& field, Value& out) {
  // A number as argument means the whole environment (quirk Q28).
  if (field.key.empty() || numeric_argument(field) >= 0) {
    return put_environment(of(context), process_of(context), out);
  }
  size_t size = 0;
  const char* value = find_variable(process_of(context), field.key, size);
  return put_text(out, value != nullptr ? std::string_view(value, size) : std::string_view{});
}
bool proc_aenv(void* context, const FieldRef& field, Value& out) {
  const auto whole = [&](const Process& process, Value& value) {
    return put_environment(of(context), process, value);
  };
  if (field.key.empty() || numeric_argument(field) >= 0) {
    return ancestors(context, field, out, whole);
  }
  std::string_view found;
  size_t looked_at = 0;
  for_each_ancestor(of(context), [&](const Process& process) {
    size_t size = 0;
    if (const char* value = find_variable(process, field.key, size)) found = {value, size};
    return found.empty() && ++looked_at < kEnvAncestors;
  });
  Value value;
  put_text(value, found);
  if (field.shape == Shape::SCALAR) {
    out = value;
    return true;
  }
  return put_items(of(context), out, {&value, 1});
}
bool proc_cwd(void* context, const FieldRef&, Value& out) {
  return !process_of(context).cwd.empty() && put_text(out, process_of(context).cwd);
}

}  // namespace falcod::access
