// Linking of one object file in memory: place sections, apply relocations, protect.
#include "compiler/codegen/native/object.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace falcoc::native {
namespace {

std::unexpected<Diagnostic> broken(std::string what) {
  return std::unexpected(Diagnostic::global(Code::NATIVE_CODEGEN,
                                            "generated code cannot be loaded: " + std::move(what)));
}

std::unexpected<Diagnostic> unavailable(const char* what) {
  return std::unexpected(Diagnostic::global(
      Code::NATIVE_UNAVAILABLE,
      fmt::format("native code cannot be made: {}: {}", what, std::strerror(errno)),
      "the reference evaluator works without executable memory, but slower"));
}

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

/// The file, and where its sections go. Offsets and indexes from the file are checked before use.
class Linker {
 public:
  explicit Linker(std::string_view object) : object_(object) {}

  std::expected<void, Diagnostic> read() {
    const auto header = at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_type != ET_REL) {
      return broken("it is no object file");
    }
    if (header->e_machine != EM_X86_64) return broken("it is for another machine");
    for (size_t i = 0; i < header->e_shnum; ++i) {
      const auto section = at<Elf64_Shdr>(header->e_shoff + i * sizeof(Elf64_Shdr));
      if (!section) return broken("its section table is cut");
      if (section->sh_type != SHT_NOBITS && !bytes(section->sh_offset, section->sh_size)) {
        return broken("a section is cut");
      }
      sections_.push_back(*section);
    }
    for (const Elf64_Shdr& section : sections_) {
      if (section.sh_type == SHT_SYMTAB) symbols_ = &section;
    }
    if (symbols_ == nullptr || symbols_->sh_link >= sections_.size()) {
      return broken("it has no symbols");
    }
    return {};
  }

  /// Code first, then data on pages of its own. Returns the size of both.
  std::pair<size_t, size_t> place() {
    offsets_.assign(sections_.size(), kNotPlaced);
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    const size_t code = round_up(place_sections(true, 0), page);
    return {code, round_up(place_sections(false, code), page) - code};
  }

  void copy(char* memory) {
    memory_ = memory;
    for (size_t i = 0; i < sections_.size(); ++i) {
      if (offsets_[i] == kNotPlaced || sections_[i].sh_type == SHT_NOBITS) continue;
      std::memcpy(memory + offsets_[i], object_.data() + sections_[i].sh_offset,
                  sections_[i].sh_size);
    }
  }

  std::expected<void, Diagnostic> relocate() const {
    for (const Elf64_Shdr& table : sections_) {
      if (table.sh_type != SHT_RELA || table.sh_info >= sections_.size() ||
          offsets_[table.sh_info] == kNotPlaced) {
        continue;
      }
      for (size_t i = 0; i < table.sh_size / sizeof(Elf64_Rela); ++i) {
        const auto relocation = at<Elf64_Rela>(table.sh_offset + i * sizeof(Elf64_Rela));
        if (auto done = apply(*relocation, table.sh_info); !done) return done;
      }
    }
    return {};
  }

  const char* find(std::string_view name) const {
    for (size_t i = 0; i < symbols_->sh_size / sizeof(Elf64_Sym); ++i) {
      if (const auto symbol = symbol_at(i); symbol && name_of(*symbol) == name) {
        return address_of(*symbol);
      }
    }
    return nullptr;
  }

 private:
  static constexpr size_t kNotPlaced = ~size_t{0};

  bool bytes(uint64_t offset, uint64_t size) const {
    return offset <= object_.size() && size <= object_.size() - offset;
  }

