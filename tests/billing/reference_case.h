#pragma once

#include "reference_calendar.h"
#include "reference_fraction.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dcm::reference {

// A rule book, resource files, the events of a fleet and the question a report answers, as plain
// values: what the reference prices, and what is printed for the product to read.

// A decimal as the book writes it.
class Amount {
public:
    Amount() : Amount("0") {}
    explicit Amount(std::string text) : text_(std::move(text)), value_(fraction_of(text_)) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const Fraction& value() const { return value_; }

private:
    std::string text_;
    Fraction value_;
};

// A length of time as the book writes it.
struct Length {
    std::string text;
    Micros micros = 0;
};

// An instant as the book writes it: RFC 3339, or a date in the book's zone.
struct Bound {
    std::string text;
    Micros at = 0;
};

struct Step {
    std::optional<Amount> up_to;
    Amount price;
    std::optional<Amount> flat;
};

struct Tiers {
    std::string mode;
    std::vector<Step> steps;
    Amount size;   // package
    Amount price;  // package
};

using Patterns = std::vector<std::string>;

struct Rate {
    std::string id;
    std::string meter;
    std::map<std::string, Patterns> match;  // by service_type, state, provider, instance, tenant
    std::map<std::string, Patterns> labels;
    std::optional<Bound> valid_from;
    std::optional<Bound> valid_to;
    std::optional<Amount> price;
    std::optional<Tiers> tiers;
    std::string unit;
    std::optional<Length> granularity;
    std::optional<Length> minimum;
    std::optional<Amount> free;
    std::optional<Amount> discount_percent;
    std::optional<Amount> minimum_spend;
    std::optional<Amount> maximum_spend;
    bool allow_negative = false;
};

struct Resource {
    std::string service_type;
    std::string instance;
    std::string tenant;  // empty: not told
    std::string flavor;  // a label; empty: not told
    std::optional<Bound> valid_from;
    std::optional<Bound> valid_to;
};

struct Event {
    std::string service_type;
    std::string instance;
    std::string provider;
    std::string status;
    Micros at = 0;
};

struct Question {
    Micros from = 0;
    Micros to = 0;
    Micros as_of = 0;
    std::vector<std::string> group_by;
    std::map<std::string, std::string> filters;  // by the book's word
};

struct Case {
    Window window = windows().front();
    std::string currency = "EUR";
    std::vector<Rate> rates;
    std::vector<std::vector<Resource>> files;
    std::vector<Event> events;  // at different times for each instance
    Question question;
};

[[nodiscard]] std::string file_name(std::size_t file);
[[nodiscard]] std::string book_text(const Case& priced);
[[nodiscard]] std::string resources_text(const std::vector<Resource>& file);

// Shell commands that write the files and ask the product.
[[nodiscard]] std::string replay_text(const Case& priced);

}  // namespace dcm::reference
