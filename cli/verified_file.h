#pragma once

#include "audit/verified_log.h"

#include <filesystem>
#include <optional>
#include <string>

namespace dcm::cli {

// The file in which `audit verify --since-last` remembers how far it came (ADR 22). It is as good
// as those who can write it.
class VerifiedFile {
public:
    explicit VerifiedFile(std::filesystem::path path) : path_(std::move(path)) {}

    // What was verified of the log of this origin. nullopt where there is no file, and where it is
    // damaged or of another log: that is told on stderr, and all is read.
    [[nodiscard]] std::optional<audit::VerifiedLog> load(const std::string& origin) const;
    // Where it cannot be written, that is told on stderr, once: the verdict does not hang on it.
    void save(const audit::VerifiedLog& verified);

private:
    std::filesystem::path path_;
    bool is_told_ = false;
};

}  // namespace dcm::cli
