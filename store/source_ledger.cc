#include "store/source_ledger.h"

#include <algorithm>
#include <limits>

namespace dcm::store {
namespace {

// Of one review; the next one finds the others.
constexpr std::size_t kHolesMax = 100;
constexpr std::int64_t kSequenceMax = std::numeric_limits<std::int64_t>::max();

constexpr const char* kSelectStream =
    "SELECT rewound_from FROM broker_stream WHERE stream = :stream AND created_ns = :created_ns";
constexpr const char* kSelectEarlierStream =
    "SELECT s.created_ns FROM broker_stream AS s LEFT JOIN broker_epoch AS e "
    "ON e.stream = s.stream AND e.created_ns = s.created_ns "
    "WHERE s.stream = :stream ORDER BY e.epoch DESC, s.created_ns DESC LIMIT 1";
constexpr const char* kInsertStream =
    "INSERT INTO broker_stream (stream, created_ns, rewound_from) VALUES (:stream, :created_ns, 0)";
constexpr const char* kRewindStream =
    "INSERT INTO broker_stream (stream, created_ns, rewound_from, rewound_at, same_to) "
    "SELECT :stream, :created_ns, :rewound_from, coalesce(max(seq), -1) + 1, :same_to "
    "FROM audit_log NOT INDEXED WHERE true ON CONFLICT (stream, created_ns) DO UPDATE "
    "SET rewound_from = excluded.rewound_from, rewound_at = excluded.rewound_at,"
    " same_to = excluded.same_to";
constexpr const char* kRewindDurables =
    "UPDATE broker_durable SET complete_to = min(complete_to, :same_to) "
    "WHERE stream = :stream AND created_ns = :created_ns";
constexpr const char* kDeleteGaps =
    "DELETE FROM broker_gap WHERE stream = :stream AND created_ns = :created_ns "
    "AND first_sequence > :same_to";
constexpr const char* kCutGap =
    "UPDATE broker_gap SET last_sequence = min(last_sequence, :same_to) "
    "WHERE stream = :stream AND created_ns = :created_ns";
constexpr const char* kDeleteReturned =
    "DELETE FROM broker_returned WHERE stream = :stream AND created_ns = :created_ns "
    "AND first_sequence > :same_to";
constexpr const char* kCutReturned =
    "UPDATE broker_returned SET last_sequence = min(last_sequence, :same_to) "
    "WHERE stream = :stream AND created_ns = :created_ns";
constexpr const char* kSelectDurable =
    "SELECT complete_to, shared FROM broker_durable "
    "WHERE stream = :stream AND created_ns = :created_ns AND durable = :durable";
constexpr const char* kSelectAccounted =
    "SELECT created_ns, complete_to, shared FROM broker_durable "
    "WHERE stream = :stream AND durable = :durable";
// Whether the durable's name was ours alone on other streams of the name.
constexpr const char* kSelectIsOurs =
    "SELECT coalesce(max(shared) = 0, 0) FROM broker_durable "
    "WHERE stream = :stream AND durable = :durable";
constexpr const char* kUpsertDurable =
    "INSERT INTO broker_durable (stream, created_ns, durable, complete_to, shared) "
    "VALUES (:stream, :created_ns, :durable, :complete_to, :shared) "
    "ON CONFLICT (stream, created_ns, durable) DO UPDATE "
    "SET complete_to = excluded.complete_to, shared = excluded.shared";
// Ranges of an epoch do not overlap, so one at most begins before and reaches beyond. Where the
// stream lost its end, a range of before is cut off; none spans the record that tells it. What
// returned behind it counts.
constexpr const char* kSelectCoveredAfter =
    "SELECT r.first_sequence AS first,"
    " CASE WHEN r.first_seq < coalesce(s.rewound_at, 0) THEN min(r.last_sequence, s.same_to)"
    " ELSE r.last_sequence END AS last FROM broker_epoch AS e "
    "INNER JOIN broker_range AS r ON r.epoch = e.epoch "
    "LEFT JOIN broker_stream AS s ON s.stream = e.stream AND s.created_ns = e.created_ns "
    "WHERE e.stream = :stream AND e.created_ns = :created_ns AND r.first_sequence >= coalesce("
    "(SELECT max(p.first_sequence) FROM broker_range AS p"
    " WHERE p.epoch = e.epoch AND p.first_sequence <= :after), 0) "
    "AND (r.first_seq >= coalesce(s.rewound_at, 0) OR r.first_sequence <= s.same_to) "
    "UNION ALL "
    "SELECT g.first_sequence, g.last_sequence FROM broker_gap AS g "
    "WHERE g.stream = :stream AND g.created_ns = :created_ns AND g.last_sequence > :after "
    "UNION ALL "
    "SELECT a.first_sequence, a.last_sequence FROM broker_returned AS a "
    "WHERE a.stream = :stream AND a.created_ns = :created_ns AND a.last_sequence > :after "
    "ORDER BY first";
// In each epoch, and of what returned, the newest range at or before a sequence; of those that
// count, the one that comes next to it, and is known last.
constexpr const char* kSelectAtOrBefore =
    "SELECT min(r.last_sequence, :sequence,"
    " CASE WHEN r.first_seq < coalesce(s.rewound_at, 0) THEN s.same_to ELSE r.last_sequence END)"
    " AS sequence, r.first_sequence, r.first_seq, r.first_seq AS known_at FROM broker_epoch AS e "
    "INNER JOIN broker_range AS r ON r.epoch = e.epoch "
    "LEFT JOIN broker_stream AS s ON s.stream = e.stream AND s.created_ns = e.created_ns "
    "WHERE e.stream = :stream AND e.created_ns = :created_ns AND r.first_sequence = "
    "(SELECT max(p.first_sequence) FROM broker_range AS p WHERE p.epoch = e.epoch"
    " AND p.first_sequence <= :sequence AND (p.first_seq >= coalesce(s.rewound_at, 0)"
    " OR p.first_sequence <= s.same_to)) "
    "UNION ALL "
    "SELECT min(a.last_sequence, :sequence), a.first_sequence, a.first_seq, a.found_at "
    "FROM broker_returned AS a WHERE a.stream = :stream AND a.created_ns = :created_ns "
    "AND a.first_sequence = (SELECT max(p.first_sequence) FROM broker_returned AS p"
    " WHERE p.stream = :stream AND p.created_ns = :created_ns AND p.first_sequence <= :sequence) "
    "ORDER BY sequence DESC, known_at DESC, first_seq DESC LIMIT 1";
constexpr const char* kSelectCreated =
    "SELECT DISTINCT created_ns FROM broker_epoch WHERE stream = :stream ORDER BY created_ns DESC";
constexpr const char* kInsertGap =
    "INSERT INTO broker_gap (stream, created_ns, first_sequence, last_sequence) "
    "VALUES (:stream, :created_ns, :first, :last)";

struct DurableRow {
    std::int64_t complete_to = 0;
    int shared = 0;

