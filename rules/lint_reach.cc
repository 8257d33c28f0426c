#include "rules/charged_states.h"
#include "rules/lint.h"

#include <algorithm>
#include <limits>
#include <set>

namespace dcm::rules {
namespace {

// A rate whose lists make more combinations is looked at as a whole.
constexpr std::size_t kCombinationsMax = 64;

bool includes(const Patterns& wide, const Patterns& narrow) {
    if (narrow.empty()) {
        return matches_any(wide, "*");
    }
    return std::all_of(narrow.begin(), narrow.end(), [&wide](const std::string& pattern) {
        return matches_any(wide, pattern);
    });
}

// Whether `wide` matches all that `narrow` does, service type and state aside.
bool includes(const Match& wide, const Match& narrow) {
    const auto label_included = [&narrow](const auto& wanted) {
        const auto found = narrow.labels.find(wanted.first);
        return found != narrow.labels.end() && includes(wanted.second, found->second);
    };
    return includes(wide.provider, narrow.provider) && includes(wide.instance, narrow.instance) &&
           includes(wide.tenant, narrow.tenant) &&
           std::all_of(wide.labels.begin(), wide.labels.end(), label_included);
}

// Replaces each part by as many as its list has members, each with one of them.
template <typename ListOf>
void split(std::vector<Match>& parts, const ListOf& list_of) {
    std::vector<Match> finer;
    for (const Match& part : parts) {
        Match each = part;
        const Patterns all = list_of(each);
        if (all.empty()) {
            finer.push_back(part);
        }
        for (const std::string& pattern : all) {
            list_of(each) = {pattern};
            finer.push_back(each);
        }
    }
    parts = std::move(finer);
}

std::size_t combinations_of(const Match& match) {
    std::size_t count = 1;
    const auto multiply = [&count](const Patterns& patterns) {
        count = std::min(count * std::max<std::size_t>(1, patterns.size()), kCombinationsMax + 1);
    };
    multiply(match.provider);
    multiply(match.instance);
    multiply(match.tenant);
    for (const auto& [name, patterns] : match.labels) {
        multiply(patterns);
    }
    return count;
}

// Parts that together match what the whole matches; different rates may come before each.
std::vector<Match> parts_of(const Match& match) {
    std::vector<Match> parts{match};
    if (combinations_of(match) > kCombinationsMax) {
        return parts;
    }
    split(parts, [](Match& part) -> Patterns& { return part.provider; });
    split(parts, [](Match& part) -> Patterns& { return part.instance; });
    split(parts, [](Match& part) -> Patterns& { return part.tenant; });
    for (const auto& label : match.labels) {
        split(parts,
              [&label](Match& part) -> Patterns& { return part.labels.find(label.first)->second; });
    }
    return parts;
}

// A rate's time with open ends closed, so that times can be compared.
Period time_of(const Rate& rate) {
    return {rate.valid_from.value_or(Instant{std::numeric_limits<std::int64_t>::min()}),
            rate.valid_to.value_or(Instant{std::numeric_limits<std::int64_t>::max()})};
}

// Whether the periods together cover all of `whole`.
bool cover(std::vector<Period> periods, Period whole) {
    std::sort(periods.begin(), periods.end(), [](const Period& left, const Period& right) {
        return left.start < right.start;
    });
    Instant covered_to = whole.start;
    for (const Period& period : periods) {
        if (covered_to < period.start) {
            break;
        }
        covered_to = std::max(covered_to, period.end);
    }
    return whole.end <= covered_to;
}

// The rates that may win in one state and meter, in file order.
class ReachCheck {
public:
    explicit ReachCheck(const PlacedBook& of)
        : of_(of), states_(charged_states(of.book.lifecycle)) {}

