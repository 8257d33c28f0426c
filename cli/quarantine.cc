#include "cli/quarantine.h"

#include "base/nearest.h"
#include "billing/event.h"
#include "billing/json_text.h"
#include "billing/render_usage.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/unknown_names.h"
#include "store/closed_periods.h"
#include "store/closing_scope.h"
#include "store/log_reader.h"

#include <algorithm>
#include <memory>

namespace dcm::cli {
namespace {

struct ListOptions {
    FilterOptions filters;
    std::string reason;
};

std::vector<billing::Column> list_columns() {
    return {{"seq", billing::Align::right},
            {"received"},
            {"reason"},
            {"service_type"},
            {"instance"},
            {"source"},
            {"id"},
            {"status"},
            {"bytes", billing::Align::right}};
}

// Prints the messages that the filters leave.
class MessageRows {
public:
    // `scope` where those of a month are asked for.
    MessageRows(const ListOptions& options,
                const Book& book,
                const Bounds& bounds,
                const std::optional<store::ClosingScope>& scope)
        : options_(options), book_(book), bounds_(bounds), scope_(scope) {}

    [[nodiscard]] bool is_shown(const store::RecordedMessage& message) const {
        const FilterOptions& filters = options_.filters;
        const NamedInstance named = named_instance(message.subject);
        return is_wanted(options_.reason, message.reason.value_or("")) &&
               is_wanted(filters.service_type, named.service_type) &&
               is_wanted(filters.instance, named.instance) &&
               is_wanted(filters.provider, provider_of(message)) && is_in_time(message);
    }

    // What rejected messages name, whatever the filters.
    [[nodiscard]] KnownNames names_of(store::Quarantine& quarantine) const {
        KnownNames names;
        quarantine.each([this, &names](const store::RecordedMessage& message) {
            const NamedInstance named = named_instance(message.subject);
            names.service_types.insert(named.service_type);
            names.instances.insert(named.instance);
            names.providers.insert(provider_of(message));
        });
        return names;
    }

    void add(const store::RecordedMessage& message, billing::RowPrinter& printer) const {
        printer.add([&] { return cells(message); }, [&] { return json(message); });
    }

private:
    [[nodiscard]] bool is_in_time(const store::RecordedMessage& message) const {
        const Instant time = message.store_time;
        return scope_ ? scope_->contains(message.seq, store::counted_at(message))
                      : (!bounds_.from || *bounds_.from <= time) &&
                            (!bounds_.to || time < *bounds_.to);
    }

    [[nodiscard]] std::string provider_of(const store::RecordedMessage& message) const {
        return std::string(book_.rules.lifecycle.provider_of(message.source.value_or("")));
    }

    [[nodiscard]] static std::vector<std::string> cells(const store::RecordedMessage& message) {
        const NamedInstance named = named_instance(message.subject);
        return {std::to_string(message.seq),
                format_rfc3339(message.store_time),
                message.reason.value_or(""),
                named.service_type,
                named.instance,
                message.source.value_or(""),
                message.id.value_or(""),
                message.word.value_or(""),
                std::to_string(message.payload_bytes)};
    }

    [[nodiscard]] std::string json(const store::RecordedMessage& message) const {
        const NamedInstance named = named_instance(message.subject);
        const auto or_null = [](const std::string& text) {
            return text.empty() ? std::nullopt : std::optional(text);
        };
        billing::JsonObject object;
        object.add_json("seq", std::to_string(message.seq));
        object.add("received", format_rfc3339(message.store_time));
        object.add("recorded_at", format_rfc3339(message.recorded_at));
        object.add("reason", message.reason.value_or(""));
        object.add_or_null("service_type", or_null(named.service_type));
        object.add_or_null("instance", or_null(named.instance));
        object.add_or_null("provider", or_null(provider_of(message)));
        object.add_or_null("source", message.source);
        object.add_or_null("id", message.id);
        object.add_or_null("event_time", message.event_time);
        object.add_or_null("status", message.word);
        object.add_json("payload_bytes", std::to_string(message.payload_bytes));
        object.add_json("retried_at_seq",
                        message.retried_at_seq ? std::to_string(*message.retried_at_seq) : "null");
        return object.text();
    }

