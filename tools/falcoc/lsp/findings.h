// What an analysis found, as LSP shows it, and how it can be mended. Knows diagnostics and texts.
#pragma once

#include <string>

#include "tools/falcoc/lsp/analysis.h"
#include "tools/falcoc/lsp/workspace.h"

namespace falcoc::lsp {

/// The file that the finding is in as a client knows it; null if it is none of the workspace's.
Document* document_of(Workspace& workspace, const FilePlace& place);

/// A Diagnostic of LSP.
Json diagnostic_of(Workspace& workspace, Document& document, const Finding& finding);

/// The edits that mend a finding: those of the lint, or what the hint asks whether it was meant.
std::vector<TextEdit> edits_of(Document& document, const Finding& finding);

}  // namespace falcoc::lsp
