#pragma once

#include "anchors/anchor.h"
#include "audit/note.h"

#include <filesystem>

namespace dcm::anchors {

// Cuts off what a crash left of a note that was being appended: whatever at the end of the file is
// no note. A file without any is left alone unless it is shorter than a note can be long. Throws
// Failure (environment) when the file cannot be read or written.
void cut_unfinished_note(const std::filesystem::path& path, const audit::VerifierKey& key);

// A file that notes are appended to and that is never rewritten.
class FileAnchor final : public Anchor {
public:
    explicit FileAnchor(std::filesystem::path path);

    [[nodiscard]] std::string name() const override { return path_.string(); }
    [[nodiscard]] bool is_remote() const override { return false; }
    void keep(const SignedCheckpoint& checkpoint) override;
    [[nodiscard]] std::optional<AnchorContent> read() override;
    [[nodiscard]] std::optional<AnchorContent> read_newest() override;

private:
    [[nodiscard]] AnchorContent content(audit::TextParts notes) const;

    std::filesystem::path path_;
    bool is_whole_ = false;  // its end is no torn note
};

}  // namespace dcm::anchors