    const ListOptions& options_;
    const Book& book_;
    const Bounds& bounds_;
    const std::optional<store::ClosingScope>& scope_;
};

// What closing a month counts; nullopt where no month is asked for.
std::optional<store::ClosingScope> scope_of(store::Database& database,
                                            const ListOptions& options,
                                            const Bounds& bounds) {
    const std::string& period = options.filters.period;
    if (period.empty()) {
        return std::nullopt;
    }
    return store::closing_scope(database,
                                {value_or_throw(parse_month(period)), {*bounds.from, *bounds.to}});
}

int list_messages(Shell& shell, const ListOptions& options) {
    const billing::RowFormat format = shell.row_format();
    if (!options.reason.empty()) {
        require_reason(options.reason);
    }
    const Book book = load_book(shell.config().rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    const Bounds bounds = resolve_bounds(
        options.filters, store::zone_as_closed(database, book.rules.zone), shell.clock().now());
    store::Quarantine quarantine(database);
    const std::optional<store::ClosingScope> scope = scope_of(database, options, bounds);
    const MessageRows rows(options, book, bounds, scope);
    billing::RowPrinter printer(list_columns(), format, terminal_width(), print);
    quarantine.each([&rows, &printer](const store::RecordedMessage& message) {
        if (rows.is_shown(message)) {
            rows.add(message, printer);
        }
    });
    printer.finish();
    if (!printer.has_rows()) {
        const store::UsageReader reader(snapshot, book.rules.lifecycle);
        tell_unknown_names({{reader, book}}, options.filters, rows.names_of(quarantine));
    }
    return kExitDone;
}

void add_list(CLI::App& quarantine, Shell& shell) {
    const auto options = std::make_shared<ListOptions>();
    CLI::App* const list =
        quarantine.add_subcommand("list", "Messages that are rejected, with their reasons");
    add_instance_filters(*list, options->filters);
    list->add_option("--reason", options->reason, "Only this reason code")->type_name("REASON");
    list->add_option("--from", options->filters.from, "Received from this time on")
        ->type_name("TIME");
    list->add_option("--to", options->filters.to, "Received before this time")->type_name("TIME");
    list->add_option("--period",
                     options->filters.period,
                     "Of a month, YYYY-MM, as closing it counts: by the time that a message tells, "
                     "else of receiving; with those that came late for a closed month")
        ->type_name("MONTH")
        ->excludes("--from")
        ->excludes("--to");
    shell.add_formats(*list, row_formats());
    list->footer("Example: dcm-billing quarantine list --reason unknown_status --format jsonl");
    list->callback([&shell, options] {
        shell.choose([&shell, options] { return list_messages(shell, *options); });
    });
}

}  // namespace

NamedInstance named_instance(std::string_view subject) {
    const std::size_t slash = subject.find('/');
    if (slash == std::string_view::npos) {
        return {};
    }
    return {std::string(subject.substr(0, slash)), std::string(subject.substr(slash + 1))};
}

void require_reason(const std::string& reason) {
    std::vector<std::string> known;
    for (int i = 0; i <= static_cast<int>(billing::Reason::id_reused); ++i) {
        known.emplace_back(billing::reason_name(static_cast<billing::Reason>(i)));
    }
    if (std::find(known.begin(), known.end(), reason) != known.end()) {
        return;
    }
    const std::string nearest = nearest_word(reason, known);
    std::string all;
    for (const std::string& word : known) {
        all += (all.empty() ? "" : ", ") + word;
    }
    throw Failure(ErrorKind::usage,
                  "expected --reason as a reason code, got \"" + reason + '"' +
                      (nearest.empty() ? "; there are " + all : "; did you mean " + nearest + '?'));
}

store::RecordedMessage require_quarantined(store::Quarantine& quarantine, std::int64_t seq) {
    auto message = quarantine.find(seq);
    const bool was_rejected =
        message && (message->retried_at_seq ||
                    message->verdict == billing::verdict_name(billing::Verdict::rejected));
    if (was_rejected) {
        return std::move(*message);
    }
    throw Failure(ErrorKind::usage,
                  "expected the seq of a rejected message, as `quarantine list` shows them; " +
                      (message ? "record " + std::to_string(seq) + " is " + message->verdict
                               : "there is no message at " + std::to_string(seq)));
}

void add_quarantine_command(CLI::App& app, Shell& shell) {
    CLI::App* const quarantine = app.add_subcommand(
        "quarantine", "Rejected messages: kept whole, and decided again when asked");
    quarantine->require_subcommand(1);
    quarantine->footer("Example: dcm-billing quarantine list --reason unknown_status");
    add_list(*quarantine, shell);
    add_quarantine_show(*quarantine, shell);
    add_quarantine_retry(*quarantine, shell);
}

}  // namespace dcm::cli
