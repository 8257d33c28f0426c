#include "consumer/ack_subject.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::consumer {
namespace {

TEST_CASE("the short reply subject gives stream, sequence, time and counts", "[ack_subject]") {
    const auto ack =
        parse_ack_subject("$JS.ACK.dcm-status.dcm-billing.2.41.77.1780000000123456789.12");
    REQUIRE(ack.has_value());
    CHECK(ack->stream == "dcm-status");
    CHECK(ack->deliveries == 2);
    CHECK(ack->stream_seq == 41);
    CHECK(ack->stored_ns == 1'780'000'000'123'456'789);
    CHECK(ack->undelivered == 12);
}

TEST_CASE("the long reply subject carries a domain and an account in front", "[ack_subject]") {
    const std::string tail = "dcm-status.dcm-billing.1.5.6.1780000000000000007.0";
    for (const std::string& subject :
         {"$JS.ACK.hub.ACCHASH." + tail, "$JS.ACK._.ACCHASH." + tail + ".r4nd0m"}) {
        CAPTURE(subject);
        const auto ack = parse_ack_subject(subject);
        REQUIRE(ack.has_value());
        CHECK(ack->stream == "dcm-status");
        CHECK(ack->stream_seq == 5);
        CHECK(ack->stored_ns == 1'780'000'000'000'000'007);
        CHECK(ack->undelivered == 0);
    }
}

TEST_CASE("other subjects are no reply subjects", "[ack_subject]") {
    const std::string subject = GENERATE(as<std::string>{},
                                         "",
                                         "_INBOX.abc.1",
                                         "$JS.ACK.",
                                         "$JS.ACK.s.c.1.2.3.4",
                                         "$JS.ACK.s.c.1.2.3.4.5.6",
                                         "$JS.ACK.d.a.s.c.1.2.3.4.5.6.7",
                                         "$JS.ACK.s.c.1.two.3.4.5",
                                         "$JS.ACK.s.c.1.-2.3.4.5",
                                         "$JS.ACK.s.c.1.2 .3.4.5",
                                         "$JS.ACK.s.c.1.99999999999999999999.3.4.5",
                                         "$JS.ACK..c.1.2.3.4.5",
                                         "$JS.FC.s.c.1.2.3.4.5");
    CAPTURE(subject);
    CHECK_FALSE(parse_ack_subject(subject).has_value());
}

}  // namespace
}  // namespace dcm::consumer
