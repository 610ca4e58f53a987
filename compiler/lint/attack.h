// Tags about MITRE ATT&CK: tactics and techniques as Falco's rules write them.
#pragma once

#include <array>
#include <string_view>

namespace falcoc::lint {

/// ATT&CK for Enterprise, which its containers' matrix is part of, in the order of the matrix.
inline constexpr std::array<std::string_view, 14> kTactics = {
    "mitre_reconnaissance",  "mitre_resource_development",
    "mitre_initial_access",  "mitre_execution",
    "mitre_persistence",     "mitre_privilege_escalation",
    "mitre_defense_evasion", "mitre_credential_access",
    "mitre_discovery",       "mitre_lateral_movement",
    "mitre_collection",      "mitre_command_and_control",
    "mitre_exfiltration",    "mitre_impact"};

/// T1059, T1059.004
bool is_technique(std::string_view tag);

}  // namespace falcoc::lint
