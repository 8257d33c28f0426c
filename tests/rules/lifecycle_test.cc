#include "rules/lifecycle.h"

#include <catch2/catch.hpp>

#include <vector>

namespace dcm::rules {
namespace {

struct Row {
    std::string service_type;
    std::string word;
    std::string status;
    PolicyKind kind;
    std::string state;
};

// domain.md section 2, every cell.
const std::vector<Row>& standard_rows() {
    static const std::vector<Row> rows{
        {"vm", "RUNNING", "RUNNING", PolicyKind::charge, "RUNNING"},
        {"vm", "STOPPED", "STOPPED", PolicyKind::charge, "STOPPED"},
        {"vm", "PAUSED", "PAUSED", PolicyKind::charge, "PAUSED"},
        {"vm", "PROVISIONING", "PROVISIONING", PolicyKind::hold, ""},
        {"vm", "STOPPING", "STOPPING", PolicyKind::hold, ""},
        {"vm", "UNKNOWN", "UNKNOWN", PolicyKind::hold, ""},
        {"vm", "ERROR", "ERROR", PolicyKind::none, ""},
        {"vm", "DELETING", "DELETING", PolicyKind::none, ""},
        {"vm", "DELETED", "DELETED", PolicyKind::end, ""},
        {"vm", "FAILED", "ERROR", PolicyKind::none, ""},
        {"vm", "PENDING", "PROVISIONING", PolicyKind::hold, ""},
        {"vm", "SCHEDULING", "PROVISIONING", PolicyKind::hold, ""},
        {"vm", "SCHEDULED", "PROVISIONING", PolicyKind::hold, ""},
        {"vm", "SUCCEEDED", "STOPPED", PolicyKind::charge, "STOPPED"},
        {"container", "RUNNING", "RUNNING", PolicyKind::charge, "RUNNING"},
        {"container", "PENDING", "PENDING", PolicyKind::hold, ""},
        {"container", "UNKNOWN", "UNKNOWN", PolicyKind::hold, ""},
        {"container", "SUCCEEDED", "SUCCEEDED", PolicyKind::none, ""},
        {"container", "FAILED", "FAILED", PolicyKind::none, ""},
        {"container", "DELETED", "DELETED", PolicyKind::end, ""},
        {"container", "ERROR", "FAILED", PolicyKind::none, ""},
        {"cluster", "ACTIVE", "ACTIVE", PolicyKind::charge, "ACTIVE"},
        {"cluster", "UPDATING", "UPDATING", PolicyKind::charge, "ACTIVE"},
        {"cluster", "DEGRADED", "DEGRADED", PolicyKind::charge, "ACTIVE"},
        {"cluster", "CREATING", "CREATING", PolicyKind::hold, ""},
        {"cluster", "FAILED", "FAILED", PolicyKind::none, ""},
        {"cluster", "UNAVAILABLE", "UNAVAILABLE", PolicyKind::none, ""},
        {"cluster", "DELETING", "DELETING", PolicyKind::none, ""},
        {"cluster", "DELETED", "DELETED", PolicyKind::end, ""},
        {"cluster", "READY", "ACTIVE", PolicyKind::charge, "ACTIVE"},
        {"cluster", "PENDING", "CREATING", PolicyKind::hold, ""},
        {"cluster", "PROVISIONING", "CREATING", PolicyKind::hold, ""},
        {"cluster", "PROGRESSING", "CREATING", PolicyKind::hold, ""},
        {"cluster", "ERROR", "FAILED", PolicyKind::none, ""},
        {"storage", "RUNNING", "RUNNING", PolicyKind::charge, "RUNNING"},
        {"storage", "PROVISIONING", "PROVISIONING", PolicyKind::hold, ""},
        {"storage", "FAILED", "FAILED", PolicyKind::none, ""},
        {"storage", "DELETING", "DELETING", PolicyKind::none, ""},
        {"storage", "DELETED", "DELETED", PolicyKind::end, ""},
        {"storage", "ERROR", "FAILED", PolicyKind::none, ""},
        {"network", "ACTIVE", "ACTIVE", PolicyKind::charge, "ACTIVE"},
        {"network", "PENDING", "PENDING", PolicyKind::hold, ""},
        {"network", "FAILED", "FAILED", PolicyKind::none, ""},
        {"network", "DELETING", "DELETING", PolicyKind::none, ""},
        {"network", "DELETED", "DELETED", PolicyKind::end, ""},
        {"network", "READY", "ACTIVE", PolicyKind::charge, "ACTIVE"},
        {"network", "ERROR", "FAILED", PolicyKind::none, ""},
        {"database", "RUNNING", "RUNNING", PolicyKind::charge, "RUNNING"},
        {"database", "PENDING", "PENDING", PolicyKind::hold, ""},
        {"database", "UNKNOWN", "UNKNOWN", PolicyKind::hold, ""},
        {"database", "FAILED", "FAILED", PolicyKind::none, ""},
        {"database", "DELETING", "DELETING", PolicyKind::none, ""},
        {"database", "DELETED", "DELETED", PolicyKind::end, ""},
        {"database", "ERROR", "FAILED", PolicyKind::none, ""},
        {"cost", "READY", "READY", PolicyKind::none, ""},
        {"cost", "PROVISIONING", "PROVISIONING", PolicyKind::none, ""},
        {"cost", "FAILED", "FAILED", PolicyKind::none, ""},
        {"cost", "DELETED", "DELETED", PolicyKind::end, ""},
        {"cost", "ERROR", "FAILED", PolicyKind::none, ""},
    };
    return rows;
}

}  // namespace

TEST_CASE("every standard word has its status and its policy", "[rules]") {
    const Lifecycle lifecycle = standard_lifecycle();
    for (const Row& row : standard_rows()) {
        INFO(row.service_type << ' ' << row.word);
        CHECK(lifecycle.status_of(row.service_type, row.word) == row.status);
        CHECK(lifecycle.policy_of(row.service_type, "any", row.status) ==
              Policy{row.kind, row.state});
    }
}

TEST_CASE("the standard lifecycle knows no other words", "[rules]") {
    std::size_t words = 0;
    for (const auto& [type, service] : standard_lifecycle().services) {
        words += service.policies.size() + service.aliases.size();
    }
    CHECK(words == standard_rows().size());
}

TEST_CASE("a word of another service type is no word of this one", "[rules]") {
    const Lifecycle lifecycle = standard_lifecycle();
    CHECK(lifecycle.status_of("storage", "PAUSED") == std::nullopt);
    CHECK(lifecycle.status_of("vm", "ACTIVE") == std::nullopt);
    CHECK(lifecycle.status_of("vm", "running") == std::nullopt);
    CHECK(lifecycle.status_of("vm", "") == std::nullopt);
}

TEST_CASE("a type without a lifecycle keeps any known word and is never charged", "[rules]") {
    const Lifecycle lifecycle = standard_lifecycle();
    CHECK(lifecycle.status_of("gpu", "RUNNING") == "RUNNING");
    // An alias elsewhere: kept as it is.
    CHECK(lifecycle.status_of("gpu", "SCHEDULED") == "SCHEDULED");
    CHECK(lifecycle.status_of("gpu", "DANCING") == std::nullopt);
    CHECK(lifecycle.policy_of("gpu", "p", "RUNNING") == Policy{PolicyKind::none, ""});
}

TEST_CASE("a lifecycle knows the words of another one, or lacks some", "[rules]") {
    const Lifecycle standard = standard_lifecycle();
    Lifecycle more = standard;
    more.services["vm"].aliases["HALTED"] = "STOPPED";
    CHECK(standard.knows_words_of(standard));
    CHECK(more.knows_words_of(standard));
    CHECK_FALSE(standard.knows_words_of(more));
    more.services["vm"].policies["HALTED"] = Policy{PolicyKind::none, ""};
    CHECK_FALSE(standard.knows_words_of(more));
    SECTION("a type that is new here took any word before") {
        Lifecycle with_disk = standard;
        with_disk.services["disk"].policies["RUNNING"] = Policy{PolicyKind::none, ""};
        CHECK_FALSE(with_disk.knows_words_of(standard));
    }
    SECTION("a type that is gone takes what some other type knows") {
        Lifecycle without = standard;
        without.services.erase("storage");
        CHECK(without.knows_words_of(standard));
        without.services.erase("vm");
        CHECK_FALSE(without.knows_words_of(standard));  // PAUSED was a vm's only
    }
}

TEST_CASE("a provider's own policy goes before the general one", "[rules]") {
    Lifecycle lifecycle = standard_lifecycle();
    lifecycle.services["vm"].providers["azure"]["STOPPED"] = Policy{PolicyKind::charge, "RUNNING"};
    CHECK(lifecycle.policy_of("vm", "azure", "STOPPED").state == "RUNNING");
    CHECK(lifecycle.policy_of("vm", "azure", "PAUSED").state == "PAUSED");
    CHECK(lifecycle.policy_of("vm", "other", "STOPPED").state == "STOPPED");
}

TEST_CASE("the provider is the last segment of a provider's path, else the source", "[rules]") {
    Lifecycle lifecycle;
    lifecycle.provider_names["kubevirt.localhost"] = "kubevirt";
    lifecycle.provider_names["dcm/providers/old"] = "new";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"dcm/providers/p1", "p1"},
        {"/dcm/providers/p1", "p1"},
        {"//dcm/providers/p1", "//dcm/providers/p1"},
        {"dcm/providers/", "dcm/providers/"},
        {"dcm/providers", "dcm/providers"},
        {"dcm/providers/a/b", "dcm/providers/a/b"},
        {"x/dcm/providers/p1", "x/dcm/providers/p1"},
        {"DCM/providers/p1", "DCM/providers/p1"},
        {"kcli", "kcli"},
        {"kubevirt.localhost", "kubevirt"},
        {"dcm/providers/old", "new"},
        {"", ""},
    };
    for (const auto& [source, provider] : cases) {
        CHECK(lifecycle.provider_of(source) == provider);
    }
}

