#include "store/gap_check.h"

#include "audit/record.h"
#include "store/row_statement.h"
#include "store/source_state.h"
#include "store/statement.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kComparingGaps = "compare gaps";
// Not by an index: what is in one is not yet known to be true.
constexpr const char* kSelectRecords =
    "SELECT seq, kind, body FROM audit_log NOT INDEXED "
    "WHERE kind IN ('source.gap', 'source.reset') ORDER BY seq";
constexpr const char* kSelectGaps =
    "SELECT stream, created_ns, first_sequence, last_sequence FROM broker_gap";
// Members of a group, and a second durable, account for a part of a stream each.
constexpr const char* kSelectAlone =
    "SELECT stream, created_ns, max(complete_to) FROM broker_durable "
    "GROUP BY stream, created_ns HAVING count(*) = 1 AND max(shared) = 0";
constexpr const char* kSelectCovered =
    "SELECT r.first_sequence AS first, r.last_sequence FROM broker_epoch AS e "
    "INNER JOIN broker_range AS r ON r.epoch = e.epoch WHERE e.stream = ? AND e.created_ns = ? "
    "UNION ALL "
    "SELECT first_sequence, last_sequence FROM broker_gap WHERE stream = ? AND created_ns = ? "
    "ORDER BY first";

// A stretch of the sequences of one stream.
struct Stretch {
    std::string stream;
    std::int64_t created_ns = 0;
    SequenceRange range;

    [[nodiscard]] auto key() const { return std::tie(stream, created_ns, range.first, range.last); }
    bool operator<(const Stretch& other) const { return key() < other.key(); }
};

std::string told(const Stretch& gap) {
    return "sequences " + std::to_string(gap.range.first) + " to " +
           std::to_string(gap.range.last) + " of stream '" + gap.stream + "'";
}

std::optional<std::int64_t> number_in(const nlohmann::json& body, const char* name) {
    const auto member = body.find(name);
    return member != body.end() && member->is_number_integer()
               ? std::optional(member->get<std::int64_t>())
               : std::nullopt;
}

std::optional<Stretch> stretch_in(const nlohmann::json& body,
                                  std::optional<std::int64_t> first,
                                  std::optional<std::int64_t> last) {
    const auto stream = body.find("stream");
    const auto created = number_in(body, "created");
    if (stream == body.end() || !stream->is_string() || !created || !first || !last) {
        return std::nullopt;
    }
    return Stretch{stream->get<std::string>(), *created, {*first, *last}};
}

// What a stream that lost its end holds as it is recorded; nullopt for another reset.
std::optional<Stretch> same_in(const nlohmann::json& body) {
    return stretch_in(body, 1, number_in(body, "same_to"));
}

// Of the gaps in a stream that lost its end, those behind `same` are none any more.
void cut_behind(const Stretch& same, std::set<Stretch>& gaps) {
    for (auto next = gaps.begin(); next != gaps.end();) {
        const auto gap = next++;
        const bool is_of_it = gap->stream == same.stream && gap->created_ns == same.created_ns;
        if (!is_of_it || gap->range.last <= same.range.last) {
            continue;
        }
        Stretch rest = *gap;
        rest.range.last = same.range.last;
        gaps.erase(gap);
        if (rest.range.first <= rest.range.last) {
            gaps.insert(std::move(rest));
        }
    }
}

class GapComparison {
public:
    explicit GapComparison(soci::session& session) : session_(session) {}

    std::vector<std::string> run() {
        compare_with_kept(told_gaps());
        RowStatement alone(session_, kSelectAlone);
        while (alone.fetch()) {
            check_contiguity({std::string(alone.text(0)), alone.number(1), {1, alone.number(2)}});
        }
        return std::move(differences_);
    }

private:
    // As the log tells them, in its order.
    std::set<Stretch> told_gaps() {
        std::set<Stretch> gaps;
        RowStatement records(session_, kSelectRecords);
        while (records.fetch()) {
            const auto body =
                nlohmann::json::parse(records.text(2), /*cb=*/nullptr, /*allow_exceptions=*/false);
            if (records.text(1) == audit::kSourceReset) {
                if (const auto same = same_in(body)) {
                    cut_behind(*same, gaps);
                }
            } else if (auto gap =
                           stretch_in(body, number_in(body, "first"), number_in(body, "last"))) {
                gaps.insert(*std::move(gap));
            } else {
                differences_.push_back("record " + std::to_string(records.number(0)) +
                                       " tells no gap");
            }
        }
        return gaps;
    }

    void compare_with_kept(std::set<Stretch> told_by_log) {
        RowStatement kept(session_, kSelectGaps);
        while (kept.fetch()) {
            const Stretch gap{
                std::string(kept.text(0)), kept.number(1), {kept.number(2), kept.number(3)}};
            if (told_by_log.erase(gap) == 0) {
                differences_.push_back(told(gap) + " are kept as a gap that no record tells");
            }
        }
        for (const Stretch& gap : told_by_log) {
            differences_.push_back(told(gap) + " are recorded as a gap that is not kept");
        }
    }

    // `complete`: what of a stream counts as complete. From the first sequence that is accounted
    // for, since a durable may begin later than its stream.
    void check_contiguity(const Stretch& complete) {
        std::vector<SequenceRange> covered;
        RowStatement rows(session_, kSelectCovered);
        rows.bind(complete.stream)
            .bind(complete.created_ns)
            .bind(complete.stream)
            .bind(complete.created_ns);
        while (rows.fetch()) {
            covered.push_back({rows.number(0), rows.number(1)});
        }
        if (covered.empty()) {
            return;
        }
        const SequenceRange window{covered.front().first, complete.range.last};
        for (const SequenceRange& hole : holes_in(window, covered, /*count_max=*/1)) {
            differences_.push_back(told({complete.stream, complete.created_ns, hole}) +
                                   " count as complete, and nothing is recorded of them");
        }
    }

    soci::session& session_;
    std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> compare_gaps(const LogReader& snapshot) {
    return guarded(kComparingGaps,
                   [&] { return GapComparison(snapshot.database().session()).run(); });
}

}  // namespace dcm::store
