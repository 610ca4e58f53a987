// The files of a configuration made one tree: the main file, what its `config_files` names, and the
// settings of the command line (falco-config.md, "Config file mechanics").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/config/node.h"

namespace falcod::config {

/// Read if no -c is given and it exists.
inline constexpr std::string_view kDefaultFile = "/etc/falco/falco.yaml";
/// Larger than any configuration: a mistaken path stops here.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;

struct Request {
  std::optional<std::string> path{};       ///< -c: must exist
  std::string default_path{kDefaultFile};  ///< without -c; may be missing
  std::vector<std::string> settings{};     ///< -o, in order
};

struct Tree {
  Node root{Node::Kind::MAP};
  std::vector<std::string> files{};    ///< read, the main one first
  std::vector<std::string> watched{};  ///< files and folders whose change means another tree
  std::vector<falcoc::FileId> option_files{};  ///< what -o gave
};

/// What cannot be read or put together is reported; the tree then is what could.
Tree read_tree(const Request& request, const Environment& environment, falcoc::SourceMap& sources,
               falcoc::Diagnostics& diagnostics);

}  // namespace falcod::config
