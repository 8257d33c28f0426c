#include "billing/rate_reasons.h"

#include <algorithm>
#include <string_view>

namespace dcm::billing {
namespace {

// `a`, `a or b`, `a, b or c`
std::string any_of(const rules::Patterns& patterns) {
    std::string text;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (i > 0) {
            text += i + 1 == patterns.size() ? " or " : ", ";
        }
        text += patterns[i];
    }
    return text;
}

// One member of `match`, and what it is compared with.
struct Compared {
    std::string_view name;
    const rules::Patterns& wanted;
    std::string_view found;
};

void add_label_mismatches(const rules::Match& match,
                          const rules::Labels& labels,
                          std::vector<Mismatch>& found) {
    for (const auto& [name, wanted] : match.labels) {
        const auto label = labels.find(name);
        const std::string member = "match.labels." + name;
        if (label == labels.end()) {
            found.push_back({member, "there is no label " + name});
        } else if (!rules::matches_any(wanted, label->second)) {
            found.push_back(
                {member, "label " + name + " is " + label->second + ", not " + any_of(wanted)});
        }
    }
}

}  // namespace

std::vector<Mismatch> mismatches(const rules::Rate& rate, const RateQuestion& question) {
    std::vector<Mismatch> found;
    const rules::Match& match = rate.match;
    for (const Compared& compared :
         {Compared{"service_type", match.service_type, question.key.service_type},
          Compared{"state", match.state, question.interval.state},
          Compared{"provider", match.provider, question.interval.provider},
          Compared{"instance", match.instance, question.key.instance},
          Compared{"tenant", match.tenant, question.owner.tenant}}) {
        if (!rules::matches_any(compared.wanted, compared.found)) {
            const std::string name(compared.name);
            found.push_back(
                {"match." + name,
                 name + " is " + std::string(compared.found) + ", not " + any_of(compared.wanted)});
        }
    }
    add_label_mismatches(match, question.owner.labels, found);
    if (rate.valid_from && question.at < *rate.valid_from) {
        found.push_back({"valid_from", "valid from " + format_rfc3339(*rate.valid_from) + " on"});
    }
    if (rate.valid_to && *rate.valid_to <= question.at) {
        found.push_back({"valid_to", "valid until " + format_rfc3339(*rate.valid_to)});
    }
    return found;
}

std::vector<MeterChoice> meter_choices(const rules::RuleBook& book, const RateQuestion& question) {
    std::vector<MeterChoice> choices;
    for (std::size_t i = 0; i < book.rates.size(); ++i) {
        const rules::Rate& rate = book.rates[i];
        auto choice = std::find_if(choices.begin(), choices.end(), [&rate](const auto& each) {
            return each.meter == rate.meter;
        });
        if (choice == choices.end()) {
            choice = choices.insert(choices.end(), {rate.meter, {}, std::nullopt});
        }
        if (choice->rate) {
            continue;
        }
        std::vector<Mismatch> against = mismatches(rate, question);
        if (against.empty()) {
            choice->rate = i;
        } else {
            choice->rejected.push_back({i, std::move(against)});
        }
    }
    return choices;
}

}  // namespace dcm::billing
