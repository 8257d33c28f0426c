#include "store/examined_log.h"

#include "store/beside.h"
#include "store/log_reader.h"
#include "store/log_row.h"
#include "store/statement.h"

#include <algorithm>
#include <future>
#include <limits>
#include <vector>

namespace dcm::store {
namespace {

constexpr std::int64_t kPieceRows = 4'096;

using Numbers = std::numeric_limits<std::int64_t>;

struct Piece {
    SeqRange range;
    std::vector<audit::ExaminedRow> rows;
    std::vector<std::int64_t> orphans;

    [[nodiscard]] bool is_whole() const {
        return std::cmp_equal(rows.size(), range.to - range.from);
    }
};

audit::PayloadParts parts_of(const std::optional<BesideRow>& beside) {
    return beside ? audit::PayloadParts{beside->salt, beside->payload, beside->headers}
                  : audit::PayloadParts{};
}

// Its bytes may be those that were signed; what SQL says of the row is not what they say.
audit::Finding misstored_in(std::int64_t seq, std::string_view column) {
    return {audit::FindingKind::tampered,
            seq,
            "record " + std::to_string(seq) + ": " + std::string(column) +
                " is not stored as its table declares it, so SQL compares it wrongly"};
}

void examine(const LogReader& reader, SeqRange range, const ExaminedLogVisitor& visit) {
    audit::RowExaminer examiner;
    const RowAndPayloadVisitor rows{
        [&](const RowAndPayload& row) {
            audit::ExaminedRow examined = examiner.examine(row.record, parts_of(row.beside));
            if (!row.misstored.empty()) {
                examined.findings.push_back(misstored_in(examined.seq, row.misstored));
            }
            visit.row(std::move(examined));
        },
        visit.orphan};
    guarded(kReadingLog,
            [&] { visit_log_rows_and_payloads(reader.database().session(), range, rows); });
}

Piece examine_piece(const LogReader& reader, SeqRange range) {
    Piece piece{range, {}, {}};
    piece.rows.reserve(static_cast<std::size_t>(range.to - range.from));
    examine(reader,
            range,
            {[&piece](audit::ExaminedRow&& row) { piece.rows.push_back(std::move(row)); },
             [&piece](std::int64_t seq) { piece.orphans.push_back(seq); }});
    return piece;
}

// The pieces of [from, to), in order, each read by the next of the readers in turn.
class Pieces {
public:
    Pieces(const SharedSnapshot& snapshot, SeqRange range)
        : snapshot_(snapshot), range_(range), next_(range.from), work_(snapshot.workers()) {
        for (std::size_t worker = 0; worker < work_.size(); ++worker) {
            begin(worker);
        }
    }

    // False after the last one.
    [[nodiscard]] bool has_next() const { return work_[turn_].valid(); }
    [[nodiscard]] Piece next() {
        Piece piece = work_[turn_].get();
        begin(turn_);
        turn_ = (turn_ + 1) % work_.size();
        return piece;
    }

private:
    void begin(std::size_t worker) {
        if (next_ >= range_.to) {
            return;
        }
        const SeqRange range{next_, std::min(range_.to, next_ + kPieceRows)};
        next_ = range.to;
        const LogReader& reader = snapshot_.worker(worker);
        // A single one has the connection of the calling thread.
        const std::launch policy = work_.size() == 1 ? std::launch::deferred : kBeside;
        work_[worker] =
            std::async(policy, [&reader, range] { return examine_piece(reader, range); });
    }

    const SharedSnapshot& snapshot_;
    SeqRange range_;
    std::int64_t next_;
    std::vector<std::future<Piece>> work_;
    std::size_t turn_ = 0;
};

}  // namespace

void examine_log(const SharedSnapshot& snapshot,
                 std::int64_t from,
                 const ExaminedLogVisitor& visit) {
    const LogReader& first = snapshot.first();
    if (from == 0) {
        examine(first, {Numbers::min(), 0}, visit);
    }
    std::int64_t done = from;
    for (Pieces pieces(snapshot, {from, first.head().size}); pieces.has_next();) {
        Piece piece = pieces.next();
        // Rows are missing, so from here on no count says how many there are.
        if (!piece.is_whole()) {
            break;
        }
        for (audit::ExaminedRow& row : piece.rows) {
            visit.row(std::move(row));
        }
        std::for_each(piece.orphans.begin(), piece.orphans.end(), visit.orphan);
        done = piece.range.to;
    }
    examine(first, {done, Numbers::max()}, visit);
}

}  // namespace dcm::store
