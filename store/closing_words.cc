#include "store/closing_words.h"

#include "store/late_events.h"
#include "store/row_statement.h"
#include "store/stored_books.h"
#include "store/stored_lifecycle.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace dcm::store {
namespace {

constexpr const char* kCountWords =
    "SELECT i.service_type, e.word, count(*) FROM instance_event AS e "
    "JOIN instance AS i ON i.instance_no = e.instance_no "
    "WHERE e.event_time >= ? AND e.event_time < ? GROUP BY 1, 2 ORDER BY 1, 2";
constexpr const char* kSelectWordsBefore =
    "SELECT DISTINCT i.service_type, e.word FROM instance_event AS e "
    "JOIN instance AS i ON i.instance_no = e.instance_no WHERE e.event_time < ?";
constexpr const char* kSelectWhoSaid =
    "SELECT DISTINCT i.instance_id FROM instance_event AS e "
    "JOIN instance AS i ON i.instance_no = e.instance_no "
    "WHERE i.service_type = ? AND e.word = ? AND e.event_time < ?";

class UnknownWords {
public:
    UnknownWords(const LogReader& snapshot, const ClosingQuestion& question)
        : snapshot_(snapshot),
          session_(snapshot.database().session()),
          question_(question),
          lifecycle_(question.book.rules.lifecycle) {}

    std::string find() {
        if (!may_hold_other_words(session_, lifecycle_)) {
            return {};
        }
        count_in_month();
        count_in_force();
        count_late();
        if (words_.empty()) {
            return {};
        }
        std::string words;
        for (const std::string& word : words_) {
            words += (words.empty() ? "" : ", ") + word;
        }
        return told() +
               " accepted under another rule book with a status that is no word of this one and "
               "charges nothing: " +
               words;
    }

private:
    void count_in_month() {
        RowStatement rows(session_, kCountWords);
        rows.bind(question_.scope.during.start.micros).bind(question_.scope.during.end.micros);
        while (rows.fetch()) {
            add(rows.text(0), rows.text(1), lifecycle_, rows.number(2), of_month_);
        }
    }

    // What an instance said last before the month decides what it is charged from its start on.
    void count_in_force() {
        std::vector<std::pair<std::string, std::string>> unknown;
        RowStatement rows(session_, kSelectWordsBefore);
        rows.bind(question_.scope.during.start.micros);
        while (rows.fetch()) {
            if (!lifecycle_.status_of(rows.text(0), rows.text(1))) {
                unknown.emplace_back(rows.text(0), rows.text(1));
            }
        }
        std::set<billing::InstanceKey> instances;
        for (const auto& [type, word] : unknown) {
            RowStatement who(session_, kSelectWhoSaid);
            who.bind(type).bind(word).bind(question_.scope.during.start.micros);
            while (who.fetch()) {
                instances.insert({type, std::string(who.text(0))});
            }
        }
        if (instances.empty()) {
            return;
        }
        const UsageReader usage(snapshot_, lifecycle_);
        for (const billing::InstanceKey& key : instances) {
            add(key.service_type, word_in_force(usage, key), lifecycle_, 1, in_force_);
        }
    }

    // Of the event that decides when the month begins; empty where an end or none does.
    [[nodiscard]] std::string word_in_force(const UsageReader& usage,
                                            const billing::InstanceKey& key) const {
        std::vector<billing::AcceptedEvent> events = usage.events_of(key);
        std::sort(events.begin(), events.end(), [](const auto& left, const auto& right) {
            return left.order < right.order;
        });
        const Instant start = question_.scope.during.start;
        std::string word;
        for (const billing::AcceptedEvent& event : events) {
            const rules::PolicyKind does =
                lifecycle_.policy_of(key.service_type, event.provider, event.status).kind;
            if (start < event.order.time) {
                break;
            }
            if (does == rules::PolicyKind::end) {
                return {};
            }
            if (does != rules::PolicyKind::hold) {
                // What is said at the very start is counted in the month.
                word = event.order.time < start ? event.status : "";
            }
        }
        return word;
    }

    // Closed months are corrected by their own books, which have the words of all later ones.
    void count_late() {
        const ClosingScope& scope = question_.scope;
        if (!scope.has_late()) {
            return;
        }
        StoredBooks books(session_, question_.closed, question_.book);
        std::map<std::size_t, rules::Lifecycle> lifecycles;
        visit_late_events(
            snapshot_, scope.late_from, scope.during.start, [&](const LateEvent& event) {
                const std::string& type = event.key.service_type;
                if (lifecycle_.status_of(type, event.word)) {
                    return;
                }
                const std::size_t period = period_at(question_.closed, event.time);
                const auto [found, is_new] = lifecycles.try_emplace(period);
                if (is_new) {
                    found->second = books.lifecycle_now(period);
                }
                add(type, event.word, found->second, 1, late_);
            });
    }

    void add(std::string_view type,
             std::string_view word,
             const rules::Lifecycle& lifecycle,
             std::int64_t events,
             std::int64_t& count) {
        if (!word.empty() && !lifecycle.status_of(type, word)) {
            count += events;
            words_.insert(std::string(word) + " (" + std::string(type) + ')');
        }
    }

    // How many there are of each: `2 events of the month, 1 event late for a closed month`.
    [[nodiscard]] std::string told() const {
        std::string text;
        for (const auto& [count, where] : {std::pair{of_month_, " of the month"},
                                           {in_force_, " in force when the month begins"},
                                           {late_, " late for a closed month"}}) {
            if (count > 0) {
                text += (text.empty() ? "" : ", ") + std::to_string(count) +
                        (count == 1 ? " event" : " events") + where;
            }
        }
        return text;
    }

    const LogReader& snapshot_;
    soci::session& session_;
    const ClosingQuestion& question_;
    const rules::Lifecycle& lifecycle_;
    std::int64_t of_month_ = 0;
    std::int64_t in_force_ = 0;
    std::int64_t late_ = 0;
    std::set<std::string> words_;
};

}  // namespace

std::string unknown_words(const LogReader& snapshot, const ClosingQuestion& question) {
    return UnknownWords(snapshot, question).find();
}

}  // namespace dcm::store
