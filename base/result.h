#pragma once

#include "base/check.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace dcm {

// What kind of trouble it is; the command line turns it into its exit code (contracts: 2, 3, 4).
enum class ErrorKind { usage, malformed, environment };

// An expected failure. The message says what was expected, what came, and where.
struct [[nodiscard]] Error {
    ErrorKind kind = ErrorKind::malformed;
    std::string message;

    bool operator==(const Error&) const = default;
};

[[nodiscard]] inline Error malformed(std::string message) {
    return Error{ErrorKind::malformed, std::move(message)};
}

// A value or the Error that stands in its place.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }

    [[nodiscard]] const T& value() const& {
        DCM_CHECK(ok());
        return *std::get_if<T>(&state_);
    }
    [[nodiscard]] T&& value() && {
        DCM_CHECK(ok());
        return std::move(*std::get_if<T>(&state_));
    }
    [[nodiscard]] const Error& error() const {
        DCM_CHECK(!ok());
        return *std::get_if<Error>(&state_);
    }

private:
    std::variant<T, Error> state_;
};

// Thrown where the environment fails us (database, broker, disk) and where a command cannot go on.
// Caught in two places only: the consume loop, which retries, and main, which prints and exits.
class Failure : public std::runtime_error {
public:
    explicit Failure(const Error& error) : std::runtime_error(error.message), kind_(error.kind) {}
    Failure(ErrorKind kind, const std::string& message)
        : std::runtime_error(message), kind_(kind) {}

    [[nodiscard]] ErrorKind kind() const { return kind_; }

private:
    ErrorKind kind_;
};

// The value, or its Error thrown as a Failure: for the shell, where an error ends the command.
template <typename T>
[[nodiscard]] T value_or_throw(Result<T> result) {
    if (!result.ok()) {
        throw Failure(result.error());
    }
    return std::move(result).value();
}

}  // namespace dcm
