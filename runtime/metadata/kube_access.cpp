// See kube_access.h.
#include "runtime/metadata/kube_access.h"

#include <sodium.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace falcod::metadata {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string(value);
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string from_base64(const std::string& text) {
  std::string out(text.size(), '\0');
  size_t size = 0;
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  if (sodium_base642bin(bytes, out.size(), text.data(), text.size(), "\r\n ", &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return {};
  }
  out.resize(size);
  return out;
}

std::string scalar(const YAML::Node& map, const std::string& key) {
  return map.IsMap() && map[key] && map[key].IsScalar() ? map[key].Scalar() : std::string{};
}

using Trouble = std::unexpected<std::string>;

/// The text itself under `key`-data, or in the file that `key` names; empty if there is neither.
std::expected<std::string, std::string> pem(const YAML::Node& map, const std::string& key,
                                            const std::filesystem::path& folder) {
  if (const std::string data = scalar(map, key + "-data"); !data.empty()) {
    std::string text = from_base64(data);
    if (text.empty()) return Trouble(key + "-data is no base64");
    return text;
  }
  const std::string path = scalar(map, key);
  if (path.empty()) return std::string{};
  std::string text = file_text(folder / path);
  if (text.empty()) return Trouble(key + ": " + (folder / path).string() + " cannot be read");
  return text;
}

/// The entry of a list of {name, WHAT: {…}}.
YAML::Node named(const YAML::Node& list, const std::string& name, const std::string& what) {
  if (list.IsSequence()) {
    for (const YAML::Node& entry : list) {
      if (scalar(entry, "name") == name && entry[what] && entry[what].IsMap()) return entry[what];
    }
  }
  return YAML::Node(YAML::NodeType::Map);
}

/// What would have to be run or asked for a token is refused: falcod starts no program of others.
std::expected<void, std::string> refuse_plugins(const YAML::Node& user, const std::string& name) {
  for (const char* plugin : {"exec", "auth-provider"}) {
    if (!user[plugin]) continue;
    return Trouble("user " + name + " gets its token by " + plugin +
                   ", which falcod does not run: give it a token, tokenFile or client-certificate");
  }
  for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"}) {
    if (user[key]) return Trouble("user " + name + ": " + key + " is not supported");
  }
  return {};
}

std::expected<void, std::string> add_account(KubeAccess& access, const YAML::Node& user,
                                             const std::filesystem::path& folder) {
  auto certificate = pem(user, "client-certificate", folder);
  if (!certificate) return Trouble(certificate.error());
  auto key = pem(user, "client-key", folder);
  if (!key) return Trouble(key.error());
  if (certificate->empty() != key->empty()) {
    return Trouble("client-certificate and client-key go together");
  }
  access.client_cert = std::move(*certificate);
  access.client_key = std::move(*key);
  access.token = scalar(user, "token");
  if (const std::string file = scalar(user, "tokenFile"); !file.empty()) {
    access.token_file = (folder / file).string();
    if (file_text(access.token_file).empty()) {
      return Trouble("tokenFile: " + access.token_file + " cannot be read, or is empty");
    }
  }
  access.user = scalar(user, "username");
  access.password = scalar(user, "password");
  return {};
}

std::expected<KubeAccess, std::string> access_of(const YAML::Node& root,
                                                 const std::filesystem::path& folder,
                                                 const std::string& wanted) {
  const std::string name = wanted.empty() ? scalar(root, "current-context") : wanted;
  if (name.empty()) return Trouble("there is no current-context: name one");
  const YAML::Node context = named(root["contexts"], name, "context");
  if (context.size() == 0) return Trouble("there is no context " + name);
  const YAML::Node cluster = named(root["clusters"], scalar(context, "cluster"), "cluster");
  const std::string user_name = scalar(context, "user");
  const YAML::Node user = named(root["users"], user_name, "user");
  KubeAccess access{.server = scalar(cluster, "server")};
  if (access.server.empty()) return Trouble("context " + name + " names no cluster with a server");
  while (access.server.ends_with('/')) access.server.pop_back();
  auto ca = pem(cluster, "certificate-authority", folder);
  if (!ca) return Trouble(ca.error());
  access.ca = std::move(*ca);
  access.insecure = scalar(cluster, "insecure-skip-tls-verify") == "true";
  if (cluster["tls-server-name"]) return Trouble("tls-server-name is not supported");
  if (auto given = refuse_plugins(user, user_name); !given) return Trouble(given.error());
  if (auto given = add_account(access, user, folder); !given) return Trouble(given.error());
  return access;
}

}  // namespace

bool is_in_cluster() { return !environment("KUBERNETES_SERVICE_HOST").empty(); }

std::expected<KubeAccess, std::string> in_cluster_access(const std::string& folder) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST");
  std::string port = environment("KUBERNETES_SERVICE_PORT");
  if (port.empty()) port = "443";
  if (host.empty()) return std::unexpected("KUBERNETES_SERVICE_HOST is not set");
  KubeAccess access;
  const bool v6 = host.find(':') != std::string::npos;
  access.server = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  access.ca = file_text(folder + "/ca.crt");
  access.token_file = folder + "/token";
  if (access.ca.empty()) return std::unexpected(folder + "/ca.crt cannot be read");
  if (file_text(access.token_file).empty()) {
    return std::unexpected(access.token_file + " cannot be read, or is empty");
  }
  return access;
}

std::expected<KubeAccess, std::string> kubeconfig_access(const std::string& path,
                                                         const std::string& context) {
  const std::string text = file_text(path);
  if (text.empty()) return Trouble(path + " cannot be read, or is empty");
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return Trouble(path + " is no kubeconfig");
    auto access = access_of(root, std::filesystem::path(path).parent_path(), context);
    if (!access) return Trouble(path + ": " + access.error());
    return access;
  } catch (const YAML::Exception& error) {
    return Trouble(path + ": " + error.what());
  }
}

std::string kube_node_name(const std::string& configured) {
  if (!configured.empty()) return configured;
  for (const char* variable : {"FALCO_K8S_NODE_NAME", "NODE_NAME"}) {
    if (std::string name = environment(variable); !name.empty()) return name;
  }
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace falcod::metadata
