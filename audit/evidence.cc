#include "audit/evidence.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::size_t kStoredSource = 0;

}  // namespace

Evidence::Evidence(TrustedLog trusted, Findings& findings, StoredNotes stored)
    : trusted_(std::move(trusted)), findings_(findings), stored_(std::move(stored)) {
    Source source;
    source.report.name = "the database";
    sources_.push_back(std::move(source));
    if (trusted_.keys) {
        unproven_changes_ = trusted_.keys->changes_to_prove();
    }
}

std::optional<Evidence::Claim> Evidence::next_stored() {
    if (!trusted_.keys || !stored_) {
        return std::nullopt;
    }
    while (const std::optional<StoredNote> stored = stored_()) {
        const std::optional<Checkpoint> checkpoint = open(stored->note, kStoredSource);
        if (!checkpoint) {
            continue;
        }
        if (checkpoint->size == stored->size) {
            return Claim{checkpoint->size, checkpoint->root, kStoredSource};
        }
        refuse(kStoredSource,
               {FindingKind::tampered,
                std::nullopt,
                "expected the stored checkpoint of size " + std::to_string(stored->size) +
                    " to be of that size, its note says " + std::to_string(checkpoint->size)});
    }
    return std::nullopt;
}

void Evidence::add_anchors(const std::vector<Anchor>& anchors) {
    for (const Anchor& anchor : anchors) {
        add_anchor(anchor);
    }
}

void Evidence::add_anchor(const Anchor& anchor) {
    const std::size_t source = sources_.size();
    sources_.emplace_back();
    sources_[source].is_anchor = true;
    sources_[source].report.name = anchor.name;
    sources_[source].size_told = anchor.size_told;
    if (!anchor.text || anchor.text->empty()) {
        sources_[source].report.state = AnchorState::missing;
        return;
    }
    if (!trusted_.keys) {
        return;
    }
    const Result<std::vector<std::string>> notes = split_notes(*anchor.text);
    if (!notes.ok()) {
        refuse(source,
               {FindingKind::malformed,
                std::nullopt,
                "anchor " + printable(anchor.name) + ": " + notes.error().message});
        return;
    }
    for (const std::string& note : notes.value()) {
        ++sources_[source].report.notes;
        const std::optional<Checkpoint> checkpoint = open(note, source);
        if (checkpoint) {
            AnchorReport& report = sources_[source].report;
            report.size = std::max(report.size, checkpoint->size);
            claims_.push_back({checkpoint->size, checkpoint->root, source});
        }
    }
}

std::optional<Checkpoint> Evidence::open(std::string_view note, std::size_t source) {
    const OpenedLogNote opened = open_log_note(note, *trusted_.keys);
    const std::string where =
        source == kStoredSource ? "stored checkpoint: "
                                : "anchor " + printable(sources_[source].report.name) + ", note " +
                                      std::to_string(sources_[source].report.notes) + ": ";
    if (const auto* problem = std::get_if<NoteProblem>(&opened.state)) {
        const FindingKind kind =
            problem->fault == NoteFault::malformed ? FindingKind::malformed : FindingKind::tampered;
        refuse(source, {kind, std::nullopt, where + problem->message});
        return std::nullopt;
    }
    const auto& found = std::get<LogNote>(opened.state);
    if (found.is_lost) {
        sources_[source].lost = true;
        return std::nullopt;
    }
    prove_change(found.checkpoint);
    return found.checkpoint;
}

// The checkpoint of a change counts only with both signatures.
void Evidence::prove_change(const Checkpoint& checkpoint) {
    unproven_changes_.erase(std::remove_if(unproven_changes_.begin(),
                                           unproven_changes_.end(),
                                           [&checkpoint](const KeyChange& change) {
                                               return checkpoint.size == change.size() &&
                                                      checkpoint.origin == change.new_key.name();
                                           }),
                            unproven_changes_.end());
}

void Evidence::refuse(std::size_t source, Finding finding) {
    sources_[source].refused = true;
    findings_.add(std::move(finding));
}

void Evidence::begin(const Frontier& start, const ConsistencyLookup& proof) {
    const auto order = [](const Claim& claim) {
        return std::tie(claim.size, claim.root, claim.source);
    };
    std::sort(claims_.begin(), claims_.end(), [&order](const Claim& left, const Claim& right) {
        return order(left) < order(right);
    });
    const auto last = std::unique(
        claims_.begin(), claims_.end(), [&order](const Claim& left, const Claim& right) {
            return order(left) == order(right);
        });
    claims_.erase(last, claims_.end());

    std::map<std::size_t, Claim> newest_below;
    for (; next_ < claims_.size() && claims_[next_].size < start.size(); ++next_) {
        newest_below[claims_[next_].source] = claims_[next_];
    }
    for (const auto& [source, claim] : newest_below) {
        compare_by_proof(claim, start, proof);
    }
    do {
        stored_claim_ = next_stored();
    } while (stored_claim_ && stored_claim_->size < start.size());
    compare(start);
}

