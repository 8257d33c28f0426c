#include "consumer/durable_check.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace dcm::consumer {
namespace {

using nlohmann::json;

json good() {
    return durable_config("dcm-billing");
}

json with(const std::string& name, const json& value) {
    json config = good();
    config[name] = value;
    return config;
}

struct Case {
    std::string member;
    json value;
};

TEST_CASE("the durable we create has nothing against it", "[durable_check]") {
    const DurableFindings findings = check_durable(good());
    CHECK(findings.harmful.empty());
    CHECK(findings.warnings.empty());
}

TEST_CASE("a configuration that could lose or hide events is harmful", "[durable_check]") {
    const auto [member, value] = GENERATE(values<Case>({
        {"max_deliver", 1},
        {"max_deliver", 1'000'000},
        {"ack_policy", "none"},
        {"ack_policy", "all"},
        {"deliver_subject", "push.here"},
        {"deliver_policy", "new"},
        {"deliver_policy", "last"},
        {"deliver_policy", "last_per_subject"},
        {"deliver_policy", "by_start_time"},
        {"headers_only", true},
        {"filter_subject", "dcm.vm"},
        {"filter_subject", "other.*"},
        {"filter_subject", "dcm.*.x"},
        {"filter_subject", "dcm"},
        {"filter_subjects", json::array({"dcm.vm", "dcm.container"})},
    }));
    CAPTURE(member, value);
    const DurableFindings findings = check_durable(with(member, value));
    REQUIRE(findings.harmful.size() == 1);
    // What is, what is expected, and how to change it.
    CHECK(findings.harmful[0].find(member.substr(0, 13)) == 0);
    CHECK(findings.harmful[0].find("expected") != std::string::npos);
    CHECK(findings.harmful[0].find(" — ") != std::string::npos);
}

TEST_CASE("a configuration that loses nothing is accepted", "[durable_check]") {
    const auto [member, value] = GENERATE(values<Case>({
        {"max_deliver", 0},
        {"filter_subject", ""},
        {"filter_subject", "dcm.*"},
        {"filter_subject", "dcm.>"},
        {"filter_subject", ">"},
        {"filter_subject", "*.*"},
        {"filter_subjects", json::array({"other.x", "dcm.*"})},
        {"max_ack_pending", 1000},
        {"max_ack_pending", -1},
        {"max_waiting", 3},
        {"ack_wait", 5 * kNanosPerSecond},
    }));
    CAPTURE(member, value);
    const DurableFindings findings = check_durable(with(member, value));
    CHECK(findings.harmful.empty());
    CHECK(findings.warnings.empty());
}

TEST_CASE("a start at the first message is as good as all of them", "[durable_check]") {
    json config = with("deliver_policy", "by_start_sequence");
    config["opt_start_seq"] = 1;
    CHECK(check_durable(config).harmful.empty());
    config["opt_start_seq"] = 2;
    CHECK(check_durable(config).harmful.size() == 1);
}

TEST_CASE("a start behind what is recorded hides nothing", "[durable_check]") {
    json config = with("deliver_policy", "by_start_sequence");
    config["opt_start_seq"] = 6;
    DurableTerms terms;
    terms.recorded_to = 4;
    CHECK(check_durable(config, terms).harmful.size() == 1);
    terms.recorded_to = 5;
    CHECK(check_durable(config, terms).harmful.empty());
}

TEST_CASE("a start far behind is harmless only where a review adds what is missing",
          "[durable_check]") {
    json config = with("deliver_policy", "by_start_sequence");
    config["opt_start_seq"] = 16;
    KnownStream known{.accounted_to = 5, .recorded_to = 5, .last_sequence = 20};
    CHECK(check_durable(config, durable_terms(known)).harmful.size() == 1);
    known.is_reviewed = true;
    CHECK(check_durable(config, durable_terms(known)).harmful.empty());
    SECTION("holes are no loss where a filter leaves something out") {
        config["filter_subject"] = "dcm.*";
        CHECK(check_durable(config, durable_terms(known)).harmful.size() == 1);
    }
    SECTION("without an account there is nothing to add to") {
        known.accounted_to = 0;
        CHECK(check_durable(config, durable_terms(known)).harmful.size() == 1);
    }
}

TEST_CASE("a durable is created with the filters it is to have", "[durable_check]") {
    DurableTerms terms;
    CHECK_FALSE(durable_config("dcm-billing", terms).contains("filter_subject"));
    terms.filters = {"dcm.*"};
    CHECK(durable_config("dcm-billing", terms)["filter_subject"] == "dcm.*");
    terms.filters = {"dcm.*", "other.x"};
    const json config = durable_config("dcm-billing", terms);
    CHECK(config["filter_subjects"] == json(terms.filters));
    CHECK_FALSE(config.contains("filter_subject"));
}

TEST_CASE("what is only slow or inconvenient is a warning", "[durable_check]") {
    const auto [member, value] = GENERATE(values<Case>({
        {"max_ack_pending", 999},
        {"ack_wait", 5 * kNanosPerSecond - 1},
        {"replay_policy", "original"},
        {"max_waiting", 2},
        {"inactive_threshold", 1},
        {"pause_until", "2100-01-01T00:00:00Z"},
    }));
    CAPTURE(member, value);
    const DurableFindings findings = check_durable(with(member, value));
    CHECK(findings.harmful.empty());
    CHECK(findings.warnings.size() == 1);
}

TEST_CASE("all that is wrong is told at once", "[durable_check]") {
    json config = with("max_deliver", 3);
    config["ack_policy"] = "none";
    config["filter_subject"] = "dcm.vm";
    CHECK(check_durable(config).harmful.size() == 3);
}

TEST_CASE("a field the server dropped or changed is found", "[durable_check]") {
    const json asked = good();
    CHECK(compare_durable(asked, asked).empty());
    json made = asked;
    made.erase("max_deliver");
    made["ack_wait"] = 1;
    made["num_replicas"] = 0;
    const auto differences = compare_durable(asked, made);
    REQUIRE(differences.size() == 2);
    CHECK(differences[0] == "ack_wait: asked for 30000000000, the server made 1");
    CHECK(differences[1] == "max_deliver: asked for -1, the server made nothing");
}

TEST_CASE("a subject pattern covers what all its subjects match", "[durable_check]") {
    struct Pair {
        std::string_view outer;
        std::string_view inner;
        bool covers;
    };
    const auto pair = GENERATE(values<Pair>({
        {"dcm.*", "dcm.*", true},
        {"dcm.>", "dcm.*", true},
        {">", "dcm.*", true},
        {"*.*", "dcm.*", true},
        {"*.>", "dcm.*", true},
        {"dcm.vm", "dcm.*", false},
        {"dcm", "dcm.*", false},
        {"dcm.*.*", "dcm.*", false},
        {"dcm.*.>", "dcm.*", false},
        {"*", "dcm.*", false},
        {"dcm.*", "dcm.>", false},
        {"", "dcm.*", false},
    }));
    CAPTURE(pair.outer, pair.inner);
    CHECK(subject_covers({pair.outer}, {pair.inner}) == pair.covers);
}

}  // namespace
}  // namespace dcm::consumer
