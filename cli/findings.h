#pragma once

#include "base/diagnosis.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace dcm::cli {

// What `doctor` found, in the order of looking.
class Findings {
public:
    void add(Diagnosis diagnosis);
    void add_all(const std::vector<Diagnosis>& diagnoses);
    // Runs a check; what it throws becomes its finding, so that one part that is broken or away
    // does not hide the others. True when nothing was thrown.
    bool attempt(const std::string& check, const std::function<void()>& look);

    // A line each: `warn  replicas: what is so — what to do`; more where a terminal of `width`
    // columns wants them, 0 is without limit.
    [[nodiscard]] std::string text(std::size_t width) const;
    // One object: `{"findings":[{"check","level","found","advice"}],"fail","warn","ok","exit"}`.
    [[nodiscard]] std::string json() const;
    // 0 when nothing fails, 3 when something somebody wrote is malformed, else 4.
    [[nodiscard]] int exit_code() const;

private:
    [[nodiscard]] std::size_t count(const std::string& level) const;

    std::vector<Diagnosis> found_;
};

}  // namespace dcm::cli
