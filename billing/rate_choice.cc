#include "billing/rate_choice.h"

#include <algorithm>
#include <map>

namespace dcm::billing {
namespace {

// A provider may be any text, so the number of remembered combinations has a limit.
constexpr std::size_t kKnownMax = 65'536;

bool matches_labels(const rules::Match& match, const rules::Labels& labels) {
    return std::all_of(match.labels.begin(), match.labels.end(), [&](const auto& wanted) {
        const auto found = labels.find(wanted.first);
        return found != labels.end() && rules::matches_any(wanted.second, found->second);
    });
}

bool is_valid_at(const rules::Rate& rate, Instant at) {
    return (!rate.valid_from.has_value() || *rate.valid_from <= at) &&
           (!rate.valid_to.has_value() || at < *rate.valid_to);
}

void add_cut(std::vector<Instant>& cuts, const std::optional<Instant>& at, Period during) {
    if (at.has_value() && during.start < *at && *at < during.end) {
        cuts.push_back(*at);
    }
}

}  // namespace

RateChooser::RateChooser(const rules::RuleBook& book) : book_(book) {
    std::map<std::string_view, std::size_t> meters;
    for (std::size_t i = 0; i < book.rates.size(); ++i) {
        const auto meter = meters.emplace(book.rates[i].meter, meters.size()).first;
        rates_by_meter_.resize(meters.size());
        rates_by_meter_[meter->second].push_back(i);
    }
    latest_.resize(rates_by_meter_.size());
}

void RateChooser::begin_instance(const InstanceKey& key, Period during) {
    instance_ = key;
    owners_ = book_.resources.ownership(key.service_type, key.instance, during);
}

const RateChoice& RateChooser::choose(const Interval& interval, Period during) {
    choice_.rated.clear();
    choice_.unrated.clear();
    std::fill(latest_.begin(), latest_.end(), 0);
    const std::vector<MeterRates>& meters = candidates(interval);
    find_cuts(meters, during);
    std::size_t owner = 0;
    for (std::size_t i = 0; i + 1 < cuts_.size(); ++i) {
        const Period part{cuts_[i], cuts_[i + 1]};
        while (owner + 1 < owners_.size() && owners_[owner].during.end <= part.start) {
            ++owner;
        }
        const std::string_view tenant = tenants_.keep(owners_[owner].tenant);
        bool charged = false;
        for (std::size_t meter = 0; meter < meters.size(); ++meter) {
            const std::size_t rate = winner(meters[meter], owners_[owner], part.start);
            if (rate < book_.rates.size()) {
                add_rated(meter, {part, tenant, rate});
                charged = true;
            }
        }
        if (!charged) {
            add_unrated({part, tenant});
        }
    }
    return choice_;
}

const std::vector<RateChooser::MeterRates>& RateChooser::candidates(const Interval& interval) {
    // No part holds a NUL: domain.md forbids it in types, statuses and sources.
    key_.assign(instance_.service_type).push_back('\0');
    key_.append(interval.state).push_back('\0');
    key_.append(interval.provider);
    const auto found = known_.find(key_);
    if (found != known_.end()) {
        return found->second;
    }
    if (known_.size() >= kKnownMax) {
        known_.clear();
    }
    std::vector<MeterRates> meters(rates_by_meter_.size());
    for (std::size_t meter = 0; meter < meters.size(); ++meter) {
        for (const std::size_t rate : rates_by_meter_[meter]) {
            const rules::Match& match = book_.rates[rate].match;
            if (rules::matches_any(match.service_type, instance_.service_type) &&
                rules::matches_any(match.state, interval.state) &&
                rules::matches_any(match.provider, interval.provider)) {
                meters[meter].push_back(rate);
            }
        }
    }
    return known_.emplace(key_, std::move(meters)).first->second;
}

void RateChooser::find_cuts(const std::vector<MeterRates>& meters, Period during) {
    cuts_.assign({during.start, during.end});
    for (const rules::Ownership& owner : owners_) {
        add_cut(cuts_, owner.during.start, during);
    }
    for (const MeterRates& rates : meters) {
        for (const std::size_t rate : rates) {
            add_cut(cuts_, book_.rates[rate].valid_from, during);
            add_cut(cuts_, book_.rates[rate].valid_to, during);
        }
    }
    if (cuts_.size() > 2) {
        std::sort(cuts_.begin(), cuts_.end());
        cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
    }
}

std::size_t RateChooser::winner(const MeterRates& rates,
                                const rules::Ownership& owner,
                                Instant at) const {
    for (const std::size_t rate : rates) {
        const rules::Match& match = book_.rates[rate].match;
        if (is_valid_at(book_.rates[rate], at) &&
            rules::matches_any(match.instance, instance_.instance) &&
            rules::matches_any(match.tenant, owner.tenant) && matches_labels(match, owner.labels)) {
            return rate;
        }
    }
    return book_.rates.size();
}

void RateChooser::add_rated(std::size_t meter, const RatedStretch& stretch) {
    if (latest_[meter] > 0) {
        RatedStretch& before = choice_.rated[latest_[meter] - 1];
        if (before.during.end == stretch.during.start && before.rate == stretch.rate &&
            before.tenant == stretch.tenant) {
            before.during.end = stretch.during.end;
            return;
        }
    }
    choice_.rated.push_back(stretch);
    latest_[meter] = choice_.rated.size();
}

void RateChooser::add_unrated(const UnratedStretch& stretch) {
    if (!choice_.unrated.empty() && choice_.unrated.back().tenant == stretch.tenant &&
        choice_.unrated.back().during.end == stretch.during.start) {
        choice_.unrated.back().during.end = stretch.during.end;
        return;
    }
    choice_.unrated.push_back(stretch);
}

}  // namespace dcm::billing
