#include "audit/record.h"

#include "audit/hash.h"

#include <catch2/catch.hpp>

#include <functional>
#include <limits>
#include <set>

namespace dcm::audit {
namespace {

Record sample() {
    Record record;
    record.seq = 7;
    record.recorded_at = 1'700'000'000'000'000;
    record.kind = kEventReceived;
    record.actor = "svc:host/1";
    record.subject = "vm/a";
    record.tenant = "t";
    record.ce_source = "ab";
    record.ce_id = "c";
    record.broker_pos = "dcm-status|1|2|3";
    record.outcome = "accepted";
    record.reason = "r";
    record.body = "{}";
    record.payload_commit = std::string(64, '0');
    record.payload_len = 12;
    return record;
}

TEST_CASE("a leaf is the prefix and fourteen fields with their lengths", "[record]") {
    CHECK(encode_leaf(sample()) ==
          "bal/1\n1:7\n16:1700000000000000\n14:event.received\n10:svc:host/1\n4:vm/a\n1:t\n2:ab\n"
          "1:c\n16:dcm-status|1|2|3\n8:accepted\n1:r\n2:{}\n64:" +
              std::string(64, '0') + "\n2:12\n");
    CHECK(encode_leaf(Record()) == "bal/1\n1:0\n1:0\n0:\n0:\n0:\n-\n-\n-\n-\n0:\n-\n-\n-\n-\n");
}

TEST_CASE("the limits of 64-bit integers are written in full", "[record]") {
    Record record;
    record.seq = std::numeric_limits<std::int64_t>::max();
    record.recorded_at = std::numeric_limits<std::int64_t>::min();
    record.payload_len = -1;
    CHECK(encode_leaf(record) ==
          "bal/1\n19:9223372036854775807\n20:-9223372036854775808\n0:\n0:\n0:\n-\n-\n-\n-\n0:\n-\n-"
          "\n-\n2:-1\n");
}

TEST_CASE("lengths count bytes, not characters", "[record]") {
    Record record;
    record.kind = "\xC3\xA9\xE2\x82\xAC";
    CHECK(encode_leaf(record).starts_with("bal/1\n1:0\n1:0\n5:\xC3\xA9\xE2\x82\xAC\n"));
}

TEST_CASE("encoding into a buffer clears it first and keeps its capacity", "[record]") {
    std::string buffer(4096, 'x');
    const char* before = buffer.data();
    encode_leaf(sample(), buffer);
    CHECK(buffer == encode_leaf(sample()));
    CHECK(buffer.data() == before);
}

// Faults 10, 13 and 14: no two different records share a leaf.
TEST_CASE("fault 14: every change of a record changes its leaf", "[record]") {
    const std::vector<std::function<void(Record&)>> changes{
        [](Record&) {},
        [](Record& r) { r.seq = 8; },
        [](Record& r) { ++r.recorded_at; },
        [](Record& r) { r.kind += " "; },
        [](Record& r) { r.actor = "SVC:host/1"; },
        [](Record& r) { r.subject = "vm/\xC3\xA9"; },
        [](Record& r) { r.subject = "vm/e\xCC\x81"; },
        [](Record& r) { r.tenant = ""; },
        [](Record& r) { r.tenant.reset(); },
        [](Record& r) { r.ce_source = ""; },
        [](Record& r) { r.ce_source.reset(); },
        [](Record& r) { r.ce_id.reset(); },
        [](Record& r) {
            r.ce_source = "a";
            r.ce_id = "bc";
        },
        [](Record& r) {
            r.ce_source = "abc";
            r.ce_id = "";
        },
        [](Record& r) {
            r.tenant = "ab";
            r.ce_source = "t";
        },
        [](Record& r) { r.ce_source = "ab\n1:c"; },
        [](Record& r) {
            r.ce_source = "ab\n1:c";
            r.ce_id.reset();
        },
        [](Record& r) { r.ce_source = "-"; },
        [](Record& r) { r.broker_pos.reset(); },
        [](Record& r) { r.outcome = "1"; },
        [](Record& r) { r.outcome = "01"; },
        [](Record& r) { r.reason.reset(); },
        [](Record& r) { r.body.reset(); },
        [](Record& r) { r.body = "{} "; },
        [](Record& r) { r.payload_commit.reset(); },
        [](Record& r) { r.payload_len.reset(); },
        [](Record& r) { r.payload_len = 13; }};
    std::set<std::string> leaves;
    std::set<Hash> hashes;
    for (const auto& change : changes) {
        Record record = sample();
        change(record);
        leaves.insert(encode_leaf(record));
        hashes.insert(leaf_hash(encode_leaf(record)));
    }
    CHECK(leaves.size() == changes.size());
    CHECK(hashes.size() == changes.size());
}

TEST_CASE("text that a database could not keep unchanged is named", "[record]") {
    CHECK_FALSE(unhashable_column(sample()));
    Record record = sample();
    record.body = std::string("a\0b", 3);
    CHECK(unhashable_column(record) == "body");
    record = sample();
    record.subject = "\xFF";
    CHECK(unhashable_column(record) == "subject");
    record = sample();
    record.tenant = "\xED\xA0\x80";
    CHECK(unhashable_column(record) == "tenant");
}

TEST_CASE("a payload's commitment covers salt and payload", "[record]") {
    const std::string salt(32, 's');
    CHECK(payload_commitment({salt, "p"}) == to_hex(sha256(salt + "p")));
    CHECK(payload_commitment({salt, ""}) == to_hex(sha256(salt)));
    CHECK(payload_commitment({salt, "p"}) != payload_commitment({std::string(32, 't'), "p"}));
}

TEST_CASE("a subject that points at a record is read exactly", "[record]") {
    CHECK(seq_subject(0) == "seq/0");
    CHECK(parse_seq_subject("seq/0") == 0);
    CHECK(parse_seq_subject("seq/9223372036854775807") == INT64_MAX);
    for (const char* subject : {"seq/",
                                "seq/-1",
                                "seq/01",
                                "seq/+1",
                                "seq/1 ",
                                " seq/1",
                                "seq/1x",
                                "SEQ/1",
                                "seq/9223372036854775808",
                                "vm/1",
                                ""}) {
        CAPTURE(subject);
        CHECK_FALSE(parse_seq_subject(subject));
    }
}

}  // namespace
}  // namespace dcm::audit
