#include "reference_random.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

namespace dcm::reference {
namespace {

constexpr std::int64_t kWindowDays = 70;

class Maker {
public:
    explicit Maker(std::uint64_t seed) : chance_(seed) {}

    Case make() {
        Case made;
        window_ = &windows()[static_cast<std::size_t>(
            chance_.below(static_cast<std::int64_t>(windows().size())))];
        made.window = *window_;
        made.currency = chance_.one_of({"EUR", "EUR", "JPY", "KWD"});
        for (std::int64_t i = chance_.below(2) + chance_.below(5); i > 0; --i) {
            made.rates.push_back(rate("r" + std::to_string(i)));
        }
        for (std::int64_t i = chance_.below(3); i > 0; --i) {
            made.files.push_back(file());
        }
        made.events = events();
        made.question = question();
        return made;
    }

private:
    Micros moment() {
        const Micros hours = window_->start() + chance_.below(24 * kWindowDays) * kHour;
        return hours + (chance_.one_in(3) ? chance_.below(3 * kSecond) : 0);
    }

    // At the first instants of days oddities show.
    Bound bound() {
        if (chance_.one_in(2)) {
            const Micros at = moment();
            return {time_text(at), at};
        }
        const DayNumber day = window_->day_at(moment());
        return {date_text(day), window_->start_of(day)};
    }
    Micros edge() { return chance_.one_in(2) ? moment() : bound().at; }

    void add_validity(std::optional<Bound>& from, std::optional<Bound>& to) {
        if (chance_.one_in(2)) {
            from = bound();
        }
        if (chance_.one_in(2)) {
            to = bound();
        }
        if (from.has_value() && to.has_value() && to->at <= from->at) {
            std::swap(from, to);
        }
        if (from.has_value() && to.has_value() && to->at == from->at) {
            to.reset();
        }
    }

