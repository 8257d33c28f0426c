#include "cli/export_trouble.h"

#include "base/result.h"
#include "base/zone.h"
#include "cli/stop_signal.h"

#include <sstream>
#include <utility>

namespace dcm::cli {
namespace {

std::string as_lines(const std::string& first, const std::string& second) {
    return first + (first.empty() || second.empty() ? "" : "\n") + second;
}

// The period that such a line begins with; empty where it begins with none.
std::string period_of_line(const std::string& line) {
    const std::string begin = line.substr(0, line.find(": "));
    return begin == kOldPeriods || parse_month(begin).ok() ? begin : "";
}

}  // namespace

int export_exit_code(const std::exception& failure) {
    const auto* const ours = dynamic_cast<const Failure*>(&failure);
    const bool is_refusal = ours != nullptr && ours->kind() == ErrorKind::malformed;
    if (is_refusal || stop_requested()) {
        return kExitNegative;
    }
    return ours == nullptr ? kExitEnvironment : exit_code(*ours);
}

ExportedResult failed_result(std::string period, const std::exception& failure) {
    return {std::move(period), std::nullopt, failure.what(), export_exit_code(failure)};
}

std::string trouble_text(const ExportedResults& results) {
    std::string trouble;
    for (const ExportedResult& result : results) {
        if (!result.published) {
            std::string told = result.period.empty() ? "" : result.period + ": ";
            told += result.trouble;
            trouble = as_lines(trouble, told);
        }
    }
    return trouble;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): a text and a month.
std::string other_trouble(const std::string& trouble, const std::string& month) {
    std::istringstream lines(trouble);
    std::string others;
    bool is_kept = false;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(' ')) {  // else more of the one before
            const std::string period = period_of_line(line);
            is_kept = !period.empty() && period != month;
        }
        others = is_kept ? as_lines(others, line) : others;
    }
    return others;
}

}  // namespace dcm::cli
