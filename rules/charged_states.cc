#include "rules/charged_states.h"

#include <algorithm>
#include <map>
#include <set>

namespace dcm::rules {
namespace {

void add_service(const std::string& type,
                 const ServiceLifecycle& service,
                 std::vector<ChargedState>& all) {
    std::set<std::string> everywhere;
    std::map<std::string, std::vector<std::string>> by_provider;
    for (const auto& [status, policy] : service.policies) {
        if (policy.kind == PolicyKind::charge) {
            everywhere.insert(policy.state);
        }
    }
    for (const std::string& state : everywhere) {
        by_provider[state];
    }
    for (const auto& [provider, policies] : service.providers) {
        for (const auto& [status, policy] : policies) {
            if (policy.kind == PolicyKind::charge && !everywhere.contains(policy.state)) {
                by_provider[policy.state].push_back(provider);
            }
        }
    }
    for (auto& [state, providers] : by_provider) {
        all.push_back({type, state, std::move(providers)});
    }
}

}  // namespace

std::vector<ChargedState> charged_states(const Lifecycle& lifecycle) {
    std::vector<ChargedState> all;
    for (const auto& [type, service] : lifecycle.services) {
        add_service(type, service, all);
    }
    return all;
}

bool can_match(const Match& match, const ChargedState& charged) {
    const auto is_matched = [&match](const std::string& provider) {
        return matches_any(match.provider, provider);
    };
    return matches_any(match.service_type, charged.service_type) &&
           matches_any(match.state, charged.state) &&
           (charged.providers.empty() ||
            std::any_of(charged.providers.begin(), charged.providers.end(), is_matched));
}

}  // namespace dcm::rules
