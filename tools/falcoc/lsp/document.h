// A rule file as the editor has it, or as it is on disk. Knows its text and its outline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tools/falcoc/lsp/json.h"
#include "tools/falcoc/lsp/outline.h"
#include "tools/falcoc/lsp/position.h"

namespace falcoc::lsp {

class Document {
 public:
  Document(std::string uri, std::string name, std::string text);

  /// As the client spelt it, if it is open.
  const std::string& uri() const { return uri_; }
  /// The path; what is not on disk is called by its URI.
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  const LineIndex& lines() const { return lines_; }
  /// Read when asked for first after a change.
  const Outline& outline();

  void open(std::string uri, int64_t version, std::string text);
  void close() { version_.reset(); }
  bool is_open() const { return version_.has_value(); }
  std::optional<int64_t> version() const { return version_; }
  void set_text(std::string text);
  /// Applies one element of `contentChanges`.
  void change(const Json& change, Encoding encoding);
  void set_version(int64_t version) { version_ = version; }

  uint32_t offset(const Json& position, Encoding encoding) const;
  Json position(uint32_t offset, Encoding encoding) const;
  Json range(Range range, Encoding encoding) const;
  Json location(Range range, Encoding encoding) const;
  std::string_view slice(Range range) const;

  bool is_said_to_be_rules = false;  ///< by the language that the client names
  /// Of what was read from disk.
  std::optional<std::filesystem::file_time_type> disk_time;

 private:
  std::string uri_;
  std::string name_;
  std::string text_;
  std::optional<int64_t> version_;
  LineIndex lines_;
  OutlineReader reader_;
  std::optional<Outline> outline_;
};

}  // namespace falcoc::lsp
