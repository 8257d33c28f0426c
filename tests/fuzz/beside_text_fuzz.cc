// What lies beside a record as text, its NATS subject and its headers: what reads is written again
// as the same text, and what is written reads.

#include "store/event_record.h"
#include "store/recorded_message.h"
#include "tests/fuzz/fuzz.h"

#include <string>
#include <vector>

namespace dcm::fuzz {

void examine(std::string_view bytes) {
    const std::string subject = store::text_of_subject(bytes);
    DCM_CHECK(store::subject_of_text(subject) == bytes);
    if (const auto read = store::subject_of_text(bytes)) {
        DCM_CHECK(store::text_of_subject(*read) == bytes);
    }
    if (const auto headers = store::headers_of_text(bytes)) {
        const std::string text = store::text_of_headers(*headers);
        DCM_CHECK(store::headers_of_text(text) == headers);
    }
    Input input(bytes);
    std::vector<Header> headers;
    while (!input.empty()) {
        const std::string name(input.line());
        headers.push_back({name, std::string(input.line())});
    }
    DCM_CHECK(store::headers_of_text(store::text_of_headers(headers)) == headers);
}

}  // namespace dcm::fuzz