void Evidence::compare_by_proof(const Claim& claim,
                                const Frontier& start,
                                const ConsistencyLookup& proof) {
    const auto hashes = proof ? proof({claim.size, start.size()}) : std::nullopt;
    if (!hashes) {
        return;
    }
    if (verify_consistency({claim.size, claim.root, start.size(), start.root()}, *hashes)) {
        agree(claim);
    } else {
        differ(claim, "which is no part of the records verified before");
    }
}

void Evidence::compare(const Frontier& tree) {
    const bool is_stored = stored_claim_ && stored_claim_->size == tree.size();
    const bool is_anchored = next_ < claims_.size() && claims_[next_].size == tree.size();
    if (!is_stored && !is_anchored) {
        return;
    }
    const Hash root = tree.root();
    while (stored_claim_ && stored_claim_->size <= tree.size()) {
        compare(*stored_claim_, root);
        stored_claim_ = next_stored();
    }
    for (; next_ < claims_.size() && claims_[next_].size == tree.size(); ++next_) {
        compare(claims_[next_], root);
    }
}

void Evidence::compare(const Claim& claim, const Hash& root) {
    if (claim.root == root) {
        agree(claim);
    } else {
        differ(claim, "the records give " + to_base64(root));
    }
}

void Evidence::agree(const Claim& claim) {
    sources_[claim.source].agreed_size = claim.size;
    agreed_size_ = std::max(agreed_size_, claim.size);
}

void Evidence::differ(const Claim& claim, const std::string& from) {
    sources_[claim.source].differs = true;
    disputed_size_ = disputed_size_.value_or(claim.size);
    findings_.add({FindingKind::tampered,
                   std::nullopt,
                   describe(claim) + " signs the root " + to_base64(claim.root) + ", " + from});
}

void Evidence::finish(std::int64_t size) {
    // From the newest down: one finding per source says how much is gone.
    std::optional<Claim> newest_stored;
    for (; stored_claim_; stored_claim_ = next_stored()) {
        newest_stored = stored_claim_;
    }
    if (newest_stored) {
        exceed(*newest_stored, size);
    }
    for (std::size_t i = claims_.size(); i > next_; --i) {
        exceed(claims_[i - 1], size);
    }
    next_ = claims_.size();
    for (const KeyChange& change : unproven_changes_) {
        findings_.add({FindingKind::tampered,
                       change.seq,
                       "expected a checkpoint of " + std::to_string(change.size()) +
                           " records, signed by both keys, for the change of keys in record " +
                           std::to_string(change.seq) + "; there is none"});
    }
    for (Source& source : sources_) {
        if (!source.ahead && source.size_told > size) {
            source.ahead = true;
            findings_.add({FindingKind::rolled_back,
                           std::nullopt,
                           "anchor " + printable(source.report.name) + " took a checkpoint of " +
                               std::to_string(source.size_told) + " records, the log has " +
                               std::to_string(size)});
        }
    }
}

void Evidence::exceed(const Claim& claim, std::int64_t size) {
    Source& source = sources_[claim.source];
    if (!source.ahead) {
        findings_.add({FindingKind::rolled_back,
                       std::nullopt,
                       describe(claim) + " is newer than the log, which has " +
                           std::to_string(size) + " records"});
    }
    source.ahead = true;
}

bool Evidence::has_proven_changes(std::int64_t size) const {
    return std::none_of(unproven_changes_.begin(),
                        unproven_changes_.end(),
                        [size](const KeyChange& change) { return change.size() <= size; });
}

std::string Evidence::describe(const Claim& claim) const {
    const std::string size = " of size " + std::to_string(claim.size);
    return claim.source == kStoredSource
               ? "the stored checkpoint" + size
               : "anchor " + printable(sources_[claim.source].report.name) + ": its note" + size;
}

std::optional<std::int64_t> Evidence::anchored_size() const {
    std::optional<std::int64_t> size;
    for (const Source& source : sources_) {
        if (source.is_anchor && source.agreed_size) {
            size = std::max(size.value_or(0), *source.agreed_size);
        }
    }
    return size;
}

int Evidence::agreeing_anchors() const {
    return static_cast<int>(
        std::count_if(sources_.begin(), sources_.end(), [](const Source& source) {
            return source.is_anchor && source.agreed_size && !source.ahead && !source.differs &&
                   !source.refused;
        }));
}

std::vector<AnchorReport> Evidence::reports() const {
    std::vector<AnchorReport> reports;
    for (const Source& source : sources_) {
        if (!source.is_anchor) {
            continue;
        }
        AnchorReport report = source.report;
        if (source.refused) {
            report.state = AnchorState::refused;
        } else if (source.differs) {
            report.state = AnchorState::differs;
        } else if (source.ahead) {
            report.state = AnchorState::ahead;
        } else if (source.agreed_size) {
            report.state = AnchorState::agrees;
        } else if (source.lost) {
            report.state = AnchorState::forked;
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace dcm::audit
