// Bundle to program. Everything here may be hostile: the verifier bounds the memory accesses, the
// conversion the counts, sizes and enumerations, validate.h the meaning.
#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include "bundle_generated.h"
#include "compiler/bundle/bundle.h"
#include "compiler/bundle/envelope.h"
#include "compiler/bundle/limits.h"
#include "compiler/bundle/validate.h"
#include "compiler/bundle/wire_format.h"
#include "compiler/ir/compile.h"

namespace falcoc::bundle {
namespace {

template <typename Item>
using Vector = flatbuffers::Vector<Item>;
template <typename Item>
using Tables = flatbuffers::Vector<flatbuffers::Offset<Item>>;

/// Converts the payload; the first failure is kept and ends the work.
class Reader {
 public:
  Reader(std::string_view name, const Envelope& envelope) : name_(name), envelope_(envelope) {}

  std::expected<ir::Program, Diagnostic> read() {
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(envelope_.payload.data()),
                                   envelope_.payload.size(), kMaxTableDepth, kMaxTables);
    if (!wire::VerifyBundleBuffer(verifier)) {
      return std::unexpected(malformed("its structure is broken"));
    }
    const wire::Bundle& bundle = *wire::GetBundle(envelope_.payload.data());
    if (!counts_are_bounded(bundle)) return std::unexpected(std::move(*failure_));
    each(bundle.fields(), [&](const wire::FieldRef& in) { program_.fields.push_back(field(in)); });
    each(bundle.operands(),
         [&](const wire::Operand& in) { program_.operands.push_back(operand(in)); });
    each(bundle.literal_sets(), [&](const wire::LiteralSet& in) {
      std::vector<ir::Literal>& set = program_.literal_sets.emplace_back();
      each(in.items(), [&](const wire::Literal& item) { set.push_back(literal(item)); });
    });
    each(bundle.nodes(), [&](const wire::Node& in) { program_.nodes.push_back(node(in)); });
    each(bundle.rules(), [&](const wire::Rule& in) { program_.rules.push_back(rule(in)); });
    program_.required_engine_version = text(bundle.required_engine_version());
    if (failure_) return std::unexpected(std::move(*failure_));
    if (auto fault = find_fault(program_)) return std::unexpected(malformed(*fault));
    ir::derive_info(program_);
    return std::move(program_);
  }

 private:
  Diagnostic malformed(std::string_view fault) const {
    return Diagnostic::global(Code::BUNDLE_MALFORMED, fmt::format("bundle '{}': {}", name_, fault),
                              "compile the rules anew");
  }
  void fail(Diagnostic diagnostic) {
    if (!failure_) failure_ = std::move(diagnostic);
  }
  void exceed(std::string_view what, size_t count, size_t limit) {
    fail(Diagnostic::global(
        Code::BUNDLE_LIMIT,
        fmt::format("bundle '{}' has {} {}; the limit is {}", name_, count, what, limit)));
  }

  template <typename Items>
  void bound(std::string_view what, const Items* items, size_t limit) {
    const size_t count = items ? items->size() : 0;
    if (count > limit) exceed(what, count, limit);
  }
  bool counts_are_bounded(const wire::Bundle& bundle) {
    bound("fields", bundle.fields(), kMaxFields);
    bound("operands", bundle.operands(), kMaxOperands);
    bound("literal sets", bundle.literal_sets(), kMaxLiteralSets);
    bound("nodes", bundle.nodes(), kMaxNodes);
    bound("rules", bundle.rules(), kMaxRules);
    return !failure_;
  }

  template <typename Item, typename Convert>
  void each(const Tables<Item>* items, Convert convert) {
    if (!items) return;
    for (const Item* item : *items) {
      if (failure_) return;
      convert(*item);
    }
  }
  std::string text(const flatbuffers::String* in, size_t limit = kMaxTextBytes) {
    if (!in) return {};
    if (in->size() > limit) {
      exceed("bytes in one text", in->size(), limit);
      return {};
    }
    return in->str();
  }
  template <typename Enum>
  Enum enumerator(uint8_t number, uint8_t count, std::string_view what) {
    if (number < count) return static_cast<Enum>(number);
    fail(malformed(fmt::format("{} {} does not exist", what, number)));
    return Enum{};
  }
  template <typename Id>
  std::vector<Id> ids(const Vector<uint32_t>* in) {
    std::vector<Id> out;
    if (!in) return out;
    out.reserve(in->size());
    for (uint32_t id : *in) out.push_back(Id{id});
    return out;
  }
  ir::Type type(uint8_t param, uint8_t shape) {
    return {enumerator<ParamType>(param, kParamTypes + 1, "type"),
            enumerator<Shape>(shape, kShapes, "shape")};
  }

