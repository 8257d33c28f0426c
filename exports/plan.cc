#include "exports/plan.h"

#include "base/zone.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::exports {
namespace {

constexpr std::array<std::pair<Format, std::string_view>, 3> kFormats{
    {{Format::focus, "focus"}, {Format::lines, "lines"}, {Format::jsonl, "jsonl"}}};
constexpr std::size_t kNameBytesMax = 63;
constexpr std::string_view kPartition = "BILLING_PERIOD=";

}  // namespace

std::string_view format_name(Format format) {
    return std::find_if(kFormats.begin(),
                        kFormats.end(),
                        [format](const auto& known) { return known.first == format; })
        ->second;
}

std::optional<Format> find_format(std::string_view name) {
    for (const auto& [format, known] : kFormats) {
        if (known == name) {
            return format;
        }
    }
    return std::nullopt;
}

bool is_export_name(std::string_view name) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    return !name.empty() && name.size() <= kNameBytesMax &&
           first.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of(others) == std::string_view::npos;
}

std::string period_folder_name(std::string_view period) {
    return std::string(kPartition) + std::string(period);
}

std::optional<std::string> period_of_folder(std::string_view name) {
    if (!name.starts_with(kPartition)) {
        return std::nullopt;
    }
    const std::string_view period = name.substr(kPartition.size());
    return parse_month(period).ok() ? std::optional(std::string(period)) : std::nullopt;
}

std::string part_name(Format format, Compression compression) {
    std::string name(kPartPrefix);
    name += format == Format::jsonl ? "00001.jsonl" : "00001.csv";
    name += compression_suffix(compression);
    return name;
}

}  // namespace dcm::exports
