#include "base/ascii.h"
#include "rules/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace dcm::rules {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSeparators = "-_.@/:";

// Whether a version begins at this separator: a digit follows, or v and a digit.
bool begins_version(std::string_view id, std::size_t separator) {
    std::string_view rest = id.substr(separator + 1);
    if (rest.starts_with('v') || rest.starts_with('V')) {
        rest.remove_prefix(1);
    }
    return !rest.empty() && is_digit(rest.front());
}

// What a rate matches, as one text: the order within a list means nothing.
std::string text_of(const Match& match) {
    std::string text;
    const auto append = [&text](std::string_view name, Patterns patterns) {
        std::sort(patterns.begin(), patterns.end());
        text += name;
        for (const std::string& pattern : patterns) {
            text += ' ' + std::to_string(pattern.size()) + ':' + pattern;
        }
        text += '\n';
    };
    append("service_type", match.service_type);
    append("state", match.state);
    append("provider", match.provider);
    append("instance", match.instance);
    append("tenant", match.tenant);
    for (const auto& [name, patterns] : match.labels) {
        append("label " + std::to_string(name.size()) + ':' + name, patterns);
    }
    return text;
}

// A bound as the book would write it.
std::string bound_text(Instant at, const Zone& zone) {
    const CivilDate date = zone.date_of(at);
    return zone.start_of(date) == at ? format_date(date) : format_rfc3339(at);
}

// Prefix, meter and match.
using FamilyKey = std::tuple<std::string, std::string, std::string>;
using Families = std::map<FamilyKey, std::vector<std::size_t>>;

// Of ids without a version the last word takes its place, unless versions of the whole id exist.
Families families_of(const RuleBook& book, const std::vector<bool>& left_out) {
    std::set<std::string> prefixes;
    for (const Rate& rate : book.rates) {
        prefixes.insert(unversioned_id(rate.id));
    }
    Families families;
    for (std::size_t i = 0; i < book.rates.size(); ++i) {
        if (left_out[i]) {
            continue;
        }
        const Rate& rate = book.rates[i];
        std::string prefix = unversioned_id(rate.id);
        if (prefix.empty()) {
            const std::size_t separator = rate.id.find_last_of(kSeparators);
            const bool is_whole = prefixes.contains(rate.id) || separator == 0;
            prefix = is_whole ? rate.id : rate.id.substr(0, separator);
        }
        families[{prefix, rate.meter, text_of(rate.match)}].push_back(i);
    }
    return families;
}

// Walks through the versions of one price in the order in which they begin.
class FamilyCheck {
public:
    FamilyCheck(const PlacedBook& of, std::string_view prefix, Problems& problems)
        : of_(of), prefix_(prefix), problems_(problems) {}

    void check(std::vector<std::size_t> rates) {
        std::stable_sort(rates.begin(), rates.end(), [this](std::size_t left, std::size_t right) {
            // Absent sorts first: for ever.
            return rate(left).valid_from < rate(right).valid_from;
        });
        std::size_t latest = rates.front();  // that which lasts longest so far
        for (std::size_t i = 1; i < rates.size(); ++i) {
            compare(latest, rates[i]);
            if (ends_after(rates[i], latest)) {
                latest = rates[i];
            }
        }
    }

private:
    [[nodiscard]] const Rate& rate(std::size_t index) const { return of_.book.rates[index]; }

    [[nodiscard]] bool ends_after(std::size_t left, std::size_t right) const {
        const auto& end = rate(right).valid_to;
        return end && (!rate(left).valid_to || *end < *rate(left).valid_to);
    }

    void compare(std::size_t before, std::size_t next) {
        const std::optional<Instant>& end = rate(before).valid_to;
        const std::optional<Instant>& start = rate(next).valid_from;
        if (end && start && *end == *start) {
            return;
        }
        const Place place = of_.places.rates[next].of(start ? "valid_from" : "id");
        const std::string pair = shown(rate(before).id) + " and " + shown(rate(next).id);
        if (end && start && *end < *start) {
            problems_.warn(place,
                           intro() + "without a gap, got one between " + pair + ": from " +
                               bound_text(*end, of_.book.zone) + " to " +
                               bound_text(*start, of_.book.zone));
            return;
        }
        const std::optional<Instant>& first_end =
            ends_after(next, before) ? end : rate(next).valid_to;
        problems_.warn(place,
                       intro() + "without an overlap, got one of " + pair + ": from " +
                           (start ? bound_text(*start, of_.book.zone) : "the beginning") + " to " +
                           (first_end ? bound_text(*first_end, of_.book.zone) : "the end of time") +
                           ", where " + shown(rate(std::min(before, next)).id) + " wins");
    }

    [[nodiscard]] std::string intro() const {
        return "expected the rates with the id prefix " + shown(prefix_) + " to follow each other ";
    }

    const PlacedBook& of_;
    std::string_view prefix_;
    Problems& problems_;
};

}  // namespace

std::string unversioned_id(std::string_view id) {
    for (std::size_t at = id.find_first_of(kSeparators, 1); at != std::string_view::npos;
         at = id.find_first_of(kSeparators, at + 1)) {
        if (begins_version(id, at)) {
            return std::string(id.substr(0, at));
        }
    }
    const std::size_t last = id.find_last_not_of(kDigits);
    const bool has_version = last != std::string_view::npos && last + 1 < id.size();
    return has_version ? std::string(id.substr(0, last + 1)) : std::string();
}

void lint_time(const PlacedBook& of, const std::vector<bool>& unreachable, Problems& problems) {
    for (const auto& [key, rates] : families_of(of.book, unreachable)) {
        if (rates.size() > 1) {
            FamilyCheck(of, std::get<0>(key), problems).check(rates);
        }
    }
}

}  // namespace dcm::rules
