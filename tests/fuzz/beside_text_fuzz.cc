// What lies beside a record as text, its NATS subject and its headers: what reads is written again
// as the same text, and what is written reads.

#include "store/event_record.h"
#include "store/recorded_message.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

// The order of the values of one name is kept; that of names says nothing.
void sort_by_name(std::vector<Header>& headers) {
    std::stable_sort(headers.begin(), headers.end(), [](const Header& left, const Header& right) {
        return left.name < right.name;
    });
}

}  // namespace

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
    auto read = store::headers_of_text(store::text_of_headers(headers));
    DCM_CHECK(read.has_value());
    sort_by_name(*read);
    sort_by_name(headers);
    DCM_CHECK(read == headers);
}

}  // namespace dcm::fuzz
