#include "cli/verdict_text.h"

#include "billing/terminal_text.h"

namespace dcm::cli {
namespace {

std::string plural(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string verdict_text(const audit::Verdict& verdict) {
    std::string text = std::string(verdict.word) + ": " +
                       plural(verdict.records_checked, "record") + " checked, size " +
                       std::to_string(verdict.size) + ", root " + audit::to_base64(verdict.root) +
                       '\n';
    if (verdict.verified_before > 0) {
        text += "not read again: " + plural(verdict.verified_before, "record") +
                " verified before; without --since-last a change to them is found\n";
    }
    if (verdict.first_bad_seq) {
        text += "first bad record: seq " + std::to_string(*verdict.first_bad_seq) + '\n';
    }
    for (const audit::Finding& finding : verdict.findings) {
        text += std::string("finding: ") + std::string(audit::word_of(finding.kind)) +
                (finding.seq ? ", seq " + std::to_string(*finding.seq) : "") + ": " +
                billing::visible_text(finding.text) + '\n';
    }
    for (const audit::AnchorReport& anchor : verdict.anchors) {
        text += "anchor: " + billing::visible_text(anchor.name) + ' ' +
                std::string(audit::word_of(anchor.state)) + ", " + plural(anchor.notes, "note") +
                ", newest of size " + std::to_string(anchor.size) + '\n';
    }
    for (const audit::ForkReport& fork : verdict.forks) {
        text += "fork: record " + std::to_string(fork.seq) +
                ": an older copy went on here, and records " + std::to_string(fork.seq) + " to " +
                std::to_string(fork.lost_size - 1) +
                " of the history before were lost: " + billing::visible_text(fork.reason) + '\n';
    }
    for (const audit::KeyChangeReport& change : verdict.key_changes) {
        text += "key: record " + std::to_string(change.seq) + " changed the log's key to " +
                billing::visible_text(change.new_key) + '\n';
    }
    if (verdict.records_after_anchor > 0) {
        text += plural(verdict.records_after_anchor, "record") + " after the newest anchor\n";
    }
    return text;
}

}  // namespace dcm::cli
