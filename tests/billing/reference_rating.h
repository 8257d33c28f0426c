#pragma once

#include "billing/intervals.h"
#include "rules/rulebook.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dcm::billing {

// Whole numbers of a fixed size, far above what any amount here needs; overflow would throw.
using WholeBackend = boost::multiprecision::cpp_int_backend<2'048,
                                                            2'048,
                                                            boost::multiprecision::signed_magnitude,
                                                            boost::multiprecision::checked,
                                                            void>;
using Whole = boost::multiprecision::number<WholeBackend, boost::multiprecision::et_off>;
using Rational =
    boost::multiprecision::number<boost::multiprecision::rational_adaptor<WholeBackend>,
                                  boost::multiprecision::et_off>;

struct ReferenceInput {
    std::vector<std::pair<InstanceKey, std::vector<Interval>>> instances;
    Period shown;
    Instant as_of;
};

// Cost by (instance, tenant, rate index), and the unrated microseconds.
struct ReferenceBill {
    std::map<std::tuple<std::string, std::string, std::size_t>, Rational> costs;
    std::int64_t unrated_micros = 0;
};

// domain.md section 4 once more, from its formulas, in exact fractions and without any regard for
// speed: it shares nothing with the product but the book's values and the calendar.
[[nodiscard]] ReferenceBill reference_bill(const rules::RuleBook& book,
                                           const ReferenceInput& input);

[[nodiscard]] Rational rational_of(const Decimal& value);

}  // namespace dcm::billing
