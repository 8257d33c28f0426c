#include "audit/record.h"

#include "audit/hash.h"
#include "base/encoding.h"

#include <array>
#include <charconv>

namespace dcm::audit {
namespace {

constexpr std::string_view kRecordTitle = "bal/1\n";
constexpr std::string_view kSeqPrefix = "seq/";
// "-9223372036854775808"
constexpr std::size_t kIntegerBytesMax = 20;

using IntegerBuffer = std::array<char, kIntegerBytesMax>;

// Plain decimal: no plus sign, no leading zeros, "0" for zero.
template <typename Integer>
std::string_view decimal(Integer number, IntegerBuffer& buffer) {
    char* begin = buffer.data();
    char* end = std::to_chars(begin, begin + buffer.size(), number).ptr;
    return {begin, static_cast<std::size_t>(end - begin)};
}

void add_text(std::string_view text, std::string& leaf_data) {
    IntegerBuffer buffer{};
    leaf_data += decimal(text.size(), buffer);
    leaf_data += ':';
    leaf_data += text;
    leaf_data += '\n';
}

void add_text(const std::optional<std::string>& text, std::string& leaf_data) {
    if (text) {
        add_text(std::string_view(*text), leaf_data);
    } else {
        leaf_data += "-\n";
    }
}

void add_integer(std::int64_t number, std::string& leaf_data) {
    IntegerBuffer buffer{};
    add_text(decimal(number, buffer), leaf_data);
}

bool is_hashable(std::string_view text) {
    return text.find('\0') == std::string_view::npos && is_utf8(text);
}

}  // namespace

std::string encode_leaf(const Record& record) {
    std::string leaf_data;
    encode_leaf(record, leaf_data);
    return leaf_data;
}

void encode_leaf(const Record& record, std::string& leaf_data) {
    leaf_data.clear();
    leaf_data += kRecordTitle;
    add_integer(record.seq, leaf_data);
    add_integer(record.recorded_at, leaf_data);
    add_text(std::string_view(record.kind), leaf_data);
    add_text(std::string_view(record.actor), leaf_data);
    add_text(std::string_view(record.subject), leaf_data);
    add_text(record.tenant, leaf_data);
    add_text(record.ce_source, leaf_data);
    add_text(record.ce_id, leaf_data);
    add_text(record.broker_pos, leaf_data);
    add_text(std::string_view(record.outcome), leaf_data);
    add_text(record.reason, leaf_data);
    add_text(record.body, leaf_data);
    add_text(record.payload_commit, leaf_data);
    if (record.payload_len) {
        add_integer(*record.payload_len, leaf_data);
    } else {
        leaf_data += "-\n";
    }
}

std::optional<std::string_view> unhashable_column(const Record& record) {
    struct Column {
        std::string_view name;
        std::string_view text;
    };
    const auto text_of = [](const std::optional<std::string>& text) {
        return text ? std::string_view(*text) : std::string_view();
    };
    const std::array<Column, 11> columns{{{"kind", record.kind},
                                          {"actor", record.actor},
                                          {"subject", record.subject},
                                          {"tenant", text_of(record.tenant)},
                                          {"ce_source", text_of(record.ce_source)},
                                          {"ce_id", text_of(record.ce_id)},
                                          {"broker_pos", text_of(record.broker_pos)},
                                          {"outcome", record.outcome},
                                          {"reason", text_of(record.reason)},
                                          {"body", text_of(record.body)},
                                          {"payload_commit", text_of(record.payload_commit)}}};
    for (const Column& column : columns) {
        if (!is_hashable(column.text)) {
            return column.name;
        }
    }
    return std::nullopt;
}

std::string payload_commitment(const SaltedPayload& salted) {
    return to_hex(sha256({salted.salt, salted.payload}));
}

std::string seq_subject(std::int64_t seq) {
    return std::string(kSeqPrefix) + std::to_string(seq);
}

std::optional<std::int64_t> parse_seq_subject(std::string_view subject) {
    if (!subject.starts_with(kSeqPrefix)) {
        return std::nullopt;
    }
    const std::string_view digits = subject.substr(kSeqPrefix.size());
    std::int64_t seq = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
    // Written back, the number must be the same text: no sign, no leading zeros, nothing after it.
    if (error != std::errc() || seq < 0 || seq_subject(seq) != subject) {
        return std::nullopt;
    }
    return seq;
}

}  // namespace dcm::audit
