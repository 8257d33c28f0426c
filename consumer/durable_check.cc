#include "consumer/durable_check.h"

#include "consumer/jetstream_api.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::consumer {
namespace {

using nlohmann::json;

constexpr std::string_view kRecreate =
    "it cannot be changed: delete this durable and start again (what is recorded already is "
    "recognised), or set nats.durable to another name";

std::string finding(std::string_view member,
                    const std::string& found,
                    std::string_view expected,
                    std::string_view remedy) {
    return std::string(member) + " is " + (found.empty() ? "not set" : found) + ", expected " +
           std::string(expected) + " — " + std::string(remedy);
}

std::vector<std::string> filters_of(const json& config) {
    std::vector<std::string> filters;
    const std::string single = text_member(config, "filter_subject");
    if (!single.empty()) {
        filters.push_back(single);
    }
    const auto several = config.find("filter_subjects");
    if (several != config.end() && several->is_array()) {
        for (const json& filter : *several) {
            filters.push_back(filter.is_string() ? filter.get<std::string>() : "");
        }
    }
    return filters;
}

void check_delivery(const json& config,
                    const DurableTerms& terms,
                    std::vector<std::string>& harmful) {
    const std::int64_t deliver_max = number_member(config, "max_deliver");
    if (deliver_max > 0) {
        harmful.push_back(finding("max_deliver",
                                  std::to_string(deliver_max),
                                  "-1: a finite one skips events for ever",
                                  "nats consumer edit --max-deliver=-1"));
    }
    const std::string ack_policy = text_member(config, "ack_policy");
    if (ack_policy != "explicit") {
        harmful.push_back(finding("ack_policy", ack_policy, "explicit", kRecreate));
    }
    const std::string target = text_member(config, "deliver_subject");
    if (!target.empty()) {
        harmful.push_back(
            finding("deliver_subject", "'" + target + "'", "none: a pull consumer", kRecreate));
    }
    const std::string deliver = text_member(config, "deliver_policy");
    const bool is_good_start = deliver == "by_start_sequence" &&
                               (number_member(config, "opt_start_seq") <= terms.recorded_to + 1 ||
                                (terms.adds_missing && filters_of(config).empty()));
    if (deliver != "all" && !is_good_start) {
        harmful.push_back(finding(
            "deliver_policy", deliver, "all: it hides what was published before", kRecreate));
    }
    if (flag_member(config, "headers_only")) {
        harmful.push_back(finding("headers_only",
                                  "true",
                                  "false: events would come without payload",
                                  "nats consumer edit --no-headers-only"));
    }
}

void check_filter(const json& config, std::vector<std::string>& harmful) {
    const std::vector<std::string> filters = filters_of(config);
    std::string shown;
    for (const std::string& filter : filters) {
        if (subject_covers({filter}, {kEventSubjects})) {
            return;
        }
        shown += (shown.empty() ? "'" : ", '") + filter + "'";
    }
    if (!filters.empty()) {
        harmful.push_back(finding("filter_subject",
                                  shown,
                                  "none or 'dcm.*': it hides events",
                                  "nats consumer edit --filter='dcm.*'"));
    }
}

void check_comfort(const json& config, std::vector<std::string>& warnings) {
    const std::int64_t pending = number_member(config, "max_ack_pending");
    if (pending > 0 && pending < kAckPendingLow) {
        warnings.push_back(finding("max_ack_pending",
                                   std::to_string(pending),
                                   std::to_string(kAckPendingMax),
                                   "it limits the rate"));
    }
    const std::int64_t waiting = number_member(config, "max_waiting");
    if (waiting > 0 && waiting < kRequestsLow) {
        warnings.push_back(finding("max_waiting",
                                   std::to_string(waiting),
                                   "at least " + std::to_string(kRequestsLow) + " for each member",
                                   "it limits the rate"));
    }
    const std::int64_t ack_wait = number_member(config, "ack_wait");
    if (ack_wait > 0 && ack_wait < kAckWaitLowSeconds * kNanosPerSecond) {
        warnings.push_back(finding("ack_wait",
                                   std::to_string(ack_wait / 1'000'000) + "ms",
                                   std::to_string(kAckWaitSeconds) + "s",
                                   "a slow commit makes redeliveries"));
    }
    if (text_member(config, "replay_policy") == "original") {
        warnings.push_back(finding("replay_policy",
                                   "original",
                                   "instant",
                                   "a backlog is delivered as slowly as it was published"));
    }
    if (number_member(config, "inactive_threshold") > 0) {
        warnings.push_back(finding(
            "inactive_threshold", "set", "none", "the durable disappears while no member runs"));
    }
    const std::string paused_until = text_member(config, "pause_until");
    if (!paused_until.empty()) {
        warnings.push_back(
            finding("pause_until", paused_until, "none", "nothing is delivered while it lasts"));
    }
}

// The next token, cut off `rest`; `rest` is empty after the last.
std::string_view take_subject_token(std::string_view& rest) {
    const std::size_t dot = rest.find('.');
    const std::string_view token = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    return token;
}

}  // namespace

bool subject_covers(SubjectPattern outer, SubjectPattern inner) {
    std::string_view outer_rest = outer.text;
    std::string_view inner_rest = inner.text;
    while (!outer_rest.empty() && !inner_rest.empty()) {
        const std::string_view wide = take_subject_token(outer_rest);
        const std::string_view narrow = take_subject_token(inner_rest);
        if (wide == ">") {
            return true;
        }
        if (narrow == ">" || (wide != "*" && wide != narrow)) {
            return false;
        }
    }
    return outer_rest.empty() && inner_rest.empty();
}

DurableTerms durable_terms(const KnownStream& known) {
    DurableTerms terms;
    // A stream that lost its end uses sequences again: all of it is read, what is recorded is
    // known.
    terms.start = known.accounted_to <= known.last_sequence ? known.accounted_to + 1 : 1;
    // What the account has behind it is gone, and told.
    terms.recorded_to = std::max(known.accounted_to, known.recorded_to);
    terms.adds_missing = known.is_reviewed && terms.start > 1;
    return terms;
}

DurableFindings check_durable(const json& config, const DurableTerms& terms) {
    DurableFindings findings;
    check_delivery(config, terms, findings.harmful);
    check_filter(config, findings.harmful);
    check_comfort(config, findings.warnings);
    return findings;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): what is asked comes first.
std::vector<std::string> compare_durable(const json& asked, const json& made) {
    std::vector<std::string> differences;
    for (const auto& [name, value] : asked.items()) {
        const auto found = made.find(name);
        if (found == made.end() || *found != value) {
            differences.push_back(name + ": asked for " + value.dump() + ", the server made " +
                                  (found == made.end() ? "nothing" : found->dump()));
        }
    }
    return differences;
}

json durable_config(const std::string& durable, const DurableTerms& terms) {
    json config = {
        {"durable_name", durable},
        {"deliver_policy", "all"},
        {"ack_policy", "explicit"},
        {"ack_wait", kAckWaitSeconds * kNanosPerSecond},
        {"max_deliver", -1},
        {"max_ack_pending", kAckPendingMax},
        {"replay_policy", "instant"},
    };
    if (terms.start > 1) {
        config["deliver_policy"] = "by_start_sequence";
        config["opt_start_seq"] = terms.start;
    }
    // Servers before 2.10 do not know the list.
    if (terms.filters.size() == 1) {
        config["filter_subject"] = terms.filters.front();
    } else if (!terms.filters.empty()) {
        config["filter_subjects"] = terms.filters;
    }
    return config;
}

}  // namespace dcm::consumer
