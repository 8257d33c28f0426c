// A book's changes to the lifecycle are refused, or leave one in which every word has a status and
// every status a policy; and intervals do not depend on the order in which events came.
//
// Input: what stands under `lifecycle:` in a book.

#include "billing/intervals.h"
#include "rules/parse.h"
#include "tests/fuzz/check_problems.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

constexpr std::string_view kBook =
    "version: 1\n"
    "currency: EUR\n"
    "timezone: UTC\n"
    "issuer: Example Cloud\n"
    "rates: [{id: all, price: \"1\", unit: hour}]\n"
    "lifecycle:\n";

std::string book_with(std::string_view lifecycle) {
    std::string text(kBook);
    Input input(lifecycle);
    while (!input.empty()) {
        text.append("  ").append(input.line()).append("\n");
    }
    return text;
}

void check_service(const std::string& type,
                   const rules::ServiceLifecycle& service,
                   const rules::Lifecycle& lifecycle) {
    for (const auto& [status, policy] : service.policies) {
        DCM_CHECK(lifecycle.status_of(type, status) == status);
        DCM_CHECK(lifecycle.policy_of(type, "nobody", status) == policy);
        DCM_CHECK((policy.kind == rules::PolicyKind::charge) == !policy.state.empty());
    }
    for (const auto& [word, status] : service.aliases) {
        DCM_CHECK(lifecycle.status_of(type, word) == status);
        DCM_CHECK(service.policies.contains(status) && !service.policies.contains(word));
    }
    for (const auto& [provider, policies] : service.providers) {
        for (const auto& [status, policy] : policies) {
            DCM_CHECK(service.policies.contains(status));
            DCM_CHECK(lifecycle.policy_of(type, provider, status) == policy);
        }
    }
}

// One event of each status, some at the same time.
void check_order(const std::string& type,
                 const rules::ServiceLifecycle& service,
                 const rules::Lifecycle& lifecycle) {
    std::vector<billing::AcceptedEvent> events;
    for (const auto& [status, policy] : service.policies) {
        const auto number = static_cast<std::int64_t>(events.size());
        events.push_back({{Instant{number / 2}, 0, number}, "podman", status});
    }
    const billing::Timeline forth = billing::derive_intervals(events, type, lifecycle);
    std::reverse(events.begin(), events.end());
    DCM_CHECK(billing::derive_intervals(events, type, lifecycle) == forth);
    for (const billing::Interval& interval : forth.intervals) {
        DCM_CHECK(!interval.state.empty());
        DCM_CHECK(!interval.end || interval.start < *interval.end);
    }
}

}  // namespace

void examine(std::string_view bytes) {
    static const rules::Lifecycle standard = rules::standard_lifecycle();
    const std::array files{rules::BookFile{"book.yaml", book_with(bytes)}};
    const rules::ParsedBook parsed = rules::parse_book(files, {});
    check_problems(parsed.problems);
    DCM_CHECK(parsed.book.has_value() || !parsed.problems.empty());
    if (!parsed.book) return;
    const rules::Lifecycle& lifecycle = parsed.book->lifecycle;
    for (const auto& [type, service] : lifecycle.services) {
        check_service(type, service, lifecycle);
        check_order(type, service, lifecycle);
    }
    DCM_CHECK((lifecycle == standard) == (lifecycle.canonical_text() == standard.canonical_text()));
}

}  // namespace dcm::fuzz
