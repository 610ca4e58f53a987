// See route.h.
#include "runtime/route/route.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "compiler/catalog/catalog.h"
#include "runtime/delayed/delayed_library.h"
#include "runtime/route/channel_sink.h"

namespace falcod::route {

namespace {

using falcoc::Code;
using falcoc::Diagnostic;

/// Of all sinks together.
constexpr std::string_view kGlobalKeys =
    "customfields templatedfields customtags bracketreplacer outputfieldformat mutualtlsfilespath "
    "mutualtlsclient.certfile mutualtlsclient.keyfile mutualtlsclient.cacertfile "
    "tlsclient.cacertfile";
/// falcod's own.
constexpr std::string_view kSpoolKeys = "directory max_bytes";
/// Falcosidekick as a server: there is none here, alerts come from falcod itself.
constexpr std::string_view kServerKeys = "listenaddress listenport debug tlsserver";

bool is_one_of(std::string_view word, std::string_view all) {
  const std::vector<std::string_view> list = words(all);
  return std::ranges::find(list, word) != list.end();
}

std::string all_keys(const Form& form) {
  return fmt::format("{} {} {} {} {}", form.required, form.keys, form.not_done, kCommonKeys,
                     kGateKeys);
}

std::string all_keys(const Protocol& protocol) {
  return fmt::format("{} {} {} minimumpriority {}", protocol.required, protocol.keys,
                     protocol.not_done, kGateKeys);
}

/// Whether some sink wants other alerts than all others do.
bool asks(const Routes& routes) {
  return std::ranges::any_of(routes.plans, [](const Plan& plan) {
    return !plan.gate.text.when.empty() || !plan.gate.text.group.empty();
  });
}

class Planner {
 public:
  Planner(const config::Node& sinks, const config::Environment& environment,
          falcoc::Diagnostics& diagnostics)
      : sinks_(sinks), environment_(environment), diagnostics_(diagnostics) {}

  Routes plan() {
    Routes routes;
    check_sections();
    global_ = Settings(&sinks_, "", kGlobalKeys, environment_);
    auto shape = AlertShape::read(global_, environment_);
    if (!shape) {
      refuse(sinks_.span, "sinks." + shape.error(), "see the README for what is understood");
      return routes;
    }
    routes.shape = std::make_shared<const AlertShape>(std::move(*shape));
    routes.identity = global_.identity();
    read_spool(routes.spool);
    for (const Form& form : forms()) {
      auto planned = plan_one(form);
      if (!planned) continue;
      tell_of_keys(*planned, form);
      // A list of hosts are peers that each want every alert.
      const std::vector<std::string> hosts = planned->settings.list("hostport");
      for (size_t i = 1; i < hosts.size(); ++i) {
        Plan& peer = routes.plans.emplace_back(*planned);
        peer.settings.set("hostport", hosts[i]);
        peer.name += fmt::format(".{}", i + 1);
      }
      if (hosts.size() > 1) planned->settings.set("hostport", hosts[0]);
      routes.plans.push_back(std::move(*planned));
    }
    for (const Protocol& protocol : protocols()) {
      auto planned = plan_channel(protocol);
      if (planned) routes.plans.push_back(std::move(*planned));
    }
    if (asks(routes)) {
      for (size_t i = 0; i < routes.plans.size(); ++i) routes.plans[i].gate.options.route = i;
    }
    return routes;
  }

 private:
  void refuse(falcoc::Span span, std::string message, std::string hint) {
    diagnostics_.add(Diagnostic::at(Code::SINK_CONFIG, span, std::move(message), std::move(hint)));
  }

  void check_sections() {
    std::vector<std::string_view> known = words(kGlobalKeys);
    for (std::string_view& key : known) key = key.substr(0, key.find('.'));
    for (const Form& form : forms()) known.push_back(form.section);
    for (const Protocol& protocol : protocols()) known.push_back(protocol.section);
    known.push_back("spool");
    for (const auto& [key, span, value] : sinks_.entries) {
      if (is_one_of(key, kServerKeys)) {
        diagnostics_.add(Diagnostic::at(Code::CONFIG_KEY_INERT, span,
                                        fmt::format("sinks.{} has no effect: falcod sends its "
                                                    "own alerts, and takes none",
                                                    key)));
      } else if (is_one_of(key, kOtherSections) && std::ranges::find(known, key) == known.end()) {
        diagnostics_.add(Diagnostic::at(
            Code::CONFIG_KEY_UNSUPPORTED, span,
            fmt::format("sinks.{} is not done: falcod does not know this destination yet", key),
            "send the alerts there by a Falcosidekick behind http_output"));
      } else if (std::ranges::find(known, key) == known.end()) {
        unknown(span, fmt::format("sinks.{}", key), key, known);
      } else {
        check_section(key, value);
      }
    }
  }

