#include "rules/parse_lifecycle.h"

#include "base/nearest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::array<std::string_view, 1> kChargeKeys{"charge"};
constexpr std::string_view kAliases = "aliases";
constexpr std::string_view kProviders = "providers";

// Messages are routed by it: domain.md section 1, rule 5.
bool is_service_type(std::string_view name) {
    constexpr std::size_t bytes_max = 63;
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view later = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    return !name.empty() && name.size() <= bytes_max &&
           first.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of(later) == std::string_view::npos;
}

// A word as it is compared: a publisher's is trimmed and upper-cased first, so any other never
// matches.
bool is_word(std::string_view word) {
    constexpr std::string_view blanks = " \t\n\v\f\r";
    const bool has_lower =
        std::any_of(word.begin(), word.end(), [](char c) { return 'a' <= c && c <= 'z'; });
    return !word.empty() && !has_lower && blanks.find(word.front()) == std::string_view::npos &&
           blanks.find(word.back()) == std::string_view::npos;
}

// None when there are more than are worth comparing with every unknown word.
std::vector<std::string> known_words(const ServiceLifecycle& service) {
    constexpr std::size_t compared_max = 500;
    std::vector<std::string> words;
    if (service.policies.size() + service.aliases.size() > compared_max) {
        return words;
    }
    for (const auto& [status, policy] : service.policies) {
        words.push_back(status);
    }
    for (const auto& [word, status] : service.aliases) {
        words.push_back(word);
    }
    return words;
}

std::optional<Policy> read_policy(const YamlReader& reader, const YamlNode& node) {
    if (node.kind == YamlKind::map) {
        if (!reader.check_map(node, "a policy", kChargeKeys)) {
            return std::nullopt;
        }
        const YamlNode* const state = reader.require(node, "charge");
        const auto name = state == nullptr ? std::nullopt : reader.text(*state, "a state");
        return name ? std::optional(Policy{PolicyKind::charge, *name}) : std::nullopt;
    }
    if (node.text == "hold") {
        return Policy{PolicyKind::hold, {}};
    }
    if (node.text == "none") {
        return Policy{PolicyKind::none, {}};
    }
    if (node.text == "end") {
        return Policy{PolicyKind::end, {}};
    }
    reader.unexpected(node, "a policy: {charge: STATE}, hold, none or end");
    return std::nullopt;
}

// Reads the members of one service type.
class ServiceReader {
public:
    ServiceReader(const YamlReader& reader, ServiceLifecycle& service)
        : reader_(reader), service_(service) {}

    void read(const YamlNode& node) {
        for (const auto& member : reader_.members(node, "a map of statuses")) {
            const std::string& key = member.first->text;
            if (key != kAliases && key != kProviders) {
                read_entry(member);
            }
        }
        if (const YamlNode* const aliases = find_member(node, kAliases)) {
            read_aliases(*aliases);
        }
        if (const YamlNode* const providers = find_member(node, kProviders)) {
            for (const auto& [name, statuses] : reader_.members(*providers, "a map of providers")) {
                read_provider(name->text, *statuses);
            }
            spread_to_promoted();
        }
    }

private:
    void read_entry(const YamlNode::Member& member) {
        const YamlNode& key = *member.first;
        if (!is_word(key.text)) {
            reader_.problem(key,
                            "expected a status in upper case, aliases or providers, got " +
                                shown(key.text) + key_suggestion(key.text));
            return;
        }
        if (const auto policy = read_policy(reader_, *member.second)) {
            service_.policies[key.text] = *policy;
            service_.aliases.erase(key.text);
            own_entries_.insert(key.text);
        }
    }