TEST_CASE("the canonical text is the same for equal lifecycles and differs for any difference",
          "[rules]") {
    const std::string text = standard_lifecycle().canonical_text();
    CHECK(standard_lifecycle().canonical_text() == text);
    Lifecycle changed = standard_lifecycle();
    SECTION("a state") {
        changed.services["cluster"].policies["UPDATING"].state = "UPDATING";
    }
    SECTION("a kind") {
        changed.services["vm"].policies["ERROR"].kind = PolicyKind::hold;
    }
    SECTION("an alias") {
        changed.services["vm"].aliases["HALTED"] = "STOPPED";
    }
    SECTION("a provider's policy") {
        changed.services["vm"].providers["p"]["STOPPED"] = Policy{PolicyKind::none, ""};
    }
    SECTION("a provider's name") {
        changed.provider_names["s"] = "p";
    }
    SECTION("a service type without words") {
        changed.services["gpu"] = {};
    }
    CHECK(changed.canonical_text() != text);
}

TEST_CASE("no choice of words makes two lifecycles one canonical text", "[rules]") {
    Lifecycle one;
    one.provider_names["a b"] = "c";
    Lifecycle other;
    other.provider_names["a"] = "b c";
    CHECK(one.canonical_text() != other.canonical_text());
    CHECK(one.canonical_text() == "source 3:a b 1:c\n");
}

