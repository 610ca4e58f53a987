// What the kernel knows of a field for one kind of event: the one place where the split says how a
// field's value follows from registers and texts. Everything derived from it is sound only if the
// decoder and the runtime's accessors agree with it; tests/law compares them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "compiler/ir/split/guard_builder.h"

namespace falcoc::ir::split {

/// A text the program passed, as a field shows it.
struct TextValue {
  uint8_t text = 0;  ///< index into KernelPlan::texts
  TextPart part = TextPart::WHOLE;
  uint8_t exact_states = kTextReadable;  ///< states in which the field is the text as passed
  bool empty_is_absent = false;
  bool folded = false;  ///< in small letters
  /// The field when the text cannot be read; nothing: absent.
  std::optional<std::string> unreadable{};
};

/// Flags of a system call as printed words, from the native bits.
struct FlagsValue {
  KernelNumber native;
  FlagTableId table{};
  bool is_open = false;  ///< flags of an open: access mode and what the kernel found out
};

/// An end of a connection, of one family.
struct AddressValue {
  bool is_remote = false;
  bool is_v6 = false;
};

/// One way a field can come about. For every event `when` of at least one alternative holds, and of
/// those that hold one gives the field's value.
struct Alternative {
  enum class Kind : uint8_t {
    UNKNOWN,  ///< anything or absent
    ABSENT,
    CONSTANT,  ///< `constant` or `text_constant`, by the field's type
    NUMBER,    ///< the number itself
    DECIMAL,   ///< the number as decimal text
    TEXT,
    FLAGS,
    ADDRESS,
    ADDRESS_TEXT,  ///< some address as text
  };

  Kind kind = Kind::UNKNOWN;
  GuardId when = KernelPlan::kTrue;
  Reason reason = Reason::NONE;  ///< UNKNOWN
  uint64_t constant = 0;
  std::string text_constant{};
  KernelNumber number{};
  TextValue text{};
  FlagsValue flags{};
  AddressValue address{};
};

/// Of a field with both ends of a connection, each end is one alternative.
struct FieldValue {
  std::vector<Alternative> alternatives;
  /// They are constant or absent and exclude each other, whatever their guards look like.
  bool is_exact = false;
};

class DescriptorValues;

/// Finds out what is known; texts it needs are added to those of the plan.
class KernelValues {
 public:
  KernelValues(EventKind kind, GuardBuilder& guards);
  ~KernelValues();

  FieldValue of(const FieldRef& field);
  const std::vector<KernelText>& texts() const { return texts_; }
  KernelDescriptor descriptor() const;

 private:
  FieldValue unknown(Reason reason) const;
  FieldValue result_text();
  FieldValue failed();
  FieldValue raw_result() const;
  // open_values.cpp
  bool opens_by_path() const;
  FieldValue opened_with(FieldId field);
  FieldValue creates_executable(int flags_param, int mode_param);
  FieldValue opened_file(const FieldRef& field);
  FieldValue true_name(const FieldRef& field);
  FieldValue argument(const FieldRef& field, bool raw);
  FieldValue errno_text();
  FieldValue enumeration(const KernelNumber& native, const ParamInfo& info, bool raw);
  FieldValue text_argument(size_t param, bool raw);
  FieldValue path(int param, bool absolute);
  FieldValue of_opened_path(const TextValue& path, FieldId field, GuardId is_directory);

  /// Guard: the number is negative, or not.
  GuardId negative(const KernelNumber& number, bool is);
  /// The text as passed in this register, and that of a path parameter joined to its directory;
  /// nothing if the filter has no room for another.
  std::optional<uint8_t> text_in(uint8_t argument);
  std::optional<uint8_t> joined_text(size_t param);
  std::optional<uint8_t> add(const KernelText& text);
  /// Number of a parameter that is a plain register or the return value.
  std::optional<KernelNumber> number_of(size_t param) const;

  EventKind kind_;
  const EventInfo* info_;
  GuardBuilder& guards_;
  std::vector<KernelText> texts_;
  std::unique_ptr<DescriptorValues> descriptors_;  ///< null for what is no system call
};

}  // namespace falcoc::ir::split
