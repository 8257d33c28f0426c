#include "audit/verify.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace dcm::audit {

LogVerifier::LogVerifier(VerifyOptions options,
                         StoredNotes checkpoints,
                         const std::vector<Anchor>& anchors)
    : options_(std::move(options)),
      evidence_(options_.trusted, findings_, std::move(checkpoints)),
      payloads_(findings_, options_.before.missing),
      tiles_(options_.before.tree.size(), options_.stored_tile),
      frontier_(options_.before.tree),
      next_seq_(frontier_.size()),
      last_recorded_at_(options_.before.last_recorded_at) {
    evidence_.add_anchors(anchors);
    evidence_.begin(frontier_, options_.stored_proof);
}

void LogVerifier::add(ExaminedRow row) {
    ++rows_;
    check_order(row);
    for (Finding& finding : row.findings) {
        findings_.add(std::move(finding));
    }
    frontier_.append(row.leaf);
    if (!order_broken_) {
        tiles_.append(row.leaf);
        evidence_.compare(frontier_);
    }
    payloads_.add(row);
    if (row.changes_key) {
        key_changes_.push_back(row.seq);
    }
}

void LogVerifier::check_order(const ExaminedRow& row) {
    if (row.seq > next_seq_) {
        order_broken_ = true;
        tampered(next_seq_,
                 "record " + std::to_string(next_seq_) + " is missing: after it comes record " +
                     std::to_string(row.seq));
    } else if (row.seq < next_seq_) {
        order_broken_ = true;
        tampered(row.seq,
                 "record " + std::to_string(row.seq) + " comes where record " +
                     std::to_string(next_seq_) + " belongs");
    }
    if (row.seq >= next_seq_ && row.seq < std::numeric_limits<std::int64_t>::max()) {
        next_seq_ = row.seq + 1;
    }
    if (last_recorded_at_ && row.recorded_at < *last_recorded_at_) {
        tampered(row.seq,
                 "record " + std::to_string(row.seq) +
                     ": recorded_at is earlier than that of the record before it");
    }
    last_recorded_at_ = row.recorded_at;
}

std::optional<VerifiedLog> LogVerifier::verified() {
    const std::optional<FindingKind> worst = findings_.worst();
    const bool is_sound =
        !worst || *worst == FindingKind::unproven || *worst == FindingKind::unguarded;
    const auto& keys = options_.trusted.keys;
    if (!is_sound || tiles_.difference() || !keys ||
        !evidence_.has_proven_changes(frontier_.size())) {
        return std::nullopt;
    }
    return VerifiedLog{
        keys->newest().name(), frontier_, last_recorded_at_, payloads_.unexplained()};
}

void LogVerifier::compare(const std::optional<StoredTree>& tree) {
    payloads_.finish();
    has_tree_ = tree.has_value();
    if (tree) {
        check_tree(*tree);
    } else if (rows_ > 0) {
        tampered(std::nullopt, "there are records, and no head that counts them");
    }
    if (order_broken_) {
        evidence_.finish_without_tree();
    } else {
        evidence_.finish(frontier_);
    }
}

void LogVerifier::cut_short(Finding why) {
    is_cut_short_ = true;
    tell_tiles(/*size=*/std::nullopt);
    findings_.add(std::move(why));
    evidence_.finish_without_tree();
}

Verdict LogVerifier::finish() {
    check_quorum();
    const std::int64_t size = frontier_.size();
    Verdict verdict;
    const std::optional<FindingKind> worst = findings_.worst();
    verdict.exit_code = worst ? exit_code_of(*worst) : 0;
    verdict.word = worst ? word_of(*worst) : "verified";
    verdict.size = size;
    verdict.root = frontier_.root();
    verdict.first_bad_seq = first_bad_seq();
    verdict.findings = findings_.kept();
    verdict.findings_omitted = findings_.omitted();
    verdict.disputed_notes = findings_.disputed_notes();
    verdict.anchors = evidence_.reports();
    verdict.forks = forks();
    verdict.key_changes = key_changes();
    verdict.records_checked = rows_;
    verdict.verified_before = options_.before.tree.size();
    verdict.records_after_anchor = size - evidence_.anchored_size().value_or(0);
    return verdict;
}

