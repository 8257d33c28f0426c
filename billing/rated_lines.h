#pragma once

#include "billing/line_names.h"
#include "billing/piled.h"
#include "billing/rated_line.h"
#include "billing/statement.h"
#include "rules/rulebook.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace dcm::billing {

// Rated lines of one book in memory, of which there may be millions: texts are numbers, and what a
// rate says is not repeated. The book outlives this.
class RatedLines {
public:
    explicit RatedLines(const rules::RuleBook& book);

    void add(const RatedLine& line);
    // By tenant, service type, instance, start and rate: no two lines share all five. Nothing is
    // added afterwards.
    void sort();

    [[nodiscard]] std::size_t size() const { return lines_.size(); }
    [[nodiscard]] std::string_view tenant(std::size_t index) const;
    [[nodiscard]] Decimal cost(std::size_t index) const;
    // The sorted line with these five; nullopt when there is none.
    [[nodiscard]] std::optional<std::size_t> find(const StatementLine& line) const;
    // Writes what a rated line says into one of a statement: neither period nor number, kind or
    // link.
    void fill(std::size_t index, StatementLine& line) const;

private:
    struct Kept {
        LineNumbers names;
        std::uint32_t rate = 0;
        Period charge;
        Duration billed;
        Quantity quantity;
        std::size_t cost = 0;  // in costs_, where the rate has no unit price
    };

    using Key =
        std::tuple<std::string_view, std::string_view, std::string_view, Instant, std::size_t>;

    [[nodiscard]] const Kept& at(std::size_t index) const { return lines_[order_[index]]; }
    [[nodiscard]] Key key_of(const Kept& kept) const;

    const rules::RuleBook& book_;
    LineNames names_;
    std::vector<std::optional<Decimal>> unit_prices_;                 // by rate
    std::unordered_map<std::string_view, std::size_t> rate_numbers_;  // by id
    Piled<Kept> lines_;
    std::vector<std::uint32_t> order_;  // into lines_
    Piled<Decimal> costs_;
};

}  // namespace dcm::billing
