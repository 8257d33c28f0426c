#include "rules/lifecycle.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace dcm::rules {
namespace {

using Words = std::initializer_list<std::string_view>;
using Aliases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// The columns of domain.md's table.
struct StandardRow {
    // Charged as themselves.
    Words charge;
    Words hold;
    Words none;
    Aliases aliases;
};

void add_policies(PolicyByStatus& policies, PolicyKind kind, Words statuses) {
    for (const std::string_view status : statuses) {
        policies[std::string(status)] =
            Policy{kind, kind == PolicyKind::charge ? std::string(status) : std::string()};
    }
}

ServiceLifecycle make_service(const StandardRow& row) {
    ServiceLifecycle service;
    add_policies(service.policies, PolicyKind::charge, row.charge);
    add_policies(service.policies, PolicyKind::hold, row.hold);
    add_policies(service.policies, PolicyKind::none, row.none);
    add_policies(service.policies, PolicyKind::end, {"DELETED"});
    for (const auto& [word, status] : row.aliases) {
        service.aliases.emplace(word, status);
    }
    return service;
}

bool knows(const ServiceLifecycle& service, std::string_view word) {
    return service.policies.contains(word) || service.aliases.contains(word);
}

// Of a type without a lifecycle: the words that it takes from all others, charged by none.
ServiceLifecycle uncharged(const Lifecycle& lifecycle) {
    ServiceLifecycle service;
    for (const auto& [type, each] : lifecycle.services) {
        for (const auto& [status, policy] : each.policies) {
            service.policies.emplace(status, Policy{});
        }
        for (const auto& [word, status] : each.aliases) {
            service.policies.emplace(word, Policy{});
        }
    }
    return service;
}

void add_status(ServiceLifecycle& service,
                const ServiceLifecycle& other,
                const std::string& status) {
    service.policies.emplace(status, other.policies.at(status));
    for (const auto& [provider, policies] : other.providers) {
        const auto own = policies.find(status);
        if (own != policies.end()) {
            service.providers[provider].emplace(status, own->second);
        }
    }
}

void add_words(ServiceLifecycle& service, const ServiceLifecycle& other) {
    const ServiceLifecycle before = service;
    for (const auto& [status, policy] : other.policies) {
        if (!knows(before, status)) {
            add_status(service, other, status);
        }
    }
    for (const auto& [word, status] : other.aliases) {
        if (!knows(before, word)) {
            const auto known = before.aliases.find(status);
            service.aliases.emplace(word, known == before.aliases.end() ? status : known->second);
        }
    }
}

std::string_view kind_name(PolicyKind kind) {
    switch (kind) {
        case PolicyKind::charge:
            return "charge";
        case PolicyKind::hold:
            return "hold";
        case PolicyKind::none:
            return "none";
        case PolicyKind::end:
            return "end";
    }
    return {};
}

// Words are preceded by their length, so that no choice of words makes two meanings one text.
void append_line(std::string& text, std::string_view what, Words words) {
    text += what;
    for (const std::string_view word : words) {
        text += ' ';
        text += std::to_string(word.size());
        text += ':';
        text += word;
    }
    text += '\n';
}

void append_policies(std::string& text, std::string_view what, const PolicyByStatus& policies) {
    for (const auto& [status, policy] : policies) {
        append_line(text, what, {status, kind_name(policy.kind), policy.state});
    }
}

}  // namespace

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of subject and word.
std::optional<std::string_view> Lifecycle::status_of(std::string_view service_type,
                                                     std::string_view word) const {
    const auto service = services.find(service_type);
    if (service == services.end()) {
        const bool known = std::any_of(services.begin(), services.end(), [word](const auto& each) {
            return knows(each.second, word);
        });
        return known ? std::optional(word) : std::nullopt;
    }
    const auto policy = service->second.policies.find(word);
    if (policy != service->second.policies.end()) {
        return policy->first;
    }
    const auto alias = service->second.aliases.find(word);
    if (alias != service->second.aliases.end()) {
        return alias->second;
    }
    return std::nullopt;
}

bool Lifecycle::knows_words_of(const Lifecycle& other) const {
    const auto knows_all = [this](std::string_view type, const ServiceLifecycle& words) {
        const auto is_known = [&](const auto& word) {
            return status_of(type, word.first).has_value();
        };
        return std::all_of(words.policies.begin(), words.policies.end(), is_known) &&
               std::all_of(words.aliases.begin(), words.aliases.end(), is_known);
    };
    const auto is_known_here = [&](const auto& service) {
        return knows_all(service.first, service.second);
    };
    // A type that had no lifecycle took the words of all others.
    const auto takes_all = [&](const auto& service) {
        return other.services.contains(service.first) ||
               std::all_of(other.services.begin(), other.services.end(), [&](const auto& each) {
                   return knows_all(service.first, each.second);
               });
    };
    return std::all_of(other.services.begin(), other.services.end(), is_known_here) &&
           std::all_of(services.begin(), services.end(), takes_all);
}

