#include "store/broker_ledger.h"

#include "base/encoding.h"
#include "store/source_ledger.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kFileStream = "file";

constexpr const char* kSelectEpochEnds =
    "SELECT e.epoch, e.stream, e.created_ns, coalesce(max(r.last_sequence), 0) "
    "FROM broker_epoch AS e LEFT JOIN broker_range AS r ON r.epoch = e.epoch "
    "GROUP BY e.epoch ORDER BY e.epoch";
constexpr const char* kInsertNextEpoch =
    "INSERT INTO broker_epoch (epoch, stream, created_ns) "
    "SELECT coalesce(max(epoch), 0) + 1, :stream, :created_ns FROM broker_epoch";
constexpr const char* kSelectNewEpoch = "SELECT max(epoch) FROM broker_epoch";
constexpr const char* kSelectRange =
    "SELECT first_sequence, last_sequence, first_seq FROM broker_range "
    "WHERE epoch = :epoch AND first_sequence <= :sequence ORDER BY first_sequence DESC LIMIT 1";
constexpr const char* kUpsertRange =
    "INSERT INTO broker_range (epoch, first_sequence, last_sequence, first_seq) "
    "VALUES (:epoch, :first, :last, :first_seq) "
    "ON CONFLICT (epoch, first_sequence) DO UPDATE SET last_sequence = excluded.last_sequence";
constexpr const char* kSelectRewoundAt =
    "SELECT rewound_at FROM broker_stream "
    "WHERE stream = :stream AND created_ns = :created_ns";
constexpr const char* kUpsertReturned =
    "INSERT INTO broker_returned"
    " (stream, created_ns, first_sequence, last_sequence, first_seq, found_at) "
    "VALUES (:stream, :created_ns, :first, :last, :first_seq, :found_at) "
    "ON CONFLICT (stream, created_ns, first_sequence) DO UPDATE "
    "SET last_sequence = excluded.last_sequence";

}  // namespace

BrokerLedger::BrokerLedger(soci::session& session)
    : session_(session),
      select_range_((session.prepare << kSelectRange,
                     soci::use(epoch_no_, "epoch"),
                     soci::use(sequence_, "sequence"),
                     soci::into(range_.first),
                     soci::into(range_.last),
                     soci::into(range_.first_seq))),
      select_position_((session.prepare << kSelectBrokerPosition,
                        soci::use(seq_, "seq"),
                        soci::into(broker_pos_, broker_pos_state_))),
      select_rewound_at_((session.prepare << kSelectRewoundAt,
                          soci::use(stream_, "stream"),
                          soci::use(created_ns_, "created_ns"),
                          soci::into(rewound_at_))),
      upsert_range_((session.prepare << kUpsertRange,
                     soci::use(epoch_no_, "epoch"),
                     soci::use(range_.first, "first"),
                     soci::use(range_.last, "last"),
                     soci::use(range_.first_seq, "first_seq"))) {
    Epoch epoch;
    BrokerPosition position;
    soci::statement statement = (session.prepare << kSelectEpochEnds,
                                 soci::into(epoch.epoch),
                                 soci::into(position.stream),
                                 soci::into(position.created_ns),
                                 soci::into(epoch.last_sequence));
    statement.execute();
    while (statement.fetch()) {
        stream_of(position).epochs.push_back(epoch);
    }
}

BrokerLedger::~BrokerLedger() = default;

bool BrokerLedger::is_of_broker(const BrokerPosition& position) {
    return position.stream != kFileStream || position.created_ns != 0;
}

// A process reads one stream, or a few: no need for more than a list.
BrokerLedger::Stream& BrokerLedger::stream_of(const BrokerPosition& position) {
    const auto found =
        std::find_if(streams_.begin(), streams_.end(), [&position](const Stream& stream) {
            return stream.created_ns == position.created_ns && stream.stream == position.stream;
        });
    if (found != streams_.end()) {
        return *found;
    }
    if (!is_utf8(position.stream) || position.stream.find('\0') != std::string::npos) {
        throw Failure(ErrorKind::malformed, "expected a stream whose name is UTF-8 text");
    }
    return streams_.emplace_back(Stream{position.stream, position.created_ns, {}, {}});
}

