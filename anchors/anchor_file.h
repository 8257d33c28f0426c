#pragma once

#include "audit/note.h"

#include <filesystem>

namespace dcm::anchors {

// Cuts off what a crash left of a note that was being appended: whatever at the end of the file is
// no note. A file without any is left alone unless it is shorter than a note can be long. Throws
// Failure (environment) when the file cannot be read or written.
void cut_unfinished_note(const std::filesystem::path& path, const audit::VerifierKey& key);

}  // namespace dcm::anchors
