#include "cli/findings.h"

#include "base/result.h"
#include "billing/terminal_text.h"
#include "cli/shell.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace dcm::cli {
namespace {

std::string word_of(Severity severity) {
    switch (severity) {
        case Severity::ok:
            return "ok";
        case Severity::warn:
            return "warn";
        case Severity::fail:
        case Severity::malformed:
            return "fail";
    }
    DCM_CHECK(false);
    return "";
}

std::string text_of(const Diagnosis& diagnosis, std::size_t width) {
    constexpr std::size_t level_width = 6;
    std::string level = word_of(diagnosis.severity);
    level.resize(level_width, ' ');
    std::string line = diagnosis.check + ": " + diagnosis.found;
    if (!diagnosis.advice.empty()) {
        line += " — " + diagnosis.advice;
    }
    const std::string visible = billing::visible_text(line);
    return width == 0 ? level + visible + '\n' : billing::fold({level, visible}, width);
}

}  // namespace

void Findings::add(Diagnosis diagnosis) {
    found_.push_back(std::move(diagnosis));
}

void Findings::add_all(const std::vector<Diagnosis>& diagnoses) {
    found_.insert(found_.end(), diagnoses.begin(), diagnoses.end());
}

bool Findings::attempt(const std::string& check, const std::function<void()>& look) {
    try {
        look();
        return true;
    } catch (const Failure& failure) {
        const bool is_malformed = failure.kind() == ErrorKind::malformed;
        add({is_malformed ? Severity::malformed : Severity::fail, check, failure.what(), ""});
        return false;
    }
}

std::string Findings::text(std::size_t width) const {
    std::string text;
    for (const Diagnosis& diagnosis : found_) {
        text += text_of(diagnosis, width);
    }
    return text;
}

std::size_t Findings::count(const std::string& level) const {
    return static_cast<std::size_t>(
        std::count_if(found_.begin(), found_.end(), [&level](const Diagnosis& diagnosis) {
            return word_of(diagnosis.severity) == level;
        }));
}

std::string Findings::json() const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Diagnosis& diagnosis : found_) {
        list.push_back({{"check", diagnosis.check},
                        {"level", word_of(diagnosis.severity)},
                        {"found", diagnosis.found},
                        {"advice", diagnosis.advice}});
    }
    const nlohmann::ordered_json object = {{"findings", list},
                                           {"fail", count("fail")},
                                           {"warn", count("warn")},
                                           {"ok", count("ok")},
                                           {"exit", exit_code()}};
    // A path may hold bytes that are no UTF-8.
    return object.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) +
           '\n';
}

int Findings::exit_code() const {
    const auto has = [this](Severity severity) {
        return std::any_of(found_.begin(), found_.end(), [severity](const Diagnosis& diagnosis) {
            return diagnosis.severity == severity;
        });
    };
    if (has(Severity::malformed)) {
        return kExitMalformed;
    }
    return has(Severity::fail) ? kExitEnvironment : kExitDone;
}

}  // namespace dcm::cli
