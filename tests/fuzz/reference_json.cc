#include "tests/fuzz/reference_json.h"

#include <optional>
#include <set>
#include <vector>

namespace dcm::fuzz {
namespace {

using billing::Reason;

constexpr std::size_t kDepthMax = 128;

// Follows the parser and notes the first fault that it does not see itself.
class Watch {
public:
    explicit Watch(std::size_t members_max) : members_max_(members_max) {}

    void see(Json::parse_event_t event, const Json& value) {
        switch (event) {
            case Json::parse_event_t::object_start:
                open();
                break;
            case Json::parse_event_t::array_start:
                if (open_.empty()) note(Reason::not_an_event);
                open();
                break;
            case Json::parse_event_t::object_end:
            case Json::parse_event_t::array_end:
                open_.pop_back();
                break;
            case Json::parse_event_t::key:
                see_name(value.get<std::string>());
                break;
            case Json::parse_event_t::value:
                if (open_.empty()) note(Reason::not_an_event);
                break;
        }
    }

    [[nodiscard]] std::optional<Reason> fault() const { return fault_; }

private:
    void note(Reason reason) {
        if (!fault_) fault_ = reason;
    }

    void open() {
        open_.emplace_back();
        if (open_.size() > kDepthMax) note(Reason::too_deep);
    }

    void see_name(const std::string& name) {
        if (!open_.back().insert(name).second) note(Reason::duplicate_key);
        if (open_.size() == 1 && open_.back().size() > members_max_) {
            note(Reason::too_many_attributes);
        }
    }

    std::size_t members_max_;
    std::vector<std::set<std::string>> open_;  // the names of each open object or array
    std::optional<Reason> fault_;
};

}  // namespace

std::variant<Json, Reason> read_object(std::string_view text, std::size_t members_max) {
    if (!is_utf8_text(std::string(text))) return Reason::not_utf8;
    if (text.starts_with("\xEF\xBB\xBF")) return Reason::not_utf8;
    if (text.empty()) return Reason::not_an_event;
    // The parser stops at a NUL and is content; up to there it may still find another fault.
    const std::size_t nul = text.find('\0');
    Watch watch(members_max);
    const auto see = [&watch](int /*depth*/, Json::parse_event_t event, Json& value) {
        watch.see(event, value);
        return true;
    };
    Json tree = Json::parse(text.substr(0, nul), see, /*allow_exceptions=*/false);
    if (watch.fault()) return *watch.fault();
    if (tree.is_discarded() || nul != std::string_view::npos) return Reason::bad_json;
    return tree;
}

bool is_utf8_text(const std::string& text) {
    try {
        static_cast<void>(Json(text).dump());
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

}  // namespace dcm::fuzz
