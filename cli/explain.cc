#include "base/nearest.h"
#include "billing/explanation.h"
#include "billing/rating.h"
#include "billing/render_explanation.h"
#include "cli/commands.h"
#include "cli/explain_evidence.h"
#include "cli/rated_usage.h"
#include "store/closed_periods.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace dcm::cli {
namespace {

struct ExplainOptions {
    FilterOptions filters;
    std::string at;
    std::string meter;
    std::string rate;
};

// The instance that was asked for, with its story.
struct Subject {
    billing::InstanceKey key;
    billing::Timeline timeline;
};

[[noreturn]] void fail_usage(const std::string& message) {
    throw Failure(ErrorKind::usage, message);
}

// What there is instead of an instance that nobody knows.
[[noreturn]] void refuse_unknown(const store::UsageReader& reader, const FilterOptions& filters) {
    std::vector<std::string> same_id;
    std::vector<std::string> ids;
    reader.each_instance({}, [&](const auto& key, const auto& /*timeline*/) {
        if (key.instance == filters.instance) {
            same_id.push_back(key.service_type);
        }
        ids.push_back(key.instance);
    });
    std::string message =
        "expected an instance with an accepted event, got \"" + filters.instance + '"';
    if (!same_id.empty()) {
        fail_usage(message + " of type " + filters.service_type + "; it is a " + same_id.front());
    }
    const std::string nearest = nearest_word(filters.instance, ids);
    if (!nearest.empty()) {
        fail_usage(message + "; did you mean " + nearest + '?');
    }
    fail_usage(message + "; `instances` lists " + std::to_string(ids.size()) +
               ", `quarantine list --instance` what was rejected");
}

Subject find_subject(const store::UsageReader& reader, const FilterOptions& filters) {
    std::vector<Subject> found;
    reader.each_instance(instance_filter(filters), [&found](const auto& key, const auto& timeline) {
        found.push_back({key, timeline});
    });
    if (found.empty()) {
        refuse_unknown(reader, filters);
    }
    if (found.size() > 1) {
        std::string types;
        for (const Subject& each : found) {
            types += (types.empty() ? "" : ", ") + each.key.service_type;
        }
        fail_usage("expected --service-type, because \"" + filters.instance +
                   "\" is the id of more than one instance: " + types);
    }
    return std::move(found.front());
}

std::string told_interval(const billing::Interval& interval) {
    return interval.state + " from " + format_rfc3339(interval.start) + " to " +
           (interval.end ? format_rfc3339(*interval.end) : "now");
}

// The time has to lie in an interval, as far as that is known at `as_of`.
void require_interval_at(const Subject& subject, Instant at, Instant as_of) {
    const billing::Interval* before = nullptr;
    const billing::Interval* after = nullptr;
    for (const billing::Interval& interval : subject.timeline.intervals) {
        const bool contains =
            interval.start <= at && (interval.end ? at < *interval.end : at < as_of);
        if (contains && at < as_of) {
            return;
        }
        if (interval.start <= at) {
            before = &interval;
        } else if (after == nullptr) {
            after = &interval;
        }
    }
    std::string message = "expected --at within an interval of " + subject.key.service_type + '/' +
                          subject.key.instance + " before " + format_rfc3339(as_of) + ", got " +
                          format_rfc3339(at);
    message += before != nullptr ? "; before it: " + told_interval(*before) : "";
    message += after != nullptr ? "; after it: " + told_interval(*after) : "";
    message += before == nullptr && after == nullptr
                   ? "; it was never in a state that is charged, see `quarantine list` and `usage`"
                   : "";
    fail_usage(message);
}

// The month of --at, when no bounds were given.
Bounds bounds_of(const ExplainOptions& options,
                 const std::optional<Instant>& at,
                 const Book& book,
                 Instant now) {
    Bounds bounds = resolve_bounds(options.filters, book.rules.zone, now);
    if (at && !bounds.from && !bounds.to) {
        const Period month = book.rules.zone.month_around(*at);
        bounds.from = month.start;
        bounds.to = month.end;
    }
    return bounds;
}

// Where a rate of an allowance, tiers or spend limits charges the instance, its lines depend on
// those of others.
bool depends_on_others(const Subject& subject,
                       const Book& book,
                       const billing::RatingBounds& bounds) {
    bool depends = false;
    billing::Rater rater(
        book.rules,
        bounds,
        {[&depends](const billing::RatedLine& line) { depends = depends || line.place != nullptr; },
         [](const billing::UnratedPiece& /*piece*/) {}});
    rater.add(subject.key, subject.timeline.intervals);
    rater.finish();
    return depends;
}

void rate(const store::UsageReader& reader,
          const Subject& subject,
          const Book& book,
          const billing::RatingBounds& bounds,
          billing::Explainer& explainer) {
    billing::Rater rater(
        book.rules,
        bounds,
        {[&explainer](const billing::RatedLine& line) { explainer.add(line); },
         [&explainer](const billing::UnratedPiece& piece) { explainer.add(piece); }});
    if (depends_on_others(subject, book, bounds)) {
        reader.each_in_any_order([&rater](const auto& key, const auto& timeline) {
            rater.add(key, timeline.intervals);
        });
    } else {
        rater.add(subject.key, subject.timeline.intervals);
    }
    rater.finish();
}

void require_known_choice(const ExplainOptions& options, const rules::RuleBook& book) {
    std::vector<std::string> meters;
    std::vector<std::string> rates;
    for (const rules::Rate& rate : book.rates) {
        meters.push_back(rate.meter);
        rates.push_back(rate.id);
    }
    const auto require = [](const std::string& word,
                            const std::vector<std::string>& known,
                            const std::string& what) {
        if (word.empty() || std::find(known.begin(), known.end(), word) != known.end()) {
            return;
        }
        const std::string nearest = nearest_word(word, known);
        fail_usage("expected --" + what + " as one of the book's, got \"" + word + '"' +
                   (nearest.empty() ? "" : "; did you mean " + nearest + '?'));
    };
    require(options.meter, meters, "meter");
    require(options.rate, rates, "rate");
}

int show_explanation(Shell& shell, const ExplainOptions& options) {
    const std::string& format = shell.format();
    Book book = load_book(shell.config().rules);
    require_known_choice(options, book.rules);
    store::Database database = store::Database::open_for_reading(shell.database_url());
    const store::LogReader snapshot(database);
    store::require_same_terms(database, book.rules);
    book.rules.zone = store::zone_as_closed(database, book.rules.zone);
    const Zone& zone = book.rules.zone;
    const std::optional<Instant> at =
        options.at.empty() ? std::nullopt
                           : std::optional(resolve_instant("--at", options.at, zone));
    const Bounds bounds = bounds_of(options, at, book, shell.clock().now());
    const store::UsageReader reader(snapshot, book.rules.lifecycle);
    const Subject subject = find_subject(reader, options.filters);
    if (at) {
        require_interval_at(subject, *at, bounds.as_of);
    }
    const billing::RatingBounds rating_bounds{
        shown_period(bounds, reader), bounds.as_of, /*by_day=*/false};
    billing::Explainer explainer(book.rules,
                                 subject.key,
                                 subject.timeline,
                                 {at,
                                  absent_if_empty(options.meter),
                                  absent_if_empty(options.rate),
                                  absent_if_empty(options.filters.state),
                                  absent_if_empty(options.filters.tenant)});
    rate(reader, subject, book, rating_bounds, explainer);
    const billing::Explanation explanation = explainer.finish(
        rating_bounds.shown, told_events(snapshot, subject.key, book.rules.lifecycle));
    const billing::ExplanationContext context{
        origin_of(snapshot, book, bounds), zone.name(), prove_events(snapshot, explanation.events)};
    print(format == "json"
              ? billing::explanation_json(explanation, book.rules, context)
              : billing::explanation_text(explanation, book.rules, context, terminal_width()));
    return kExitDone;
}

}  // namespace

void add_explain_command(CLI::App& app, Shell& shell) {
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* const command = app.add_subcommand(
        "explain", "Why an amount is what it is: events, intervals, rates and the arithmetic");
    command->add_option("--instance", options->filters.instance, "The instance")
        ->type_name("ID")
        ->required();
    command->add_option("--service-type", options->filters.service_type, "Its service type")
        ->type_name("TYPE");
    command
        ->add_option("--at", options->at, "Only the interval that contains this time, in its month")
        ->type_name("TIME");
    command->add_option("--meter", options->meter, "Only lines of this meter")->type_name("NAME");
    command->add_option("--rate", options->rate, "Only lines of this rate")->type_name("ID");
    add_time_filters(*command, options->filters);
    shell.add_formats(*command, {"table", "json"});
    command->footer(
        "Example: dcm-billing explain --instance web-1 --period 2026-05 --meter compute");
    command->callback([&shell, options] {
        shell.choose([&shell, options] { return show_explanation(shell, *options); });
    });
}

}  // namespace dcm::cli
