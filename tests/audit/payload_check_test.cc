#include "audit/payload_check.h"

#include "audit/hash.h"
#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::SampleLog;
using testing::verify;

Record redaction(std::int64_t seq, const std::string& subject) {
    Record record;
    record.seq = seq;
    record.recorded_at = 2'000'000;
    record.kind = kPayloadRedacted;
    record.actor = "user:auditor";
    record.subject = subject;
    record.outcome = "done";
    return record;
}

Verdict verify_whole(const SampleLog& log) {
    return verify(log, {{"file", log.note(static_cast<std::int64_t>(log.rows.size()))}});
}

TEST_CASE("fault 29: a payload that is changed, exchanged or missing is named", "[payload]") {
    const std::vector<std::pair<std::string, std::function<void(SampleLog&)>>> changes{
        {"payload changed", [](SampleLog& log) { log.payloads[5].payload = "payload 6"; }},
        {"salt changed", [](SampleLog& log) { log.payloads[5].salt = std::string(32, 'x'); }},
        {"exchanged with its salt", [](SampleLog& log) { log.payloads[5] = log.payloads[6]; }},
        {"the boundary of salt and payload shifted",
         [](SampleLog& log) {
             log.payloads[5].payload = log.payloads[5].salt->back() + *log.payloads[5].payload;
             log.payloads[5].salt->pop_back();
         }},
        {"removed", [](SampleLog& log) { log.payloads.erase(5); }},
        {"payload removed", [](SampleLog& log) { log.payloads[5].payload.reset(); }},
        {"salt removed", [](SampleLog& log) { log.payloads[5].salt.reset(); }},
        {"headers added", [](SampleLog& log) { log.payloads[5].headers = "[]"; }}};
    for (const auto& [name, change] : changes) {
        CAPTURE(name);
        SampleLog log = make_log(10);
        change(log);
        const Verdict verdict = verify_whole(log);
        CHECK(verdict.exit_code == 1);
        CHECK(verdict.first_bad_seq == 5);
    }
}

TEST_CASE("a payload beside a record that commits to none is named", "[payload]") {
    SampleLog log = make_log(3);
    log.rows[1].payload_commit.reset();
    log.rows[1].payload_len.reset();
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).first_bad_seq == 1);
    log.payloads.erase(1);
    CHECK(verify_whole(log).exit_code == 0);
}

TEST_CASE("fault 29: a redaction record explains missing payloads, and only those", "[payload]") {
    SampleLog log = make_log(10);
    log.payloads.erase(4);
    log.payloads.erase(5);
    log.payloads.erase(8);
    log.rows.push_back(redaction(10, "seq/5"));
    log.rows.push_back(redaction(11, "seq/8"));
    log.rebuild_tree();
    log.set_seal();
    Verdict verdict = verify_whole(log);
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.first_bad_seq == 4);
    CHECK(verdict.findings.size() == 1);
    log.rows.push_back(redaction(12, "seq/4"));
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).exit_code == 0);
}

TEST_CASE("a redaction that points elsewhere explains nothing", "[payload]") {
    for (const char* subject : {"seq/4", "seq/05", "seq/5 ", "SEQ/5", "5"}) {
        CAPTURE(subject);
        SampleLog log = make_log(10);
        log.payloads.erase(5);
        log.rows.push_back(redaction(10, subject));
        log.rebuild_tree();
        log.set_seal();
        CHECK(verify_whole(log).first_bad_seq == 5);
    }
}

TEST_CASE("a redaction does not reach forward", "[payload]") {
    SampleLog log = make_log(10);
    log.rows[2] = redaction(2, "seq/5");
    log.rows[2].recorded_at = log.rows[1].recorded_at;
    log.payloads.erase(2);
    log.payloads.erase(5);
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).first_bad_seq == 5);
}

TEST_CASE("a payload of another length than the record says is named", "[payload]") {
    SampleLog log = make_log(3);
    ++*log.rows[1].payload_len;
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).first_bad_seq == 1);
}

TEST_CASE("headers are held against their commitment in the body", "[payload]") {
    const std::string headers = R"([["a","b"]])";
    SampleLog log = make_log(3);
    const std::string commit = to_hex(sha256({*log.payloads[1].salt, headers}));
    log.rows[1].body = R"({"headers_commit":")" + commit + R"(","word":"RUNNING"})";
    log.payloads[1].headers = headers;
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).exit_code == 0);
    log.payloads[1].headers = R"([["a","c"]])";
    CHECK(verify_whole(log).first_bad_seq == 1);
    log.payloads[1].headers.reset();
    CHECK(verify_whole(log).first_bad_seq == 1);
    log.payloads.erase(1);
    log.rows.push_back(redaction(3, "seq/1"));
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).exit_code == 0);
}

TEST_CASE("an empty payload has a commitment like any other", "[payload]") {
    SampleLog log = make_log(2);
    log.payloads[1].payload = "";
    log.rows[1].payload_commit = payload_commitment({*log.payloads[1].salt, ""});
    log.rows[1].payload_len = 0;
    log.rebuild_tree();
    log.set_seal();
    CHECK(verify_whole(log).exit_code == 0);
    log.payloads.erase(1);
    CHECK(verify_whole(log).first_bad_seq == 1);
}

}  // namespace
}  // namespace dcm::audit