std::optional<std::int64_t> BrokerLedger::recorded_at(const Epoch& epoch, std::int64_t sequence) {
    if (sequence > epoch.last_sequence) {
        return std::nullopt;
    }
    if (epoch.is_open && epoch.open.holds(sequence)) {
        return epoch.open.first_seq + (sequence - epoch.open.first);
    }
    epoch_no_ = epoch.epoch;
    sequence_ = sequence;
    if (!fetch_one(select_range_) || sequence > range_.last) {
        return std::nullopt;
    }
    return range_.first_seq + (sequence - range_.first);
}

bool BrokerLedger::is_stored_as(std::int64_t seq, const BrokerPosition& position) {
    seq_ = seq;
    return fetch_one(select_position_) && broker_pos_state_ == soci::i_ok &&
           broker_pos_ == format_position(position);
}

std::optional<std::int64_t> BrokerLedger::find(const BrokerPosition& position) {
    for (const Epoch& epoch : stream_of(position).epochs) {
        const auto seq = recorded_at(epoch, position.sequence);
        if (seq && is_stored_as(*seq, position)) {
            return seq;
        }
    }
    return std::nullopt;
}

// The first epoch that does not hold the sequence yet; a later one holds what came again.
BrokerLedger::Epoch& BrokerLedger::epoch_for(Stream& stream,
                                             const BrokerPosition& position,
                                             std::vector<SourceFinding>& findings) {
    for (Epoch& epoch : stream.epochs) {
        const auto recorded_seq = recorded_at(epoch, position.sequence);
        if (!recorded_seq) {
            return epoch;
        }
        if (&epoch == &stream.epochs.front()) {
            findings.push_back(divergence_finding(position, *recorded_seq));
        }
    }
    if (auto finding = note_stream(session_, stream.stream, stream.created_ns)) {
        findings.push_back(std::move(*finding));
    }
    session_ << kInsertNextEpoch, soci::use(stream.stream, "stream"),
        soci::use(stream.created_ns, "created_ns");
    Epoch epoch;
    session_ << kSelectNewEpoch, soci::into(epoch.epoch);
    return stream.epochs.emplace_back(epoch);
}

std::vector<SourceFinding> BrokerLedger::add(const BrokerPosition& position, std::int64_t seq) {
    std::vector<SourceFinding> findings;
    Epoch& epoch = epoch_for(stream_of(position), position, findings);
    if (epoch.is_open && epoch.open.is_followed_by(position.sequence, seq)) {
        epoch.open.last = position.sequence;
    } else {
        close(epoch);
        epoch.open = {position.sequence, position.sequence, seq};
        epoch.is_open = true;
    }
    epoch.last_sequence = std::max(epoch.last_sequence, position.sequence);
    return findings;
}

void BrokerLedger::close(Epoch& epoch) {
    if (!epoch.is_open) {
        return;
    }
    epoch_no_ = epoch.epoch;
    range_ = epoch.open;
    upsert_range_.execute(/*withDataExchange=*/true);
}

bool BrokerLedger::is_accounted_for(const BrokerPosition& position, std::int64_t seq) {
    stream_ = position.stream;
    created_ns_ = position.created_ns;
    return !fetch_one(select_rewound_at_) || seq >= rewound_at_ ||
           recorded_as(session_, position).has_value();
}

void BrokerLedger::found_again(const BrokerPosition& position, const Found& found) {
    Stream& stream = stream_of(position);
    if (stream.returned && stream.returned->range.holds(position.sequence)) {
        return;
    }
    if (is_accounted_for(position, found.seq)) {
        return;
    }
    if (stream.returned && stream.returned->range.is_followed_by(position.sequence, found.seq)) {
        stream.returned->range.last = position.sequence;
        return;
    }
    close_returned(stream);
    stream.returned = Returned{{position.sequence, position.sequence, found.seq}, found.log_size};
}

// Not kept open longer than its transaction: the next rewind cuts what is stored.
void BrokerLedger::close_returned(Stream& stream) {
    const auto returned = std::exchange(stream.returned, std::nullopt);
    if (!returned) {
        return;
    }
    session_ << kUpsertReturned, soci::use(stream.stream, "stream"),
        soci::use(stream.created_ns, "created_ns"), soci::use(returned->range.first, "first"),
        soci::use(returned->range.last, "last"), soci::use(returned->range.first_seq, "first_seq"),
        soci::use(returned->found_at, "found_at");
}

void BrokerLedger::write() {
    for (Stream& stream : streams_) {
        close_returned(stream);
        for (Epoch& epoch : stream.epochs) {
            close(epoch);
        }
    }
}

}  // namespace dcm::store
