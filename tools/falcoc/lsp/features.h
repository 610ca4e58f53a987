// What an editor can ask about a file: one function for each request, parameters and result as LSP
// has them. All answer from texts and outlines; what needs a compiled program is in analysis.h.
#pragma once

#include <expected>
#include <string>

#include "tools/falcoc/lsp/analysis.h"
#include "tools/falcoc/lsp/workspace.h"

namespace falcoc::lsp {

/// What a request is about.
struct Query {
  Workspace& workspace;
  Document& document;
  const Json& params;
  const Analysis& analysis;  ///< the last one that was finished

  uint32_t offset() const { return document.offset(at(params, "position"), workspace.encoding); }
  Json range(Range range) const { return document.range(range, workspace.encoding); }
};

/// Null where there is nothing to say; the error is a message for the user.
using Answer = std::expected<Json, std::string>;

Answer completion(const Query& query);
/// The item of a completion with its documentation.
Json resolve_completion(const Json& item);
Answer hover(const Query& query);
Answer definition(const Query& query);
Answer references(const Query& query);
Answer prepare_rename(const Query& query);
Answer rename(const Query& query);
Answer document_symbols(const Query& query);
Answer semantic_tokens(const Query& query);
/// What the server says it can do about them.
Json semantic_tokens_legend();
Answer code_actions(const Query& query);
Answer format_document(const Query& query);
Answer format_range(const Query& query);
Answer inlay_hints(const Query& query);
Answer code_lenses(const Query& query);

}  // namespace falcoc::lsp