void LogVerifier::tell_tiles(std::optional<std::int64_t> size) {
    if (const auto& difference = tiles_.difference()) {
        // A signed checkpoint that agrees speaks for the records, so the tile is what was changed.
        const std::int64_t vouched = evidence_.agreed_size();
        const bool bad_record = difference->seq && *difference->seq >= vouched;
        const bool all_signed = vouched == size;
        tampered(bad_record ? difference->seq : std::nullopt,
                 difference->text + (all_signed ? "; the records are those that were signed" : ""));
    }
}

void LogVerifier::check_tree(const StoredTree& tree) {
    if (order_broken_) {
        tell_tiles(tree.size);  // of the records before
        return;
    }
    const std::int64_t size = frontier_.size();
    if (rows_ == 0 && tree.size < options_.before.tree.size()) {
        findings_.add({FindingKind::rolled_back,
                       std::nullopt,
                       "the head counts " + std::to_string(tree.size) + " records, " +
                           std::to_string(options_.before.tree.size()) + " were verified before"});
    } else if (size < tree.size) {
        tampered(size,
                 "record " + std::to_string(size) + " is missing: the head counts " +
                     std::to_string(tree.size) + " records, there are " + std::to_string(size));
    } else if (size > tree.size) {
        tampered(std::max<std::int64_t>(tree.size, 0),
                 "the head counts " + std::to_string(tree.size) + " records, there are " +
                     std::to_string(size));
    } else {
        check_tiles(tree);
        check_head(tree);
        check_seal(tree);
        check_key_changes();
    }
}

void LogVerifier::check_tiles(const StoredTree& tree) {
    if (tree.edge) {
        tiles_.check_edge(*tree.edge);
    }
    tell_tiles(tree.size);
    const std::int64_t expected = full_tile_count(tree.size);
    if (tree.tile_count != expected) {
        tampered(std::nullopt,
                 "expected " + std::to_string(expected) + " full tiles, got " +
                     std::to_string(tree.tile_count));
    }
}

std::optional<std::int64_t> LogVerifier::frontier_difference(const StoredTree& tree) {
    const std::string computed = frontier_.hashes();
    if (tree.frontier == computed) {
        return std::nullopt;
    }
    std::int64_t agrees_to = 0;
    auto rest = static_cast<std::uint64_t>(frontier_.size());
    const std::string_view stored = tree.frontier;
    for (std::size_t at = 0; rest != 0; at += kHashBytes) {
        if (at >= stored.size() ||
            stored.substr(at, kHashBytes) != computed.substr(at, kHashBytes)) {
            break;
        }
        const std::uint64_t subtree = std::bit_floor(rest);
        agrees_to += static_cast<std::int64_t>(subtree);
        rest -= subtree;
    }
    return agrees_to;
}

void LogVerifier::check_head(const StoredTree& tree) {
    const std::optional<std::int64_t> agrees_to = frontier_difference(tree);
    if (!agrees_to) {
        return;
    }
    const std::int64_t size = frontier_.size();
    stored_agrees_to_ = std::max(*agrees_to, tiles_.matched_size());
    if (evidence_.agreed_size() == size) {
        tampered(std::nullopt, "the head differs; the records are those that were signed");
        return;
    }
    tampered(std::nullopt,
             "the head differs from the records: the root of the " + std::to_string(size) +
                 " records is " + to_base64(frontier_.root()));
}