    Length length(std::int64_t seconds_max) {
        const std::vector<Length> plain{{"1s", kSecond},
                                        {"1m", 60 * kSecond},
                                        {"60s", 60 * kSecond},
                                        {"7m", 420 * kSecond},
                                        {"5ms", 5'000},
                                        {"1h", kHour},
                                        {"1d", kDay}};
        if (chance_.one_in(2)) {
            return plain[static_cast<std::size_t>(
                chance_.below(static_cast<std::int64_t>(plain.size())))];
        }
        const Micros micros = 1 + chance_.below(seconds_max * kSecond);
        return {std::to_string(micros) + "us", micros};
    }

    std::map<std::string, Patterns> match() {
        std::map<std::string, Patterns> match;
        if (chance_.one_in(3)) {
            match["service_type"] = {chance_.one_of({"vm", "vm", "network", "*", "v*"})};
        }
        if (chance_.one_in(3)) {
            match["state"] = {chance_.one_of({"RUNNING", "STOPPED", "ACTIVE", "*"}),
                              chance_.one_of({"RUNNING", "PAUSED"})};
        }
        if (chance_.one_in(4)) {
            match["provider"] = {chance_.one_of({"kubevirt", "kube*", "*virt", "other", "o*e*r"})};
        }
        if (chance_.one_in(6)) {
            match["instance"] = {chance_.one_of({"a", "a*", "b"})};
        }
        if (chance_.one_in(4)) {
            match["tenant"] = {chance_.one_of({"acme", "unassigned", "umbrella", "*a*"})};
        }
        return match;
    }

    Rate rate(std::string id) {
        Rate rate;
        rate.id = std::move(id);
        rate.meter = chance_.one_of({"compute", "compute", "storage", "support"});
        rate.match = match();
        if (chance_.one_in(5)) {
            rate.labels["flavor"] = {chance_.one_of({"small", "large", "*"})};
        }
        if (chance_.one_in(3)) {
            add_validity(rate.valid_from, rate.valid_to);
        }
        if (chance_.one_in(2)) {
            rate.price = chance_.amount(9);
            if (chance_.one_in(6)) {
                rate.allow_negative = true;
                rate.price = Amount(rate.price->value() == 0 ? "-1" : '-' + rate.price->text());
            }
        } else {
            rate.tiers = random_tiers(chance_, chance_.one_of({"graduated", "volume", "package"}));
        }
        rate.unit = chance_.one_of({"second", "minute", "hour", "day", "month"});
        add_terms(rate);
        return rate;
    }

    void add_terms(Rate& rate) {
        if (chance_.one_in(3)) {
            rate.granularity = length(4'000);
        }
        if (chance_.one_in(3)) {
            rate.minimum = length(90'000);
        }
        if (chance_.one_in(4)) {
            rate.free = chance_.amount(40);
        }
        if (chance_.one_in(4)) {
            rate.discount_percent = Amount(chance_.one_of({"0", "12.5", "33.333333", "100"}));
        }
        if (chance_.one_in(5)) {
            rate.minimum_spend = chance_.amount(300);
        }
        if (chance_.one_in(5)) {
            rate.maximum_spend = chance_.amount(500);
            if (rate.minimum_spend.has_value() &&
                rate.maximum_spend->value() < rate.minimum_spend->value()) {
                std::swap(rate.minimum_spend, rate.maximum_spend);
            }
        }
    }

    std::vector<Resource> file() {
        std::vector<Resource> entries;
        for (std::int64_t i = chance_.below(5); i > 0; --i) {
            Resource entry;
            entry.service_type = chance_.one_of({"vm", "vm", "network"});
            entry.instance = chance_.one_of({"a", "b"});
            entry.tenant = chance_.one_of({"acme", "umbrella", ""});
            entry.flavor = chance_.one_of({"small", "large", ""});
            add_validity(entry.valid_from, entry.valid_to);
            entries.push_back(std::move(entry));
        }
        return entries;
    }

    std::vector<Event> events() {
        std::vector<Event> events;
        for (const std::string instance : {"a", "b", "ab"}) {
            add_events(events, {"vm", instance, "", "", 0});
        }
        add_events(events, {"network", "a", "", "", 0});
        return events;
    }

    void add_events(std::vector<Event>& events, Event event) {
        std::set<Micros> taken;
        Micros near = moment();
        for (std::int64_t i = chance_.below(6); i > 0; --i) {
            event.at = chance_.one_in(2) ? near : edge();
            near += 1 + chance_.below(7) * chance_.below(400 * kSecond);
            event.provider = chance_.one_in(4) ? "other" : "kubevirt";
            event.status = event.service_type == "network"
                               ? chance_.one_of({"ACTIVE", "ACTIVE", "FAILED"})
                               : chance_.one_of({"RUNNING",
                                                 "RUNNING",
                                                 "RUNNING",
                                                 "STOPPED",
                                                 "STOPPED",
                                                 "PAUSED",
                                                 "ERROR",
                                                 "UNKNOWN",
                                                 "PROVISIONING"});
            if (chance_.one_in(20)) {
                event.status = "DELETED";
            }
            if (taken.insert(event.at).second) {
                events.push_back(event);
            }
        }
    }

    Question question() {
        Question question;
        question.from = edge();
        question.to = edge();
        if (chance_.one_in(2)) {
            const DayNumber day = window_->day_at(question.from);
            question.from = window_->start_of_month(day);
            question.to = window_->end_of_month(day);
        } else if (question.to < question.from) {
            std::swap(question.from, question.to);
        }
        question.as_of = chance_.one_in(3) ? edge() : window_->start() + (kWindowDays + 5) * kDay;
        std::vector<std::string> keys{"tenant",
                                      "provider",
                                      "service_type",
                                      "instance",
                                      "meter",
                                      "rate",
                                      "state",
                                      "day",
                                      "month"};
        for (std::int64_t i = chance_.below(5); i > 0; --i) {
            const auto key = keys.begin() + chance_.below(static_cast<std::int64_t>(keys.size()));
            question.group_by.push_back(*key);
            keys.erase(key);
        }
        if (chance_.one_in(5)) {
            const std::vector<std::pair<std::string, std::string>> filters{
                {"service_type", "vm"},
                {"state", "RUNNING"},
                {"instance", "a"},
                {"provider", "kubevirt"},
                {"tenant", "acme"},
                {"tenant", "unassigned"}};
            question.filters.insert(filters[static_cast<std::size_t>(
                chance_.below(static_cast<std::int64_t>(filters.size())))]);
        }
        return question;
    }

    Chance chance_;
    const Window* window_ = nullptr;
};

}  // namespace

Case random_case(std::uint64_t seed) {
    return Maker(seed).make();
}

std::uint64_t seed_of_run() {
    const char* const text = std::getenv("DCM_SEED");  // NOLINT(concurrency-mt-unsafe): no thread
    return text == nullptr ? std::random_device()() : std::stoull(text);
}

// splitmix64: neighbouring seeds give unrelated numbers.
std::uint64_t Chance::next() {
    state_ += 0x9E37'79B9'7F4A'7C15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58'476D'1CE4'E5B9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D0'49BB'1331'11EB;
    return mixed ^ (mixed >> 31U);
}

std::int64_t Chance::below(std::int64_t limit) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
}

std::string Chance::one_of(const std::vector<std::string>& words) {
    return words[static_cast<std::size_t>(below(static_cast<std::int64_t>(words.size())))];
}

Amount Chance::amount(std::int64_t limit) {
    std::string text = std::to_string(below(limit));
    if (one_in(2)) {
        std::string digits = std::to_string(below(one_in(2) ? 100 : 1'000'000'000'000));
        text += '.' + digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    }
    return Amount(text);
}

Amount Chance::positive(std::int64_t limit) {
    const Amount amount = this->amount(limit);
    return amount.value() == 0 ? Amount("0.000000000001") : amount;
}

std::vector<Micros> random_cuts(Chance& chance, const CutChoice& choice) {
    std::vector<Micros> cuts{choice.from, choice.to};
    for (std::int64_t i = chance.below(choice.between_max + 1); i > 0; --i) {
        cuts.push_back(choice.from + chance.below(std::max<Micros>(1, choice.to - choice.from)));
    }
    std::sort(cuts.begin(), cuts.end());
    return cuts;
}

Tiers random_tiers(Chance& chance, const std::string& mode) {
    Tiers tiers;
    tiers.mode = mode;
    tiers.size = chance.positive(20);
    tiers.price = chance.amount(9);
    Fraction up_to = 0;
    for (std::int64_t left = chance.below(4); left > 0; --left) {
        up_to += chance.positive(50).value();
        tiers.steps.push_back({Amount(plain(up_to)), chance.amount(5), std::nullopt});
    }
    tiers.steps.push_back({std::nullopt, chance.amount(5), std::nullopt});
    for (Step& step : tiers.steps) {
        if (chance.one_in(2)) {
            step.flat = chance.amount(9);
        }
    }
    return tiers;
}

}  // namespace dcm::reference
