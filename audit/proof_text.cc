#include "audit/proof_text.h"

#include "base/encoding.h"
#include "base/shown.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace dcm::audit {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

// Takes lines off the front of a text and counts them.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    // Without its line feed; nullopt at the end, or when the last line has none.
    std::optional<std::string_view> next() {
        const std::size_t end = rest_.find('\n');
        ++number_;
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return line;
    }

    [[nodiscard]] std::string_view rest() const { return rest_; }

    [[nodiscard]] Error expected(std::string_view what,
                                 const std::optional<std::string_view>& came) const {
        return malformed("proof: line " + std::to_string(number_) + ": expected " +
                         std::string(what) + ", got " +
                         (came ? shown(*came) : std::string("the end of the text")));
    }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

std::optional<Hash> hash_of(std::string_view base64) {
    const std::optional<std::string> bytes = base64_decode(base64);
    return bytes ? hash_from_bytes(*bytes) : std::nullopt;
}

// Decimal, without sign and leading zeros.
std::optional<std::int64_t> index_of(std::string_view digits) {
    std::int64_t index = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, index);
    const bool is_whole = error == std::errc() && stopped == end;
    return is_whole && index >= 0 && std::to_string(index) == digits ? std::optional(index)
                                                                     : std::nullopt;
}

Error too_long() {
    return malformed("proof: expected at most " + std::to_string(kProofHashesMax) +
                     " hashes, got more");
}

}  // namespace

bool is_tlog_proof(std::string_view text) {
    return text.starts_with(kHeader);
}

Result<InclusionProof> parse_tlog_proof(std::string_view text) {
    if (text.size() > kProofBytesMax) {
        return malformed("proof: expected at most " + std::to_string(kProofBytesMax) +
                         " bytes, got " + std::to_string(text.size()));
    }
    Lines lines(text);
    std::optional<std::string_view> line = lines.next();
    if (!is_tlog_proof(text)) {
        return lines.expected("c2sp.org/tlog-proof@v1", line);
    }
    line = lines.next();
    if (line && line->starts_with(kExtra)) {
        if (!base64_decode(line->substr(kExtra.size()))) {
            return lines.expected("extra data in base64", line);
        }
        line = lines.next();
    }
    const auto index =
        line && line->starts_with(kIndex) ? index_of(line->substr(kIndex.size())) : std::nullopt;
    if (!index) {
        return lines.expected("`index` and a decimal number", line);
    }
    InclusionProof proof;
    proof.index = *index;
    for (line = lines.next(); line && !line->empty(); line = lines.next()) {
        const auto hash = hash_of(*line);
        if (!hash) {
            return lines.expected("32 bytes in base64, or an empty line", line);
        }
        if (proof.hashes.size() == kProofHashesMax) {
            return too_long();
        }
        proof.hashes.push_back(*hash);
    }
    if (!line) {
        return lines.expected("an empty line and a signed checkpoint", line);
    }
    proof.note = lines.rest();
    return proof;
}

Result<std::vector<Hash>> parse_hashes(std::string_view text) {
    std::vector<Hash> hashes;
    Lines lines(text);
    while (!lines.rest().empty()) {
        const auto line = lines.next();
        const auto hash = line ? hash_of(*line) : std::nullopt;
        if (!hash) {
            return lines.expected("32 bytes in base64 and a line feed", line);
        }
        if (hashes.size() == kProofHashesMax) {
            return too_long();
        }
        hashes.push_back(*hash);
    }
    return hashes;
}

}  // namespace dcm::audit
