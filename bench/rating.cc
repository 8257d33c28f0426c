// The rating benchmark: intervals in memory → rated lines → the sums of a report, under one book.
// Beside it a floor: one multiplication and addition of 128-bit integers for each interval.

#include "billing/rating.h"

#include "billing/report.h"
#include "rules/parse.h"

#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using dcm::Duration;
using dcm::Instant;
using dcm::Period;

constexpr std::size_t kIntervalsPerInstance = 10;
// 2026-05-01 to 2026-06-01, UTC.
constexpr Period kMay{Instant{1'777'593'600'000'000}, Instant{1'780'272'000'000'000}};

struct Instance {
    dcm::billing::InstanceKey key;
    std::vector<dcm::billing::Interval> intervals;
};

std::int64_t cpu_micros() {
    rusage usage{};
    static_cast<void>(getrusage(RUSAGE_SELF, &usage));
    return usage.ru_utime.tv_sec * dcm::kMicrosPerSecond + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_sec * dcm::kMicrosPerSecond + usage.ru_stime.tv_usec;
}

// Running and stopped by turns over the month; the lengths differ by primes of microseconds.
Instance instance_of(std::size_t number) {
    std::string id = std::to_string(number);
    Instance instance{{"vm", "vm-" + std::string(7 - id.size(), '0') + id}, {}};
    Instant at = kMay.start + Duration{static_cast<std::int64_t>(number % 86'413) * 1'000'003};
    for (std::size_t i = 0; i < kIntervalsPerInstance; ++i) {
        const std::int64_t length = 3'600'000'011 + static_cast<std::int64_t>(i * number % 9'973);
        const Instant end = at + Duration{length};
        instance.intervals.push_back({.provider = number % 3 == 0 ? "kubevirt" : "osac-sp-vm",
                                      .state = i % 2 == 0 ? "RUNNING" : "STOPPED",
                                      .start = at,
                                      .end = end,
                                      .opened_by = static_cast<std::int64_t>(number * 10 + i),
                                      .closed_by = {}});
        at = end;
    }
    return instance;
}

std::vector<Instance> fleet_of(std::size_t intervals) {
    std::vector<Instance> fleet;
    for (std::size_t i = 0; i < intervals / kIntervalsPerInstance; ++i) {
        fleet.push_back(instance_of(i));
    }
    return fleet;
}

dcm::rules::BookFile read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const auto slash = path.find_last_of('/');
    return {path.substr(slash == std::string::npos ? 0 : slash + 1),
            {std::istreambuf_iterator<char>(file), {}}};
}

std::int64_t time_floor(const std::vector<Instance>& fleet) {
    const std::int64_t start = cpu_micros();
    dcm::billing::Int128 cost = 0;
    for (const Instance& instance : fleet) {
        for (const dcm::billing::Interval& interval : instance.intervals) {
            cost += dcm::billing::Int128{(*interval.end - interval.start).micros} * 48;
        }
    }
    const std::int64_t micros = cpu_micros() - start;
    return cost > 0 ? micros : 0;
}

std::int64_t time_rating(const dcm::rules::RuleBook& book,
                         const std::vector<Instance>& fleet,
                         std::string& total) {
    const std::int64_t start = cpu_micros();
    dcm::billing::ReportBuilder report(
        book, {dcm::billing::GroupKey::service_type, dcm::billing::GroupKey::provider}, {});
    dcm::billing::Rater rater(
        book,
        {.shown = kMay, .as_of = kMay.end},
        {[&report](const dcm::billing::RatedLine& line) { report.add(line); },
         [&report](const dcm::billing::UnratedPiece& piece) { report.add(piece); }});
    for (const Instance& instance : fleet) {
        rater.add(instance.key, instance.intervals);
    }
    rater.finish();
    total = report.finish().total.to_string();
    return cpu_micros() - start;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        static_cast<void>(
            std::fprintf(stderr, "usage: bench_rating INTERVALS BOOK [RESOURCE_FILE]\n"));
        return 2;
    }
    const std::vector<dcm::rules::BookFile> files{read(argv[2])};
    std::vector<dcm::rules::BookFile> resources;
    if (argc > 3) {
        resources.push_back(read(argv[3]));
    }
    const dcm::rules::ParsedBook parsed = dcm::rules::parse_book(files, resources);
    for (const dcm::rules::Problem& problem : parsed.problems) {
        static_cast<void>(std::fprintf(stderr, "%s\n", problem.message.c_str()));
    }
    if (!parsed.book) {
        return 3;
    }
    const std::vector<Instance> fleet = fleet_of(std::stoul(argv[1]));
    const std::size_t intervals = fleet.size() * kIntervalsPerInstance;
    const std::int64_t floor = time_floor(fleet);
    std::string total;
    const std::int64_t ours = time_rating(*parsed.book, fleet, total);
    std::printf("%zu %lld %lld %s\n",
                intervals,
                static_cast<long long>(floor),
                static_cast<long long>(ours),
                total.c_str());
    return 0;
}
