#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace dcm::audit {

// A text that is read part by part, so that one of any length takes little memory. A copy of what
// reads a file goes on where the other one is.
class TextParts {
public:
    using Next = std::function<std::string()>;

    // `next` gives the parts, and an empty one at the end and behind it.
    explicit TextParts(Next next) : next_(std::move(next)) {}
    TextParts(std::string whole);  // NOLINT(google-explicit-constructor): a short text

    [[nodiscard]] std::string next() { return next_(); }
    // All that is left, in one piece.
    [[nodiscard]] std::string rest();

private:
    Next next_;
};

// Takes notes off a text in which they stand one after the other, as `audit checkpoint` prints
// them. Nothing of the text is dropped: what is no note becomes a piece that open_checkpoint finds
// malformed. It holds one note and one part of the text.
class NoteStream {
public:
    explicit NoteStream(TextParts text) : text_(std::move(text)) {}

    // nullopt at the end. An Error for a piece longer than kNoteBytesMax, and nothing after it.
    [[nodiscard]] std::optional<Result<std::string>> next();
    // Whether next() gives nothing any more.
    [[nodiscard]] bool is_at_end();

private:
    void read_part();
    // One past the end of the first note; nullopt when more of the text is needed to tell.
    [[nodiscard]] std::optional<std::size_t> end_of_note() const;

    TextParts text_;
    std::string buffer_;
    std::size_t taken_ = 0;  // of the buffer
    bool is_all_read_ = false;
    std::int64_t count_ = 0;
};

}  // namespace dcm::audit
