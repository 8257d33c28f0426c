#pragma once

#include "billing/calendar.h"
#include "billing/doubt.h"
#include "billing/rated_line.h"
#include "billing/report.h"
#include "rules/rulebook.h"

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dcm::billing {

// What rests on something doubtful.
struct DoubtSums {
    Decimal usage_seconds;     // of rated lines, counted as `report` counts them
    Decimal unpriced_seconds;  // that no rate prices
    Decimal cost;              // of the rated lines, or of their parts

    DoubtSums& operator+=(const DoubtSums& other);
};

struct DoubtLine {
    std::string cause;
    std::vector<std::string> keys;  // as in group_by
    DoubtSums sums;
};

struct DoubtReport {
    std::string timezone;
    std::string currency;
    std::vector<GroupKey> group_by;
    std::vector<DoubtLine> lines;  // by cause, then by keys as bytes
    std::vector<std::pair<std::string, DoubtSums>> causes;
    // All causes together: what rests on several counts once.
    DoubtSums any;
};

// Which causes are asked for: missing_rate, or the others.
enum class DoubtChoice { unrated, doubtful };

// Sums doubtful parts of rated lines by cause and keys. The stretches of an instance come before
// its lines; lines and pieces come in any order. The book outlives this.
class DoubtBuilder {
public:
    DoubtBuilder(const rules::RuleBook& book,
                 std::vector<GroupKey> group_by,
                 LineFilter filter,
                 DoubtChoice choice,
                 Period shown);

    void add(const InstanceKey& key, std::vector<DoubtfulStretch> stretches);
    void add(const RatedLine& line);
    void add(const UnratedPiece& piece);

    [[nodiscard]] DoubtReport finish();

private:
    // One cause's stretches, or, last, those of any cause.
    using Stretches = std::array<std::vector<DoubtfulStretch>, kDoubtCauses.size() + 1>;

    // What a part is grouped by.
    struct Part {
        std::string_view service_type;
        std::string_view instance;
        std::string_view provider;
        std::string_view state;
        std::string_view tenant;
        const rules::Rate* rate = nullptr;  // nullptr: no rate prices it
        Period during;
    };

    [[nodiscard]] const Stretches* stretches_of(std::string_view service_type,
                                                std::string_view instance) const;
    // Cut at days or months where these are keys.
    void add_unpriced(std::size_t cause, const Part& part);
    void add_sums(std::size_t cause, const Part& part, const DoubtSums& sums);
    [[nodiscard]] std::string key_text(GroupKey key, const Part& part);

    const rules::RuleBook& book_;
    std::vector<GroupKey> group_by_;
    LineFilter filter_;
    DoubtChoice choice_;
    Period shown_;
    Calendar days_;
    Calendar months_;
    std::unordered_map<std::string, Stretches> stretches_;
    std::array<std::map<std::vector<std::string>, DoubtSums>, kDoubtCauses.size()> lines_;
    DoubtSums any_;
};

// Seconds and cost of the part of a line that lies in `during`, which is not empty. Parts that make
// up the line add up to it, to the last digit. `month` contains the line.
[[nodiscard]] DoubtSums part_of_line(const RatedLine& line,
                                     const rules::Rate& rate,
                                     Period month,
                                     Period during);

}  // namespace dcm::billing
