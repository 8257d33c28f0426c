#include "audit/verified_log.h"

#include "audit/state_text.h"

#include <utility>

namespace dcm::audit {
namespace {

constexpr std::string_view kVerifiedTitle = "dcm-billing verified/1\n";
constexpr std::string_view kNone = "-";

std::string format_stretches(const std::vector<SeqStretch>& stretches) {
    std::string text;
    for (const SeqStretch& stretch : stretches) {
        text += (text.empty() ? "" : ",") + std::to_string(stretch.start) + "-" +
                std::to_string(stretch.end);
    }
    return text.empty() ? std::string(kNone) : text;
}

// Ascending stretches of records before `size`.
std::optional<std::vector<SeqStretch>> parse_stretches(std::string_view text, std::int64_t size) {
    std::vector<SeqStretch> stretches;
    if (text == kNone) {
        return stretches;
    }
    std::int64_t last_end = 0;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view one = text.substr(0, comma);
        const std::size_t dash = one.find('-');
        const auto start = number_in(one.substr(0, dash));
        const auto end =
            dash == std::string_view::npos ? std::nullopt : number_in(one.substr(dash + 1));
        if (!start || !end || *start < last_end || *end <= *start || *end > size) {
            return std::nullopt;
        }
        stretches.push_back({*start, *end});
        last_end = *end;
        if (comma == std::string_view::npos) {
            return stretches;
        }
        text.remove_prefix(comma + 1);
    }
}

std::optional<VerifiedLog> parse_verified_fields(std::string_view text) {
    if (!text.starts_with(kVerifiedTitle)) {
        return std::nullopt;
    }
    text.remove_prefix(kVerifiedTitle.size());
    const auto origin = take_field("origin ", text);
    std::optional<Frontier> tree = take_tree(text);
    const auto recorded_at = take_field("recorded_at ", text);
    const auto missing_text = take_field("missing ", text);
    if (!origin || !tree || !recorded_at || !missing_text) {
        return std::nullopt;
    }
    auto missing = parse_stretches(*missing_text, tree->size());
    if (!missing) {
        return std::nullopt;
    }
    VerifiedLog verified{std::string(*origin), *std::move(tree), number_in(*recorded_at), {}};
    verified.missing = *std::move(missing);
    return verified;
}

}  // namespace

std::string format_verified_log(const VerifiedLog& verified) {
    const auto& recorded_at = verified.last_recorded_at;
    return with_checksum(std::string(kVerifiedTitle) + "origin " + verified.origin + "\n" +
                         tree_lines(verified.tree) + "recorded_at " +
                         (recorded_at ? std::to_string(*recorded_at) : std::string(kNone)) +
                         "\nmissing " + format_stretches(verified.missing) + "\n");
}

Result<VerifiedLog> parse_verified_log(std::string_view text) {
    std::optional<VerifiedLog> verified = parse_verified_fields(text);
    // Written again, the text must be the same: that covers root, checksum and what follows it.
    if (!verified || format_verified_log(*verified) != text) {
        return malformed(
            "expected what was verified last, with a valid checksum, got another text");
    }
    return *std::move(verified);
}

}  // namespace dcm::audit
