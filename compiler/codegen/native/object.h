// Generated code as an object file: what the generator makes, what is cached, and what becomes
// executable here. Only this reads object files; LLVM is not needed.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "compiler/codegen/native/abi.h"
#include "compiler/source/diagnostic.h"

namespace falcoc::native {

/// Loaded code. Writable never while it is executable.
class LoadedObject {
 public:
  /// `object` is an ELF relocatable file for this machine that refers to nothing outside itself.
  /// The error says what is wrong with it, or that executable memory cannot be had.
  static std::expected<LoadedObject, Diagnostic> load(std::string_view object);
  LoadedObject(LoadedObject&& other) noexcept;
  LoadedObject& operator=(LoadedObject&& other) noexcept;
  ~LoadedObject();

  const Manifest& manifest() const { return *manifest_; }
  size_t bytes() const { return size_; }

 private:
  LoadedObject() = default;

  void* memory_ = nullptr;
  size_t size_ = 0;
  const Manifest* manifest_ = nullptr;
};

}  // namespace falcoc::native
