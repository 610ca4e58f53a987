// Messages for people: rooms of chat programs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/route/forms.h"

namespace falcod::route {

namespace {

using nlohmann::json;

/// By priority, as RGB; what Falcosidekick's rooms look like.
constexpr std::array<uint32_t, 8> kColors{0xe20b0b, 0xe20b0b, 0xff5400, 0xff5400,
                                          0xffc700, 0xffc700, 0x68c2ff, 0xccfff2};

uint32_t color(const SinkAlert& alert) { return kColors[static_cast<size_t>(alert.level) & 7]; }
std::string html_color(const SinkAlert& alert) { return fmt::format("#{:06x}", color(alert)); }
std::string tags(const SinkAlert& alert) { return fmt::format("{}", fmt::join(alert.tags, ", ")); }

constexpr std::string_view kFooter = "https://falco.org";
constexpr std::string_view kIcon =
    "https://raw.githubusercontent.com/falcosecurity/falcosidekick/master/imgs/"
    "falcosidekick_color.png";
constexpr std::string_view kName = "Falcosidekick";

enum class Parts : uint8_t { ALL, TEXT, FIELDS };
Parts parts(const Settings& settings) {
  const std::string format = settings.text("outputformat", "all");
  if (format == "text") return Parts::TEXT;
  return format == "fields" || format == "facts" ? Parts::FIELDS : Parts::ALL;
}

/// `messageformat` over the alert; the configuration was checked for it.
std::string message(const Settings& settings, const SinkAlert& alert) {
  const auto format = Template::parse(settings.text("messageformat"));
  if (!format) return {};
  return format->render(alert.template_data());
}

/// Name and text of all that an alert says beyond its output.
std::vector<std::pair<std::string, std::string>> facts(const SinkAlert& alert) {
  std::vector<std::pair<std::string, std::string>> out{
      {"rule", alert.rule}, {"priority", alert.priority}, {"source", alert.source}};
  if (!alert.hostname.empty()) out.emplace_back("hostname", alert.hostname);
  if (!alert.tags.empty()) out.emplace_back("tags", tags(alert));
  for (const auto& [key, value] : alert.fields.items()) out.emplace_back(key, plain(value));
  out.emplace_back("time", alert.time);
  return out;
}

/// Values up to this stand beside each other.
constexpr size_t kShort = 36;

/// What Slack began and the others took over.
json slack_message(const Settings& settings, const SinkAlert& alert) {
  json attachment = {{"fallback", alert.output}, {"color", html_color(alert)}};
  if (parts(settings) != Parts::FIELDS) attachment["text"] = alert.output;
  if (parts(settings) != Parts::TEXT) {
    for (const auto& [name, value] : facts(alert)) {
      attachment["fields"].push_back(
          {{"title", name}, {"value", value}, {"short", value.size() < kShort}});
    }
  }
  const std::string footer = settings.text("footer", kFooter);
  if (!footer.empty()) attachment["footer"] = footer;
  json body = {{"username", settings.text("username", kName)},
               {"icon_url", settings.text("icon", kIcon)},
               {"attachments", json::array({attachment})}};
  if (const std::string channel = settings.text("channel"); !channel.empty()) {
    body["channel"] = channel;
  }
  if (const std::string text = message(settings, alert); !text.empty()) body["text"] = text;
  return body;
}

}  // namespace

HttpRequest make_slack(const Settings& settings, std::span<const SinkAlert> alerts) {
  return post_json(settings.text("webhookurl"), slack_message(settings, alerts[0]));
}

HttpRequest make_mattermost(const Settings& settings, std::span<const SinkAlert> alerts) {
  return post_json(settings.text("webhookurl"), slack_message(settings, alerts[0]));
}

HttpRequest make_rocketchat(const Settings& settings, std::span<const SinkAlert> alerts) {
  json body = slack_message(settings, alerts[0]);
  body["avatar"] = body["icon_url"];  // its name for the icon
  body.erase("icon_url");
  return post_json(settings.text("webhookurl"), body);
}

HttpRequest make_teams(const Settings& settings, std::span<const SinkAlert> alerts) {
  const SinkAlert& alert = alerts[0];
  json section = {{"activityTitle", "Falco Sidekick"},
                  {"activitySubtitle", alert.time},
                  {"activityImage", settings.text("activityimage", kIcon)}};
  if (parts(settings) != Parts::FIELDS) section["text"] = alert.output;
  if (parts(settings) != Parts::TEXT) {
    for (const auto& [name, value] : facts(alert)) {
      section["facts"].push_back({{"name", name}, {"value", value}});
    }
  }
  return post_json(settings.text("webhookurl"),
                   {{"@type", "MessageCard"},
                    {"@context", "https://schema.org/extensions"},
                    {"summary", alert.output},
                    {"themeColor", fmt::format("{:06x}", color(alert))},
                    {"sections", json::array({section})}});
}

HttpRequest make_discord(const Settings& settings, std::span<const SinkAlert> alerts) {
  constexpr size_t kMostFields = 25;      // Discord refuses more
  constexpr size_t kLongestValue = 1000;  // of a field: 1024 with what stands around it
  constexpr size_t kLongestText = 4000;   // of the description: 4096
  const SinkAlert& alert = alerts[0];
  json fields = json::array();
  for (const auto& [name, value] : facts(alert)) {
    if (fields.size() == kMostFields) break;
    if (value.empty()) continue;  // refused
    fields.push_back({{"name", name},
                      {"value", fmt::format("```{}```", value.substr(0, kLongestValue))},
                      {"inline", value.size() < kShort}});
  }
  return post_json(settings.text("webhookurl"),
                   {{"content", ""},
                    {"avatar_url", settings.text("icon", kIcon)},
                    {"embeds", json::array({{{"title", ""},
                                             {"url", ""},
                                             {"description", alert.output.substr(0, kLongestText)},
                                             {"color", color(alert)},
                                             {"fields", fields}}})}});
}

HttpRequest make_googlechat(const Settings& settings, std::span<const SinkAlert> alerts) {
  const SinkAlert& alert = alerts[0];
  json widgets = json::array();
  if (parts(settings) != Parts::FIELDS) {
    widgets.push_back({{"textParagraph", {{"text", alert.output}}}});
  }
  if (parts(settings) != Parts::TEXT) {
    for (const auto& [name, value] : facts(alert)) {
      widgets.push_back({{"keyValue", {{"topLabel", name}, {"content", value}}}});
    }
  }
  return post_json(
      settings.text("webhookurl"),
      {{"text", message(settings, alert)},
       {"cards", json::array({{{"sections", json::array({{{"widgets", widgets}}})}}})}});
}

HttpRequest make_telegram(const Settings& settings, std::span<const SinkAlert> alerts) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (std::string_view("_*[]()~`>#+-=|{}.!\\").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  };
  constexpr size_t kLongestText = 4096;  // Telegram refuses more
  const SinkAlert& alert = alerts[0];
  std::string text =
      fmt::format("*\\[Falco\\] \\[{}\\] {}*\n\n", escaped(alert.priority), escaped(alert.rule));
  text += fmt::format("• *Time*: {}\n• *Source*: {}\n• *Hostname*: {}\n• *Tags*: {}\n\n",
                      escaped(alert.time), escaped(alert.source), escaped(alert.hostname),
                      escaped(tags(alert)));
  text += fmt::format("*Output*: {}", escaped(alert.output));
  if (text.size() > kLongestText) {
    text.resize(kLongestText);
    while (text.ends_with('\\')) text.pop_back();
  }
  json body = {{"chat_id", settings.text("chatid")},
               {"text", text},
               {"parse_mode", "MarkdownV2"},
               {"disable_web_page_preview", true}};
  if (const std::string thread = settings.text("messagethreadid"); !thread.empty()) {
    body["message_thread_id"] = thread;
  }
  return post_json(joined_url(settings.text("host", "https://api.telegram.org"),
                              fmt::format("bot{}/sendMessage", settings.text("token"))),
                   body);
}

}  // namespace falcod::route
