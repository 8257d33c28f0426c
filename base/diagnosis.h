#pragma once

#include <string>

namespace dcm {

// How bad it is. `malformed` is a failure of what somebody wrote: configuration, book, database.
enum class Severity { ok, warn, fail, malformed };

// One thing that was looked at, and how it was found.
struct Diagnosis {
    Severity severity = Severity::ok;
    std::string check;   // what was looked at, a word or two
    std::string found;   // what is so
    std::string advice;  // what to do; empty where nothing is to be done

    bool operator==(const Diagnosis&) const = default;
};

}  // namespace dcm
