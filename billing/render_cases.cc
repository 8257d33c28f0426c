#include "billing/render_cases.h"

#include "base/shown.h"
#include "billing/json_text.h"
#include "billing/table.h"

#include <algorithm>

namespace dcm::billing {
namespace {

std::size_t count_failed(const std::vector<RanCase>& cases) {
    return static_cast<std::size_t>(std::count_if(
        cases.begin(), cases.end(), [](const RanCase& each) { return !each.result.passes(); }));
}

std::string remark(const CaseMeter& meter) {
    if (!meter.expected.has_value()) {
        return "not expected, not judged";
    }
    const std::string exact = meter.cost.to_string();
    const std::string exactly = meter.rounded == exact ? "" : ", exactly " + exact;
    return (meter.passes ? "as expected" : "differs") + exactly;
}

std::string failure_text(const RanCase& failed) {
    std::string text;
    if (failed.result.type_without_lifecycle) {
        text += "  no lifecycle has the service type " +
                shown(*failed.result.type_without_lifecycle) + ": it is never charged\n";
    }
    for (const std::string& status : failed.result.unknown_statuses) {
        text += "  the service type does not know the status " + shown(status) + '\n';
    }
    Table table({{"meter"}, {"expected", Align::right}, {"got", Align::right}, {""}});
    for (const CaseMeter& meter : failed.result.meters) {
        table.add_row({meter.meter, meter.expected.value_or("-"), meter.rounded, remark(meter)});
    }
    if (!table.empty()) {
        const std::string lines = table.text(/*width=*/0);
        for (std::size_t at = 0; at < lines.size();) {
            const std::size_t end = lines.find('\n', at) + 1;
            text += "  " + lines.substr(at, end - at);
            at = end;
        }
    }
    if (!failed.result.unrated_seconds.is_zero()) {
        text += "  unrated: " + failed.result.unrated_seconds.to_string() + " s\n";
    }
    return text;
}

std::string meter_json(const CaseMeter& meter) {
    JsonObject object;
    object.add("meter", meter.meter);
    object.add_or_null("expected", meter.expected);
    object.add("got", meter.rounded);
    object.add("cost", meter.cost.to_string());
    object.add_json("passes", meter.passes ? "true" : "false");
    return object.text();
}

std::string case_json(const RanCase& each) {
    std::string meters;
    for (const CaseMeter& meter : each.result.meters) {
        meters += (meters.empty() ? "" : ",") + meter_json(meter);
    }
    std::string unknown;
    for (const std::string& status : each.result.unknown_statuses) {
        unknown += (unknown.empty() ? "" : ",") + json_string(status);
    }
    JsonObject object;
    object.add("name", each.name);
    object.add("place", each.place);
    object.add_json("passes", each.result.passes() ? "true" : "false");
    object.add_json("meters", '[' + meters + ']');
    object.add("unrated_seconds", each.result.unrated_seconds.to_string());
    object.add_json("unknown_statuses", '[' + unknown + ']');
    object.add_or_null("type_without_lifecycle", each.result.type_without_lifecycle);
    return object.text();
}

}  // namespace

std::string cases_text(const std::vector<RanCase>& cases) {
    std::string text;
    for (const RanCase& each : cases) {
        text += each.result.passes() ? "ok    " : "FAIL  ";
        text += on_one_line(each.name);
        text += each.result.passes() ? "\n" : "  (" + each.place + ")\n" + failure_text(each);
    }
    if (cases.empty()) {
        return "the book has no cases\n";
    }
    return text + std::to_string(cases.size()) + (cases.size() == 1 ? " case, " : " cases, ") +
           std::to_string(count_failed(cases)) + " failed\n";
}

std::string cases_json(const std::vector<RanCase>& cases, const std::string& book_digest) {
    std::string list;
    for (const RanCase& each : cases) {
        list += (list.empty() ? "" : ",") + case_json(each);
    }
    JsonObject object;
    object.add("book", book_digest);
    object.add_json("cases", '[' + list + ']');
    object.add_json("count", std::to_string(cases.size()));
    object.add_json("failed", std::to_string(count_failed(cases)));
    return object.text() + '\n';
}

}  // namespace dcm::billing
