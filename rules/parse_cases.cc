#include "rules/parse_cases.h"

#include <array>

namespace dcm::rules {
namespace {

constexpr std::array<std::string_view, 7> kCaseKeys{
    "name", "service_type", "provider", "instance", "events", "period", "expect"};
constexpr std::array<std::string_view, 2> kEventKeys{"time", "status"};

CaseEvent read_event(const YamlReader& reader, const YamlNode& node) {
    CaseEvent event;
    if (!reader.check_map(node, "an event: {time: …, status: …}", kEventKeys)) {
        return event;
    }
    if (const YamlNode* const time = reader.require(node, "time")) {
        const Result<Instant> at = parse_rfc3339(time->text);
        if (time->kind == YamlKind::scalar && at.ok()) {
            event.time = at.value();
        } else {
            reader.unexpected(*time, "an RFC 3339 time such as 2026-05-01T10:00:00Z");
        }
    }
    if (const YamlNode* const status = reader.require(node, "status")) {
        event.status = reader.text(*status, "a status").value_or("");
    }
    return event;
}

void read_expectations(const YamlReader& reader, const YamlNode& node, Case& example) {
    for (const auto& [meter, cost] : reader.members(node, "a map of meters and their cost")) {
        if (reader.decimal(*cost, Sign::any)) {
            example.expect[meter->text] = cost->text;
        }
    }
}

CivilDate read_month(const YamlReader& reader, const YamlNode& node) {
    const Result<CivilDate> month = parse_month(node.text);
    if (node.kind != YamlKind::scalar || !month.ok()) {
        reader.unexpected(node, "a month such as 2026-05");
        return {};
    }
    return month.value();
}

}  // namespace

Case read_case(const YamlReader& reader, const YamlNode& node) {
    Case example;
    if (!reader.check_map(node, "a case, which is a map", kCaseKeys)) {
        return example;
    }
    if (const YamlNode* const name = reader.require(node, "name")) {
        example.name = reader.text(*name, "the case's name").value_or("");
    }
    if (const YamlNode* const type = reader.require(node, "service_type")) {
        example.service_type = reader.text(*type, "a service type").value_or("");
    }
    if (const YamlNode* const provider = find_member(node, "provider")) {
        example.provider = reader.text(*provider, "a provider's name").value_or("");
    }
    if (const YamlNode* const instance = find_member(node, "instance")) {
        example.instance = reader.text(*instance, "an instance's id").value_or("");
    }
    if (const YamlNode* const events = reader.require(node, "events")) {
        for (const YamlNode* const event : reader.items(*events, "a list of events")) {
            example.events.push_back(read_event(reader, *event));
        }
    }
    if (const YamlNode* const period = reader.require(node, "period")) {
        example.period = read_month(reader, *period);
    }
    if (const YamlNode* const expect = reader.require(node, "expect")) {
        read_expectations(reader, *expect, example);
    }
    return example;
}

}  // namespace dcm::rules
