// Fields of classes user, group and util. Unknown names are the text `<NA>`, not absent
// (RULE-LANGUAGE 4.7).
#include "runtime/engine/accessors.h"

namespace falcod::access {
namespace {

using falcoc::FieldRef;
using falcoc::Value;

constexpr std::string_view kUnknown = "<NA>";
constexpr uint32_t kUnset = ~0u;

/// Names of where the process lives: a container has users of its own.
Users& users_of(const EventContext& context) {
  const Process& process = *context.process;
  if (process.cgroups->container_full_id.empty()) return *context.users;
  const std::string& id = process.cgroups->container_full_id;
  const ProcessPtr parent = process.parent.lock();
  const bool is_inside = parent && parent->cgroups->container_full_id == id;
  return context.users->of_container(id, process.pid, is_inside ? parent->pid : 0);
}

/// Copied to the arena: the database may be read again before the event is done.
bool put_kept(const EventContext& context, Value& out, std::string_view text) {
  return put_built(context, out, text);
}

bool put_user_name(const EventContext& context, uint32_t uid, Value& out) {
  if (const User* user = users_of(context).user(uid)) return put_kept(context, out, user->name);
  return put_text(out, uid == 0 ? "root" : kUnknown);
}

}  // namespace

bool util_cnt(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).history->next_count());
}

bool user_uid(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).process->uid);
}

bool user_name(void* context, const FieldRef&, Value& out) {
  return put_user_name(of(context), of(context).process->uid, out);
}

bool user_homedir(void* context, const FieldRef&, Value& out) {
  const uint32_t uid = of(context).process->uid;
  if (const User* user = users_of(of(context)).user(uid)) {
    return put_kept(of(context), out, user->home);
  }
  return put_text(out, uid == 0 ? "/root" : kUnknown);
}

bool user_shell(void* context, const FieldRef&, Value& out) {
  const User* user = users_of(of(context)).user(of(context).process->uid);
  return user != nullptr ? put_kept(of(context), out, user->shell) : put_text(out, kUnknown);
}

bool user_loginuid(void* context, const FieldRef&, Value& out) {
  const uint32_t uid = of(context).process->login_uid;
  return put_signed(out, uid == kUnset ? -1 : static_cast<int64_t>(uid));
}

bool user_loginname(void* context, const FieldRef&, Value& out) {
  const uint32_t uid = of(context).process->login_uid;
  return uid == kUnset ? put_text(out, kUnknown) : put_user_name(of(context), uid, out);
}

bool group_gid(void* context, const FieldRef&, Value& out) {
  return put_unsigned(out, of(context).process->gid);
}

bool group_name(void* context, const FieldRef&, Value& out) {
  const uint32_t gid = of(context).process->gid;
  if (const std::string* name = users_of(of(context)).group(gid)) {
    return put_kept(of(context), out, *name);
  }
  return put_text(out, gid == 0 ? "root" : kUnknown);
}

}  // namespace falcod::access
