#include "billing/event.h"

namespace dcm::billing {

std::string_view reason_name(Reason reason) {
    switch (reason) {
        case Reason::payload_too_large:
            return "payload_too_large";
        case Reason::batch_unsupported:
            return "batch_unsupported";
        case Reason::unsupported_content_type:
            return "unsupported_content_type";
        case Reason::not_utf8:
            return "not_utf8";
        case Reason::bad_json:
            return "bad_json";
        case Reason::duplicate_key:
            return "duplicate_key";
        case Reason::too_deep:
            return "too_deep";
        case Reason::not_an_event:
            return "not_an_event";
        case Reason::too_many_attributes:
            return "too_many_attributes";
        case Reason::bad_attribute:
            return "bad_attribute";
        case Reason::missing_attribute:
            return "missing_attribute";
        case Reason::unsupported_specversion:
            return "unsupported_specversion";
        case Reason::bad_time:
            return "bad_time";
        case Reason::bad_subject:
            return "bad_subject";
        case Reason::bad_type:
            return "bad_type";
        case Reason::subject_mismatch:
            return "subject_mismatch";
        case Reason::bad_data:
            return "bad_data";
        case Reason::bad_instance_id:
            return "bad_instance_id";
        case Reason::missing_instance_id:
            return "missing_instance_id";
        case Reason::missing_status:
            return "missing_status";
        case Reason::unknown_status:
            return "unknown_status";
        case Reason::id_reused:
            return "id_reused";
    }
    return {};
}

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted:
            return "accepted";
        case Verdict::duplicate:
            return "duplicate";
        case Verdict::rejected:
            return "rejected";
    }
    return {};
}

std::string_view time_source_name(TimeSource source) {
    switch (source) {
        case TimeSource::event:
            return "event";
        case TimeSource::store:
            return "store";
    }
    return {};
}

std::vector<std::string_view> Flags::names() const {
    std::vector<std::string_view> names;
    if (source_not_uri) names.emplace_back("source_not_uri");
    if (time_absent) names.emplace_back("time_absent");
    if (time_clamped) names.emplace_back("time_clamped");
    return names;
}

}  // namespace dcm::billing
