#include "consumer/jetstream_api.h"

namespace dcm::consumer {
namespace {

using nlohmann::json;

constexpr std::int64_t kUnavailable = 503;
// No answer of a broker is nested as deep; what is, copies itself by recursion.
constexpr int kAnswerDepthMax = 32;

const json* find(const json& object, std::string_view name) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string text_member(const json& object, std::string_view name) {
    const json* member = find(object, name);
    return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

std::int64_t number_member(const json& object, std::string_view name) {
    const json* member = find(object, name);
    return member != nullptr && member->is_number_integer() ? member->get<std::int64_t>() : 0;
}

bool flag_member(const json& object, std::string_view name) {
    const json* member = find(object, name);
    return member != nullptr && member->is_boolean() && member->get<bool>();
}

json object_member(const json& object, std::string_view name) {
    const json* member = find(object, name);
    return member != nullptr && member->is_object() ? *member : json::object();
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): a request, then its answer.
ApiAnswer read_answer(std::string_view subject, std::string_view text) {
    ApiAnswer answer;
    bool is_deep = false;
    const auto bound = [&is_deep](
                           int levels_above, json::parse_event_t event, const json& /*value*/) {
        using Event = json::parse_event_t;
        is_deep = is_deep || ((event == Event::object_start || event == Event::array_start) &&
                              levels_above >= kAnswerDepthMax);
        return !is_deep;
    };
    answer.body = json::parse(text, bound, /*allow_exceptions=*/false);
    if (is_deep) {
        throw Failure(ErrorKind::environment,
                      "expected an answer to " + std::string(subject) + " of at most " +
                          std::to_string(kAnswerDepthMax) + " levels");
    }
    if (!answer.body.is_object()) {
        throw Failure(ErrorKind::environment,
                      "expected a JSON object as the answer to " + std::string(subject));
    }
    const json error = object_member(answer.body, "error");
    if (!error.empty()) {
        answer.error_code = number_member(error, "err_code");
        if (answer.error_code == 0) {
            answer.error_code = -1;
        }
        answer.is_passing = number_member(error, "code") == kUnavailable;
        answer.error_text = text_member(error, "description");
    }
    return answer;
}

std::string in_words(const ApiAnswer& answer) {
    return answer.error_text + " (" + std::to_string(answer.error_code) + ")";
}

ApiAnswer ask_jetstream(NatsConnection& connection,
                        const std::string& verb,
                        std::string_view body) {
    const std::string subject = "$JS.API." + verb;
    const std::optional<std::string> text = connection.request_if_permitted(subject, body);
    if (!text) {
        ApiAnswer refused;
        refused.error_code = kNotPermitted;
        refused.error_text = "no permission to publish on " + subject;
        return refused;
    }
    ApiAnswer answer = read_answer(subject, *text);
    if (answer.is_passing) {
        // Such as a member that is cut off from the others of its cluster.
        connection.move_on();
    }
    return answer;
}

}  // namespace dcm::consumer
