#include "store/recorded_body.h"

#include <charconv>

namespace dcm::store {
namespace {

// Nothing of what is no JSON.
constexpr const char* kExtract =
    "SELECT json_extract(body, '$.event_time'), json_extract(body, '$.word'),"
    " json_extract(body, '$.stream_seq') FROM (SELECT CASE WHEN json_valid(?1) THEN ?1 END AS "
    "body)";

// Takes a body apart from left to right; what does not fit leaves it failed.
class PlainReader {
public:
    explicit PlainReader(std::string_view body) : rest_(body) {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    [[nodiscard]] bool take(char wanted) {
        const bool is_there = rest_.starts_with(wanted);
        if (is_there) {
            rest_.remove_prefix(1);
        }
        return is_there;
    }
    void require(char wanted) { failed_ = !take(wanted) || failed_; }

    std::string_view text() {
        require('"');
        const std::size_t end = rest_.find('"');
        const std::string_view value = rest_.substr(0, end);
        if (failed_ || end == std::string_view::npos ||
            value.find('\\') != std::string_view::npos) {
            failed_ = true;
            return {};
        }
        rest_.remove_prefix(end + 1);
        return value;
    }

    std::int64_t number() {
        std::int64_t value = 0;
        const char* const end = rest_.data() + rest_.size();
        const auto [after, fault] = std::from_chars(rest_.data(), end, value);
        failed_ = failed_ || fault != std::errc();
        rest_.remove_prefix(static_cast<std::size_t>(after - rest_.data()));
        return value;
    }

    void skip_list() {
        require('[');
        bool is_open = !take(']');
        while (is_open && !failed_) {
            static_cast<void>(text());
            is_open = !take(']');
            if (is_open) {
                require(',');
            }
        }
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace

std::optional<RecordedBody> read_plain_body(std::string_view body) {
    PlainReader reader(body);
    RecordedBody read;
    reader.require('{');
    do {
        const std::string_view name = reader.text();
        reader.require(':');
        if (name == "event_time") {
            read.event_time = reader.text();
        } else if (name == "word") {
            read.word = reader.text();
        } else if (name == "stream_seq") {
            read.stream_seq = reader.number();
        } else if (name == "flags") {
            reader.skip_list();
        } else {
            static_cast<void>(reader.text());
        }
    } while (!reader.failed() && reader.take(','));
    reader.require('}');
    return reader.failed() || !reader.at_end() ? std::nullopt : std::optional(read);
}

BodyReader::BodyReader(soci::session& session) : extract_(session, kExtract) {}

RecordedBody BodyReader::read(std::string_view body) {
    if (const auto plain = read_plain_body(body)) {
        return *plain;
    }
    RecordedBody read;
    extract_.bind(body);
    while (extract_.fetch()) {
        extract_.copy_to(event_time_, 0);
        extract_.copy_to(word_, 1);
        read.stream_seq = extract_.number(2);
    }
    read.event_time = event_time_;
    read.word = word_;
    return read;
}

}  // namespace dcm::store
