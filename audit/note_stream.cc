#include "audit/note_stream.h"

#include "audit/note.h"

#include <string_view>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::string_view kBlankLine = "\n\n";

}  // namespace

TextParts::TextParts(std::string whole)
    : next_([whole = std::move(whole)]() mutable { return std::exchange(whole, {}); }) {}

std::string TextParts::rest() {
    std::string all;
    for (std::string part = next(); !part.empty(); part = next()) {
        all += part;
    }
    return all;
}

std::optional<Result<std::string>> NoteStream::next() {
    std::optional<std::size_t> end = end_of_note();
    while (!end && buffer_.size() - taken_ <= kNoteBytesMax) {
        read_part();
        end = end_of_note();
    }
    if (end == 0) {
        return std::nullopt;
    }
    ++count_;
    if (!end || *end > kNoteBytesMax) {
        text_ = TextParts(std::string());
        buffer_.clear();
        taken_ = 0;
        is_all_read_ = true;
        return malformed("expected notes of at most " + std::to_string(kNoteBytesMax) +
                         " bytes each, note " + std::to_string(count_) + " is longer");
    }
    std::string note = buffer_.substr(taken_, *end);
    taken_ += *end;
    return note;
}

bool NoteStream::is_at_end() {
    while (taken_ == buffer_.size() && !is_all_read_) {
        read_part();
    }
    return taken_ == buffer_.size();
}

void NoteStream::read_part() {
    buffer_.erase(0, taken_);
    taken_ = 0;
    const std::string part = text_.next();
    is_all_read_ = part.empty();
    buffer_ += part;
}

// A note's text reaches to the first blank line; its signature lines follow.
std::optional<std::size_t> NoteStream::end_of_note() const {
    const std::optional<std::size_t> not_before =
        is_all_read_ ? std::optional(buffer_.size() - taken_) : std::nullopt;
    const std::string_view text = std::string_view(buffer_).substr(taken_);
    std::size_t end = text.find(kBlankLine);
    if (end == std::string_view::npos) {
        return not_before;
    }
    end += kBlankLine.size();
    while (text.substr(end).starts_with(kSignaturePrefix)) {
        const std::size_t line_end = text.find('\n', end);
        if (line_end == std::string_view::npos) {
            return not_before;
        }
        end = line_end + 1;
    }
    // The beginning of a signature line, cut off by the end of a part.
    const bool may_go_on = kSignaturePrefix.starts_with(text.substr(end));
    return may_go_on ? (is_all_read_ ? std::optional(end) : std::nullopt) : std::optional(end);
}

}  // namespace dcm::audit