  FieldRef field(const wire::FieldRef& in) {
    FieldRef out;
    const std::string name = text(in.name());
    const FieldInfo* info = find_field(name);
    if (!info) {
      const bool same = envelope_.catalog_fingerprint == catalog_fingerprint();
      fail(Diagnostic::global(
          Code::BUNDLE_UNKNOWN_FIELD,
          fmt::format("bundle '{}' uses the field '{}', which this version does not have", name_,
                      name),
          same ? "compile the rules anew"
               : "the bundle comes from a version with other fields: compile the rules with this "
                 "one"));
      return out;
    }
    const ir::Type field_type = type(in.type(), in.shape());
    out.id = info->id;
    out.type = field_type.param;
    out.shape = field_type.shape;
    out.index = in.index();
    out.key = text(in.key());
    return out;
  }

  ir::Operand operand(const wire::Operand& in) {
    ir::Operand out;
    out.kind = enumerator<ir::Operand::Kind>(in.kind(), kOperandKinds, "operand kind");
    out.type = type(in.type(), in.shape());
    out.field = ir::SlotId{in.field()};
    out.transformer = enumerator<ir::Transformer>(in.transformer(), kTransformers, "transformer");
    out.selector = static_cast<char>(in.selector());
    out.text = text(in.text(), kMaxLiteralBytes);
    out.arguments = ids<ir::OperandId>(in.arguments());
    return out;
  }

  ir::Literal literal(const wire::Literal& in) {
    if (++literals_ > kMaxLiterals) exceed("literals", literals_, kMaxLiterals);
    ir::Literal out;
    out.bytes = text(in.bytes(), kMaxLiteralBytes);
    out.number = in.number();
    out.prefix_bits = in.prefix_bits();
    return out;
  }

  ir::Node node(const wire::Node& in) {
    ir::Node out;
    out.kind = enumerator<ir::Node::Kind>(in.kind(), kNodeKinds, "node kind");
    out.children = ids<ir::NodeId>(in.children());
    out.left = ir::OperandId{in.left()};
    out.op = enumerator<ir::Operator>(in.op(), kOperators, "operator");
    out.modifier = enumerator<ir::Modifier>(in.modifier(), kModifiers, "modifier");
    out.right_side = enumerator<ir::Node::RightSide>(in.right_side(), kRightSides, "right side");
    out.literals = ir::LiteralSetId{in.literals()};
    out.right = ir::OperandId{in.right()};
    return out;
  }

  std::vector<ir::OutputPiece> pieces(const Tables<wire::OutputPiece>* in) {
    std::vector<ir::OutputPiece> out;
    each(in, [&](const wire::OutputPiece& piece) {
      out.push_back(
          {piece.is_text(), text(piece.text()), ir::OperandId{piece.operand()}, piece.width()});
    });
    return out;
  }

  ir::Rule rule(const wire::Rule& in) {
    ir::Rule out;
    out.name = text(in.name());
    out.description = text(in.description());
    out.source = text(in.source());
    out.priority = enumerator<Priority>(in.priority(), kPriorities, "priority");
    if (in.tags()) {
      for (const flatbuffers::String* tag : *in.tags()) out.tags.push_back(text(tag));
    }
    out.enabled = in.enabled();
    out.capture = in.capture();
    out.capture_duration_ms = in.capture_duration_ms();
    out.condition = ir::NodeId{in.condition()};
    out.output.pieces = pieces(in.pieces());
    each(in.output_fields(), [&](const wire::OutputField& key) {
      out.output.fields.push_back({text(key.key()), ir::OperandId{key.operand()}});
    });
    each(in.output_texts(), [&](const wire::OutputText& key) {
      out.output.texts.push_back({text(key.key()), pieces(key.pieces())});
    });
    out.condition_text = text(in.condition_text());
    out.output_text = text(in.output_text());
    if (const wire::Origin* origin = in.origin()) {
      out.origin = {text(origin->file()), origin->line(), origin->column()};
    }
    return out;
  }

  std::string_view name_;
  const Envelope& envelope_;
  ir::Program program_;
  std::optional<Diagnostic> failure_;
  size_t literals_ = 0;
};

}  // namespace

std::expected<ir::Program, Diagnostic> read(std::string_view bytes, std::string_view name) {
  const auto envelope = open(bytes, name);
  if (!envelope) return std::unexpected(envelope.error());
  if (envelope->catalog_version != kCatalogVersion) {
    return std::unexpected(Diagnostic::global(
        Code::BUNDLE_OTHER_CATALOG,
        fmt::format("bundle '{}' was made for catalog version {}; this version has {}", name,
                    envelope->catalog_version, kCatalogVersion),
        "compile the rules with the matching falcoc"));
  }
  return Reader(name, *envelope).read();
}

}  // namespace falcoc::bundle
