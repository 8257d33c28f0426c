#include "billing/json_text.h"
#include "billing/render_explanation.h"
#include "billing/render_report.h"

#include <algorithm>

namespace dcm::billing {
namespace {

template <typename Items, typename ToJson>
std::string list(const Items& items, const ToJson& to_json) {
    std::string out;
    for (const auto& item : items) {
        out += out.empty() ? "" : ",";
        out += to_json(item);
    }
    return '[' + out + ']';
}

std::string texts(const std::vector<std::string>& items) {
    return list(items, [](const std::string& text) { return json_string(text); });
}

std::string number_or_null(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "null";
}

void add_period(Period period, JsonObject& object) {
    object.add("start", format_rfc3339(period.start));
    object.add("end", format_rfc3339(period.end));
}

// Writes one explanation for programs.
class JsonWriter {
public:
    JsonWriter(const Explanation& explanation,
               const rules::RuleBook& book,
               const ExplanationContext& context)
        : explanation_(explanation), book_(book), context_(context) {}

    [[nodiscard]] std::string run() const {
        const ReportOrigin& origin = context_.origin;
        JsonObject log;
        log.add_json("size", std::to_string(origin.log_size));
        log.add("root", origin.log_root);
        JsonObject resource_books;
        for (const auto& [file, digest] : context_.resource_books) {
            resource_books.add(file, digest);
        }
        JsonObject object;
        object.add("service_type", explanation_.key.service_type);
        object.add("instance", explanation_.key.instance);
        object.add_or_null("from", time_text(origin.from));
        object.add_or_null("to", time_text(origin.to));
        object.add("as_of", format_rfc3339(origin.as_of));
        object.add("timezone", context_.timezone);
        object.add("currency", explanation_.currency);
        object.add("book", origin.book_digest);
        object.add_json("resource_books", resource_books.text());
        object.add_json("log", log.text());
        object.add_json("checkpoint", checkpoint());
        object.add_json("events", list(explanation_.events, [this](const ToldEvent& event) {
                            return json(event);
                        }));
        object.add_json("intervals",
                        list(explanation_.intervals,
                             [this](const ExplainedInterval& interval) { return json(interval); }));
        object.add("total", explanation_.total.to_string());
        return object.text() + '\n';
    }

private:
    [[nodiscard]] std::string checkpoint() const {
        if (!context_.evidence) {
            return "null";
        }
        JsonObject object;
        object.add_json("size", std::to_string(context_.evidence->size));
        object.add("note", context_.evidence->note);
        return object.text();
    }

    [[nodiscard]] std::string proof(std::int64_t seq) const {
        if (!context_.evidence) {
            return "null";
        }
        const auto found = context_.evidence->proofs.find(seq);
        if (found == context_.evidence->proofs.end()) {
            return "null";
        }
        JsonObject object;
        object.add_json("index", std::to_string(seq));
        object.add_json("size", std::to_string(context_.evidence->size));
        object.add("leaf_hash", found->second.leaf_hash);
        object.add_json("hashes", texts(found->second.hashes));
        return object.text();
    }

    [[nodiscard]] std::string json(const ToldEvent& event) const {
        JsonObject object;
        object.add_json("seq", std::to_string(event.seq));
        object.add_or_null(
            "time",
            event.has_event_time ? std::optional(format_rfc3339(event.time)) : std::nullopt);
        object.add_or_null("status",
                           event.status.empty() ? std::nullopt : std::optional(event.status));
        object.add_or_null("word_book", event.word_book);
        object.add("source", event.source);
        object.add("id", event.id);
        object.add("verdict", event.verdict);
        object.add_or_null("reason",
                           event.reason.empty() ? std::nullopt : std::optional(event.reason));
        object.add_json("flags", texts(event.flags));
        object.add("effect", event.effect);
        object.add_json("retried_at_seq", number_or_null(event.retried_at_seq));
        object.add_json("proof", proof(event.seq));
        return object.text();
    }

