#include "rules/resources.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

constexpr Period kDuring{Instant{100}, Instant{200}};

Resource entry(std::string tenant, Labels labels = {}) {
    return {"vm", "a", std::move(tenant), std::move(labels), std::nullopt, std::nullopt};
}

Resource valid(Resource resource, std::optional<Instant> from, std::optional<Instant> to) {
    resource.valid_from = from;
    resource.valid_to = to;
    return resource;
}

void check(const Ownership& owner, Period during, const std::string& tenant, const Labels& labels) {
    CHECK(owner.during == during);
    CHECK(owner.tenant == tenant);
    CHECK(owner.labels == labels);
}

}  // namespace

TEST_CASE("an unknown instance is unassigned", "[rules]") {
    ResourceTable table;
    table.add_file({entry("acme")});
    for (const auto& [type, instance] : {std::pair("vm", "b"), std::pair("storage", "a")}) {
        const auto owners = table.ownership(type, instance, kDuring);
        REQUIRE(owners.size() == 1);
        check(owners[0], kDuring, "unassigned", {});
    }
}

TEST_CASE("the first entry of a file that holds at an instant wins", "[rules]") {
    ResourceTable table;
    table.add_file({valid(entry("first"), Instant{120}, Instant{150}), entry("second")});
    const auto owners = table.ownership("vm", "a", kDuring);
    REQUIRE(owners.size() == 3);
    check(owners[0], {Instant{100}, Instant{120}}, "second", {});
    check(owners[1], {Instant{120}, Instant{150}}, "first", {});
    check(owners[2], {Instant{150}, Instant{200}}, "second", {});
}

TEST_CASE("a later file fills in what earlier ones leave unsaid", "[rules]") {
    ResourceTable table;
    table.add_file({entry("", {{"flavor", "small"}})});
    table.add_file({entry("acme", {{"flavor", "large"}, {"team", "blue"}})});
    const auto owners = table.ownership("vm", "a", kDuring);
    REQUIRE(owners.size() == 1);
    check(owners[0], kDuring, "acme", {{"flavor", "small"}, {"team", "blue"}});
}

TEST_CASE("entries without a tenant leave the instance unassigned but labelled", "[rules]") {
    ResourceTable table;
    table.add_file({entry("", {{"flavor", "small"}})});
    const auto owners = table.ownership("vm", "a", kDuring);
    REQUIRE(owners.size() == 1);
    check(owners[0], kDuring, "unassigned", {{"flavor", "small"}});
}

TEST_CASE("validity that begins or ends at the bounds cuts nothing", "[rules]") {
    ResourceTable table;
    table.add_file({valid(entry("acme"), Instant{100}, Instant{200}),
                    valid(entry("before"), std::nullopt, Instant{100}),
                    valid(entry("after"), Instant{200}, std::nullopt)});
    const auto owners = table.ownership("vm", "a", kDuring);
    REQUIRE(owners.size() == 1);
    check(owners[0], kDuring, "acme", {});
}

TEST_CASE("neighbouring stretches with one owner are one", "[rules]") {
    ResourceTable table;
    table.add_file({valid(entry("acme"), std::nullopt, Instant{150}),
                    valid(entry("acme"), Instant{150}, std::nullopt)});
    CHECK(table.ownership("vm", "a", kDuring).size() == 1);
}

TEST_CASE("a validity that ends one microsecond early leaves that microsecond unassigned",
          "[rules]") {
    ResourceTable table;
    table.add_file({valid(entry("acme"), std::nullopt, Instant{199})});
    const auto owners = table.ownership("vm", "a", kDuring);
    REQUIRE(owners.size() == 2);
    check(owners[0], {Instant{100}, Instant{199}}, "acme", {});
    check(owners[1], {Instant{199}, Instant{200}}, "unassigned", {});
}

}  // namespace dcm::rules
