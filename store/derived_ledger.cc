#include "store/derived_ledger.h"

#include "store/broker_ledger.h"
#include "store/row_check.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace dcm::store {
namespace {

constexpr const char* kSelectEpochs =
    "SELECT epoch, stream, created_ns FROM broker_epoch ORDER BY epoch";
constexpr const char* kSelectRanges =
    "SELECT epoch, first_sequence, last_sequence, first_seq FROM broker_range "
    "ORDER BY epoch, first_sequence";
constexpr const char* kClearLedger = "DELETE FROM broker_range; DELETE FROM broker_epoch";
constexpr const char* kInsertEpoch =
    "INSERT INTO broker_epoch (epoch, stream, created_ns) VALUES (?, ?, ?)";
constexpr const char* kInsertRange =
    "INSERT INTO broker_range (epoch, first_sequence, last_sequence, first_seq) "
    "VALUES (?, ?, ?, ?)";

}  // namespace

void RunBuilder::add(std::string_view broker_pos, std::int64_t seq) {
    const std::optional<BrokerPosition> position = parse_position(broker_pos);
    if (!position) {
        return;
    }
    if (!runs_.empty()) {
        RecordedRun& run = runs_.back();
        const bool follows = position->sequence == run.last + 1 &&
                             seq - run.first_seq == position->sequence - run.first &&
                             position->created_ns == run.created_ns &&
                             position->stream == run.stream;
        if (follows) {
            run.last = position->sequence;
            return;
        }
    }
    if (BrokerLedger::is_of_broker(*position)) {
        runs_.push_back(
            {position->stream, position->created_ns, position->sequence, position->sequence, seq});
    }
}

const DerivedLedger::Range* DerivedLedger::Epoch::range_at_or_before(std::int64_t sequence) const {
    const auto after = ranges.upper_bound(sequence);
    return after == ranges.begin() ? nullptr : &std::prev(after)->second;
}

bool DerivedLedger::Epoch::holds(std::int64_t sequence) const {
    const Range* const range = range_at_or_before(sequence);
    return range != nullptr && sequence <= range->last;
}

void DerivedLedger::Epoch::put(Range range) {
    if (const Range* const before = range_at_or_before(range.first)) {
        if (range.follows(*before)) {
            range = {before->first, range.last, before->first_seq};
        }
    }
    const auto next = ranges.find(range.last + 1);
    if (next != ranges.end() && next->second.follows(range)) {
        range.last = next->second.last;
        ranges.erase(next);
    }
    ranges[range.first] = range;
}

// The first epoch that does not hold the sequence yet: there up to what it holds next, and not
// beyond where one of the epochs before has room again.
DerivedLedger::Place DerivedLedger::place_for(const RecordedRun& run, std::int64_t sequence) {
    std::int64_t last = run.last;
    for (Epoch& epoch : epochs_) {
        if (epoch.stream != run.stream || epoch.created_ns != run.created_ns) {
            continue;
        }
        if (!epoch.holds(sequence)) {
            const auto next = epoch.ranges.upper_bound(sequence);
            return {&epoch, next == epoch.ranges.end() ? last : std::min(last, next->first - 1)};
        }
        last = std::min(last, epoch.range_at_or_before(sequence)->last);
    }
    epochs_.push_back({run.stream, run.created_ns, {}});
    return {&epochs_.back(), last};
}

void DerivedLedger::add(const RecordedRun& run) {
    std::int64_t sequence = run.first;
    while (sequence <= run.last) {
        const Place place = place_for(run, sequence);
        place.epoch->put({sequence, place.last, run.first_seq + (sequence - run.first)});
        sequence = place.last + 1;
    }
}

std::string DerivedLedger::epoch_difference(soci::session& session) const {
    RowStatement rows(session, kSelectEpochs);
    std::int64_t number = 0;
    while (rows.fetch()) {
        const auto index = static_cast<std::size_t>(number);
        const bool is_same = index < epochs_.size() && RowCheck(rows)
                                                           .is(number + 1)
                                                           .is(epochs_[index].stream)
                                                           .is(epochs_[index].created_ns)
                                                           .passed();
        if (!is_same) {
            return "broker_epoch " + std::to_string(rows.number(0));
        }
        ++number;
    }
    const bool is_all = static_cast<std::size_t>(number) == epochs_.size();
    return is_all ? "" : "broker_epoch " + std::to_string(number + 1);
}

std::string DerivedLedger::difference(soci::session& session) const {
    if (std::string found = epoch_difference(session); !found.empty()) {
        return found;
    }
    std::vector<std::vector<Range>> stored(epochs_.size());
    const auto told = [](std::int64_t epoch, std::int64_t first) {
        return "broker_range of epoch " + std::to_string(epoch) + " from " + std::to_string(first);
    };
    RowStatement rows(session, kSelectRanges);
    while (rows.fetch()) {
        const std::int64_t epoch = rows.number(0);
        const Range range{rows.number(1), rows.number(2), rows.number(3)};
        const bool is_known =
            epoch >= 1 && epoch <= static_cast<std::int64_t>(epochs_.size()) &&
            RowCheck(rows).is(epoch).is(range.first).is(range.last).is(range.first_seq).passed();
        if (!is_known || range.last < range.first) {
            return told(epoch, range.first);
        }
        auto& ranges = stored[static_cast<std::size_t>(epoch - 1)];
        if (!ranges.empty() && range.follows(ranges.back())) {
            ranges.back().last = range.last;
        } else {
            ranges.push_back(range);
        }
    }
    for (std::size_t i = 0; i < epochs_.size(); ++i) {
        std::size_t count = 0;
        for (const auto& [first, range] : epochs_[i].ranges) {
            if (count >= stored[i].size() || stored[i][count] != range) {
                return told(static_cast<std::int64_t>(i) + 1, first);
            }
            ++count;
        }
        if (count < stored[i].size()) {
            return told(static_cast<std::int64_t>(i) + 1, stored[i][count].first);
        }
    }
    return "";
}

void DerivedLedger::write(soci::session& session) const {
    migrations::run_script(session, kClearLedger, kRebuilding);
    RowStatement insert_epoch(session, kInsertEpoch);
    RowStatement insert_range(session, kInsertRange);
    std::int64_t number = 0;
    for (const Epoch& epoch : epochs_) {
        ++number;
        insert_epoch.bind(number).bind(epoch.stream).bind(epoch.created_ns).run();
        for (const auto& [first, range] : epoch.ranges) {
            insert_range.bind(number).bind(first).bind(range.last).bind(range.first_seq).run();
        }
    }
}

}  // namespace dcm::store
