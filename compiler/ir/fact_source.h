// A made-up event: facts by field name, from which every field of a program gets its value. Serves
// the reference evaluator, generated code and anything else that takes accessors.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/catalog/catalog.h"
#include "compiler/ir/evaluate.h"
#include "compiler/ir/program.h"

namespace falcoc::testing {

/// What a test says of one field, as text: a number, an address, bytes. Converted by the type of
/// the field that asks.
struct Fact {
  std::vector<std::string> items;  ///< exactly one unless it is a list
  bool is_list = false;
};

/// Facts by the field's name with its argument (`proc.name`, `proc.aname[1]`, `evt.arg.flags`).
///
/// Some fields follow from the facts of others unless they have their own:
///   proc.aname …    a list, parent first, gives the unindexed field and [1], [2], …; [0] is
///                   proc.name …; single facts proc.aname[1], proc.aname[2] do the same
///   fd.truename     a list gives [0], [1], …
///   proc.args       a list gives the joined text and [N], which is "" beyond its end
///   proc.env        a list of NAME=value gives the joined text and [NAME], "" if missing
///   fd.ip fd.net fd.port fd.proto   the facts fd.cip, fd.sip, fd.cport, fd.sport; present without
///                   endpoints if there is any other fd fact
///   fd.cnet fd.snet                 fd.cip, fd.sip
///   evt.type        "open" if the test does not say; also syscall.type, evt.dir, evt.type.is.NAME
///   evt.arg.NAME    evt.rawarg.NAME, as is; evt.arg[N] by the event's parameter names
class Facts {
 public:
  void set(std::string field, std::string text);
  void set(std::string field, Fact fact) { facts_[std::move(field)] = std::move(fact); }
  void set_list(std::string field, std::vector<std::string> items);
  void erase(const std::string& field) { facts_.erase(field); }

  const Fact* find(const std::string& field) const;
  const std::map<std::string, Fact, std::less<>>& all() const { return facts_; }
  /// Whether there is a fact whose name starts so.
  bool any_of(std::string_view prefix) const;

  std::string event_type() const;
  /// First kind of that name; nothing if the catalog knows none.
  std::optional<EventKind> event_kind() const;

 private:
  std::map<std::string, Fact, std::less<>> facts_;
};

/// Values of all fields of one program. Owns them; the facts may go.
class BoundFacts {
 public:
  /// Throws std::invalid_argument if a fact cannot be a value of its field's type: a mistake in
  /// the test.
  BoundFacts(const Facts& facts, const ir::Program& program);
  BoundFacts(const BoundFacts&) = delete;
  BoundFacts& operator=(const BoundFacts&) = delete;

  /// Valid as long as this and the program live.
  ir::FieldSource source() { return {this, accessors_}; }
  void* context() { return this; }

  /// Accessors to compile native code with: the same for all facts, with context() of the bound
  /// facts as context.
  static std::vector<Accessor> accessors(const ir::Program& program);

 private:
  struct Bound {
    Value value;
    bool is_present = false;
  };

  static bool read(void* context, const FieldRef& field, Value& out);

  Value convert(const FieldRef& field, const Fact& fact);
  Value convert_scalar(ParamType type, const std::string& text);

  std::span<const FieldRef> fields_;
  std::vector<Bound> values_;  ///< parallel to fields_
  std::vector<Accessor> accessors_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> lists_;
};

/// The fact that decides a field, derived ones included; nothing if the field is absent.
std::optional<Fact> derive_fact(const Facts& facts, const FieldRef& field);

}  // namespace falcoc::testing