    void check(std::size_t rate, Problems& problems, std::vector<bool>& unreachable) {
        const Rate& checked = of_.book.rates[rate];
        std::set<std::size_t> winners;
        bool is_charged = false;
        for (const ChargedState& state : states_) {
            if (!can_match(checked.match, state)) {
                continue;
            }
            is_charged = true;
            if (can_win(rate, state, winners)) {
                return;
            }
        }
        unreachable[rate] = true;
        if (is_charged) {
            problems.warn(of_.places.rates[rate].of("id"),
                          "expected a rate that some interval can reach, got " + shown(checked.id) +
                              ": " + named(winners) + " before it always matches first");
        } else {
            problems.warn(of_.places.rates[rate].of("match"),
                          "expected a rate that matches a state some lifecycle charges, got " +
                              shown(checked.id) + unknown_word(checked));
        }
    }

    [[nodiscard]] bool is_spent() const { return comparisons_ > kReachComparisonsMax; }

private:
    // Whether some interval in this state is left for the rate; else adds those that take them.
    bool can_win(std::size_t rate, const ChargedState& state, std::set<std::size_t>& winners) {
        const Rate& checked = of_.book.rates[rate];
        const std::vector<Match> parts = parts_of(checked.match);
        return std::any_of(parts.begin(), parts.end(), [&](const Match& part) {
            std::vector<Period> taken;
            for (std::size_t i = 0; i < rate && !is_spent(); ++i) {
                ++comparisons_;
                const Rate& earlier = of_.book.rates[i];
                if (earlier.meter == checked.meter && takes(earlier.match, state) &&
                    includes(earlier.match, part)) {
                    taken.push_back(time_of(earlier));
                    winners.insert(i);
                }
            }
            return is_spent() || !cover(std::move(taken), time_of(checked));
        });
    }

    // Its providers are compared with the part's.
    static bool takes(const Match& match, const ChargedState& state) {
        return matches_any(match.service_type, state.service_type) &&
               matches_any(match.state, state.state);
    }

    [[nodiscard]] std::string named(const std::set<std::size_t>& winners) const {
        constexpr std::size_t named_max = 3;
        std::string text;
        std::size_t count = 0;
        for (const std::size_t winner : winners) {
            if (count++ == named_max) {
                return text + " …";
            }
            text += (text.empty() ? "" : ", ") + shown(of_.book.rates[winner].id);
        }
        return text;
    }

    // Which word of the rate matches nothing that is charged: the service type, else the state.
    [[nodiscard]] std::string unknown_word(const Rate& rate) const {
        std::set<std::string> types;
        std::set<std::string> states;
        for (const ChargedState& state : states_) {
            types.insert(state.service_type);
            if (matches_any(rate.match.service_type, state.service_type)) {
                states.insert(state.state);
            }
        }
        return states.empty() ? nearest("service_type", rate.match.service_type, types)
                              : nearest("state", rate.match.state, states);
    }

    static std::string nearest(std::string_view member,
                               const Patterns& patterns,
                               const std::set<std::string>& names) {
        if (patterns.empty() || names.empty()) {
            return {};
        }
        const std::vector<std::string> known(names.begin(), names.end());
        return ", whose " + std::string(member) + " is " + shown(patterns.front()) +
               suggestion(patterns.front(), std::span<const std::string>(known));
    }

    const PlacedBook& of_;
    std::vector<ChargedState> states_;
    std::size_t comparisons_ = 0;
};

}  // namespace

std::vector<bool> lint_reach(const PlacedBook& of, Problems& problems) {
    std::vector<bool> unreachable(of.book.rates.size(), false);
    ReachCheck check(of);
    for (std::size_t rate = 0; rate < of.book.rates.size(); ++rate) {
        check.check(rate, problems, unreachable);
        if (check.is_spent()) {
            problems.warn(of.places.rates[rate].rate,
                          "expected at most " + std::to_string(kReachComparisonsMax) +
                              " comparisons of rates; whether an interval can reach this one and "
                              "those after it was not looked at");
            break;
        }
    }
    return unreachable;
}

}  // namespace dcm::rules
