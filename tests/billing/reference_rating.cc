#include "reference_rating.h"

#include "reference_price.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace dcm::reference {
namespace {

// `*` is any run of characters. Follows every way to read the text at once.
bool matches_glob(std::string_view pattern, std::string_view text) {
    std::set<std::size_t> read{0};
    for (const char c : pattern) {
        std::set<std::size_t> next;
        for (std::size_t at = 0; at <= text.size(); ++at) {
            const bool follows = c == '*' ? !read.empty() && *read.begin() <= at
                                          : at > 0 && read.contains(at - 1) && text[at - 1] == c;
            if (follows) {
                next.insert(at);
            }
        }
        read = std::move(next);
    }
    return read.contains(text.size());
}

bool matches_one(const Patterns& patterns, std::string_view text) {
    return std::any_of(patterns.begin(), patterns.end(), [text](const std::string& pattern) {
        return matches_glob(pattern, text);
    });
}

bool holds_at(const std::optional<Bound>& from, const std::optional<Bound>& to, Micros at) {
    return (!from.has_value() || from->at <= at) && (!to.has_value() || at < to->at);
}

std::string seconds_text(Micros micros) {
    return plain(Fraction(micros) / kSecond);
}

// A stretch of an instance in one state, as far as `as_of`.
struct Stretch {
    std::string service_type;
    std::string instance;
    std::string provider;
    std::string state;
    Micros start = 0;
    Micros end = 0;
};

enum class Policy { charge, hold, none, end };

Policy policy_of(const std::string& status) {
    static const std::map<std::string, Policy> policies{{"PROVISIONING", Policy::hold},
                                                        {"UNKNOWN", Policy::hold},
                                                        {"ERROR", Policy::none},
                                                        {"FAILED", Policy::none},
                                                        {"DELETED", Policy::end}};
    const auto found = policies.find(status);
    return found == policies.end() ? Policy::charge : found->second;
}

using Key = std::pair<std::string, std::string>;

std::vector<Stretch> stretches_of(const Key& key,
                                  const std::map<Micros, Event>& events,
                                  Micros as_of) {
    std::vector<Stretch> stretches;
    bool is_open = false;
    for (const auto& [at, event] : events) {
        const Policy policy = policy_of(event.status);
        const bool goes_on = policy == Policy::hold || (policy == Policy::charge && is_open &&
                                                        stretches.back().state == event.status);
        if (goes_on) {
            continue;
        }
        if (is_open) {
            stretches.back().end = std::min(at, as_of);
        }
        is_open = policy == Policy::charge;
        if (is_open) {
            stretches.push_back({key.first, key.second, event.provider, event.status, at, as_of});
        }
        if (policy == Policy::end) {
            break;
        }
    }
    return stretches;
}

struct Owner {
    std::string tenant = "unassigned";
    std::string flavor;
};

Owner owner_of(const Case& priced, const Stretch& stretch, Micros at) {
    Owner owner;
    bool has_tenant = false;
    for (const std::vector<Resource>& file : priced.files) {
        const auto entry = std::find_if(file.begin(), file.end(), [&](const Resource& each) {
            return each.service_type == stretch.service_type && each.instance == stretch.instance &&
                   holds_at(each.valid_from, each.valid_to, at);
        });
        if (entry == file.end()) {
            continue;
        }
        if (!has_tenant && !entry->tenant.empty()) {
            owner.tenant = entry->tenant;
            has_tenant = true;
        }
        owner.flavor = owner.flavor.empty() ? entry->flavor : owner.flavor;
    }
    return owner;
}

// What rates, filters and groups look at, by the words of the book.
using Facts = std::map<std::string, std::string>;

Facts facts_of(const Stretch& stretch, const std::string& tenant) {
    return {{"service_type", stretch.service_type},
            {"state", stretch.state},
            {"provider", stretch.provider},
            {"instance", stretch.instance},
            {"tenant", tenant}};
}

bool applies(const Rate& rate, const Facts& facts, const std::string& flavor, Micros at) {
    if (!holds_at(rate.valid_from, rate.valid_to, at)) {
        return false;
    }
    for (const auto& [name, patterns] : rate.match) {
        if (!matches_one(patterns, facts.at(name))) {
            return false;
        }
    }
    return rate.labels.empty() ||
           (!flavor.empty() && matches_one(rate.labels.at("flavor"), flavor));
}

// A piece of a line: nothing changes in it.
struct Piece {
    Micros start = 0;
    Micros end = 0;
};
struct Line {
    const Stretch* stretch = nullptr;
    std::vector<Piece> pieces;