  template <typename T>
  std::optional<T> at(uint64_t offset) const {
    if (!bytes(offset, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, object_.data() + offset, sizeof value);
    return value;
  }

  size_t place_sections(bool is_code, size_t offset) {
    for (size_t i = 0; i < sections_.size(); ++i) {
      const Elf64_Shdr& section = sections_[i];
      const bool executable = (section.sh_flags & SHF_EXECINSTR) != 0;
      if ((section.sh_flags & SHF_ALLOC) == 0 || executable != is_code) continue;
      offset = round_up(offset, std::max<size_t>(section.sh_addralign, 1));
      offsets_[i] = offset;
      offset += section.sh_size;
    }
    return offset;
  }

  std::optional<Elf64_Sym> symbol_at(size_t index) const {
    if (index >= symbols_->sh_size / sizeof(Elf64_Sym)) return std::nullopt;
    return at<Elf64_Sym>(symbols_->sh_offset + index * sizeof(Elf64_Sym));
  }

  std::string_view name_of(const Elf64_Sym& symbol) const {
    const Elf64_Shdr& strings = sections_[symbols_->sh_link];
    if (symbol.st_name >= strings.sh_size) return {};
    const std::string_view all = object_.substr(strings.sh_offset, strings.sh_size);
    const std::string_view rest = all.substr(symbol.st_name);
    return rest.substr(0, rest.find('\0'));
  }

  /// Null if the symbol is not defined in a section that was placed.
  const char* address_of(const Elf64_Sym& symbol) const {
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= sections_.size()) return nullptr;
    const size_t offset = offsets_[symbol.st_shndx];
    if (offset == kNotPlaced || symbol.st_value > sections_[symbol.st_shndx].sh_size) {
      return nullptr;
    }
    return memory_ + offset + symbol.st_value;
  }

  std::expected<void, Diagnostic> apply(const Elf64_Rela& relocation, size_t section) const {
    const auto symbol = symbol_at(ELF64_R_SYM(relocation.r_info));
    const char* const target = symbol ? address_of(*symbol) : nullptr;
    if (target == nullptr) {
      return broken(fmt::format("it needs '{}'", symbol ? name_of(*symbol) : "a missing symbol"));
    }
    const uint64_t type = ELF64_R_TYPE(relocation.r_info);
    const size_t size = type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
    if (relocation.r_offset > sections_[section].sh_size ||
        sections_[section].sh_size - relocation.r_offset < size) {
      return broken("a relocation lies outside its section");
    }
    char* const place = memory_ + offsets_[section] + relocation.r_offset;
    const auto value = reinterpret_cast<int64_t>(target) + relocation.r_addend;
    const int64_t distance = value - reinterpret_cast<int64_t>(place);
    switch (type) {
      case R_X86_64_64:
        std::memcpy(place, &value, 8);
        return {};
      case R_X86_64_PC64:
        std::memcpy(place, &distance, 8);
        return {};
      case R_X86_64_PC32:
      case R_X86_64_PLT32: {
        if (distance != static_cast<int32_t>(distance)) return broken("it is too large");
        const auto narrow = static_cast<int32_t>(distance);
        std::memcpy(place, &narrow, 4);
        return {};
      }
      default:
        return broken(fmt::format("relocations of type {} are not known", type));
    }
  }

  std::string_view object_;
  std::vector<Elf64_Shdr> sections_;
  const Elf64_Shdr* symbols_ = nullptr;
  std::vector<size_t> offsets_;  ///< parallel to sections_: in memory
  char* memory_ = nullptr;
};

}  // namespace

std::expected<LoadedObject, Diagnostic> LoadedObject::load(std::string_view object) {
  Linker linker(object);
  if (auto done = linker.read(); !done) return std::unexpected(std::move(done.error()));
  const auto [code, data] = linker.place();
  LoadedObject loaded;
  void* memory =
      ::mmap(nullptr, code + data, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return unavailable("mmap");
  loaded.memory_ = memory;
  loaded.size_ = code + data;
  linker.copy(static_cast<char*>(memory));
  if (auto done = linker.relocate(); !done) return std::unexpected(std::move(done.error()));
  if (::mprotect(memory, code, PROT_READ | PROT_EXEC) != 0 ||
      (data != 0 && ::mprotect(static_cast<char*>(memory) + code, data, PROT_READ) != 0)) {
    return unavailable("mprotect");
  }
  const char* const manifest = linker.find(kManifestSymbol);
  if (manifest == nullptr) return broken("it has no manifest");
  loaded.manifest_ = reinterpret_cast<const Manifest*>(manifest);
  return loaded;
}

LoadedObject::LoadedObject(LoadedObject&& other) noexcept { *this = std::move(other); }

LoadedObject& LoadedObject::operator=(LoadedObject&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  std::swap(manifest_, other.manifest_);
  return *this;
}

LoadedObject::~LoadedObject() {
  if (memory_ != nullptr) ::munmap(memory_, size_);
}

}  // namespace falcoc::native
