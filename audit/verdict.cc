#include "audit/verdict.h"

#include "base/encoding.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::size_t kPrintableBytesMax = 200;

nlohmann::ordered_json seq_json(const std::optional<std::int64_t>& seq) {
    return seq ? nlohmann::ordered_json(*seq) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json derived_json(const DerivedReport& derived) {
    nlohmann::ordered_json object{{"compared", derived.is_compared}};
    if (derived.is_compared) {
        object["records"] = derived.projected;
        object["follows_book_in_use"] = derived.follows_book_in_use;
    }
    return object;
}

}  // namespace

int exit_code_of(FindingKind kind) {
    switch (kind) {
        case FindingKind::tampered:
        case FindingKind::unguarded:
            return 1;
        case FindingKind::malformed:
            return 3;
        case FindingKind::rolled_back:
            return 5;
        case FindingKind::unproven:
            return 6;
        case FindingKind::unreadable:
            return 4;
    }
    return 4;
}

std::string_view word_of(FindingKind kind) {
    switch (kind) {
        case FindingKind::tampered:
        case FindingKind::unguarded:
            return "tampered";
        case FindingKind::malformed:
            return "malformed";
        case FindingKind::rolled_back:
            return "rolled_back";
        case FindingKind::unproven:
            return "unproven";
        case FindingKind::unreadable:
            return "unreadable";
    }
    return "unreadable";
}

std::string_view word_of(AnchorState state) {
    switch (state) {
        case AnchorState::agrees:
            return "agrees";
        case AnchorState::ahead:
            return "ahead";
        case AnchorState::differs:
            return "differs";
        case AnchorState::refused:
            return "refused";
        case AnchorState::forked:
            return "forked";
        case AnchorState::missing:
            return "missing";
        case AnchorState::unchecked:
            return "unchecked";
    }
    return "unchecked";
}

std::string verdict_json(const Verdict& verdict) {
    nlohmann::ordered_json findings = nlohmann::ordered_json::array();
    for (const Finding& finding : verdict.findings) {
        findings.push_back({{"kind", word_of(finding.kind)},
                            {"seq", seq_json(finding.seq)},
                            {"text", finding.text}});
    }
    nlohmann::ordered_json anchors = nlohmann::ordered_json::array();
    for (const AnchorReport& anchor : verdict.anchors) {
        anchors.push_back({{"name", anchor.name},
                           {"state", word_of(anchor.state)},
                           {"notes", anchor.notes},
                           {"size", anchor.size}});
    }
    nlohmann::ordered_json forks = nlohmann::ordered_json::array();
    for (const ForkReport& fork : verdict.forks) {
        forks.push_back(
            {{"seq", fork.seq}, {"lost_size", fork.lost_size}, {"reason", fork.reason}});
    }
    nlohmann::ordered_json key_changes = nlohmann::ordered_json::array();
    for (const KeyChangeReport& change : verdict.key_changes) {
        key_changes.push_back({{"seq", change.seq}, {"new_key", change.new_key}});
    }
    nlohmann::ordered_json object{{"verdict", verdict.word},
                                  {"exit", verdict.exit_code},
                                  {"size", verdict.size},
                                  {"root", to_base64(verdict.root)},
                                  {"first_bad_seq", seq_json(verdict.first_bad_seq)},
                                  {"records_checked", verdict.records_checked},
                                  {"verified_before", verdict.verified_before},
                                  {"records_after_anchor", verdict.records_after_anchor},
                                  {"findings", std::move(findings)},
                                  {"findings_omitted", verdict.findings_omitted},
                                  {"anchors", std::move(anchors)},
                                  {"forks", std::move(forks)},
                                  {"key_changes", std::move(key_changes)},
                                  {"schema", verdict.schema}};
    if (verdict.derived) {
        object["derived"] = derived_json(*verdict.derived);
    }
    // A file name need not be UTF-8.
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void Findings::add(Finding finding) {
    worst_ = worst_ ? std::min(*worst_, finding.kind) : finding.kind;
    if (finding.kind == FindingKind::tampered && finding.seq) {
        first_bad_seq_ = first_bad_seq_ ? std::min(*first_bad_seq_, *finding.seq) : *finding.seq;
    }
    tampered_ += finding.kind == FindingKind::tampered ? 1 : 0;
    disputed_notes_ += finding.is_disputed_note ? 1 : 0;
    const bool crowds_out =
        finding.is_disputed_note && disputed_notes_ > std::int64_t{kDisputedNotesMax};
    if (kept_.size() < kFindingsMax && !crowds_out) {
        kept_.push_back(std::move(finding));
    } else {
        ++omitted_;
    }
}

std::string printable(std::string_view text) {
    std::string shown;
    for (const std::uint8_t byte : as_bytes(text.substr(0, kPrintableBytesMax))) {
        if (byte < 0x20 || byte > 0x7E) {
            shown += "\\x" + hex_encode(std::span(&byte, 1));
        } else {
            shown += static_cast<char>(byte);
        }
    }
    return text.size() > kPrintableBytesMax ? shown + "..." : shown;
}

}  // namespace dcm::audit
