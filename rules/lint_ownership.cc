#include "rules/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace dcm::rules {
namespace {

using WordSet = std::set<std::string, std::less<>>;

// What instances can have by the resource files.
struct Known {
    WordSet tenants{std::string(kUnassignedTenant)};
    WordSet labels;
    std::map<std::string, WordSet, std::less<>> values;  // of each label
};

Known known_of(const ResourceTable& resources) {
    Known known;
    for (const ResourceTable::Key& key : resources.instances()) {
        for (const ResourceEntry& each : resources.entries_of(key)) {
            if (!each.entry->tenant.empty()) {
                known.tenants.insert(each.entry->tenant);
            }
            for (const auto& [name, value] : each.entry->labels) {
                known.labels.insert(name);
                known.values[name].insert(value);
            }
        }
    }
    return known;
}

// Looks for the words of matches among those that instances can have.
class OwnershipCheck {
public:
    OwnershipCheck(const PlacedBook& of, Problems& problems)
        : of_(of), problems_(problems), known_(known_of(of.book.resources)) {}

    void check(std::size_t rate) {
        const Match& match = of_.book.rates[rate].match;
        const RatePlaces& places = of_.places.rates[rate];
        check_words({"a tenant that an entry of the resource files has", "tenant"},
                    match.tenant,
                    known_.tenants,
                    {places.rate.file, places.tenants});
        for (const auto& [name, patterns] : match.labels) {
            const LabelPlaces& at = places.labels.find(name)->second;
            const auto values = known_.values.find(name);
            if (values == known_.values.end()) {
                tell({"a label that an entry of the resource files has", "label"},
                     name,
                     known_.labels,
                     {places.rate.file, at.name});
                continue;
            }
            check_words(
                {"a value that the label " + shown(name) + " has in the resource files", ""},
                patterns,
                values->second,
                {places.rate.file, at.words});
        }
    }

    [[nodiscard]] bool is_spent() const { return comparisons_ > kOwnershipComparisonsMax; }

private:
    struct Wanted {
        std::string expected;
        std::string noun;  // where there are no resource files
    };

    struct WordPlaces {
        const BookFile* file;
        const std::vector<std::size_t>& offsets;
    };

    void check_words(const Wanted& wanted,
                     const Patterns& patterns,
                     const WordSet& words,
                     const WordPlaces& places) {
        for (std::size_t i = 0; i < patterns.size() && !is_spent(); ++i) {
            if (!is_among(patterns[i], words)) {
                tell(wanted, patterns[i], words, {places.file, places.offsets[i]});
            }
        }
    }

    bool is_among(const std::string& pattern, const WordSet& words) {
        if (pattern.find('*') == std::string::npos) {
            return words.contains(pattern);
        }
        comparisons_ += words.size();
        const Patterns patterns{pattern};
        return std::any_of(words.begin(), words.end(), [&patterns](const std::string& word) {
            return matches_any(patterns, word);
        });
    }

    void tell(const Wanted& wanted, const std::string& word, const WordSet& known, Place at) {
        if (problems_.is_full()) {
            problems_.warn(at, {});
        } else if (of_.book.resources.file_names().empty()) {
            problems_.warn(at,
                           "expected a resource file that says who owns an instance, got none: no "
                           "instance has the " +
                               wanted.noun + ' ' + shown(word));
        } else {
            // The distance of two words takes some ten times as long as their comparison.
            comparisons_ += 10 * known.size();
            const std::vector<std::string> words(known.begin(), known.end());
            problems_.warn(at,
                           "expected " + wanted.expected + ", got " + shown(word) +
                               suggestion(word, std::span<const std::string>(words)));
        }
    }

    const PlacedBook& of_;
    Problems& problems_;
    Known known_;
    std::size_t comparisons_ = 0;
};

}  // namespace

void lint_ownership(const PlacedBook& of, Problems& problems) {
    OwnershipCheck check(of, problems);
    for (std::size_t rate = 0; rate < of.book.rates.size(); ++rate) {
        check.check(rate);
        if (check.is_spent()) {
            problems.warn(of.places.rates[rate].rate,
                          "expected at most " + std::to_string(kOwnershipComparisonsMax) +
                              " comparisons with resource files; whether an entry has the tenants "
                              "and labels of this rate and those after it was not looked at");
            break;
        }
    }
}

}  // namespace dcm::rules
