#include "anchors/start_check.h"
#include "billing/json_text.h"
#include "billing/render_usage.h"
#include "cli/book.h"
#include "cli/ingest_session.h"
#include "cli/own_records.h"
#include "cli/progress.h"
#include "cli/quarantine.h"
#include "consumer/decode.h"
#include "store/closed_periods.h"
#include "store/health.h"
#include "store/ingest_store.h"
#include "store/proven_record.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace dcm::cli {
namespace {

// Verdicts recorded in one transaction; more take several, so that a consumer beside is not held
// up.
constexpr std::size_t kRetryBatchMax = 10'000;
// Records the projection takes in at a time.
constexpr std::int64_t kProjectStep = 20'000;

struct RetryOptions {
    bool all = false;
    std::string reason;
    std::vector<std::int64_t> seqs;
};

struct RetryCounts {
    std::int64_t retried = 0;
    std::int64_t accepted = 0;
    std::int64_t duplicate = 0;
    std::int64_t rejected = 0;   // for another reason than before
    std::int64_t unchanged = 0;  // nothing is recorded
    std::int64_t redacted = 0;   // nothing is left to decide
};

// A verdict that changed.
struct Change {
    std::int64_t seq = 0;
    std::string subject;
    std::string reason_before;
    std::string verdict;
    std::string reason;
    std::int64_t record = 0;
};

// What rule 5 said: the service type that it let pass, or why it did not; nullopt where a rule
// before it decided.
std::optional<std::string> routed(const std::optional<std::string>& service_type,
                                  std::string_view reason) {
    constexpr std::array of_rule_5{
        billing::Reason::bad_subject, billing::Reason::bad_type, billing::Reason::subject_mismatch};
    if (service_type) {
        return *service_type + '/';
    }
    const bool is_refused = std::any_of(of_rule_5.begin(), of_rule_5.end(), [&](auto refusal) {
        return reason == billing::reason_name(refusal);
    });
    return is_refused ? std::optional(std::string(reason)) : std::nullopt;
}

std::optional<std::string> routed_before(const store::RecordedMessage& recorded) {
    const std::string service_type = named_instance(recorded.subject).service_type;
    return routed(service_type.empty() ? std::nullopt : std::optional(service_type),
                  recorded.reason.value_or(""));
}

std::optional<std::string> routed_now(const billing::Decision& decision) {
    if (const auto* rejection = std::get_if<billing::Rejection>(&decision)) {
        return routed(rejection->service_type, billing::reason_name(rejection->reason));
    }
    return routed(std::get<billing::StatusEvent>(decision).service_type, "");
}

// No record commits to the NATS subject. Rule 5 goes by it and by the event's type, which one does,
// and by nothing that changes: so it says what it said before, or the subject is another.
std::optional<audit::Finding> other_subject(const store::RecordedMessage& recorded,
                                            const billing::Decision& decision) {
    const auto before = routed_before(recorded);
    const auto now = routed_now(decision);
    if (!before || !now || before == now) {
        return std::nullopt;
    }
    return audit::Finding{audit::FindingKind::tampered,
                          recorded.seq,
                          "record " + std::to_string(recorded.seq) +
                              ": the NATS subject beside it is not the one it came under: by that "
                              "it was " +
                              *before + ", by this it would be " + *now};
}

// Decides messages again and records what changed.
class Retry {
public:
    Retry(const store::LogReader& snapshot,
          store::IngestStore& store,
          const Book& book,
          const consumer::DecodeLimits& limits)
        : quarantine_(snapshot.database()),
          proven_(snapshot),
          store_(store),
          book_(book),
          limits_(limits) {}

    // Throws Failure unless the message is the one that was recorded: before anything is decided by
    // what lies in the database now.
    void require_as_recorded(std::int64_t seq) {
        const auto recorded = quarantine_.find(seq);
        DCM_CHECK(recorded.has_value());
        audit::Findings findings;
        examine(seq, findings);
        if (recorded->retried_at_seq) {
            examine(*recorded->retried_at_seq, findings);
        }
        anchors::require_unharmed(findings);
        if (const auto message = quarantine_.message(*recorded)) {
            if (auto finding = other_subject(*recorded, decide(*message))) {
                findings.add(std::move(*finding));
            }
        }
        anchors::require_unharmed(findings);
    }

