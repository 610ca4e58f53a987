// The matcher: plan, generate, optimise, link; then per event one call.
#include "compiler/codegen/native/native.h"

#include <algorithm>

#include "compiler/codegen/native/codegen.h"
#include "compiler/codegen/native/jit.h"

namespace falcoc::native {

struct Matcher::Impl {
  using Function = void(void* frame, uint64_t* matched);

  std::deque<Check> checks;                        ///< pointed at by generated code
  std::unique_ptr<llvm::orc::LLJIT> code;          ///< owns it
  std::array<Function*, kEventKinds> functions{};  ///< by event kind, null if not live
  EventSet live;
  Runtime runtime;
  std::unique_ptr<Frame> frame;
  size_t result_words = 0;
  std::string llvm_text;
  std::string assembly_text;
};

std::expected<Matcher, Diagnostic> Matcher::compile(const ir::Program& program,
                                                    std::span<const Accessor> accessors,
                                                    const Options& options) {
  auto jit = Jit::create(options);
  if (!jit) return std::unexpected(jit.error());
  const Plan plan = make_plan(program, options.order_by_cost);
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = std::make_unique<llvm::Module>("falcoc", *context);
  jit->prepare(*module);

  auto impl = std::make_unique<Impl>();
  Codegen codegen(program, accessors, plan, *module);
  if (auto done = codegen.run(); !done) return std::unexpected(done.error());
  if (auto done = jit->optimize(*module, impl->llvm_text, impl->assembly_text); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = jit->add(std::move(context), std::move(module), codegen.symbols()); !done) {
    return std::unexpected(done.error());
  }
  for (size_t kind = 0; kind < kEventKinds; ++kind) {
    const uint16_t matcher = plan.matcher_of_kind[kind];
    if (matcher == Plan::kNotLive) continue;
    const auto function = jit->find(Codegen::matcher_name(matcher));
    if (!function) return std::unexpected(function.error());
    impl->functions[kind] = reinterpret_cast<Impl::Function*>(*function);
    impl->live.set(kind);
  }
  impl->code = jit->release();
  impl->checks = codegen.take_checks();
  impl->result_words = (program.rules.size() + 63) / 64;
  impl->runtime = {&program,
                   {accessors.begin(), accessors.end()},
                   std::vector<Accessor>(program.fields.size(), read_cached_field),
                   codegen.layout()};
  impl->frame = std::make_unique<Frame>(codegen.layout());
  return Matcher(std::move(impl));
}

Matcher::Matcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

void Matcher::match(EventKind kind, void* context, ir::ValueArena& arena,
                    std::span<uint64_t> matched) const {
  std::ranges::fill(matched, 0);
  Impl::Function* function = kind < kEventKinds ? impl_->functions[kind] : nullptr;
  if (!function) return;
  impl_->frame->begin_event(context, arena, impl_->runtime);
  function(impl_->frame->memory(), matched.data());
}

size_t Matcher::words_per_result() const { return impl_->result_words; }
const EventSet& Matcher::live_kinds() const { return impl_->live; }
std::string_view Matcher::llvm_text() const { return impl_->llvm_text; }
std::string_view Matcher::assembly_text() const { return impl_->assembly_text; }

}  // namespace falcoc::native
