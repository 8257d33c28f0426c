#include "anchors/anchor_stream.h"

#include "anchors/file_io.h"
#include "audit/verdict.h"

#include <charconv>
#include <utility>
#include <variant>

namespace dcm::anchors {
namespace {

constexpr std::string_view kTitle = "dcm-billing stream anchor/1\n";

// `<deployment>/audit/<log id>`: the part of the name that no other log has.
std::string subject_of(const std::string& origin) {
    return "audit.anchor." + origin.substr(origin.rfind('/') + 1);
}

// The number on the line `<label> <number>`, taken from the text.
std::optional<std::int64_t> take_number(std::string_view label, std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (!text.starts_with(label) || end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(label.size(), end - label.size());
    text.remove_prefix(end + 1);
    std::int64_t number = 0;
    const char* const last = digits.data() + digits.size();
    const auto [after, fault] = std::from_chars(digits.data(), last, number);
    return fault == std::errc() && after == last ? std::optional(number) : std::nullopt;
}

}  // namespace

StreamAnchor::StreamAnchor(StreamAnchorSetup setup)
    : setup_(std::move(setup)),
      connection_(setup_.broker),
      stream_(connection_, setup_.stream, subject_of(setup_.origin)),
      prover_(setup_.database) {}

void StreamAnchor::forget() {
    std::filesystem::remove(setup_.memory);
}

std::vector<std::string> StreamAnchor::warnings() const {
    return stream_.warnings();
}

void StreamAnchor::keep(const SignedCheckpoint& checkpoint) {
    const std::optional<Memory> memory = recall();
    std::optional<std::int64_t> created_ns = stream_.created_ns();
    std::optional<consumer::StreamNote> newest = created_ns ? stream_.newest() : std::nullopt;
    require_kept(memory, created_ns, newest);
    if (!created_ns) {
        created_ns = stream_.create();
    }
    std::int64_t sequence = newest ? newest->sequence : 0;
    std::int64_t size = newest ? require_ours(*newest, checkpoint) : 0;
    if (size < checkpoint.checkpoint.size) {
        const std::optional<std::int64_t> appended = stream_.append(checkpoint.note, sequence);
        if (!appended) {
            throw Failure(
                ErrorKind::environment,
                "somebody else appended to stream '" + setup_.stream + "' at the same time");
        }
        sequence = *appended;
        size = checkpoint.checkpoint.size;
    }
    const bool is_remembered = memory && memory->sequence == sequence && memory->size == size;
    if (!is_remembered) {
        remember({*created_ns, sequence, size});
    }
}

std::optional<AnchorContent> StreamAnchor::read() {
    if (setup_.origin.empty()) {
        return std::nullopt;
    }
    // Before the stream: read after it, a note that was anchored meanwhile would look removed.
    const std::optional<Memory> memory = recall();
    const std::optional<std::int64_t> created_ns = stream_.created_ns();
    std::optional<consumer::StreamNote> newest = created_ns ? stream_.newest() : std::nullopt;
    require_kept(memory, created_ns, newest);
    if (!newest) {
        return std::nullopt;
    }
    return AnchorContent{std::move(newest->text), newest->stored_at, 0};
}

void StreamAnchor::require_kept(const std::optional<Memory>& memory,
                                const std::optional<std::int64_t>& created_ns,
                                const std::optional<consumer::StreamNote>& newest) const {
    if (!memory) {
        return;
    }
    if (!created_ns) {
        lost("the stream is gone", *memory);
    }
    if (*created_ns != memory->created_ns) {
        lost("the stream was removed and made again", *memory);
    }
    if (!newest || newest->sequence < memory->sequence) {
        lost("notes were removed from the stream", *memory);
    }
}

void StreamAnchor::lost(const std::string& how, const Memory& memory) const {
    throw AnchorLost("anchor lost: stream '" + setup_.stream + "' kept a note of " +
                     std::to_string(memory.size) + " records, and " + how +
                     "; once that is explained, anchor in a stream of another name, or remove " +
                     setup_.memory.string() + " to begin anew in this one");
}

// Only what the log's key signed says that there is another copy: others may be able to publish.
std::int64_t StreamAnchor::require_ours(const consumer::StreamNote& newest,
                                        const SignedCheckpoint& checkpoint) {
    const std::string where =
        "stream '" + setup_.stream + "', message " + std::to_string(newest.sequence) + ": ";
    const audit::OpenedLogNote opened = audit::open_log_note(newest.text, checkpoint.keys);
    const auto* const note = std::get_if<audit::LogNote>(&opened.state);
    const auto* const found = note == nullptr ? nullptr : &note->checkpoint;
    if (found == nullptr || found->origin != checkpoint.checkpoint.origin) {
        throw Failure(ErrorKind::environment,
                      where + "expected a note that this log's key signed, got something else: " +
                          "somebody else can publish on its subject");
    }
    const std::optional<audit::Hash> root = found->size == checkpoint.checkpoint.size
                                                ? std::optional(checkpoint.checkpoint.root)
                                                : prover_.root(found->size);
    if (!root) {
        throw Diverged(where + "it signs " + std::to_string(found->size) +
                       " records, here are fewer: another copy of this database is anchored "
                       "there, or this one is older");
    }
    if (*root != found->root) {
        throw Diverged(where + "it signs another history of " + std::to_string(found->size) +
                       " records: another copy of this database is anchored there");
    }
    return found->size;
}

std::optional<StreamAnchor::Memory> StreamAnchor::recall() const {
    const std::optional<std::string> content = read_file(setup_.memory);
    if (!content) {
        return std::nullopt;
    }
    std::string_view text = *content;
    if (text.starts_with(kTitle)) {
        text.remove_prefix(kTitle.size());
        const auto created_ns = take_number("created ", text);
        const auto sequence = take_number("sequence ", text);
        const auto size = take_number("size ", text);
        if (created_ns && sequence && size && text.empty()) {
            return Memory{*created_ns, *sequence, *size};
        }
    }
    throw Failure(ErrorKind::malformed,
                  "expected what is anchored in stream '" + setup_.stream + "' in " +
                      setup_.memory.string() + ", got " + audit::printable(*content));
}

void StreamAnchor::remember(const Memory& memory) const {
    replace_file(setup_.memory,
                 std::string(kTitle) + "created " + std::to_string(memory.created_ns) +
                     "\nsequence " + std::to_string(memory.sequence) + "\nsize " +
                     std::to_string(memory.size) + "\n");
}

}  // namespace dcm::anchors