    [[nodiscard]] auto order() const {
        return std::tie(pieces.front().start, stretch->service_type, stretch->instance);
    }
};
// Whose usage is summed: tenant, rate, month.
using Group = std::tuple<std::string, std::size_t, Micros>;

struct Sums {
    Micros usage = 0;
    Micros billed = 0;
    Fraction cost = 0;
};

class Report {
public:
    explicit Report(const Case& priced) : case_(priced), asked_(priced.question) {}

    Answer make() {
        std::map<Key, std::map<Micros, Event>> instances;
        for (const Event& event : case_.events) {
            instances[{event.service_type, event.instance}][event.at] = event;
        }
        std::vector<Stretch> all;
        for (const auto& [key, events] : instances) {
            for (const Stretch& stretch : stretches_of(key, events, asked_.as_of)) {
                if (stretch.start < stretch.end) {
                    all.push_back(stretch);
                }
            }
        }
        for (const Stretch& stretch : all) {
            find_lines(stretch);
        }
        for (auto& [group, lines] : lines_) {
            price(group, lines);
        }
        return printed();
    }

private:
    // Every instant at which anything could change.
    [[nodiscard]] std::set<Micros> cuts(const Stretch& stretch) const {
        std::set<Micros> cuts{stretch.start, stretch.end, asked_.from, asked_.to};
        const auto add = [&cuts](const std::optional<Bound>& bound) {
            if (bound.has_value()) {
                cuts.insert(bound->at);
            }
        };
        for (const Rate& rate : case_.rates) {
            add(rate.valid_from);
            add(rate.valid_to);
        }
        for (const std::vector<Resource>& file : case_.files) {
            for (const Resource& entry : file) {
                add(entry.valid_from);
                add(entry.valid_to);
            }
        }
        const bool by_day = std::count(asked_.group_by.begin(), asked_.group_by.end(), "day") > 0;
        for (DayNumber day = case_.window.day_at(stretch.start);
             case_.window.start_of(day) < stretch.end;
             ++day) {
            if (by_day || date_of(day).day == 1) {
                cuts.insert(case_.window.start_of(day));
            }
        }
        cuts.erase(cuts.begin(), cuts.lower_bound(stretch.start));
        cuts.erase(cuts.upper_bound(stretch.end), cuts.end());
        return cuts;
    }

    void find_lines(const Stretch& stretch) {
        std::set<std::string> meters;
        for (const Rate& rate : case_.rates) {
            meters.insert(rate.meter);
        }
        const std::set<Micros> points = cuts(stretch);
        std::map<std::string, Group> before;  // by meter, of the piece before
        for (auto point = points.begin(); std::next(point) != points.end(); ++point) {
            const Piece piece{*point, *std::next(point)};
            const Owner owner = owner_of(case_, stretch, piece.start);
            const Facts facts = facts_of(stretch, owner.tenant);
            std::map<std::string, Group> now;
            for (std::size_t rate = 0; rate < case_.rates.size(); ++rate) {
                if (applies(case_.rates[rate], facts, owner.flavor, piece.start)) {
                    // The first in file order stays.
                    now.try_emplace(case_.rates[rate].meter,
                                    owner.tenant,
                                    rate,
                                    case_.window.start_of_month(case_.window.day_at(piece.start)));
                }
            }
            for (const auto& [meter, group] : now) {
                const auto earlier = before.find(meter);
                if (earlier == before.end() || earlier->second != group) {
                    lines_[group].push_back({&stretch, {}});
                }
                lines_[group].back().pieces.push_back(piece);
            }
            if (now.empty() && is_shown(piece) && passes(facts)) {
                unrated_ += piece.end - piece.start;
            }
            before = std::move(now);
        }
    }

