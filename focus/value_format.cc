#include "focus/value_format.h"

#include "base/encoding.h"
#include "base/instant.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>

namespace dcm::focus {
namespace {

constexpr std::string_view kDigits = "0123456789";

constexpr std::array<std::string_view, 14> kUnitWords{"Year",
                                                      "Month",
                                                      "Day",
                                                      "Hour",
                                                      "Minute",
                                                      "Second",
                                                      "Count",
                                                      "Unit",
                                                      "Request",
                                                      "Token",
                                                      "Connection",
                                                      "Certificate",
                                                      "Domain",
                                                      "Core"};

// Takes the digits in front off; how many there were.
std::size_t take_digits(std::string_view& text) {
    const std::size_t count = std::min(text.find_first_not_of(kDigits), text.size());
    text.remove_prefix(count);
    return count;
}

bool same_letters(std::string_view left, std::string_view right) {
    constexpr int to_lower = 'a' - 'A';
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + to_lower) : c;
    };
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(), [lower](char a, char b) {
            return lower(a) == lower(b);
        });
}

// A word of the list, singular or plural, has its capitals; any other word is a unit of its own.
bool is_unit_word(std::string_view word) {
    const std::string_view singular =
        word.ends_with('s') || word.ends_with('S') ? word.substr(0, word.size() - 1) : word;
    const auto* const known =
        std::find_if(kUnitWords.begin(), kUnitWords.end(), [singular](std::string_view listed) {
            return same_letters(listed, singular);
        });
    const bool is_sound = !word.empty() && word.find_first_of(" -/") == std::string_view::npos;
    return is_sound && (known == kUnitWords.end() || *known == singular);
}

// Sees that there is one flat object with each name once. Asked of nlohmann's parser, which stops
// where false is returned.
class FlatObject final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return is_open_; }
    bool boolean(bool /*value*/) override { return is_open_; }
    bool number_integer(std::int64_t /*value*/) override { return is_open_; }
    bool number_unsigned(std::uint64_t /*value*/) override { return is_open_; }
    bool number_float(number_float_t /*value*/, const std::string& /*text*/) override {
        return is_open_;
    }
    bool string(std::string& /*text*/) override { return is_open_; }
    bool binary(nlohmann::json::binary_t& /*bytes*/) override { return false; }
    bool start_object(std::size_t /*members*/) override {
        const bool is_first = !is_open_;
        is_open_ = true;
        return is_first;
    }
    bool key(std::string& name) override { return names_.insert(name).second; }
    bool end_object() override { return true; }
    bool start_array(std::size_t /*items*/) override { return false; }
    bool end_array() override { return false; }
    bool parse_error(std::size_t /*at*/,
                     const std::string& /*token*/,
                     const nlohmann::json::exception& /*fault*/) override {
        return false;
    }

private:
    bool is_open_ = false;
    std::set<std::string> names_;
};

}  // namespace

bool is_numeric(std::string_view text) {
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    }
    bool sound = take_digits(text) > 0;
    if (sound && text.starts_with('.')) {
        text.remove_prefix(1);
        sound = take_digits(text) > 0;
    }
    if (sound && text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) {
            text.remove_prefix(1);
        }
        sound = take_digits(text) > 0;
    }
    return sound && text.empty();
}

bool is_date_time(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00Z";
    if (text.size() != shape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) {
            return false;
        }
    }
    return parse_rfc3339(text).ok();
}

bool is_string(std::string_view text) {
    return text.find_first_not_of(' ') != std::string_view::npos && is_utf8(text);
}

bool is_currency(std::string_view text) {
    constexpr std::size_t letters = 3;
    return text.size() == letters &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_unit(std::string_view text) {
    if (take_digits(text) > 0) {
        if (!text.starts_with(' ')) {
            return false;
        }
        text.remove_prefix(1);
    }
    const std::size_t joint = text.find_first_of("-/");
    if (joint == std::string_view::npos) {
        return is_unit_word(text);
    }
    std::string_view after = text.substr(joint + 1);
    if (text[joint] == '/' && take_digits(after) > 0) {
        if (!after.starts_with(' ')) {
            return false;
        }
        after.remove_prefix(1);
    }
    return is_unit_word(text.substr(0, joint)) && is_unit_word(after);
}

bool is_key_value(std::string_view text) {
    FlatObject flat;
    return nlohmann::json::sax_parse(text.begin(), text.end(), &flat);
}

}  // namespace dcm::focus
