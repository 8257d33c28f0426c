#pragma once

#include "focus/csv_reader.h"
#include "focus/rules.h"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dcm::focus {

// A rule that some rows, or the header, do not keep.
struct Finding {
    std::string rule;
    bool is_advice = false;
    std::int64_t rows = 0;  // 0: it is about the header
    std::int64_t first_row = 0;
    std::string text;  // what was expected and what came
};

// `row 3: BilledCost-C-003-M: expected BilledCost != null, got nothing; 2 rows`
[[nodiscard]] std::string finding_text(const Finding& finding);

// Holds a table against the rules of the specification: the header, then each row. What the rules
// require of providers that support more than a biller by status events does is passed over.
class Conformance {
public:
    // The rules outlive this.
    explicit Conformance(const std::vector<Rule>& rules);

    void header(std::span<const CsvCell> names);
    // As many cells as the header has names.
    void row(std::span<const CsvCell> cells);

    // In the order of the table of rules; what holds is not in it.
    [[nodiscard]] std::vector<Finding> findings() const;

private:
    static constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();

    // A check with its columns as places in the row.
    struct BoundCheck {
        const Check* check = nullptr;
        std::size_t column = kAbsent;
        std::size_t other = kAbsent;
        std::size_t result = kAbsent;
        std::unordered_map<std::string, std::string> seen{};  // determines: the one value of each
    };
    using BoundAlternatives = std::vector<std::vector<BoundCheck>>;

    struct BoundRule {
        const Rule* rule = nullptr;
        BoundAlternatives requirement;
        BoundAlternatives condition;
        bool holds = true;             // for the latest row
        std::int64_t judged_row = -1;  // the latest that had it asked
        std::int64_t failed_rows = 0;
        Finding finding;
    };

    [[nodiscard]] std::size_t place_of(std::string_view column) const;
    void bind(const Rule& rule);
    [[nodiscard]] BoundAlternatives bind(const Alternatives& alternatives,
                                         std::vector<std::size_t>& columns) const;
    void check_presence(const Rule& rule);
    void check_names();
    void judge_changes(std::span<const CsvCell> cells);
    void judge_all(std::span<const CsvCell> cells);
    void count_failures(std::span<const CsvCell> cells);
    [[nodiscard]] static CsvCell cell(std::span<const CsvCell> cells, std::size_t place);
    [[nodiscard]] static bool holds(BoundCheck& bound, std::span<const CsvCell> cells);
    [[nodiscard]] static bool any_holds(BoundAlternatives& alternatives,
                                        std::span<const CsvCell> cells);
    void judge(BoundRule& bound, std::span<const CsvCell> cells);

    const std::vector<Rule>& rules_;
    std::vector<std::string> names_;
    std::vector<BoundRule> bound_;
    std::vector<Finding> header_findings_;
    // What is known of a column.
    struct Column {
        std::vector<std::size_t> rules;  // places in bound_ of those that depend on it
        std::string latest;              // the cell of the latest row
        bool is_null = false;
    };
    std::vector<Column> columns_;
    std::size_t failing_ = 0;  // rules that do not hold for the latest row
    std::int64_t rows_ = 0;
};

}  // namespace dcm::focus