void Lifecycle::add_words_of(const Lifecycle& other) {
    const ServiceLifecycle unnamed = uncharged(*this);
    for (const auto& [type, service] : other.services) {
        add_words(services.try_emplace(type, unnamed).first->second, service);
    }
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): from the general to the special.
Policy Lifecycle::policy_of(std::string_view service_type,
                            std::string_view provider,
                            std::string_view status) const {
    const auto service = services.find(service_type);
    if (service == services.end()) {
        return {};
    }
    const auto own = service->second.providers.find(provider);
    if (own != service->second.providers.end()) {
        const auto policy = own->second.find(status);
        if (policy != own->second.end()) {
            return policy->second;
        }
    }
    const auto policy = service->second.policies.find(status);
    return policy == service->second.policies.end() ? Policy{} : policy->second;
}

std::string_view Lifecycle::provider_of(std::string_view source) const {
    const auto named = provider_names.find(source);
    if (named != provider_names.end()) {
        return named->second;
    }
    constexpr std::string_view prefix = "dcm/providers/";
    const std::string_view path = source.substr(source.starts_with('/') ? 1 : 0);
    if (!path.starts_with(prefix)) {
        return source;
    }
    const std::string_view name = path.substr(prefix.size());
    const bool one_segment = !name.empty() && name.find('/') == std::string_view::npos;
    return one_segment ? name : source;
}

std::string Lifecycle::canonical_text() const {
    std::string text;
    for (const auto& [type, service] : services) {
        append_line(text, "service", {type});
        append_policies(text, "policy", service.policies);
        for (const auto& [word, status] : service.aliases) {
            append_line(text, "alias", {word, status});
        }
        for (const auto& [provider, policies] : service.providers) {
            append_line(text, "provider", {provider});
            append_policies(text, "provider-policy", policies);
        }
    }
    for (const auto& [source, provider] : provider_names) {
        append_line(text, "source", {source, provider});
    }
    return text;
}

Lifecycle standard_lifecycle() {
    Lifecycle lifecycle;
    auto& services = lifecycle.services;
    services["vm"] = make_service({.charge = {"RUNNING", "STOPPED", "PAUSED"},
                                   .hold = {"PROVISIONING", "STOPPING", "UNKNOWN"},
                                   .none = {"ERROR", "DELETING"},
                                   .aliases = {{"FAILED", "ERROR"},
                                               {"PENDING", "PROVISIONING"},
                                               {"SCHEDULING", "PROVISIONING"},
                                               {"SCHEDULED", "PROVISIONING"},
                                               {"SUCCEEDED", "STOPPED"}}});
    services["container"] = make_service({.charge = {"RUNNING"},
                                          .hold = {"PENDING", "UNKNOWN"},
                                          .none = {"SUCCEEDED", "FAILED"},
                                          .aliases = {{"ERROR", "FAILED"}}});
    services["cluster"] = make_service({.charge = {"ACTIVE"},
                                        .hold = {"CREATING"},
                                        .none = {"FAILED", "UNAVAILABLE", "DELETING"},
                                        .aliases = {{"READY", "ACTIVE"},
                                                    {"PENDING", "CREATING"},
                                                    {"PROVISIONING", "CREATING"},
                                                    {"PROGRESSING", "CREATING"},
                                                    {"ERROR", "FAILED"}}});
    // A cluster at work on itself still serves: it is charged as an active one.
    services["cluster"].policies["UPDATING"] = Policy{PolicyKind::charge, "ACTIVE"};
    services["cluster"].policies["DEGRADED"] = Policy{PolicyKind::charge, "ACTIVE"};
    services["storage"] = make_service({.charge = {"RUNNING"},
                                        .hold = {"PROVISIONING"},
                                        .none = {"FAILED", "DELETING"},
                                        .aliases = {{"ERROR", "FAILED"}}});
    services["network"] = make_service({.charge = {"ACTIVE"},
                                        .hold = {"PENDING"},
                                        .none = {"FAILED", "DELETING"},
                                        .aliases = {{"READY", "ACTIVE"}, {"ERROR", "FAILED"}}});
    services["database"] = make_service({.charge = {"RUNNING"},
                                         .hold = {"PENDING", "UNKNOWN"},
                                         .none = {"FAILED", "DELETING"},
                                         .aliases = {{"ERROR", "FAILED"}}});
    services["cost"] = make_service({.charge = {},
                                     .hold = {},
                                     .none = {"READY", "PROVISIONING", "FAILED"},
                                     .aliases = {{"ERROR", "FAILED"}}});
    return lifecycle;
}

}  // namespace dcm::rules
