// See kube_access.h.
#include "runtime/metadata/kube_access.h"

#include <sodium.h>
#include <yaml-cpp/yaml.h>

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

/// The text itself under `key`-data, or in the file that `key` names.
std::string pem(const YAML::Node& map, const std::string& key,
                const std::filesystem::path& folder) {
  if (const std::string data = scalar(map, key + "-data"); !data.empty()) return from_base64(data);
  const std::string path = scalar(map, key);
  return path.empty() ? std::string{} : file_text(folder / path);
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

KubeAccess access_of(const YAML::Node& root, const std::filesystem::path& folder) {
  const YAML::Node context = named(root["contexts"], scalar(root, "current-context"), "context");
  const YAML::Node cluster = named(root["clusters"], scalar(context, "cluster"), "cluster");
  const YAML::Node user = named(root["users"], scalar(context, "user"), "user");
  KubeAccess access{.server = scalar(cluster, "server")};
  access.ca = pem(cluster, "certificate-authority", folder);
  access.insecure = scalar(cluster, "insecure-skip-tls-verify") == "true";
  access.client_cert = pem(user, "client-certificate", folder);
  access.client_key = pem(user, "client-key", folder);
  access.token = scalar(user, "token");
  if (const std::string file = scalar(user, "tokenFile"); !file.empty()) {
    access.token_file = (folder / file).string();
  }
  access.user = scalar(user, "username");
  access.password = scalar(user, "password");
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
  return access;
}

std::expected<KubeAccess, std::string> kubeconfig_access(const std::string& path) {
  const std::string text = file_text(path);
  if (text.empty()) return std::unexpected(path + " cannot be read, or is empty");
  try {
    KubeAccess access = access_of(YAML::Load(text), std::filesystem::path(path).parent_path());
    if (access.server.empty()) {
      return std::unexpected(path + " names no server for its current context");
    }
    return access;
  } catch (const YAML::Exception& error) {
    return std::unexpected(path + ": " + error.what());
  }
}

}  // namespace falcod::metadata