    [[nodiscard]] bool is_shown(const Piece& piece) const {
        return asked_.from <= piece.start && piece.end <= asked_.to;
    }

    [[nodiscard]] bool passes(const Facts& facts) const {
        return std::all_of(
            asked_.filters.begin(), asked_.filters.end(), [&facts](const auto& filter) {
                return facts.at(filter.first) == filter.second;
            });
    }

    void price(const Group& group, std::vector<Line>& lines) {
        const Rate& rate = case_.rates[std::get<1>(group)];
        const Micros month_start = std::get<2>(group);
        const Month month{month_start, case_.window.end_of_month(case_.window.day_at(month_start))};
        std::sort(lines.begin(), lines.end(), [](const Line& left, const Line& right) {
            return left.order() < right.order();
        });
        Fraction used = 0;
        Fraction paid = 0;
        for (const Line& line : lines) {
            const Micros start = line.stretch->start;
            Fraction counted = quantity(rate, start, line.pieces.front().start, month);
            for (const Piece& piece : line.pieces) {
                Sums sums;
                sums.usage = piece.end - piece.start;
                sums.billed = billed(rate, start, piece.end) - billed(rate, start, piece.start);
                const Fraction counted_after = quantity(rate, start, piece.end, month);
                used += counted_after - counted;
                counted = counted_after;
                const Fraction until = cost_until(rate, used);
                sums.cost = until - paid;
                paid = until;
                const bool is_last = &line == &lines.back() && &piece == &line.pieces.back();
                if (is_last && rate.minimum_spend.has_value()) {
                    sums.cost += std::max(Fraction(0), rate.minimum_spend->value() - paid);
                }
                if (is_shown(piece) && passes(facts_of(*line.stretch, std::get<0>(group)))) {
                    add(group, *line.stretch, piece, sums);
                }
            }
        }
    }

    void add(const Group& group, const Stretch& stretch, const Piece& piece, const Sums& sums) {
        const Rate& rate = case_.rates[std::get<1>(group)];
        const DayNumber day = case_.window.day_at(piece.start);
        Facts facts = facts_of(stretch, std::get<0>(group));
        facts["meter"] = rate.meter;
        facts["rate"] = rate.id;
        facts["day"] = date_text(day);
        facts["month"] = month_text(day);
        std::vector<std::string> keys;
        for (const std::string& key : asked_.group_by) {
            keys.push_back(facts.at(key));
        }
        Sums& line = report_[keys];
        line.usage += sums.usage;
        line.billed += sums.billed;
        line.cost += sums.cost;
    }

    [[nodiscard]] Answer printed() const {
        static const std::map<std::string, unsigned> minor_digits{
            {"EUR", 2}, {"JPY", 0}, {"KWD", 3}};
        Answer answer;
        Fraction total = 0;
        for (const auto& [keys, sums] : report_) {
            answer.lines.push_back(keys);
            answer.lines.back().push_back(seconds_text(sums.usage));
            answer.lines.back().push_back(seconds_text(sums.billed));
            answer.lines.back().push_back(plain(sums.cost));
            total += sums.cost;
        }
        answer.unrated_seconds = seconds_text(unrated_);
        answer.total = plain(total);
        answer.total_rounded = plain(half_away_from_zero(total, minor_digits.at(case_.currency)));
        return answer;
    }

    const Case& case_;
    const Question& asked_;
    std::map<Group, std::vector<Line>> lines_;
    std::map<std::vector<std::string>, Sums> report_;
    Micros unrated_ = 0;
};

}  // namespace

Answer answer(const Case& priced) {
    return Report(priced).make();
}

}  // namespace dcm::reference
