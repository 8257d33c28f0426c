#include "billing/corrections.h"

#include "billing/rating.h"
#include "billing/statement_builder.h"
#include "case_book.h"
#include "reference_random.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>

namespace dcm::billing {
namespace {

using reference::Chance;
using Texts = std::vector<std::string>;

constexpr std::string_view kComputeHourly = R"(
  - {id: c, meter: compute, match: {state: RUNNING}, price: "0.5", unit: hour}
)";

std::string told_correction(const StatementLine& line) {
    return std::string(statement_line_kind_name(line.kind)) + ' ' + line.tenant + ' ' +
           line.instance + ' ' + line.rate + ' ' + format_rfc3339(line.charge.start) + '/' +
           format_rfc3339(line.charge.end) + ' ' + line.quantity.to_string() + ' ' +
           line.cost.to_string() + ' ' + (line.corrects ? std::to_string(*line.corrects) : "-");
}

void rate_into(const rules::RuleBook& book,
               const Fleet& fleet,
               Period shown,
               const LineVisitor& visit) {
    Rater rater(book,
                {.shown = shown, .as_of = at("2027-01-01"), .by_day = false},
                {visit, [](const UnratedPiece&) {}});
    for (const auto& [key, intervals] : fleet.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
}

// What was billed, over several closings.
struct Billed {
    std::vector<StatementLine> lines;
    std::vector<std::vector<StatementTotal>> statements;

    void close(const rules::RuleBook& book,
               const Fleet& fleet,
               CivilDate month,
               const std::vector<StatementLine>& corrections) {
        const BillingPeriod period = billing_period(month, book.zone);
        StatementBuilder builder(book, period);
        rate_into(
            book, fleet, period.during, [&builder](const RatedLine& line) { builder.add(line); });
        for (const StatementLine& line : corrections) {
            builder.add_correction(line);
        }
        builder.finish(static_cast<std::int64_t>(lines.size()) + 1);
        builder.each_line([this](const StatementLine& line) { lines.push_back(line); });
        statements.push_back(builder.totals());
    }

    // Lines charged for this stretch that nothing took back.
    [[nodiscard]] std::vector<StatementLine> standing(Period stretch) const {
        std::set<std::int64_t> reversed;
        for (const StatementLine& line : lines) {
            if (line.kind == StatementLineKind::reversal) {
                reversed.insert(*line.corrects);
            }
        }
        std::vector<StatementLine> standing;
        for (const StatementLine& line : lines) {
            const bool is_usage =
                line.kind == StatementLineKind::usage || line.kind == StatementLineKind::correction;
            if (is_usage && !reversed.contains(line.line) && stretch.contains(line.charge.start)) {
                standing.push_back(line);
            }
        }
        return standing;
    }
};

std::vector<StatementLine> corrections_of(const rules::RuleBook& book,
                                          const Fleet& fleet,
                                          Period stretch,
                                          const std::vector<StatementLine>& standing) {
    RatedLines right(book);
    rate_into(book, fleet, stretch, [&right](const RatedLine& line) { right.add(line); });
    right.sort();
    CorrectionFinder finder(right);
    for (const StatementLine& line : standing) {
        finder.add_standing(line);
    }
    return finder.finish();
}

constexpr CivilDate kMay{2026, 5, 1};

// Corrections to a closed May after the fleet turned out to be another one.
Texts after(const Fleet& before,
            const Fleet& now,
            std::string_view owners = "",
            std::string_view owners_now = "") {
    const Period may = billing_period(kMay, Zone::utc()).during;
    Billed billed;
    billed.close(book_with(kComputeHourly, "UTC", owners), before, kMay, {});
    Texts lines;
    for (const StatementLine& line : corrections_of(
             book_with(kComputeHourly, "UTC", owners_now), now, may, billed.standing(may))) {
        lines.push_back(told_correction(line));
    }
    return lines;
}

TEST_CASE("a line that stands and is right is left alone", "[corrections]") {
    Fleet fleet;
    fleet.run("a", "2026-05-02", "2026-05-03");
    fleet.run("b", "2026-05-02", "");
    CHECK(after(fleet, fleet).empty());
}

TEST_CASE("usage that turned out shorter is taken back and billed anew", "[corrections]") {
    Fleet before;
    before.run("a", "2026-05-02", "2026-05-03");
    Fleet now;
    now.run("a", "2026-05-02", "2026-05-02T06:00:00Z");
    CHECK(after(before, now) ==
          Texts{"reversal unassigned a c 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z -24 -12 1",
                "correction unassigned a c 2026-05-02T00:00:00Z/2026-05-02T06:00:00Z 6 3 1"});
}

TEST_CASE("usage that never was is only taken back, unknown usage only billed", "[corrections]") {
    Fleet before;
    before.run("a", "2026-05-02", "2026-05-03");
    Fleet now;
    now.run("b", "2026-05-04", "2026-05-05");
    CHECK(after(before, now) ==
          Texts{"reversal unassigned a c 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z -24 -12 1",
                "correction unassigned b c 2026-05-04T00:00:00Z/2026-05-05T00:00:00Z 24 12 -"});
}

TEST_CASE("a correction is linked to the line it overlaps longest", "[corrections]") {
    Fleet before;
    before.run("a", "2026-05-02", "2026-05-03");
    before.run("a", "2026-05-10", "2026-05-20");
    Fleet now;
    now.run("a", "2026-05-02T12:00:00Z", "2026-05-12");
    now.run("a", "2026-05-25", "2026-05-26");
    CHECK(after(before, now) ==
          Texts{"reversal unassigned a c 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z -24 -12 1",
                "correction unassigned a c 2026-05-02T12:00:00Z/2026-05-12T00:00:00Z 228 114 2",
                "reversal unassigned a c 2026-05-10T00:00:00Z/2026-05-20T00:00:00Z -240 -120 2",
                "correction unassigned a c 2026-05-25T00:00:00Z/2026-05-26T00:00:00Z 24 12 -"});
}

TEST_CASE("another owner takes a line over, linked across tenants", "[corrections]") {
    Fleet fleet;
    fleet.run("a", "2026-05-02", "2026-05-03");
    CHECK(after(fleet,
                fleet,
                "service_type,instance,tenant\nvm,a,acme\n",
                "service_type,instance,tenant\nvm,a,umbrella\n") ==
          Texts{"reversal acme a c 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z -24 -12 1",
                "correction umbrella a c 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z 24 12 1"});
}

// Goal: whatever arrives late, in whatever order months are closed, the statements of all months
// add up to what a fresh rating of each charge period under its own book gives, to the last digit;
// no correction is made twice; a statement is the sum of its lines.
//
// Method: a fleet whose intervals and owners are thrown anew a little before each closing, books
// with plain, graduated and limited rates that differ from month to month, six closings.
class World {
public:
    explicit World(Chance& chance) : chance_(chance) {
        for (int i = 0; i < kInstances; ++i) {
            throw_instance(i);
        }
    }

    void close_next() {
        for (std::int64_t i = chance_.below(4); i > 0; --i) {
            throw_instance(static_cast<int>(chance_.below(kInstances)));
        }
        if (chance_.one_in(3)) {
            owners_ = owners();
        }
        const std::vector<StatementLine> corrections = all_corrections();
        rates_.push_back(random_rates());
        billed_.close(book(months_.size()), fleet(), next_, corrections);
        months_.push_back(next_);
        next_ = next_month(next_);
    }

    void check() const {
        CHECK(all_corrections().empty());
        for (std::size_t i = 0; i < months_.size(); ++i) {
            CHECK(billed_for(stretch(i)) == fresh(i));
        }
        for (const auto& statements : billed_.statements) {
            for (const StatementTotal& statement : statements) {
                Decimal sum;
                for (std::int64_t line = statement.first_line; line < statement.line_end; ++line) {
                    sum += billed_.lines[static_cast<std::size_t>(line - 1)].cost;
                }
                CHECK(sum == statement.total_rounded);
                CHECK(sum == statement.total.rounded(2, Rounding::half_up));
            }
        }
    }

private:
    static constexpr int kInstances = 6;
    using Sums = std::map<std::string, Decimal>;  // by tenant

    static Instant hour(std::int64_t hours) {
        return at("2026-04-20") + Duration{hours * 3'600 * kMicrosPerSecond};
    }

    void throw_instance(int number) {
        std::vector<Interval> intervals;
        std::int64_t from = chance_.below(600);
        while (from < 5'000) {
            const std::int64_t to = from + 1 + chance_.below(900);
            Interval interval{.provider = chance_.one_in(4) ? "q" : "p",
                              .state = chance_.one_in(4) ? "STOPPED" : "RUNNING",
                              .start = hour(from),
                              .end = hour(to),
                              .opened_by = 1,
                              .closed_by = 2};
            intervals.push_back(interval);
            from = to + chance_.below(700);
        }
        intervals_[number] = std::move(intervals);
    }

    [[nodiscard]] Fleet fleet() const {
        Fleet fleet;
        for (const auto& [number, intervals] : intervals_) {
            fleet.instances.emplace_back(InstanceKey{"vm", "i-" + std::to_string(number)},
                                         intervals);
        }
        return fleet;
    }

    std::string owners() {
        std::string text = "service_type,instance,tenant\n";
        for (int i = 0; i < kInstances; ++i) {
            text += "vm,i-" + std::to_string(i) + ',' +
                    chance_.one_of({"acme", "umbrella", "initech"}) + '\n';
        }
        return text;
    }

    std::string random_rates() {
        const std::string compute = chance_.one_of(
            {R"(price: "0.333", unit: hour, granularity: 7m, minimum: 3h)",
             R"(price: "71.13", unit: month)",
             R"(unit: hour, free: "40", tiers: {mode: graduated, steps: [{up_to: "100", price: "1", flat: "2"}, {price: "0.3"}]})",
             R"(unit: hour, tiers: {mode: volume, steps: [{up_to: "300", price: "2"}, {price: "1"}]}, discount: "12.5%")",
             R"(unit: day, price: "0.07", minimum_spend: "9", maximum_spend: "20")"});
        return "\n  - {id: c, meter: compute, match: {state: RUNNING}, " + compute +
               "}\n  - {id: s, meter: storage, match: {provider: p}, price: \"0.00" +
               std::to_string(1 + chance_.below(9)) + "\", unit: hour}\n";
    }

    // The book a month was closed with, under the owners of now.
    [[nodiscard]] rules::RuleBook book(std::size_t month) const {
        return book_with(rates_[month], "Europe/Berlin", owners_);
    }

    [[nodiscard]] Period stretch(std::size_t month) const {
        return billing_period(months_[month], value_or_throw(Zone::find("Europe/Berlin"))).during;
    }

    [[nodiscard]] std::vector<StatementLine> all_corrections() const {
        std::vector<StatementLine> all;
        for (std::size_t i = 0; i < months_.size(); ++i) {
            for (const StatementLine& line :
                 corrections_of(book(i), fleet(), stretch(i), billed_.standing(stretch(i)))) {
                all.push_back(line);
            }
        }
        return all;
    }

    [[nodiscard]] Sums billed_for(Period stretch) const {
        Sums sums;
        for (const StatementLine& line : billed_.lines) {
            if (line.kind != StatementLineKind::rounding && stretch.contains(line.charge.start)) {
                sums[line.tenant] += line.cost;
            }
        }
        std::erase_if(sums, [](const auto& sum) { return sum.second.is_zero(); });
        return sums;
    }

    [[nodiscard]] Sums fresh(std::size_t month) const {
        Sums sums;
        rate_into(book(month), fleet(), stretch(month), [&sums](const RatedLine& line) {
            sums[std::string(line.tenant)] += line.cost();
        });
        std::erase_if(sums, [](const auto& sum) { return sum.second.is_zero(); });
        return sums;
    }

    Chance& chance_;
    std::map<int, std::vector<Interval>> intervals_;
    std::string owners_ = "service_type,instance,tenant\nvm,i-0,acme\n";
    std::vector<std::string> rates_;
    std::vector<CivilDate> months_;
    CivilDate next_ = kMay;
    Billed billed_;
};

TEST_CASE("statements of all months add up to a fresh rating of each", "[corrections]") {
    const std::uint64_t seed = reference::seed_of_run();
    INFO("repeat with DCM_SEED=" << seed);
    Chance chance(seed);
    for (int round = 0; round < 12; ++round) {
        INFO("round " << round);
        World world(chance);
        for (int closing = 0; closing < 6; ++closing) {
            world.close_next();
            world.check();
        }
    }
}

}  // namespace
}  // namespace dcm::billing
