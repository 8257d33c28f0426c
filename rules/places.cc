#include "rules/places.h"

#include "rules/yaml_reader.h"

namespace dcm::rules {
namespace {

void add_policies(const BookFile& file,
                  const std::string& service_type,
                  const YamlNode& statuses,
                  BookPlaces& places) {
    for (const auto& [status, policy] : statuses.members) {
        if (const YamlNode* const state = find_member(*policy, "charge")) {
            places.charges.emplace(std::pair(service_type, state->text),
                                   Place{&file, state->offset});
        }
    }
}

// Of one word, or of a list of them.
std::vector<std::size_t> places_of_words(const YamlNode& words) {
    if (words.kind != YamlKind::list) {
        return {words.offset};
    }
    std::vector<std::size_t> places;
    for (const YamlNode* const word : words.items) {
        places.push_back(word->offset);
    }
    return places;
}

void add_match(const YamlNode& match, RatePlaces& places) {
    if (const YamlNode* const tenants = find_member(match, "tenant")) {
        places.tenants = places_of_words(*tenants);
    }
    if (const YamlNode* const labels = find_member(match, "labels")) {
        for (const auto& [name, words] : labels->members) {
            places.labels.emplace(name->text, LabelPlaces{name->offset, places_of_words(*words)});
        }
    }
}

}  // namespace

Place RatePlaces::of(std::string_view member) const {
    const auto found = members.find(member);
    return found == members.end() ? rate : Place{rate.file, found->second};
}

RatePlaces places_of_rate(const BookFile& file, const YamlNode& rate) {
    RatePlaces places{{&file, rate.offset}, {}, {}, {}, {}};
    for (const auto& [key, value] : rate.members) {
        places.members.emplace(key->text, value->offset);
    }
    if (const YamlNode* const match = find_member(rate, "match")) {
        add_match(*match, places);
    }
    const YamlNode* const tiers = find_member(rate, "tiers");
    const YamlNode* const steps = tiers == nullptr ? nullptr : find_member(*tiers, "steps");
    if (steps != nullptr) {
        for (const YamlNode* const step : steps->items) {
            places.steps.push_back(step->offset);
        }
    }
    return places;
}

void add_charges(const BookFile& file, const YamlNode& lifecycle, BookPlaces& places) {
    for (const auto& [type, statuses] : lifecycle.members) {
        add_policies(file, type->text, *statuses, places);
        if (const YamlNode* const providers = find_member(*statuses, "providers")) {
            for (const auto& [name, own] : providers->members) {
                add_policies(file, type->text, *own, places);
            }
        }
    }
}

}  // namespace dcm::rules