  void check_section(std::string_view section, const config::Node& value) {
    std::string keys(section == "spool" ? kSpoolKeys : "");
    for (const Form& form : forms()) {
      if (form.section == section) keys += all_keys(form) + " ";
    }
    const auto channel = std::ranges::find(protocols(), section, &Protocol::section);
    if (channel != protocols().end()) keys = all_keys(*channel);
    if (keys.empty() || !value.is_map()) return;
    std::vector<std::string_view> known = words(keys);
    for (std::string_view& key : known) key = key.substr(0, key.find('.'));
    for (const auto& [key, span, item] : value.entries) {
      if (std::ranges::find(known, key) == known.end()) {
        unknown(span, fmt::format("sinks.{}.{}", section, key), key, known);
      }
    }
  }

  void unknown(falcoc::Span span, const std::string& place, std::string_view key,
               std::span<const std::string_view> known) {
    const std::string_view close = falcoc::closest_name(key, known);
    diagnostics_.add(
        Diagnostic::at(Code::CONFIG_KEY_UNKNOWN, span, fmt::format("{} is not a known key", place),
                       close.empty() ? fmt::format("known here: {}", fmt::join(known, ", "))
                                     : fmt::format("did you mean {}?", close)));
  }

  void read_spool(SpoolOptions& spool) {
    const config::Node* section = sinks_.find("spool");
    const Settings settings(section, "spool", kSpoolKeys, environment_);
    spool.directory = settings.text("directory");
    spool.max_bytes = settings.number("max_bytes", spool.max_bytes);
    if (section != nullptr && spool.directory.empty()) {
      refuse(section->span, "sinks.spool has no directory",
             "write sinks: {spool: {directory: /var/lib/falcod/spool}}");
    }
  }

  falcoc::Span span_of(std::string_view section) const {
    const config::Node* node = sinks_.find(section);
    return node == nullptr ? sinks_.span : node->span;
  }

  /// What forms and protocols have in common; nothing if the section is not there, or not whole.
  template <typename Kind>
  std::optional<Plan> begin_plan(const Kind& kind) {
    Plan plan{.name = fmt::format("sinks.{}{}", kind.section, kind.part),
              .settings =
                  Settings(sinks_.find(kind.section), kind.section, all_keys(kind), environment_)};
    const std::vector<std::string_view> required = words(kind.required);
    const auto present = std::ranges::count_if(
        required, [&](std::string_view key) { return plan.settings.has(key); });
    if (present == 0) {
      for (const std::string_view key : words(kind.not_done)) {
        if (plan.settings.has(key)) tell_not_done(kind.section, key);
      }
      return std::nullopt;
    }
    for (const std::string_view key : required) {
      if (plan.settings.has(key)) continue;
      refuse(span_of(kind.section), fmt::format("sinks.{} has no {}", kind.section, key),
             fmt::format("it needs {}", fmt::join(required, " and ")));
      return std::nullopt;
    }
    for (const std::string_view key : words(kind.needed)) {
      if (plan.settings.has(key)) continue;
      refuse(
          span_of(kind.section), fmt::format("sinks.{} has no {}", kind.section, key),
          fmt::format("with {} it needs {}", kind.required, fmt::join(words(kind.needed), ", ")));
      return std::nullopt;
    }
    auto gate = read_gate(plan.settings, plan.name);
    if (!gate) {
      refuse(span_of(kind.section), fmt::format("{}.{}", plan.name, gate.error()),
             "see the README for what decides which alerts a sink takes");
      return std::nullopt;
    }
    plan.gate = std::move(*gate);
    if (!read_minimum(plan, kind)) return std::nullopt;
    read_tls(plan, kind.part);
    if (!load_library(kind.section, CURL_LIBRARY)) return std::nullopt;
    return plan;
  }

  bool load_library(std::string_view section, const char* soname) {
    const std::string problem = load_delayed(soname);
    if (problem.empty()) return true;
    refuse(span_of(section), fmt::format("sinks.{} cannot be used: {}", section, problem),
           "install the library's package");
    return false;
  }

  std::optional<Plan> plan_one(const Form& form) {
    std::optional<Plan> plan = begin_plan(form);
    if (!plan) return std::nullopt;
    plan->form = &form;
    if (!check_format(*plan, span_of(form.section))) return std::nullopt;
    if (!read_concurrency(*plan, form)) return std::nullopt;
    plan->most = form.most;
    if (form.section == "elasticsearch" && !plan->settings.flag("batching.enabled", false)) {
      plan->most = 1;
    }
    return plan;
  }

  std::optional<Plan> plan_channel(const Protocol& protocol) {
    std::optional<Plan> plan = begin_plan(protocol);
    if (!plan) return std::nullopt;
    plan->protocol = &protocol;
    for (const std::string_view key : words(protocol.not_done)) {
      if (plan->settings.has(key)) tell_not_done(protocol.section, key);
    }
    if (!load_library(protocol.section, protocol.library)) return std::nullopt;
    const auto channel = protocol.open(plan->settings, plan->http.tls);
    if (channel) return plan;
    refuse(span_of(protocol.section), fmt::format("sinks.{}.{}", protocol.section, channel.error()),
           "see what Falcosidekick's documentation says of this key");
    return std::nullopt;
  }

