#include "cli/doctor.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {
namespace {

constexpr std::int64_t kPageSize = 16'384;

std::string records(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " record" : " records");
}

// A place outside the database that says how much was signed.
struct Witness {
    std::string name;
    std::int64_t size = 0;
};

Diagnosis rolled_back(const Witness& witness, std::int64_t size) {
    return {Severity::fail,
            "log",
            "it has " + records(size) + ", and " + witness.name + " says " +
                std::to_string(witness.size) +
                " were signed: it was rolled back or restored from an older copy",
            "see audit verify, and do not ingest into it"};
}

void check_signed(const store::LogFacts& log, const SignedSizes& known, Findings& findings) {
    std::vector<Witness> witnesses;
    if (known.state) {
        witnesses.push_back({"the signer's state", *known.state});
    }
    for (const SignedSizes::Anchor& anchor : known.anchors) {
        witnesses.push_back({anchor.name, anchor.size});
    }
    bool is_whole = true;
    for (const Witness& witness : witnesses) {
        if (witness.size > log.size) {
            findings.add(rolled_back(witness, log.size));
            is_whole = false;
        }
    }
    if (is_whole) {
        findings.add({Severity::ok, "log", records(log.size), ""});
    }
}

// What came after the newest checkpoint is recorded, and not yet provable.
void check_lag(const store::LogFacts& log, std::int64_t signed_size, Findings& findings) {
    const std::int64_t unsigned_count = log.size - signed_size;
    if (unsigned_count > 0) {
        findings.add(
            {Severity::warn,
             "checkpoint",
             records(unsigned_count) + " after the newest one, of " + std::to_string(signed_size),
             "a running consumer signs within a second; else start it"});
    } else {
        findings.add({Severity::ok, "checkpoint", "covers the whole log", ""});
    }
}

}  // namespace

void check_database(const store::DatabaseFacts& facts, Findings& findings) {
    findings.add({Severity::ok, "sqlite", facts.sqlite_version, ""});
    if (facts.migrations_missing > 0) {
        findings.add({Severity::fail,
                      "schema",
                      "missing migrations: " + std::to_string(facts.migrations_missing),
                      "run dcm-billing migrate up"});
    } else {
        findings.add({Severity::ok, "schema", "current", ""});
    }
    if (facts.journal_mode != "wal") {
        findings.add({Severity::warn,
                      "journal",
                      "mode is " + facts.journal_mode + ", expected wal",
                      "the next start of the consumer sets it"});
    } else {
        findings.add({Severity::ok, "journal", "write-ahead log", ""});
    }
    if (facts.page_size != kPageSize) {
        findings.add({Severity::warn,
                      "page size",
                      std::to_string(facts.page_size) + ", expected " + std::to_string(kPageSize),
                      "it works, but commits slowly"});
    } else {
        findings.add({Severity::ok, "page size", std::to_string(facts.page_size), ""});
    }
}

void check_log(const store::LogFacts& log,
               const SignedSizes& signed_sizes,
               Instant now,
               Findings& findings) {
    for (const migrations::SchemaDifference& difference : log.schema_differences) {
        findings.add(
            {Severity::warn, "schema", difference.text(), "somebody changed it; see audit verify"});
    }
    check_signed(log, signed_sizes, findings);
    const std::int64_t signed_size = log.newest_checkpoint ? log.newest_checkpoint->size : 0;
    check_lag(log, signed_size, findings);
    check_anchors(signed_sizes, signed_size, now, findings);
    findings.add({Severity::ok,
                  "projection",
                  log.projected == log.size ? "has taken in the whole log"
                                            : records(log.size - log.projected) + " behind",
                  ""});
    if (log.newest_record && now < *log.newest_record) {
        findings.add({Severity::fail,
                      "system clock",
                      "it says " + format_rfc3339(now) + ", and the newest record is of " +
                          format_rfc3339(*log.newest_record),
                      "set the clock"});
    } else {
        findings.add({Severity::ok, "system clock", "not before the newest record", ""});
    }
}

}  // namespace dcm::cli