// State: a lifecycle that knows some words, and a later one. Goal: what is known stays, the rest is
// what the later one says.
TEST_CASE("words that a lifecycle lacks are taken from another one", "[rules]") {
    const Lifecycle standard = standard_lifecycle();
    Lifecycle later = standard;
    ServiceLifecycle& vm = later.services["vm"];
    vm.policies["HIBERNATED"] = Policy{PolicyKind::hold, ""};
    vm.policies["RESCUED"] = Policy{PolicyKind::charge, "RUNNING"};
    vm.policies["RUNNING"] = Policy{PolicyKind::none, ""};
    vm.policies["FAILED"] = Policy{PolicyKind::charge, "RUNNING"};  // an alias of ERROR before
    vm.aliases["SUSPENDED"] = "HIBERNATED";
    vm.aliases["SHELVED"] = "STOPPED";
    vm.aliases["BROKEN"] = "FAILED";
    vm.providers["azure"]["RESCUED"] = Policy{PolicyKind::none, ""};
    vm.providers["azure"]["STOPPED"] = Policy{PolicyKind::charge, "RUNNING"};
    Lifecycle lifecycle = standard;
    lifecycle.add_words_of(later);
    CHECK(lifecycle.policy_of("vm", "p", "HIBERNATED").kind == PolicyKind::hold);
    CHECK(lifecycle.policy_of("vm", "p", "RESCUED") == Policy{PolicyKind::charge, "RUNNING"});
    CHECK(lifecycle.policy_of("vm", "azure", "RESCUED").kind == PolicyKind::none);
    CHECK(lifecycle.status_of("vm", "SUSPENDED") == "HIBERNATED");
    CHECK(lifecycle.status_of("vm", "SHELVED") == "STOPPED");
    SECTION("what was known means what it meant") {
        CHECK(lifecycle.policy_of("vm", "p", "RUNNING") == Policy{PolicyKind::charge, "RUNNING"});
        CHECK(lifecycle.policy_of("vm", "azure", "STOPPED") ==
              Policy{PolicyKind::charge, "STOPPED"});
        CHECK(lifecycle.status_of("vm", "FAILED") == "ERROR");
        CHECK(lifecycle.status_of("vm", "BROKEN") == "ERROR");
    }
    SECTION("once is enough, and words of the standard add nothing") {
        Lifecycle again = lifecycle;
        again.add_words_of(later);
        again.add_words_of(standard);
        CHECK(again == lifecycle);
    }
}

TEST_CASE("a type that had no lifecycle gets the words it did not take", "[rules]") {
    Lifecycle later = standard_lifecycle();
    later.services["gpu"].policies["BUSY"] = Policy{PolicyKind::charge, "BUSY"};
    later.services["gpu"].policies["RUNNING"] = Policy{PolicyKind::charge, "RUNNING"};
    Lifecycle lifecycle = standard_lifecycle();
    lifecycle.add_words_of(later);
    CHECK(lifecycle.policy_of("gpu", "p", "BUSY") == Policy{PolicyKind::charge, "BUSY"});
    CHECK(lifecycle.status_of("gpu", "RUNNING") == "RUNNING");
    CHECK(lifecycle.policy_of("gpu", "p", "RUNNING") == Policy{PolicyKind::none, ""});
    CHECK(lifecycle.status_of("gpu", "SCHEDULED") == "SCHEDULED");
    CHECK(lifecycle.status_of("gpu", "DANCING") == std::nullopt);
}

}  // namespace dcm::rules
