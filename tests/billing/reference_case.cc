#include "reference_case.h"

namespace dcm::reference {
namespace {

std::string quoted(const std::string& text) {
    return '"' + text + '"';
}

std::string list_of(const Patterns& patterns) {
    std::string list;
    for (const std::string& pattern : patterns) {
        list += (list.empty() ? "" : ", ") + quoted(pattern);
    }
    return patterns.size() == 1 ? list : '[' + list + ']';
}

// Members of a flow map, those that are there.
class Members {
public:
    void add(const std::string& name, const std::string& value) {
        text_ += (text_.empty() ? "" : ", ") + name + ": " + value;
    }
    void add(const std::string& name, const std::optional<Amount>& amount) {
        if (amount.has_value()) {
            add(name, quoted(amount->text()));
        }
    }
    void add(const std::string& name, const std::optional<Length>& length) {
        if (length.has_value()) {
            add(name, length->text);
        }
    }
    void add(const std::string& name, const std::optional<Bound>& bound) {
        if (bound.has_value()) {
            add(name, bound->text);
        }
    }
    [[nodiscard]] std::string map() const { return '{' + text_ + '}'; }

private:
    std::string text_;
};

std::string match_text(const Rate& rate) {
    Members match;
    for (const auto& [name, patterns] : rate.match) {
        match.add(name, list_of(patterns));
    }
    if (!rate.labels.empty()) {
        Members labels;
        for (const auto& [name, patterns] : rate.labels) {
            labels.add(name, list_of(patterns));
        }
        match.add("labels", labels.map());
    }
    return match.map();
}

std::string tiers_text(const Tiers& tiers) {
    Members members;
    members.add("mode", tiers.mode);
    if (tiers.mode == "package") {
        members.add("size", tiers.size);
        members.add("price", tiers.price);
        return members.map();
    }
    std::string steps;
    for (const Step& step : tiers.steps) {
        Members each;
        each.add("up_to", step.up_to);
        each.add("price", std::optional(step.price));
        each.add("flat", step.flat);
        steps += (steps.empty() ? "" : ", ") + each.map();
    }
    members.add("steps", '[' + steps + ']');
    return members.map();
}

std::string rate_text(const Rate& rate) {
    Members members;
    members.add("id", rate.id);
    members.add("meter", rate.meter);
    members.add("match", match_text(rate));
    members.add("valid_from", rate.valid_from);
    members.add("valid_to", rate.valid_to);
    members.add("price", rate.price);
    if (rate.tiers.has_value()) {
        members.add("tiers", tiers_text(*rate.tiers));
    }
    members.add("unit", rate.unit);
    members.add("granularity", rate.granularity);
    members.add("minimum", rate.minimum);
    members.add("free", rate.free);
    if (rate.discount_percent.has_value()) {
        members.add("discount", quoted(rate.discount_percent->text() + '%'));
    }
    members.add("minimum_spend", rate.minimum_spend);
    members.add("maximum_spend", rate.maximum_spend);
    if (rate.allow_negative) {
        members.add("allow_negative", "true");
    }
    return members.map();
}

std::string event_text(const Event& event, std::size_t number) {
    return R"({"specversion":"1.0","id":"e)" + std::to_string(number) +
           R"(","source":"dcm/providers/)" + event.provider + R"(","type":"dcm.status.)" +
           event.service_type + R"(","time":")" + time_text(event.at) + R"(","data":{"id":")" +
           event.instance + R"(","status":")" + event.status + R"("}})" + '\n';
}

std::string file_text(const std::string& name, const std::string& text) {
    return "cat > " + name + " <<'END'\n" + text + "END\n";
}

std::string text_of(const std::optional<Bound>& bound) {
    return bound.has_value() ? bound->text : "";
}

}  // namespace

std::string file_name(std::size_t file) {
    return "resources-" + std::to_string(file) + ".csv";
}

std::string book_text(const Case& priced) {
    std::string text = "version: 1\ncurrency: " + priced.currency +
                       "\nissuer: Example Cloud\ntimezone: " + priced.window.zone() + '\n';
    for (std::size_t file = 0; file < priced.files.size(); ++file) {
        text += (file == 0 ? "resources:\n  - file: " : "  - file: ") + file_name(file) + '\n';
    }
    text += priced.rates.empty() ? "rates: []\n" : "rates:\n";
    for (const Rate& rate : priced.rates) {
        text += "  - " + rate_text(rate) + '\n';
    }
    return text;
}

std::string resources_text(const std::vector<Resource>& file) {
    std::string text = "service_type,instance,tenant,label:flavor,valid_from,valid_to\n";
    for (const Resource& entry : file) {
        text += entry.service_type + ',' + entry.instance + ',' + entry.tenant + ',' +
                entry.flavor + ',' + text_of(entry.valid_from) + ',' + text_of(entry.valid_to) +
                '\n';
    }
    return text;
}

std::string replay_text(const Case& priced) {
    std::string text = file_text("book.yaml", book_text(priced));
    for (std::size_t file = 0; file < priced.files.size(); ++file) {
        text += file_text(file_name(file), resources_text(priced.files[file]));
    }
    std::string events;
    for (const Event& event : priced.events) {
        events += event_text(event, events.size());
    }
    text += file_text("events.jsonl", events);
    text += "export DCM_BILLING_INGEST_EARLIEST_TIME=2000-01-01\n";
    text += "dcm-billing replay events.jsonl --rules book.yaml\n";
    text += "dcm-billing report --rules book.yaml --format json";
    const Question& question = priced.question;
    text += " --from " + time_text(question.from) + " --to " + time_text(question.to);
    text += " --as-of " + time_text(question.as_of) + " --group-by '";
    for (const std::string& key : question.group_by) {
        text += (text.back() == '\'' ? "" : ",") + key;
    }
    text += '\'';
    for (const auto& [name, value] : question.filters) {
        text += " --" + (name == "service_type" ? "service-type" : name) + ' ' + value;
    }
    return text + '\n';
}

}  // namespace dcm::reference
