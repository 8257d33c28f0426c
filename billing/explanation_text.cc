#include "billing/render_explanation.h"
#include "billing/table.h"
#include "billing/terminal_text.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kWidthMin = 40;
// More events in a row that change nothing are told as one.
constexpr std::size_t kRepeatsShown = 3;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kNameWidth = 16;
constexpr std::string_view kAfterEndFlag = "after_end";

// Lines of text within a width; what does not fit goes on below its own beginning.
class Page {
public:
    explicit Page(std::size_t width)
        : width_(std::max(width == 0 ? kDefaultWidth : width, kWidthMin)),
          table_width_(width == 0 ? 0 : width_) {}

    void blank() { text_ += '\n'; }
    void line(std::size_t indent, std::string_view text) { flow(indent, "", text); }
    // `name   text`, the text in a column of its own.
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order they are printed.
    void entry(std::size_t indent, std::string_view name, std::string_view text) {
        std::string head = visible_text(name);
        // A digest is one word: where it does not fit it comes closer to its name.
        const bool is_word = table_width_ > 0 && text.find(' ') == std::string_view::npos;
        const bool fits = indent + kNameWidth + display_width(text) <= width_;
        head.resize(std::max(is_word && !fits ? 0 : kNameWidth, head.size() + 2), ' ');
        flow(indent, head, text);
    }
    // Where no width is given, nothing in it is cut.
    void table(const Table& table) { text_ += table.text(table_width_); }
    // Both ends of a line, when there is room.
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): left and right.
    void sides(std::size_t indent, const std::string& left, const std::string& right) {
        const std::string visible = visible_text(left);
        const std::size_t used = indent + display_width(visible) + display_width(right);
        if (used + 2 > width_) {
            line(indent, left + "  " + right);
            return;
        }
        text_ +=
            std::string(indent, ' ') + visible + std::string(width_ - used, ' ') + right + '\n';
    }
    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order they are printed.
    void flow(std::size_t indent, std::string_view head, std::string_view text) {
        const std::string indented = std::string(indent, ' ') + std::string(head);
        text_ += fold({indented, visible_text(text)}, width_);
    }

    std::size_t width_;
    std::size_t table_width_;
    std::string text_;
};

std::string stretch(Period period) {
    return format_rfc3339(period.start) + " to " + format_rfc3339(period.end);
}

std::string flags_text(const ToldEvent& event) {
    std::string text;
    for (const std::string& flag : event.flags) {
        text += flag == kAfterEndFlag ? "" : " [" + flag + ']';  // the effect says it
    }
    return text;
}

// Accepted, without a flag, and without any effect: what heartbeats look like.
bool is_repeat(const ToldEvent& event) {
    return event.effect == "the same again" && event.flags.empty();
}

// Writes one explanation for people.
class Writer {
public:
    Writer(const Explanation& explanation,
           const rules::RuleBook& book,
           const ExplanationContext& context,
           std::size_t width)
        : explanation_(explanation), book_(book), context_(context), page_(width) {}

    std::string run() {
        page_.line(0, explanation_.key.service_type + '/' + explanation_.key.instance);
        page_.blank();
        events();
        for (const ExplainedInterval& interval : explanation_.intervals) {
            page_.blank();
            write(interval);
        }
        page_.blank();
        footer();
        return std::move(page_).text();
    }

private:
    void events() {
        Table table({{"seq", Align::right}, {"time"}, {"status"}, {"verdict"}, {"effect"}});
        const std::vector<ToldEvent>& events = explanation_.events;
        std::size_t i = 0;
        while (i < events.size()) {
            std::size_t end = i;
            while (end < events.size() && is_repeat(events[end])) {
                ++end;
            }
            if (end - i > kRepeatsShown) {
                add_event(events[i], table);
                table.add_row({"…",
                               format_rfc3339(events[end - 1].time),
                               events[end - 1].status,
                               events[end - 1].verdict,
                               "and " + std::to_string(end - i - 1) + " more, the same again"});
                i = end;
            } else {
                add_event(events[i], table);
                ++i;
            }
        }
        page_.table(table);
    }

    static void add_event(const ToldEvent& event, Table& table) {
        std::string effect = event.effect + flags_text(event);
        if (event.retried_at_seq) {
            effect += ", retried at " + std::to_string(*event.retried_at_seq);
        }
        table.add_row({std::to_string(event.seq),
                       format_rfc3339(event.time) + (event.has_event_time ? "" : " (received)"),
                       event.status,
                       event.verdict,
                       effect});
    }

    void write(const ExplainedInterval& explained) {
        const Interval& interval = explained.interval;
        const Instant as_of = context_.origin.as_of;
        std::string heading = interval.state + " from " + format_rfc3339(interval.start);
        heading += interval.end ? " to " + format_rfc3339(*interval.end)
                                : ", open, cut at " + format_rfc3339(as_of);
        page_.line(0, heading);
        const Instant end = interval.end.value_or(std::max(as_of, interval.start));
        page_.entry(kIndent, "length", format_seconds(end - interval.start) + " s");
        page_.entry(kIndent, "opened by", event_text(interval.opened_by));
        if (interval.closed_by) {
            page_.entry(kIndent, "closed by", event_text(*interval.closed_by));
        }
        page_.entry(kIndent, "provider", interval.provider);
        if (interval.doubtful) {
            page_.entry(kIndent, "doubtful", "an UNKNOWN lies in it");
        }
        for (const ExplainedLine& line : explained.lines) {
            page_.blank();
            write(line);
        }
        for (const ExplainedGap& gap : explained.unrated) {
            page_.blank();
            write(gap);
        }
        for (const MeterChoice& meter : explained.idle_meters) {
            page_.blank();
            page_.line(kIndent, "meter " + meter.meter + ": no rate matches, nothing is charged");
            write_rejected(meter.rejected);
        }
    }

