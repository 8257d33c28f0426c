#include "billing/intervals.h"
#include "billing/render_usage.h"
#include "case_story.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

namespace dcm::billing {
namespace {

using nlohmann::json;

Publication publication(const Story& story, std::int64_t log_seq) {
    const auto& [source, id] = story.publications.at(static_cast<std::size_t>(log_seq) - 1);
    return {source, id};
}

// What `usage --format jsonl` and `instances --format jsonl` print.
struct Printed {
    json usage = json::array();
    json instances = json::array();
};

Printed print_story(const Story& story, const rules::Lifecycle& lifecycle) {
    Printed printed;
    UsagePrinter usage(RowFormat::jsonl, 0, [&](std::string_view line) {
        printed.usage.push_back(json::parse(line));
    });
    InstancePrinter instances(RowFormat::jsonl, 0, [&](std::string_view line) {
        printed.instances.push_back(json::parse(line));
    });
    for (const auto& [key, events] : story.events) {
        const Timeline timeline = derive_intervals(events, key.service_type, lifecycle);
        for (const Interval& interval : timeline.intervals) {
            UsageRow row{
                key, interval, publication(story, interval.opened_by), {}, interval.doubtful};
            if (interval.closed_by.has_value()) {
                row.closed_by = publication(story, *interval.closed_by);
            }
            usage.add(row);
        }
        instances.add(key, *timeline.summary);
    }
    usage.finish();
    instances.finish();
    return printed;
}

void check_instances(const json& printed, const json& expected) {
    REQUIRE(printed.size() == expected.size());
    for (const json& wanted : expected) {
        const auto found = std::find_if(printed.begin(), printed.end(), [&](const json& row) {
            return row["service_type"] == wanted["service_type"] &&
                   row["instance"] == wanted["instance"];
        });
        REQUIRE(found != printed.end());
        for (const auto& [name, value] : wanted.items()) {
            CHECK(found->at(name) == value);
        }
    }
}

TEST_CASE("the plain sequences give the usage and instances they expect", "[sequences]") {
    const rules::Lifecycle lifecycle = rules::standard_lifecycle();
    std::size_t plain = 0;
    for (const json& sequence : read_cases("sequences.jsonl")) {
        const std::optional<Story> story = story_of(sequence["messages"], lifecycle);
        if (!story.has_value()) {
            continue;
        }
        ++plain;
        INFO(sequence["name"]);
        const Printed printed = print_story(*story, lifecycle);
        CHECK(printed.usage == sequence["expect"]["usage"]);
        check_instances(printed.instances, sequence["expect"]["instances"]);
    }
    // The others hold messages that only decoding can judge.
    CHECK(plain >= 36);
}

}  // namespace
}  // namespace dcm::billing