    // For a key that is in lower case: one of the two that are, else a status.
    [[nodiscard]] std::string key_suggestion(const std::string& key) const {
        const std::vector<std::string> keys{std::string(kAliases), std::string(kProviders)};
        if (!nearest_word(key, keys).empty()) {
            return suggestion(key, std::span<const std::string>(keys));
        }
        std::string word = key;
        std::transform(word.begin(), word.end(), word.begin(), [](char c) {
            return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        const std::vector<std::string> known = known_words(service_);
        return suggestion(word, std::span<const std::string>(known));
    }

    void read_aliases(const YamlNode& node) {
        const auto members = reader_.members(node, "a map of aliases");
        for (const auto& [word, status] : members) {
            const auto target = reader_.text(*status, "the status it is an alias of");
            if (!is_word(word->text)) {
                reader_.unexpected(*word, "a word in upper case");
            } else if (target && !own_entries_.contains(word->text)) {
                service_.policies.erase(word->text);
                service_.aliases.insert_or_assign(word->text, *target);
            }
        }
        for (const auto& [word, status] : members) {
            check_alias(word->text, *status);
        }
        for (auto& [word, status] : service_.aliases) {
            status = end_of_chain(status);
        }
    }

    // The status at the end of a chain of aliases. Nothing stands at the end of one that is too
    // long, as is one in a circle.
    [[nodiscard]] std::string end_of_chain(const std::string& status) const {
        constexpr int steps_max = 8;
        std::string end = status;
        for (int step = 0; step < steps_max; ++step) {
            const auto next = service_.aliases.find(end);
            if (next == service_.aliases.end()) {
                break;
            }
            end = next->second;
        }
        return end;
    }

    void check_alias(const std::string& word, const YamlNode& status) {
        if (status.kind != YamlKind::scalar || !service_.aliases.contains(word) ||
            service_.policies.contains(end_of_chain(status.text))) {
            return;
        }
        if (service_.aliases.contains(status.text)) {
            reader_.unexpected(status, "a status, or an alias of one in a few steps");
        } else {
            unknown_status(status, status.text);
        }
    }

    void unknown_status(const YamlNode& at, const std::string& word) {
        const std::vector<std::string> known = known_words(service_);
        reader_.problem(at,
                        "expected a status of this service type, got " + shown(word) +
                            suggestion(word, std::span<const std::string>(known)));
    }

    void read_provider(const std::string& provider, const YamlNode& statuses) {
        for (const auto& [key, value] : reader_.members(statuses, "a map of statuses")) {
            const auto policy = read_policy(reader_, *value);
            if (service_.aliases.contains(key->text)) {
                promote(key->text);
            }
            if (!service_.policies.contains(key->text)) {
                unknown_status(*key, key->text);
            } else if (policy) {
                service_.providers[provider][key->text] = *policy;
            }
        }
    }

    // Makes an alias a status that means the same, so that one provider can mean something else.
    void promote(const std::string& word) {
        const std::string status = service_.aliases[word];
        service_.aliases.erase(word);
        service_.policies[word] = service_.policies[status];
        promoted_[word] = status;
    }

    // What a provider means by a status, it means by the words that were its aliases as well.
    void spread_to_promoted() {
        for (auto& [provider, policies] : service_.providers) {
            for (const auto& [word, status] : promoted_) {
                const auto own = policies.find(status);
                if (own != policies.end()) {
                    policies.emplace(word, own->second);
                }
            }
        }
    }

    const YamlReader& reader_;
    ServiceLifecycle& service_;
    std::set<std::string, std::less<>> own_entries_;
    // Former alias → the status it was one of.
    std::map<std::string, std::string, std::less<>> promoted_;
};

}  // namespace

void read_lifecycle(const YamlReader& reader,
                    const YamlNode& node,
                    Lifecycle& lifecycle,
                    std::set<std::string, std::less<>>& changed) {
    for (const auto& [type, statuses] : reader.members(node, "a map of service types")) {
        if (!is_service_type(type->text)) {
            reader.unexpected(*type, "a service type: [a-z0-9][a-z0-9_-]{0,62}");
        } else if (!changed.insert(type->text).second) {
            reader.unexpected(*type, "each service type in one file of the book");
        } else {
            ServiceReader(reader, lifecycle.services[type->text]).read(*statuses);
        }
    }
}

}  // namespace dcm::rules
