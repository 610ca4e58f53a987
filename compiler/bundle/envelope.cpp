// The outside of a bundle: writing and checking the header.
#include "compiler/bundle/envelope.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "compiler/bundle/bundle.h"
#include "compiler/catalog/catalog.h"

namespace falcoc::bundle {
namespace {

constexpr size_t kHashBytes = 32;
constexpr size_t kHashedHeaderBytes = kHeaderBytes - kHashBytes;
constexpr size_t kFormatOffset = 8;
constexpr size_t kCatalogOffset = 12;
constexpr size_t kFingerprintOffset = 16;
constexpr size_t kSizeOffset = 24;

using Hash = std::array<unsigned char, kHashBytes>;

template <typename Integer>
void put(std::string& out, Integer value) {
  for (size_t i = 0; i < sizeof(Integer); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <typename Integer>
Integer get(std::string_view bytes, size_t offset) {
  Integer value = 0;
  for (size_t i = 0; i < sizeof(Integer); ++i) {
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

class Hasher {
 public:
  explicit Hasher(size_t bytes) : bytes_(bytes) {
    crypto_generichash_init(&state_, nullptr, 0, bytes_);
  }
  Hasher& add(std::string_view text) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(text.data()),
                              text.size());
    return *this;
  }
  Hash finish() {
    Hash hash{};
    crypto_generichash_final(&state_, hash.data(), bytes_);
    return hash;
  }

 private:
  crypto_generichash_state state_;
  size_t bytes_;
};

Hash hash_of(std::string_view header, std::string_view payload) {
  return Hasher(kHashBytes).add(header.substr(0, kHashedHeaderBytes)).add(payload).finish();
}

Diagnostic truncated(std::string_view name, size_t have, uint64_t need) {
  return Diagnostic::global(
      Code::BUNDLE_TRUNCATED,
      fmt::format("bundle '{}' has {} bytes but says it has {}", name, have, need),
      "copy it again, or compile the rules anew");
}

}  // namespace

uint64_t catalog_fingerprint() {
  Hasher hasher(kHashBytes);
  const auto separator = std::string_view("\0", 1);
  for (const FieldInfo& field : fields()) {
    const char numbers[] = {static_cast<char>(field.type), static_cast<char>(field.shape)};
    hasher.add(field.name).add(separator).add({numbers, sizeof numbers});
  }
  for (const EventInfo& event : events()) hasher.add(event.name).add(separator);
  const Hash hash = hasher.finish();
  return get<uint64_t>({reinterpret_cast<const char*>(hash.data()), hash.size()}, 0);
}

std::string seal(std::string_view payload) {
  std::string out(kMagic);
  put(out, kFormatVersion);
  put(out, kCatalogVersion);
  put(out, catalog_fingerprint());
  put(out, static_cast<uint64_t>(payload.size()));
  const Hash hash = hash_of(out, payload);
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  out.append(payload);
  return out;
}

std::expected<Envelope, Diagnostic> open(std::string_view bytes, std::string_view name) {
  if (!is_bundle(bytes)) {
    return std::unexpected(Diagnostic::global(Code::NOT_A_BUNDLE,
                                              fmt::format("'{}' is not a bundle", name),
                                              "bundles are made by falcoc compile"));
  }
  if (bytes.size() < kHeaderBytes)
    return std::unexpected(truncated(name, bytes.size(), kHeaderBytes));
  const auto format = get<uint32_t>(bytes, kFormatOffset);
  if (format > kFormatVersion) {
    return std::unexpected(
        Diagnostic::global(Code::BUNDLE_NEWER_FORMAT,
                           fmt::format("bundle '{}' has format {}; this version reads up to {}",
                                       name, format, kFormatVersion),
                           "update falcod, or compile the rules with the matching falcoc"));
  }
  const auto size = get<uint64_t>(bytes, kSizeOffset);
  if (size > kMaxPayloadBytes) {
    return std::unexpected(
        Diagnostic::global(Code::BUNDLE_LIMIT,
                           fmt::format("bundle '{}' says it has {} bytes of rules; the limit is {}",
                                       name, size, kMaxPayloadBytes)));
  }
  if (bytes.size() - kHeaderBytes < size) {
    return std::unexpected(truncated(name, bytes.size(), kHeaderBytes + size));
  }
  const std::string_view payload = bytes.substr(kHeaderBytes);
  const Hash hash = hash_of(bytes, payload);
  const bool hash_fits =
      sodium_memcmp(hash.data(), bytes.data() + kHashedHeaderBytes, kHashBytes) == 0;
  if (payload.size() != size || format == 0 || !hash_fits) {
    return std::unexpected(Diagnostic::global(
        Code::BUNDLE_ALTERED, fmt::format("bundle '{}' was changed after it was written", name),
        "copy it again, or compile the rules anew"));
  }
  return Envelope{get<uint32_t>(bytes, kCatalogOffset), get<uint64_t>(bytes, kFingerprintOffset),
                  payload};
}

bool is_bundle(std::string_view bytes) { return bytes.starts_with(kMagic); }

}  // namespace falcoc::bundle