    void add(std::int64_t seq) {
        ++counts_.retried;
        auto recorded = quarantine_.find(seq);
        DCM_CHECK(recorded.has_value());
        auto message = quarantine_.message(*recorded);
        if (!message) {
            ++counts_.redacted;
            return;
        }
        billing::Decision decision = decide(*message);
        if (const auto* rejection = std::get_if<billing::Rejection>(&decision)) {
            if (recorded->reason == billing::reason_name(rejection->reason)) {
                ++counts_.unchanged;
                return;
            }
        }
        // The record needs neither.
        message->payload.clear();
        message->headers.clear();
        before_.push_back(std::move(*recorded));
        batch_.push_back({seq, {std::move(*message), std::move(decision)}});
        if (batch_.size() == kRetryBatchMax) {
            flush();
        }
    }

    void flush() {
        const std::vector<store::RetryOutcome> outcomes = store_.retry(batch_);
        for (std::size_t i = 0; i < outcomes.size(); ++i) {
            count(before_[i], batch_[i].decided.decision, outcomes[i]);
        }
        before_.clear();
        batch_.clear();
    }

    [[nodiscard]] const RetryCounts& counts() const { return counts_; }
    [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

private:
    void examine(std::int64_t seq, audit::Findings& findings) {
        for (audit::Finding& finding : proven_.examine(seq)) {
            findings.add(std::move(finding));
        }
    }

    [[nodiscard]] billing::Decision decide(const Message& message) const {
        return consumer::decode(message, book_.rules.lifecycle, limits_);
    }

    static std::string about(const store::RecordedMessage& before,
                             const billing::Decision& decision) {
        const auto* const event = std::get_if<billing::StatusEvent>(&decision);
        return event != nullptr ? event->service_type + '/' + event->instance : before.subject;
    }

    void count(const store::RecordedMessage& before,
               const billing::Decision& decision,
               const store::RetryOutcome& outcome) {
        if (!outcome.verdict || !outcome.recorded_at_seq) {
            ++counts_.unchanged;
            return;
        }
        switch (outcome.verdict->verdict) {
            case billing::Verdict::accepted:
                ++counts_.accepted;
                break;
            case billing::Verdict::duplicate:
                ++counts_.duplicate;
                break;
            case billing::Verdict::rejected:
                ++counts_.rejected;
                break;
        }
        changes_.push_back({before.seq,
                            about(before, decision),
                            before.reason.value_or(""),
                            std::string(billing::verdict_name(outcome.verdict->verdict)),
                            outcome.verdict->reason
                                ? std::string(billing::reason_name(*outcome.verdict->reason))
                                : "",
                            *outcome.recorded_at_seq});
    }

    store::Quarantine quarantine_;
    store::ProvenRecords proven_;
    store::IngestStore& store_;
    const Book& book_;
    consumer::DecodeLimits limits_;
    std::vector<store::RecordedMessage> before_;
    std::vector<store::RetriedMessage> batch_;
    RetryCounts counts_;
    std::vector<Change> changes_;
};

std::vector<std::int64_t> chosen(store::Quarantine& quarantine, const RetryOptions& options) {
    std::vector<std::int64_t> seqs;
    for (const std::int64_t seq : options.seqs) {
        static_cast<void>(require_quarantined(quarantine, seq));
        seqs.push_back(seq);
    }
    if (options.seqs.empty()) {
        quarantine.each([&](const store::RecordedMessage& message) {
            if (options.all || message.reason == options.reason) {
                seqs.push_back(message.seq);
            }
        });
    }
    return seqs;
}

std::string counts_json(const RetryCounts& counts) {
    return "{\"retried\":" + std::to_string(counts.retried) +
           ",\"accepted\":" + std::to_string(counts.accepted) +
           ",\"duplicate\":" + std::to_string(counts.duplicate) +
           ",\"rejected\":" + std::to_string(counts.rejected) +
           ",\"unchanged\":" + std::to_string(counts.unchanged) +
           ",\"redacted\":" + std::to_string(counts.redacted) + "}\n";
}

void print_changes(const std::vector<Change>& changes, billing::RowFormat format) {
    billing::RowPrinter printer({{"seq", billing::Align::right},
                                 {"about"},
                                 {"reason_before"},
                                 {"verdict"},
                                 {"reason"},
                                 {"record", billing::Align::right}},
                                format,
                                terminal_width(),
                                print);
    for (const Change& change : changes) {
        printer.add(
            [&] {
                return std::vector<std::string>{std::to_string(change.seq),
                                                change.subject,
                                                change.reason_before,
                                                change.verdict,
                                                change.reason,
                                                std::to_string(change.record)};
            },
            [&] {
                billing::JsonObject object;
                object.add_json("seq", std::to_string(change.seq));
                object.add("about", change.subject);
                object.add("reason_before", change.reason_before);
                object.add("verdict", change.verdict);
                object.add_or_null(
                    "reason", change.reason.empty() ? std::nullopt : std::optional(change.reason));
                object.add_json("record", std::to_string(change.record));
                return object.text();
            });
    }
    printer.finish();
}

void require_one_choice(const RetryOptions& options) {
    const int given = static_cast<int>(options.all) + static_cast<int>(!options.reason.empty()) +
                      static_cast<int>(!options.seqs.empty());
    if (given != 1) {
        throw Failure(ErrorKind::usage,
                      "expected which messages to retry: one of --all, --reason REASON and "
                      "--seq N, got " +
                          (given == 0 ? std::string("none") : std::to_string(given)));
    }
    if (!options.reason.empty()) {
        require_reason(options.reason);
    }
}

void retry_all(const std::vector<std::int64_t>& seqs, const Clock& clock, Retry& retry) {
    Progress progress("retry", clock);
    std::int64_t done = 0;
    const std::int64_t total = 2 * static_cast<std::int64_t>(seqs.size());
    // All of them first, so that nothing is recorded where one is not as it was.
    for (const std::int64_t seq : seqs) {
        retry.require_as_recorded(seq);
        progress.show({++done, total});
    }
    for (const std::int64_t seq : seqs) {
        retry.add(seq);
        progress.show({++done, total});
    }
    retry.flush();
}

int retry_messages(Shell& shell, const RetryOptions& options) {
    const billing::RowFormat format = shell.row_format();
    require_one_choice(options);
    const Book book = load_book(shell.config().rules);
    const store::DatabaseUrl url = shell.existing_database();
    store::Database database = store::Database::open_for_writing(url);
    store::require_same_terms(database, book.rules);
    OwnRecords own(shell, database);
    store::IngestStore store(database,
                             book.rules.lifecycle,
                             own.key(),
                             shell.clock(),
                             {user_actor(), book.digest, book.bytes, /*writes_back=*/false});
    // What is decided is read in one snapshot, beside what is written.
    store::Database reading = store::Database::open_for_reading(url);
    const store::LogReader snapshot(reading);
    store::Quarantine quarantine(reading);
    Retry retry(snapshot, store, book, decode_limits(shell.config().ingest));
    retry_all(chosen(quarantine, options), shell.clock(), retry);
    // A process that ingests does both by itself.
    if (!retry.changes().empty() && own.is_alone()) {
        while (store.projection_lag() > 0) {
            store.project(kProjectStep);
        }
        own.sign();
    }
    if (format != billing::RowFormat::table || !retry.changes().empty()) {
        print_changes(retry.changes(), format);
    }
    if (format == billing::RowFormat::table) {
        print(counts_json(retry.counts()));
    } else {
        // stdout has the changes alone, for a program.
        static_cast<void>(std::fputs(counts_json(retry.counts()).c_str(), stderr));
    }
    return kExitDone;
}

}  // namespace

void add_quarantine_retry(CLI::App& quarantine, Shell& shell) {
    const auto options = std::make_shared<RetryOptions>();
    CLI::App* const retry = quarantine.add_subcommand(
        "retry", "Decide rejected messages again by the present rules and rule book");
    retry->add_flag("--all", options->all, "Every rejected message");
    retry->add_option("--reason", options->reason, "Those rejected for this reason")
        ->type_name("REASON");
    retry->add_option("--seq", options->seqs, "This one; may be given again")->type_name("N");
    shell.add_formats(*retry, row_formats());
    retry->footer("Example: dcm-billing quarantine retry --reason unknown_status");
    retry->callback([&shell, options] {
        shell.choose([&shell, options] { return retry_messages(shell, *options); });
    });
}

}  // namespace dcm::cli
