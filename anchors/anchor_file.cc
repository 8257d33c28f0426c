#include "anchors/anchor_file.h"

#include "anchors/file_io.h"
#include "base/result.h"

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcm::anchors {
namespace {

// More than the longest note this program writes: its lines are an origin, a size, a root and a
// signature.
constexpr std::size_t kOwnNoteBytesMax = 65'536;

bool is_note(const std::string& text, const audit::VerifierKey& key) {
    const audit::OpenedNote opened = audit::open_checkpoint(text, key);
    const auto* const problem = std::get_if<audit::NoteProblem>(&opened.state);
    // Whose note it is does not matter here: the verifier judges that.
    return problem == nullptr || problem->fault != audit::NoteFault::malformed;
}

}  // namespace

void cut_unfinished_note(const std::filesystem::path& path, const audit::VerifierKey& key) {
    const std::optional<std::string> end = read_end(path, kOwnNoteBytesMax);
    if (!end || end->empty()) {
        return;
    }
    std::vector<std::string> pieces = value_or_throw(audit::split_notes(*end));
    std::size_t unfinished = 0;
    while (!pieces.empty() && !is_note(pieces.back(), key)) {
        unfinished += pieces.back().size();
        pieces.pop_back();
    }
    const bool is_remains_of_one = !pieces.empty() || end->size() < kOwnNoteBytesMax;
    if (unfinished > 0 && is_remains_of_one) {
        shorten_file(path, std::filesystem::file_size(path) - unfinished);
    }
}

FileAnchor::FileAnchor(std::filesystem::path path) : path_(std::move(path)) {}

void FileAnchor::keep(const SignedCheckpoint& checkpoint) {
    if (!is_whole_) {
        cut_unfinished_note(path_, checkpoint.keys.newest());
        is_whole_ = true;
    }
    if (read_end(path_, checkpoint.note.size()) == checkpoint.note) {
        return;
    }
    append_to_file(path_, checkpoint.note);
}

std::optional<AnchorContent> FileAnchor::read() {
    std::error_code missing;
    if (!std::filesystem::exists(path_, missing)) {
        return std::nullopt;
    }
    const auto file = std::make_shared<FileParts>(path_);
    if (file->is_at_end()) {
        return std::nullopt;
    }
    return content(audit::TextParts([file] { return file->next(); }));
}

std::optional<AnchorContent> FileAnchor::read_newest() {
    std::optional<std::string> notes = read_end(path_, audit::kNoteBytesMax);
    if (!notes || notes->empty()) {
        return std::nullopt;
    }
    return content(*std::move(notes));
}

AnchorContent FileAnchor::content(audit::TextParts notes) const {
    AnchorContent content{std::move(notes)};
    struct stat status {};
    if (::stat(path_.c_str(), &status) == 0) {
        content.written_at =
            Instant{status.st_mtim.tv_sec * kMicrosPerSecond + status.st_mtim.tv_nsec / 1'000};
    }
    return content;
}

}  // namespace dcm::anchors
