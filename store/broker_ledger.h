#pragma once

#include "base/message.h"
#include "store/source_finding.h"
#include "store/statement.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// Which broker positions are in the log (migration 0005). A position is known by all four of its
// parts. Messages in stream order cost one row a batch.
class BrokerLedger {
public:
    explicit BrokerLedger(soci::session& session);
    BrokerLedger(const BrokerLedger&) = delete;
    BrokerLedger& operator=(const BrokerLedger&) = delete;
    ~BrokerLedger();

    // A line of a file is no delivery of a broker: replayed again, it is a message of its own.
    [[nodiscard]] static bool is_of_broker(const BrokerPosition& position);
    // Where the message is recorded, if it is.
    [[nodiscard]] std::optional<std::int64_t> find(const BrokerPosition& position);
    // The message at `seq` is held by its stream, whatever that has lost since it was recorded:
    // from now on it accounts for its sequence, if nothing else does. `log_size` is the log's now.
    struct Found {
        std::int64_t seq = 0;
        std::int64_t log_size = 0;
    };
    void found_again(const BrokerPosition& position, const Found& found);
    // What the log must tell about the stream because of it, if anything.
    [[nodiscard]] std::vector<SourceFinding> add(const BrokerPosition& position, std::int64_t seq);
    // Writes what add() has gathered; once per transaction.
    void write();

private:
    // Sequences [first, last] are recorded at [first_seq, first_seq + last - first].
    struct Range {
        std::int64_t first = 0;
        std::int64_t last = 0;
        std::int64_t first_seq = 0;

        [[nodiscard]] bool holds(std::int64_t sequence) const {
            return first <= sequence && sequence <= last;
        }
        // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): a message, and where it is
        // recorded.
        [[nodiscard]] bool is_followed_by(std::int64_t sequence, std::int64_t seq) const {
            return sequence == last + 1 && seq == first_seq + (sequence - first);
        }
    };
    struct Epoch {
        std::int64_t epoch = 0;
        std::int64_t last_sequence = 0;  // the greatest in it
        Range open;                      // extended while messages come in order
        bool is_open = false;
    };
    struct Returned {
        Range range;
        std::int64_t found_at = 0;
    };
    struct Stream {
        std::string stream;
        std::int64_t created_ns = 0;
        std::vector<Epoch> epochs;
        std::optional<Returned> returned;  // extended likewise
    };

    [[nodiscard]] Stream& stream_of(const BrokerPosition& position);
    [[nodiscard]] std::optional<std::int64_t> recorded_at(const Epoch& epoch,
                                                          std::int64_t sequence);
    [[nodiscard]] bool is_stored_as(std::int64_t seq, const BrokerPosition& position);
    [[nodiscard]] Epoch& epoch_for(Stream& stream,
                                   const BrokerPosition& position,
                                   std::vector<SourceFinding>& findings);
    void close(Epoch& epoch);
    void close_returned(Stream& stream);
    [[nodiscard]] bool is_accounted_for(const BrokerPosition& position, std::int64_t seq);

    soci::session& session_;
    std::vector<Stream> streams_;

    std::int64_t epoch_no_ = 0;
    Range range_;
    std::int64_t sequence_ = 0;
    std::int64_t seq_ = 0;
    std::string broker_pos_;
    soci::indicator broker_pos_state_ = soci::i_null;
    std::string stream_;
    std::int64_t created_ns_ = 0;
    std::int64_t rewound_at_ = 0;
    soci::statement select_range_;
    soci::statement select_position_;
    soci::statement select_rewound_at_;
    soci::statement upsert_range_;
};

}  // namespace dcm::store