  void tell_not_done(std::string_view section, std::string_view key) {
    diagnostics_.add(Diagnostic::at(Code::CONFIG_KEY_UNSUPPORTED, span_of(section),
                                    fmt::format("sinks.{}.{} is not done", section, key),
                                    "alerts go out as if it were not there"));
  }

  void tell_of_keys(const Plan& plan, const Form& form) {
    for (const std::string_view key : words(form.not_done)) {
      if (plan.settings.has(key)) tell_not_done(form.section, key);
    }
  }

  /// 0 is as many as there are alerts, in bounds.
  bool read_concurrency(Plan& plan, const Form& form) {
    constexpr std::string_view kKey = "maxconcurrentrequests";
    constexpr uint64_t kMost = 64;
    if (!plan.settings.has(kKey)) return true;
    constexpr uint64_t kNone = ~uint64_t{0};
    const uint64_t wanted = plan.settings.number(kKey, kNone);
    if (wanted == kNone) {
      refuse(span_of(form.section),
             fmt::format("sinks.{}.{}: `{}` is no number", form.section, kKey,
                         plan.settings.text(kKey)),
             "write how many requests may be on their way at once, 1 for one after the other");
      return false;
    }
    if (form.in_order) {
      if (wanted != 1) {
        diagnostics_.add(
            Diagnostic::at(Code::CONFIG_KEY_INERT, span_of(form.section),
                           fmt::format("sinks.{}.{} has no effect: it takes alerts in order only",
                                       form.section, kKey)));
      }
      return true;
    }
    plan.at_once = wanted == 0 ? kMost : std::min(wanted, kMost);
    return true;
  }

  /// `checkcert` of a part is in its map: `logs.checkcert`.
  static std::string key_of_part(std::string_view part, std::string_view key) {
    return part.empty() ? std::string(key) : fmt::format("{}.{}", part.substr(1), key);
  }

  template <typename Kind>
  bool read_minimum(Plan& plan, const Kind& kind) {
    const std::string_view section = kind.section;
    const std::string text = plan.settings.text(
        "minimumpriority", plan.settings.text(key_of_part(kind.part, "minimumpriority")));
    if (text.empty()) return true;
    const auto priority = falcoc::parse_priority(text);
    if (!priority) {
      refuse(span_of(section),
             fmt::format("sinks.{}.minimumpriority: `{}` is no priority", section, text),
             "use emergency, alert, critical, error, warning, notice, informational or debug");
      return false;
    }
    plan.gate.options.minimum = *priority;
    return true;
  }

  bool check_format(const Plan& plan, falcoc::Span span) {
    const auto parsed = Template::parse(plan.settings.text("messageformat"));
    if (parsed) return true;
    refuse(span, fmt::format("sinks.{}.messageformat: {}", plan.form->section, parsed.error()),
           "it is a template of Go: {{ .Rule }}, {{ index .OutputFields \"proc.name\" }}, "
           "{{ if eq .Priority \"Critical\" }}…{{ end }}");
    return false;
  }

  void read_tls(Plan& plan, std::string_view part) const {
    plan.http.user_agent = "Falcosidekick";
    plan.http.tls.verify =
        plan.settings.flag("checkcert", plan.settings.flag(key_of_part(part, "checkcert"), true));
    plan.http.tls.ca_file = global_.text("tlsclient.cacertfile");
    if (!plan.settings.flag("mutualtls", false)) return;
    const std::string folder = global_.text("mutualtlsfilespath", "/etc/certs");
    const auto file = [&](std::string_view key, std::string_view name) {
      return global_.text(fmt::format("mutualtlsclient.{}", key),
                          fmt::format("{}/{}", folder, name));
    };
    plan.http.tls.client_cert = file("certfile", "client.crt");
    plan.http.tls.client_key = file("keyfile", "client.key");
    plan.http.tls.ca_file = file("cacertfile", "ca.crt");
  }

  const config::Node& sinks_;
  const config::Environment& environment_;
  falcoc::Diagnostics& diagnostics_;
  Settings global_;
};

}  // namespace

std::vector<falcoc::ir::AlertRouteText> alert_routes(const Routes& routes) {
  std::vector<falcoc::ir::AlertRouteText> texts;
  if (!asks(routes)) return texts;
  for (const Plan& plan : routes.plans) texts.push_back(plan.gate.text);
  return texts;
}

std::string identity(const Plan& plan, const Routes& routes) {
  return fmt::format("{}\n{}\n{}\n{} {}", plan.name, plan.settings.identity(), routes.identity,
                     routes.spool.directory, routes.spool.max_bytes);
}

std::unique_ptr<Sink> make_sink(const Plan& plan, std::shared_ptr<const AlertShape> shape) {
  if (plan.form != nullptr) return std::make_unique<HttpRouteSink>(plan, std::move(shape));
  auto channel = plan.protocol->open(plan.settings, plan.http.tls);
  return std::make_unique<ChannelSink>(plan.name, std::move(*channel), std::move(shape));
}

Routes plan(const config::Node& sinks, const config::Environment& environment,
            falcoc::Diagnostics& diagnostics) {
  if (!sinks.is_map()) return {};
  return Planner(sinks, environment, diagnostics).plan();
}

}  // namespace falcod::route
