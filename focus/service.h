#pragma once

#include <string_view>

namespace dcm::focus {

// Where FOCUS puts a service: both words are its own.
struct ServiceClass {
    std::string_view category;
    std::string_view subcategory;
};

// Of a service type; what is unknown is `Other`.
[[nodiscard]] ServiceClass class_of_service(std::string_view service_type);

}  // namespace dcm::focus
