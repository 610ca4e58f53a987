// What the kernel knows of the event's descriptor when the call ends: fields of class fd but those
// of opens by path, and of names. Must agree with FdTable of the runtime; tests/law compares them.
#pragma once

#include <optional>

#include "compiler/catalog/descriptors.h"
#include "compiler/ir/split/kernel_values.h"

namespace falcoc::ir::split {

class DescriptorValues {
 public:
  DescriptorValues(const EventInfo& info, GuardBuilder& guards);

  /// Everything that is not known here is Reason::DESCRIPTOR.
  FieldValue of(const FieldRef& field) const;
  const KernelDescriptor& descriptor() const { return descriptor_; }

 private:
  /// Where a socket's other end is; both ends are told by the kernel, or the field is absent.
  enum class Side : uint8_t { CLIENT, SERVER, LOCAL, REMOTE, EITHER };
  enum class Form : uint8_t { ADDRESS, NUMBER, DECIMAL, NAME };

  void find_registers();
  FieldValue number() const;
  template <typename Project>
  FieldValue by_type(Project project) const;
  FieldValue protocol() const;
  FieldValue connected() const;
  FieldValue is_server() const;
  FieldValue end(Side side, Form form) const;
  void add_end(FieldValue& value, bool remote, GuardId when, Form form) const;
  /// Alternatives for a call that failed to make a descriptor and reports this type instead.
  void add_failed(FieldValue& value, const Alternative& alternative) const;

  GuardId is(DescriptorNumber number, uint64_t value) const;
  GuardId is_type(std::vector<Range> codes) const;
  GuardId is_ip() const;
  /// The call made a descriptor, or it makes none.
  GuardId looked_at() const;
  /// No address that was passed counts more than the socket's own.
  GuardId tells_peer() const;

  const EventInfo& info_;
  GuardBuilder& guards_;
  const DescriptorMaker* maker_;
  KernelDescriptor descriptor_;
};

}  // namespace falcoc::ir::split
