#include "store/proven_record.h"

#include "audit/examined_row.h"
#include "audit/tree.h"

#include <optional>
#include <string>
#include <utility>

namespace dcm::store {
namespace {

audit::Hash root_of_head(const LogReader& snapshot) {
    const LogHead head = snapshot.head();
    return value_or_throw(audit::Frontier::restore(head.size, head.frontier)).root();
}

audit::PayloadParts parts_of_payload(const std::optional<StoredPayload>& beside) {
    return beside ? audit::PayloadParts{beside->salt, beside->payload, beside->headers}
                  : audit::PayloadParts{};
}

}  // namespace

ProvenRecords::ProvenRecords(const LogReader& snapshot)
    : snapshot_(snapshot), tree_(snapshot), root_(root_of_head(snapshot)) {}

std::vector<audit::Finding> ProvenRecords::examine(std::int64_t seq) {
    std::optional<audit::ExaminedRow> row;
    snapshot_.each_record(
        seq,
        seq + 1,
        [&row](const audit::Record& record, const std::optional<StoredPayload>& beside) {
            row = audit::RowExaminer().examine(record, parts_of_payload(beside));
        });
    if (!row || !is_leaf(seq, row->leaf)) {
        return {{audit::FindingKind::tampered,
                 seq,
                 "record " + std::to_string(seq) + " is not the one that was recorded"}};
    }
    return std::move(row->findings);
}

bool ProvenRecords::is_leaf(std::int64_t seq, const audit::Hash& leaf) {
    const std::int64_t size = tree_.size();
    if (seq < 0 || seq >= size) {
        return false;
    }
    std::vector<audit::LeafRange> ranges = audit::inclusion_ranges({seq, size});
    std::vector<audit::Hash> hashes;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const bool is_known = i < ranges_.size() && ranges_[i] == ranges[i];
        hashes.push_back(is_known ? hashes_[i] : tree_.proof({ranges[i]}).front());
    }
    ranges_ = std::move(ranges);
    hashes_ = std::move(hashes);
    return audit::verify_inclusion({leaf, seq, size, root_}, hashes_);
}

}  // namespace dcm::store
