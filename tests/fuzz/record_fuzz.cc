// A record's leaf data, read by the words of docs/formats/record.md, is the record again: so no two
// records have the same leaf. What the store writes into its columns reads back too.
//
// Input: two numbers and a byte whose bits say which fields are NULL, then the texts, a line each.

#include "audit/record.h"
#include "store/event_record.h"
#include "tests/fuzz/fuzz.h"

#include <optional>
#include <string>

namespace dcm::fuzz {
namespace {

constexpr std::string_view kPrefix = "bal/1\n";

// Takes `<length>:<bytes>\n` or `-\n` off the front.
std::optional<std::string> take_field(std::string_view& leaf) {
    if (leaf.starts_with("-\n")) {
        leaf.remove_prefix(2);
        return std::nullopt;
    }
    const std::size_t colon = leaf.find(':');
    DCM_CHECK(colon != std::string_view::npos);
    const std::size_t size = std::stoull(std::string(leaf.substr(0, colon)));
    DCM_CHECK(std::to_string(size) == leaf.substr(0, colon));
    leaf.remove_prefix(colon + 1);
    DCM_CHECK(leaf.size() > size && leaf[size] == '\n');
    std::string field(leaf.substr(0, size));
    leaf.remove_prefix(size + 1);
    return field;
}

std::string take_text(std::string_view& leaf) {
    const std::optional<std::string> field = take_field(leaf);
    DCM_CHECK(field.has_value());
    return *field;
}

std::int64_t number_of(const std::string& digits) {
    const std::int64_t number = std::stoll(digits);
    DCM_CHECK(std::to_string(number) == digits);
    return number;
}

audit::Record read_leaf(std::string_view leaf) {
    DCM_CHECK(leaf.starts_with(kPrefix));
    leaf.remove_prefix(kPrefix.size());
    audit::Record record;
    record.seq = number_of(take_text(leaf));
    record.recorded_at = number_of(take_text(leaf));
    record.kind = take_text(leaf);
    record.actor = take_text(leaf);
    record.subject = take_text(leaf);
    record.tenant = take_field(leaf);
    record.ce_source = take_field(leaf);
    record.ce_id = take_field(leaf);
    record.broker_pos = take_field(leaf);
    record.outcome = take_text(leaf);
    record.reason = take_field(leaf);
    record.body = take_field(leaf);
    record.payload_commit = take_field(leaf);
    if (const std::optional<std::string> length = take_field(leaf)) {
        record.payload_len = number_of(*length);
    }
    DCM_CHECK(leaf.empty());
    return record;
}

audit::Record record_of(Input& input) {
    audit::Record record;
    record.seq = input.number();
    record.recorded_at = input.number();
    const unsigned present = input.byte();
    record.kind = input.line();
    record.actor = input.line();
    record.subject = input.line();
    record.outcome = input.line();
    unsigned bit = 1;
    for (std::optional<std::string>* const field : {&record.tenant,
                                                    &record.ce_source,
                                                    &record.ce_id,
                                                    &record.broker_pos,
                                                    &record.reason,
                                                    &record.payload_commit}) {
        if ((present & bit) != 0) *field = input.line();
        bit <<= 1U;
    }
    if ((present & bit) != 0) record.payload_len = record.seq ^ record.recorded_at;
    if ((present & (bit << 1U)) != 0) record.body = input.rest();  // with its line feeds
    return record;
}

// By the rule of docs/formats/record.md: `\\` is a backslash, `\xHH` a byte.
std::string unescaped(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
        } else if (text.substr(i + 1, 1) == "\\") {
            bytes += '\\';
            ++i;
        } else {
            DCM_CHECK(text.substr(i + 1, 1) == "x");
            bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
            i += 3;
        }
    }
    return bytes;
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const audit::Record record = record_of(input);
    DCM_CHECK(read_leaf(audit::encode_leaf(record)) == record);
    if (const auto seq = audit::parse_seq_subject(record.subject)) {
        DCM_CHECK(audit::seq_subject(*seq) == record.subject);
    }
    if (const auto key = store::key_of_subject(record.subject)) {
        DCM_CHECK(key->service_type + '/' + key->instance == record.subject);
    }
    DCM_CHECK(unescaped(store::text_of_subject(bytes)) == bytes);
    const BrokerPosition position{record.kind, record.seq, record.recorded_at, record.seq};
    DCM_CHECK(store::sequence_of_position(format_position(position)) == position.sequence);
    static_cast<void>(store::sequence_of_position(record.subject));
}

}  // namespace dcm::fuzz
