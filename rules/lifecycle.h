#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::rules {

// What a status does to the timeline of an instance (domain.md section 2).
enum class PolicyKind { charge, hold, none, end };

struct Policy {
    PolicyKind kind = PolicyKind::none;
    // The state charged; empty unless kind is charge.
    std::string state;

    bool operator==(const Policy&) const = default;
};

using PolicyByStatus = std::map<std::string, Policy, std::less<>>;

// The statuses of one service type.
struct ServiceLifecycle {
    PolicyByStatus policies;
    // Word → status.
    std::map<std::string, std::string, std::less<>> aliases;
    // Provider name → statuses that mean something else there.
    std::map<std::string, PolicyByStatus, std::less<>> providers;

    bool operator==(const ServiceLifecycle&) const = default;
};

// Which words exist, what each does, and how sources are named. A value: the same book gives the
// same Lifecycle, and its canonical_text() is what the database remembers (hashed) as the lifecycle
// its projection was made with.
struct Lifecycle {
    std::map<std::string, ServiceLifecycle, std::less<>> services;
    // Source → provider name, before domain.md's own rule.
    std::map<std::string, std::string, std::less<>> provider_names;

    bool operator==(const Lifecycle&) const = default;

    // The status of a trimmed, upper-cased word: aliases resolved; nullopt when it is no word of
    // this service type. A type without a lifecycle takes every word that some lifecycle knows
    // (status or alias) and keeps it. The view lives as long as this and `word`.
    [[nodiscard]] std::optional<std::string_view> status_of(std::string_view service_type,
                                                            std::string_view word) const;

    // Whether every word that `other` takes is one here too.
    [[nodiscard]] bool knows_words_of(const Lifecycle& other) const;

    // Takes each word of a service type that is none here from `other`, with what it does there. A
    // word that is one here keeps its meaning: also as what an added alias stands for, and in a
    // type that had no lifecycle, where it is not charged.
    void add_words_of(const Lifecycle& other);

    // What a status does for an instance whose event came from `provider`. Unknown type: none.
    [[nodiscard]] Policy policy_of(std::string_view service_type,
                                   std::string_view provider,
                                   std::string_view status) const;

    // The book's name for the source, else the last segment of `[/]dcm/providers/<name>`, else the
    // whole source. The view lives as long as this and `source`.
    [[nodiscard]] std::string_view provider_of(std::string_view source) const;

    // One text per meaning, for digests: sorted, complete.
    [[nodiscard]] std::string canonical_text() const;
};

// domain.md section 2's table.
[[nodiscard]] Lifecycle standard_lifecycle();

// The status whose hold makes an interval doubtful.
inline constexpr std::string_view kUnknownStatus = "UNKNOWN";

}  // namespace dcm::rules