    bool operator==(const DurableRow&) const = default;
};

std::vector<SequenceRange> covered_after(soci::session& session,
                                         const SourceState& state,
                                         std::int64_t after) {
    std::vector<SequenceRange> covered;
    SequenceRange range;
    soci::statement statement = (session.prepare << kSelectCoveredAfter,
                                 soci::use(state.stream, "stream"),
                                 soci::use(state.created_ns, "created_ns"),
                                 soci::use(after, "after"),
                                 soci::into(range.first),
                                 soci::into(range.last));
    statement.execute();
    while (statement.fetch()) {
        covered.push_back(range);
    }
    return covered;
}

std::optional<DurableRow> find_durable(soci::session& session, const SourceState& state) {
    DurableRow row;
    session << kSelectDurable, soci::use(state.stream, "stream"),
        soci::use(state.created_ns, "created_ns"), soci::use(state.durable, "durable"),
        soci::into(row.complete_to), soci::into(row.shared);
    return session.got_data() ? std::optional(row) : std::nullopt;
}

void keep_durable(soci::session& session, const SourceState& state, const DurableRow& row) {
    session << kUpsertDurable, soci::use(state.stream, "stream"),
        soci::use(state.created_ns, "created_ns"), soci::use(state.durable, "durable"),
        soci::use(row.complete_to, "complete_to"), soci::use(row.shared, "shared");
}

// A stream that was made anew, or another broker's, has a durable of ours because we created it:
// what it has passed over there is not somebody else's.
std::int64_t begin_account(soci::session& session,
                           const SourceState& state,
                           const std::vector<SequenceRange>& covered) {
    int is_ours = 0;
    session << kSelectIsOurs, soci::use(state.stream, "stream"),
        soci::use(state.durable, "durable"), soci::into(is_ours);
    return is_ours != 0 ? 0 : accounted_before(state, covered);
}

// The greatest recorded sequence up to that of `place`, since the stream last lost it.
std::optional<BrokerPosition> newest_up_to(soci::session& session, const BrokerPosition& place) {
    std::int64_t sequence = 0;
    std::int64_t first_sequence = 0;
    std::int64_t first_seq = 0;
    session << kSelectAtOrBefore, soci::use(place.sequence, "sequence"),
        soci::use(place.stream, "stream"), soci::use(place.created_ns, "created_ns"),
        soci::into(sequence), soci::into(first_sequence), soci::into(first_seq);
    if (!session.got_data()) {
        return std::nullopt;
    }
    const std::int64_t seq = first_seq + (sequence - first_sequence);
    Nullable<std::string> text;
    session << kSelectBrokerPosition, soci::use(seq, "seq"), soci::into(text.value, text.state);
    return parse_position(session.got_data() ? text.get().value_or("") : "");
}

std::vector<SequenceRange> account(soci::session& session, const SourceState& state) {
    const std::optional<DurableRow> before = find_durable(session, state);
    if (before && (before->shared != 0 || state.shared)) {
        // What the others record is a hole here for ever: nothing is gained by reading behind it.
        if (before->shared == 0) {
            keep_durable(session, state, {before->complete_to, 1});
        }
        return {};
    }
    const std::int64_t after = before ? before->complete_to : 0;
    const std::vector<SequenceRange> covered = covered_after(session, state, after);
    DurableRow row = before ? *before : DurableRow{begin_account(session, state, covered), 0};
    row.complete_to = covered_to(row.complete_to, covered);
    row.shared = state.shared ? 1 : 0;
    if (before != row) {
        keep_durable(session, state, row);
    }
    if (row.shared != 0) {
        return {};
    }
    // What lies behind a lost end is used again: it may come yet.
    const std::int64_t settled_to = std::min(state.settled_to, state.last_sequence);
    return holes_in({row.complete_to + 1, settled_to}, covered, kHolesMax);
}

}  // namespace

std::optional<SourceFinding> note_stream(soci::session& session,
                                         const std::string& stream,
                                         std::int64_t created_ns) {
    std::int64_t known = 0;
    session << kSelectStream, soci::use(stream, "stream"), soci::use(created_ns, "created_ns"),
        soci::into(known);
    if (session.got_data()) {
        return std::nullopt;
    }
    std::int64_t created_before_ns = 0;
    session << kSelectEarlierStream, soci::use(stream, "stream"), soci::into(created_before_ns);
    const bool is_another = session.got_data();
    session << kInsertStream, soci::use(stream, "stream"), soci::use(created_ns, "created_ns");
    if (!is_another) {
        return std::nullopt;
    }
    return recreation_finding({stream, created_ns, created_before_ns});
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as the broker's subjects have them.
std::vector<AccountedStream> accounted_streams(soci::session& session,
                                               const std::string& stream,
                                               const std::string& durable) {
    std::vector<AccountedStream> accounted;
    AccountedStream one;
    int shared = 0;
    soci::statement statement = (session.prepare << kSelectAccounted,
                                 soci::use(stream, "stream"),
                                 soci::use(durable, "durable"),
                                 soci::into(one.created_ns),
                                 soci::into(one.sequence),
                                 soci::into(shared));
    statement.execute();
    while (statement.fetch()) {
        one.shared = shared != 0;
        accounted.push_back(one);
    }
    return accounted;
}

std::vector<BrokerPosition> newest_positions(soci::session& session, const std::string& stream) {
    std::vector<std::int64_t> created;
    std::int64_t created_ns = 0;
    soci::statement statement =
        (session.prepare << kSelectCreated, soci::use(stream, "stream"), soci::into(created_ns));
    statement.execute();
    while (statement.fetch()) {
        created.push_back(created_ns);
    }
    std::vector<BrokerPosition> newest;
    for (const std::int64_t one : created) {
        std::int64_t step = 1;
        auto position = newest_up_to(session, {stream, one, kSequenceMax, 0});
        while (position.has_value()) {
            newest.push_back(*position);
            position = newest_up_to(session, {stream, one, position->sequence - step, 0});
            step *= 2;
        }
    }
    return newest;
}

std::optional<BrokerPosition> recorded_as(soci::session& session, const BrokerPosition& position) {
    const auto found = newest_up_to(session, position);
    return found && found->sequence == position.sequence ? found : std::nullopt;
}

SourceFinding note_rewind(soci::session& session, const StreamRewind& rewind) {
    const auto newest = newest_up_to(session, {rewind.stream, rewind.created_ns, kSequenceMax, 0});
    const std::int64_t recorded_to = newest ? newest->sequence : 0;
    session << kRewindStream, soci::use(rewind.stream, "stream"),
        soci::use(rewind.created_ns, "created_ns"), soci::use(recorded_to, "rewound_from"),
        soci::use(rewind.same_to, "same_to");
    for (const char* const sql :
         {kRewindDurables, kDeleteGaps, kCutGap, kDeleteReturned, kCutReturned}) {
        session << sql, soci::use(rewind.stream, "stream"),
            soci::use(rewind.created_ns, "created_ns"), soci::use(rewind.same_to, "same_to");
    }
    return rewind_finding(rewind, recorded_to);
}

SourceReview review_source(soci::session& session, const SourceState& state) {
    SourceReview review;
    if (auto finding = note_stream(session, state.stream, state.created_ns)) {
        review.findings.push_back(std::move(*finding));
    }
    review.holes = account(session, state);
    return review;
}

void keep_gap(soci::session& session, const SourceState& state, const SourceGap& gap) {
    session << kInsertGap, soci::use(state.stream, "stream"),
        soci::use(state.created_ns, "created_ns"), soci::use(gap.range.first, "first"),
        soci::use(gap.range.last, "last");
}

}  // namespace dcm::store
