#include "cli/verdict_text.h"

#include "billing/terminal_text.h"

namespace dcm::cli {
namespace {

std::string plural(std::int64_t count, const std::string& noun) {
    return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string line_of(const audit::Finding& finding, const std::string& more) {
    return std::string("finding: ") + std::string(audit::word_of(finding.kind)) +
           (finding.seq ? ", seq " + std::to_string(*finding.seq) : "") + ": " +
           billing::visible_text(finding.text) + more + '\n';
}

// What names a record comes first. Of the notes behind a wrong record the first tells enough.
std::string findings_text(const audit::Verdict& verdict) {
    std::string of_records;
    std::string others;
    std::string notes;
    for (const audit::Finding& finding : verdict.findings) {
        if (!finding.is_disputed_note) {
            (finding.seq ? of_records : others) += line_of(finding, "");
        } else if (notes.empty()) {
            const std::int64_t more = verdict.disputed_notes - 1;
            notes = line_of(finding,
                            more == 0 ? ""
                                      : "; " + plural(more, "more signed note") + " behind it " +
                                            (more == 1 ? "does" : "do") + " not fit either");
        }
    }
    return of_records + others + notes;
}

// As far as the anchors vouch for the records.
std::string anchored_text(const audit::Verdict& verdict) {
    const std::string behind = plural(verdict.records_after_anchor, "record");
    if (verdict.records_after_anchor == 0) {
        return "";
    }
    return verdict.records_after_anchor == verdict.size
               ? "no anchor agrees with any of the " + behind + '\n'
               : behind + " after the newest note of an anchor that agrees\n";
}

std::string derived_text(const audit::Verdict& verdict) {
    const std::string begin = "derived tables: ";
    if (!verdict.derived) {
        return "";
    }
    const audit::DerivedReport& derived = *verdict.derived;
    if (!derived.is_compared) {
        return begin + "not compared, the findings say why\n";
    }
    std::string text;
    if (derived.projected < verdict.size) {
        text += begin + "instances and intervals follow " + std::to_string(derived.projected) +
                " of " + plural(verdict.size, "record") +
                "; the rest is derived when it is asked for\n";
    }
    if (!derived.follows_book_in_use) {
        text += begin + "instances and intervals follow another rule book than the one in use\n";
    }
    return text;
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
    text += findings_text(verdict);
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
    return text + derived_text(verdict) + anchored_text(verdict);
}

}  // namespace dcm::cli
