#include "cli/verify_schema.h"

#include "billing/terminal_text.h"

#include <algorithm>
#include <cstdio>
#include <optional>

namespace dcm::cli {
namespace {

using Difference = migrations::SchemaDifference;

// What the difference is as a finding (ADR 41); nullopt for an addition.
std::optional<audit::FindingKind> judged(const Difference& difference) {
    const bool is_trigger = difference.object.starts_with("trigger ");
    switch (difference.kind) {
        case Difference::Kind::missing:
            return is_trigger ? audit::FindingKind::unguarded : audit::FindingKind::tampered;
        case Difference::Kind::altered:
        case Difference::Kind::computing:
        case Difference::Kind::planted:
            return audit::FindingKind::tampered;
        case Difference::Kind::added:
            break;
    }
    return std::nullopt;
}

bool has_table(const SchemaDifferences& differences, const std::string& table) {
    return std::find(differences.begin(),
                     differences.end(),
                     Difference{"table " + table, Difference::Kind::missing}) == differences.end();
}

}  // namespace

void warn_of_additions(const SchemaDifferences& differences) {
    for (const Difference& difference : differences) {
        if (difference.kind == Difference::Kind::added) {
            static_cast<void>(std::fprintf(stderr,
                                           "dcm-billing: schema: %s\n",
                                           billing::visible_text(difference.text()).c_str()));
        }
    }
}

void judge_schema(const SchemaDifferences& differences, audit::LogVerifier& verifier) {
    for (const Difference& difference : differences) {
        if (const auto kind = judged(difference)) {
            verifier.add_finding({*kind, std::nullopt, "schema: " + difference.text()});
        }
    }
}

bool lacks_tables(const SchemaDifferences& differences) {
    return std::any_of(differences.begin(), differences.end(), [](const Difference& difference) {
        return difference.kind == Difference::Kind::missing &&
               difference.object.starts_with("table ");
    });
}

bool has_log(const SchemaDifferences& differences) {
    const auto tables = {"log_identity",
                         "audit_log",
                         "audit_payload",
                         "audit_head",
                         "audit_seal",
                         "audit_tile",
                         "audit_checkpoint"};
    return std::all_of(tables.begin(), tables.end(), [&differences](const char* table) {
        return has_table(differences, table);
    });
}

audit::Verdict with_schema(audit::Verdict verdict, const SchemaDifferences& differences) {
    for (const Difference& difference : differences) {
        verdict.schema.push_back(difference.text());
    }
    return verdict;
}

}  // namespace dcm::cli
