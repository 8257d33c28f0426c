#include "rules/rulebook.h"

#include <algorithm>

namespace dcm::rules {
namespace {

// ISO 4217: the codes that have a minor unit, by its number of digits.
constexpr std::string_view kNoDigits =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kTwoDigits =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER "
    "ZAR ZMW ZWG";
constexpr std::string_view kThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kFourDigits = "CLF UYW";

constexpr std::size_t kCodeBytes = 3;

bool lists(std::string_view codes, std::string_view code) {
    const bool shaped =
        code.size() == kCodeBytes &&
        std::all_of(code.begin(), code.end(), [](char c) { return 'A' <= c && c <= 'Z'; });
    return shaped && codes.find(code) != std::string_view::npos;
}

void append_codes(std::vector<std::string>& all, std::string_view codes) {
    for (std::size_t at = 0; at < codes.size(); at += kCodeBytes + 1) {
        all.emplace_back(codes.substr(at, kCodeBytes));
    }
}

// Whether `*`s can stand for what is left over. Going back to the last `*` only is enough: what an
// earlier one could take, the later one can take as well.
bool matches_glob(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

std::string_view unit_name(Unit unit) {
    switch (unit) {
        case Unit::second:
            return "second";
        case Unit::minute:
            return "minute";
        case Unit::hour:
            return "hour";
        case Unit::day:
            return "day";
        case Unit::month:
            return "month";
    }
    return {};
}

bool matches_any(const Patterns& patterns, std::string_view text) {
    return patterns.empty() ||
           std::any_of(patterns.begin(), patterns.end(), [text](const std::string& pattern) {
               return matches_glob(pattern, text);
           });
}

std::optional<unsigned> minor_unit_digits(std::string_view currency) {
    if (lists(kTwoDigits, currency)) {
        return 2;
    }
    if (lists(kNoDigits, currency)) {
        return 0;
    }
    if (lists(kThreeDigits, currency)) {
        return 3;
    }
    if (lists(kFourDigits, currency)) {
        return 4;
    }
    return std::nullopt;
}

std::vector<std::string> currency_codes() {
    std::vector<std::string> all;
    append_codes(all, kNoDigits);
    append_codes(all, kTwoDigits);
    append_codes(all, kThreeDigits);
    append_codes(all, kFourDigits);
    return all;
}

}  // namespace dcm::rules
