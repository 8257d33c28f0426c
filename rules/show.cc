#include "rules/show.h"

#include <array>
#include <utility>

namespace dcm::rules {
namespace {

// The shortest whole number of a unit; 0 is in seconds.
std::string duration_text(Duration duration) {
    struct DurationUnit {
        std::string_view name;
        std::int64_t micros;
    };
    constexpr std::array<DurationUnit, 6> units{DurationUnit{"d", 86'400 * kMicrosPerSecond},
                                                DurationUnit{"h", 3'600 * kMicrosPerSecond},
                                                DurationUnit{"m", 60 * kMicrosPerSecond},
                                                DurationUnit{"s", kMicrosPerSecond},
                                                DurationUnit{"ms", 1'000},
                                                DurationUnit{"us", 1}};
    for (const DurationUnit& unit : units) {
        if (duration.micros != 0 && duration.micros % unit.micros == 0) {
            return std::to_string(duration.micros / unit.micros) + std::string(unit.name);
        }
    }
    return "0s";
}

// Writes a book value by value.
class BookShow {
public:
    BookShow(const RuleBook& book, DocumentStyle style) : book_(book), out_(style) {}

    std::string show() && {
        out_.literal("version", "1");
        out_.word("currency", book_.currency);
        out_.word("timezone", book_.zone.name());
        if (!book_.issuer.empty()) {
            out_.word("issuer", book_.issuer);
        }
        show_lifecycle();
        show_sources();
        show_resources();
        out_.open_list("rates");
        for (const Rate& rate : book_.rates) {
            show_rate(rate);
        }
        out_.close();
        if (!book_.cases.empty()) {
            out_.open_list("cases");
            for (const Case& example : book_.cases) {
                show_case(example);
            }
            out_.close();
        }
        return std::move(out_).text();
    }

private:
    void show_lifecycle() {
        out_.open_map("lifecycle");
        for (const auto& [type, service] : book_.lifecycle.services) {
            out_.open_map(type);
            show_policies(service.policies);
            if (!service.aliases.empty()) {
                out_.open_map("aliases");
                for (const auto& [word, status] : service.aliases) {
                    out_.word(word, status);
                }
                out_.close();
            }
            if (!service.providers.empty()) {
                out_.open_map("providers");
                for (const auto& [provider, policies] : service.providers) {
                    out_.open_map(provider);
                    show_policies(policies);
                    out_.close();
                }
                out_.close();
            }
            out_.close();
        }
        out_.close();
    }

    void show_policies(const PolicyByStatus& policies) {
        for (const auto& [status, policy] : policies) {
            switch (policy.kind) {
                case PolicyKind::charge:
                    out_.open_map(status);
                    out_.word("charge", policy.state);
                    out_.close();
                    break;
                case PolicyKind::hold:
                    out_.word(status, "hold");
                    break;
                case PolicyKind::none:
                    out_.word(status, "none");
                    break;
                case PolicyKind::end:
                    out_.word(status, "end");
                    break;
            }
        }
    }

    void show_sources() {
        if (!book_.lifecycle.provider_names.empty()) {
            out_.open_map("providers");
            for (const auto& [source, name] : book_.lifecycle.provider_names) {
                out_.word(source, name);
            }
            out_.close();
        }
        if (!book_.heartbeats.empty()) {
            out_.open_map("heartbeats");
            for (const auto& [source, limit] : book_.heartbeats) {
                out_.word(source, duration_text(limit));
            }
            out_.close();
        }
    }

    void show_resources() {
        const std::vector<std::string>& names = book_.resources.file_names();
        if (names.empty()) {
            return;
        }
        out_.open_list("resources");
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string count = std::to_string(book_.resources.entry_count(i));
            out_.open_map("");
            out_.word("file", names[i]);
            if (out_.is_json()) {
                out_.literal("entries", count);
            }
            out_.comment(count + (count == "1" ? " entry" : " entries"));
            out_.close();
        }
        out_.close();
    }

    void show_rate(const Rate& rate) {
        out_.open_map("");
        out_.word("id", rate.id);
        out_.word("meter", rate.meter);
        show_match(rate.match);
        if (rate.valid_from) {
            out_.word("valid_from", bound_of(*rate.valid_from));
        }
        if (rate.valid_to) {
            out_.word("valid_to", bound_of(*rate.valid_to));
        }
        if (rate.price) {
            out_.quoted("price", rate.price->to_string());
        }
        out_.word("unit", unit_name(rate.unit));
        out_.word("granularity", duration_text(rate.granularity));
        out_.word("minimum", duration_text(rate.minimum));
        out_.quoted("free", rate.free.to_string());
        if (rate.tiers) {
            show_tiers(*rate.tiers);
        }
        out_.quoted("discount", (rate.discount * Decimal(100)).to_string() + '%');
        if (rate.minimum_spend) {
            out_.quoted("minimum_spend", rate.minimum_spend->to_string());
        }
        if (rate.maximum_spend) {
            out_.quoted("maximum_spend", rate.maximum_spend->to_string());
        }
        out_.literal("allow_negative", has_negative(rate) ? "true" : "false");
        out_.close();
    }

    // What the book says of it is not kept; it matters where something is below zero only.
    static bool has_negative(const Rate& rate) {
        bool negative = rate.price && rate.price->is_negative();
        if (rate.tiers) {
            negative = negative || rate.tiers->package_price.is_negative();
            for (const TierStep& step : rate.tiers->steps) {
                negative = negative || step.price.is_negative() || step.flat.is_negative();
            }
        }
        return negative;
    }

    void show_patterns(std::string_view key, const Patterns& patterns) {
        if (patterns.size() == 1) {
            out_.word(key, patterns.front());
        } else if (!patterns.empty()) {
            out_.words(key, patterns);
        }
    }

    void show_match(const Match& match) {
        out_.open_map("match");
        show_patterns("service_type", match.service_type);
        show_patterns("state", match.state);
        show_patterns("provider", match.provider);
        show_patterns("instance", match.instance);
        show_patterns("tenant", match.tenant);
        if (!match.labels.empty()) {
            out_.open_map("labels");
            for (const auto& [name, patterns] : match.labels) {
                show_patterns(name, patterns);
            }
            out_.close();
        }
        out_.close();
    }

    void show_tiers(const Tiers& tiers) {
        out_.open_map("tiers");
        if (tiers.mode == TierMode::package) {
            out_.word("mode", "package");
            out_.quoted("size", tiers.package_size.to_string());
            out_.quoted("price", tiers.package_price.to_string());
            out_.close();
            return;
        }
        out_.word("mode", tiers.mode == TierMode::graduated ? "graduated" : "volume");
        out_.open_list("steps");
        for (const TierStep& step : tiers.steps) {
            out_.open_map("");
            if (step.up_to) {
                out_.quoted("up_to", step.up_to->to_string());
            }
            out_.quoted("price", step.price.to_string());
            out_.quoted("flat", step.flat.to_string());
            out_.close();
        }
        out_.close();
        out_.close();
    }

    void show_case(const Case& example) {
        out_.open_map("");
        out_.word("name", example.name);
        out_.word("service_type", example.service_type);
        if (!example.provider.empty()) {
            out_.word("provider", example.provider);
        }
        if (!example.instance.empty()) {
            out_.word("instance", example.instance);
        }
        out_.open_list("events");
        for (const CaseEvent& event : example.events) {
            out_.open_map("");
            out_.word("time", bound_of(event.time));
            out_.word("status", event.status);
            out_.close();
        }
        out_.close();
        out_.word("period", format_month(example.period));
        out_.open_map("expect");
        for (const auto& [meter, cost] : example.expect) {
            out_.quoted(meter, cost);
        }
        out_.close();
        out_.close();
    }

    const RuleBook& book_;
    DocumentWriter out_;
};

}  // namespace

std::string show_book(const RuleBook& book, DocumentStyle style) {
    return BookShow(book, style).show();
}

std::string bound_of(Instant at) {
    // 0000-01-01 and 10000-01-01; 23:59 hours.
    constexpr Instant first{-62'167'219'200LL * kMicrosPerSecond};
    constexpr Instant end{253'402'300'800LL * kMicrosPerSecond};
    constexpr Duration offset{86'340 * kMicrosPerSecond};
    if (first <= at && at < end) {
        return format_rfc3339(at);
    }
    // The local time at an offset that brings the year back between 0 and 9999.
    const bool is_early = at < first;
    std::string local = format_rfc3339(is_early ? at + offset : at + Duration{-offset.micros});
    local.pop_back();
    return local + (is_early ? "+23:59" : "-23:59");
}

}  // namespace dcm::rules
