#include "audit/evidence.h"

#include <algorithm>
#include <limits>
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
    Source source;
    source.is_anchor = true;
    source.report.name = anchor.name;
    source.size_told = anchor.size_told;
    std::optional<NoteStream> notes;
    if (anchor.text) {
        notes.emplace(*anchor.text);
    }
    if (!notes || notes->is_at_end()) {
        source.report.state = AnchorState::missing;
    } else if (trusted_.keys) {
        source.notes = std::move(notes);
    }
    sources_.push_back(std::move(source));
}

void Evidence::take_claim(std::size_t source) {
    sources_[source].claim = source == kStoredSource ? next_stored() : next_anchored(source);
}

std::optional<Evidence::Claim> Evidence::next_anchored(std::size_t source) {
    std::optional<NoteStream>& notes = sources_[source].notes;
    AnchorReport& report = sources_[source].report;
    while (const auto note = notes ? notes->next() : std::nullopt) {
        if (!note->ok()) {
            refuse(source,
                   {FindingKind::malformed,
                    std::nullopt,
                    "anchor " + printable(report.name) + ": " + note->error().message});
            break;
        }
        ++report.notes;
        if (const std::optional<Checkpoint> checkpoint = open(note->value(), source)) {
            report.size = std::max(report.size, checkpoint->size);
            return Claim{checkpoint->size, checkpoint->root, source};
        }
    }
    return std::nullopt;
}

std::optional<Checkpoint> Evidence::open(std::string_view note, std::size_t source) {
    const OpenedLogNote opened = open_log_note(note, *trusted_.keys);
    const std::string where =
        source == kStoredSource ? "stored checkpoint: "
                                : "anchor " + printable(sources_[source].report.name) + ", note " +
                                      std::to_string(sources_[source].report.notes) + ": ";
    if (const auto* problem = std::get_if<NoteProblem>(&opened.state)) {
        if (trusted_.came_after && problem->fault == NoteFault::unsigned_by_key) {
            return std::nullopt;
        }
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

void Evidence::begin(const Frontier& start, ConsistencyLookup proof) {
    proof_ = std::move(proof);
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        skip_before(start, source);
    }
    find_next_size();
    compare(start);
}

void Evidence::skip_before(const Frontier& start, std::size_t source) {
    std::optional<Claim> newest_below;
    const std::optional<Claim>& claim = sources_[source].claim;
    take_claim(source);
    while (claim && claim->size < start.size()) {
        newest_below = *claim;
        take_claim(source);
    }
    if (newest_below && source != kStoredSource) {
        compare_by_proof(*newest_below, start);
    }
}

void Evidence::find_next_size() {
    next_size_ = std::numeric_limits<std::int64_t>::max();
    for (const Source& source : sources_) {
        if (source.claim) {
            next_size_ = std::min(next_size_, source.claim->size);
        }
    }
}

void Evidence::compare(const Frontier& tree) {
    if (tree.size() < next_size_) {
        return;
    }
    const Hash root = tree.root();
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        const std::optional<Claim>& claim = sources_[source].claim;
        while (claim && claim->size <= tree.size()) {
            compare(*claim, tree, root);
            take_claim(source);
        }
    }
    find_next_size();
}

void Evidence::compare(const Claim& claim, const Frontier& tree, const Hash& root) {
    if (claim.size < tree.size()) {
        compare_by_proof(claim, tree);
    } else if (claim.root == root) {
        agree(claim);
    } else {
        differ(claim, "the records give " + to_base64(root));
    }
}

void Evidence::compare_by_proof(const Claim& claim, const Frontier& tree) {
    const auto hashes = proof_ ? proof_({claim.size, tree.size()}) : std::nullopt;
    if (!hashes) {
        return;
    }
    if (verify_consistency({claim.size, claim.root, tree.size(), tree.root()}, *hashes)) {
        agree(claim);
    } else {
        differ(claim, "which is no part of the records verified before");
    }
}

void Evidence::agree(const Claim& claim) {
    std::optional<std::int64_t>& agreed = sources_[claim.source].agreed_size;
    agreed = std::max(agreed.value_or(0), claim.size);
    agreed_size_ = std::max(agreed_size_, claim.size);
}

void Evidence::differ(const Claim& claim, const std::string& from) {
    sources_[claim.source].differs = true;
    disputed_size_ = std::min(disputed_size_.value_or(claim.size), claim.size);
    findings_.add({FindingKind::tampered,
                   std::nullopt,
                   describe(claim) + " signs the root " + to_base64(claim.root) + ", " + from,
                   /*is_disputed_note=*/true});
}

void Evidence::finish(const Frontier& tree) {
    const std::int64_t size = tree.size();
    const Hash root = tree.root();
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        // From the largest: one finding for each source says how much is gone.
        std::optional<Claim> largest;
        const std::optional<Claim>& claim = sources_[source].claim;
        for (; claim; take_claim(source)) {
            if (claim->size <= size) {
                compare(*claim, tree, root);
            } else if (!largest || claim->size > largest->size) {
                largest = *claim;
            }
        }
        if (largest) {
            exceed(*largest, size);
        }
    }
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

void Evidence::finish_without_tree() {
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        while (sources_[source].claim) {
            take_claim(source);
        }
    }
}

void Evidence::exceed(const Claim& claim, std::int64_t size) {
    sources_[claim.source].ahead = true;
    findings_.add({FindingKind::rolled_back,
                   std::nullopt,
                   describe(claim) + " is newer than the log, which has " + std::to_string(size) +
                       " records"});
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