void LogVerifier::check_seal(const StoredTree& tree) {
    if (!options_.trusted.keys || options_.trusted.came_after) {
        return;
    }
    const SealState state = judge_seal(tree.seal, frontier_, options_.trusted.keys->newest());
    const std::string text = describe_seal(state, tree.seal, frontier_.size());
    const bool all_signed = evidence_.agreed_size() == frontier_.size();
    switch (state) {
        case SealState::fits:
            return;
        case SealState::unsealed:
            if (all_signed) {
                findings_.add({FindingKind::unproven,
                               std::nullopt,
                               text + "; whoever writes to the log next seals it"});
                return;
            }
            break;
        case SealState::ahead:
            findings_.add({FindingKind::rolled_back, std::nullopt, text});
            return;
        case SealState::behind:
            // Where a checkpoint disputes the records before it, the first bad one is among those.
            tampered(evidence_.disputed_size() ? std::nullopt : std::optional(tree.seal->size),
                     text);
            return;
        case SealState::missing:
        case SealState::invalid:
        case SealState::differs:
            break;
    }
    seal_differs_ = true;
    tampered(std::nullopt, text);
}

void LogVerifier::check_key_changes() {
    if (!options_.trusted.keys || options_.trusted.came_after) {
        return;
    }
    std::vector<std::int64_t> known;
    for (const KeyChange& change : options_.trusted.keys->changes()) {
        if (change.seq >= options_.before.tree.size()) {
            known.push_back(change.seq);
        }
    }
    if (known != key_changes_) {
        tampered(std::nullopt,
                 "expected " + std::to_string(key_changes_.size()) +
                     " changes of the log's key, as the records tell, the keys at hand went "
                     "through " +
                     std::to_string(known.size()));
    }
}

void LogVerifier::check_quorum() {
    const std::optional<FindingKind> worst = findings_.worst();
    // Next to proof of damage, or where not all could be read, the want of proof says nothing.
    if (is_cut_short_) {
        return;
    }
    if (worst && *worst != FindingKind::unreadable && *worst != FindingKind::unguarded) {
        return;
    }
    if (!has_tree_) {
        findings_.add({FindingKind::unproven, std::nullopt, "the database has no log"});
        return;
    }
    const int agreeing = evidence_.agreeing_anchors();
    const int needed = std::max(options_.quorum, frontier_.size() == 0 ? 1 : 0);
    if (agreeing < needed) {
        const std::string why =
            options_.trusted.keys ? "" : "; there is no verifier key to check notes with";
        findings_.add({FindingKind::unproven,
                       std::nullopt,
                       "expected " + std::to_string(needed) + " anchors to agree, " +
                           std::to_string(agreeing) + " do" + why});
    }
}

std::vector<ForkReport> LogVerifier::forks() const {
    std::vector<ForkReport> forks;
    if (options_.trusted.keys) {
        for (const KeyChange& change : options_.trusted.keys->changes()) {
            if (change.kind == KeyChange::Kind::forked) {
                forks.push_back({change.seq, change.lost_size, change.reason});
            }
        }
    }
    return forks;
}

// Not of a log in which anything is wrong: somebody could have put the keys there.
std::vector<KeyChangeReport> LogVerifier::key_changes() const {
    std::vector<KeyChangeReport> reports;
    const auto& keys = options_.trusted.keys;
    if (findings_.worst() == FindingKind::tampered || !keys ||
        !evidence_.has_proven_changes(frontier_.size())) {
        return reports;
    }
    for (const KeyChange& change : keys->changes()) {
        reports.push_back({change.seq, change.new_key.text()});
    }
    return reports;
}

std::optional<std::int64_t> LogVerifier::first_bad_seq() const {
    if (const auto seq = findings_.first_bad_seq()) {
        return seq;
    }
    const std::optional<std::int64_t> disputed = evidence_.disputed_size();
    if (order_broken_ || (!disputed && !stored_agrees_to_ && !seal_differs_)) {
        return std::nullopt;
    }
    // No record is known exactly: the first one that nothing speaks for.
    std::int64_t seq = evidence_.agreed_size();
    if (stored_agrees_to_ && (!disputed || *stored_agrees_to_ < *disputed)) {
        seq = std::max(seq, *stored_agrees_to_);
    }
    return seq < frontier_.size() ? std::optional(seq) : std::nullopt;
}

void LogVerifier::tampered(std::optional<std::int64_t> seq, std::string text) {
    findings_.add({FindingKind::tampered, seq, std::move(text)});
}

}  // namespace dcm::audit
