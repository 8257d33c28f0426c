#include "cli/verified_file.h"

#include "anchors/file_io.h"
#include "cli/anchors.h"

#include <utility>

namespace dcm::cli {
std::optional<audit::VerifiedLog> VerifiedFile::load(const std::string& origin) const {
    const std::optional<std::string> text = anchors::read_file(path_);
    if (!text) {
        return std::nullopt;
    }
    const std::string place = ", in " + path_.string() + ": everything is read";
    Result<audit::VerifiedLog> verified = audit::parse_verified_log(*text);
    if (!verified.ok()) {
        tell(verified.error().message + place);
        return std::nullopt;
    }
    if (verified.value().origin != origin) {
        tell("expected what was verified of " + origin + ", got that of " +
             verified.value().origin + place);
        return std::nullopt;
    }
    return std::move(verified).value();
}

void VerifiedFile::save(const audit::VerifiedLog& verified) {
    try {
        anchors::replace_file(path_, audit::format_verified_log(verified));
    } catch (const Failure& failure) {
        if (!std::exchange(is_told_, true)) {
            tell(std::string(failure.what()) + "; the next run reads all again");
        }
    }
}

}  // namespace dcm::cli