    [[nodiscard]] std::string json(const ExplainedInterval& explained) const {
        const Interval& interval = explained.interval;
        JsonObject object;
        object.add("state", interval.state);
        object.add("provider", interval.provider);
        object.add("start", format_rfc3339(interval.start));
        object.add_or_null("end", time_text(interval.end));
        object.add_json("opened_by_seq", std::to_string(interval.opened_by));
        object.add_json("closed_by_seq", number_or_null(interval.closed_by));
        object.add_json("doubtful", interval.doubtful ? "true" : "false");
        object.add_json("lines", list(explained.lines, [this](const ExplainedLine& line) {
                            return json(line);
                        }));
        object.add_json("unrated", list(explained.unrated, [this](const ExplainedGap& gap) {
                            return json(gap);
                        }));
        object.add_json("idle_meters", json(explained.idle_meters));
        return object.text();
    }

    static void add_owner(const ExplainedOwner& owner, JsonObject& object) {
        JsonObject labels;
        for (const auto& [name, value] : owner.labels) {
            labels.add(name, value);
        }
        object.add("tenant", owner.tenant);
        object.add_json("labels", labels.text());
        std::vector<std::string> files;
        for (const ExplainedOwner::Source& source : owner.sources) {
            files.push_back(source.file);
        }
        object.add_json("resources", texts(files));
        object.add_json("resource_lines",
                        list(owner.sources, [](const ExplainedOwner::Source& source) {
                            return std::to_string(source.line);
                        }));
    }

    [[nodiscard]] std::string json(const std::vector<RejectedRate>& rejected) const {
        return list(rejected, [this](const RejectedRate& each) {
            JsonObject object;
            object.add("rate", book_.rates[each.rate].id);
            object.add_json("mismatches", list(each.mismatches, [](const Mismatch& mismatch) {
                                JsonObject why;
                                why.add("member", mismatch.member);
                                why.add("words", mismatch.words);
                                return why.text();
                            }));
            return object.text();
        });
    }

    [[nodiscard]] std::string json(const std::vector<MeterChoice>& meters) const {
        return list(meters, [this](const MeterChoice& meter) {
            JsonObject object;
            object.add("meter", meter.meter);
            object.add_json("rejected_rates", json(meter.rejected));
            return object.text();
        });
    }

    [[nodiscard]] std::string json(const ExplainedLine& line) const {
        JsonObject object;
        object.add("meter", line.meter);
        object.add("rate", line.rate);
        add_period(line.charge, object);
        add_owner(line.owner, object);
        object.add_json("rejected_rates", json(line.rejected));
        object.add("usage_seconds", line.usage_seconds.to_string());
        object.add("billed_seconds", line.billed_seconds.to_string());
        object.add("quantity", line.quantity.to_string());
        object.add("unit", line.unit);
        object.add_or_null(
            "unit_price",
            line.unit_price ? std::optional(line.unit_price->to_string()) : std::nullopt);
        if (line.is_in_order) {
            JsonObject position;
            position.add("month_start", format_rfc3339(line.month.start));
            position.add("quantity_before", line.quantity_before.to_string());
            position.add("quantity_after", line.quantity_after.to_string());
            object.add_json("position", position.text());
        } else {
            object.add_json("position", "null");
        }
        object.add_json("arithmetic", list(line.arithmetic, [](const ArithmeticStep& step) {
                            JsonObject written;
                            written.add("step", step.name);
                            written.add("expression", step.expression);
                            written.add("value", step.value);
                            written.add("unit", step.unit);
                            written.add("note", step.note);
                            return written.text();
                        }));
        object.add("cost", line.cost.to_string());
        return object.text();
    }

    [[nodiscard]] std::string json(const ExplainedGap& gap) const {
        JsonObject object;
        add_period(gap.during, object);
        add_owner(gap.owner, object);
        object.add("seconds", format_seconds(gap.during.end - gap.during.start));
        object.add_json("meters", json(gap.meters));
        return object.text();
    }

    const Explanation& explanation_;
    const rules::RuleBook& book_;
    const ExplanationContext& context_;
};

}  // namespace

std::string explanation_json(const Explanation& explanation,
                             const rules::RuleBook& book,
                             const ExplanationContext& context) {
    return JsonWriter(explanation, book, context).run();
}

}  // namespace dcm::billing
