#pragma once

#include "store/row_statement.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::store {

// What the body of an accepted record says of its event (docs/formats/record.md).
struct RecordedBody {
    std::optional<std::string_view> event_time;
    std::optional<std::string_view> word;
    std::int64_t stream_seq = 0;  // 0 when there is none
};

// Reads a body without spaces and escapes, which is how nearly all are written; nullopt for any
// other. The views are of `body`.
[[nodiscard]] std::optional<RecordedBody> read_plain_body(std::string_view body);

// Reads every body, and those that are not plain as SQLite does.
class BodyReader {
public:
    explicit BodyReader(soci::session& session);

    // The views live as long as `body` and until the next call.
    [[nodiscard]] RecordedBody read(std::string_view body);

private:
    RowStatement extract_;
    std::optional<std::string> event_time_;
    std::optional<std::string> word_;
};

}  // namespace dcm::store