    [[nodiscard]] std::string event_text(std::int64_t seq) const {
        const auto event = std::find_if(explanation_.events.begin(),
                                        explanation_.events.end(),
                                        [seq](const ToldEvent& each) { return each.seq == seq; });
        std::string text = "seq " + std::to_string(seq);
        if (event != explanation_.events.end()) {
            text += ": " + event->status + ", id " + event->id + " from " + event->source;
        }
        return text;
    }

    void write(const ExplainedOwner& owner) {
        std::string text = owner.tenant;
        for (const auto& [name, value] : owner.labels) {
            text.append(", ").append(name).append("=").append(value);
        }
        std::string where;
        for (const ExplainedOwner::Source& source : owner.sources) {
            where += where.empty() ? "" : ", ";
            where.append(source.file).append(":").append(std::to_string(source.line));
        }
        page_.entry(2 * kIndent,
                    "tenant",
                    text + (where.empty() ? ": no resource file names it" : ": " + where));
    }

    // Rates of other service types are many and say little: they are counted.
    void write_rejected(const std::vector<RejectedRate>& rejected) {
        std::size_t others = 0;
        for (const RejectedRate& each : rejected) {
            if (each.mismatches.front().member == "match.service_type") {
                ++others;
                continue;
            }
            std::string why;
            for (const Mismatch& mismatch : each.mismatches) {
                why += (why.empty() ? "" : "; ") + mismatch.words;
            }
            page_.entry(2 * kIndent, "not", book_.rates[each.rate].id + ": " + why);
        }
        if (others > 0) {
            page_.entry(2 * kIndent,
                        "not",
                        std::to_string(others) + (others == 1 ? " rate" : " rates") +
                            " of other service types");
        }
    }

    void write(const ExplainedLine& line) {
        page_.sides(kIndent,
                    "meter " + line.meter + ": rate " + line.rate,
                    line.cost.to_string() + ' ' + explanation_.currency);
        page_.entry(2 * kIndent, "charged", stretch(line.charge));
        write(line.owner);
        write_rejected(line.rejected);
        for (const ArithmeticStep& step : line.arithmetic) {
            std::string text = step.expression.empty() ? "" : step.expression + " = ";
            text += step.value + ' ' + step.unit;
            text += step.note.empty() ? "" : "  (" + step.note + ')';
            page_.entry(2 * kIndent, step.name, text);
        }
    }

    void write(const ExplainedGap& gap) {
        page_.sides(kIndent,
                    "unrated: no meter charges",
                    format_seconds(gap.during.end - gap.during.start) + " s");
        page_.entry(2 * kIndent, "stretch", stretch(gap.during));
        write(gap.owner);
        for (const MeterChoice& meter : gap.meters) {
            page_.entry(2 * kIndent, "meter", meter.meter);
            write_rejected(meter.rejected);
        }
    }

    void footer() {
        const ReportOrigin& origin = context_.origin;
        std::size_t lines = 0;
        for (const ExplainedInterval& interval : explanation_.intervals) {
            lines += interval.lines.size();
        }
        page_.entry(0,
                    "sum",
                    explanation_.total.to_string() + ' ' + explanation_.currency + " of " +
                        std::to_string(lines) + (lines == 1 ? " line" : " lines") + " in " +
                        std::to_string(explanation_.intervals.size()) + " of " +
                        std::to_string(explanation_.intervals_in_all) + " intervals");
        page_.entry(0, "as of", format_rfc3339(origin.as_of) + ", months in " + context_.timezone);
        page_.entry(0, "book", origin.book_digest);
        for (const auto& [word, digest] : lent_words()) {
            std::string said = word;
            said += ", which that book does not know: as in ";
            page_.entry(0, "word", said + digest);
        }
        for (const auto& [file, digest] : context_.resource_books) {
            std::string said = file;
            said += ", which is another one in that book: as in ";
            page_.entry(0, "file", said + digest);
        }
        page_.entry(
            0, "log", std::to_string(origin.log_size) + " records, root " + origin.log_root);
        if (context_.evidence) {
            page_.entry(0,
                        "proofs",
                        std::to_string(context_.evidence->proofs.size()) +
                            " of these records are proven by the checkpoint of size " +
                            std::to_string(context_.evidence->size) + "; --format json has them");
        }
    }

    // Words that another book gave, with its digest.
    [[nodiscard]] std::map<std::string, std::string> lent_words() const {
        std::map<std::string, std::string> words;
        for (const ToldEvent& event : explanation_.events) {
            if (event.word_book) {
                words.try_emplace(event.word, *event.word_book);
            }
        }
        return words;
    }

    const Explanation& explanation_;
    const rules::RuleBook& book_;
    const ExplanationContext& context_;
    Page page_;
};

}  // namespace

std::string explanation_text(const Explanation& explanation,
                             const rules::RuleBook& book,
                             const ExplanationContext& context,
                             std::size_t width) {
    return Writer(explanation, book, context, width).run();
}

}  // namespace dcm::billing
