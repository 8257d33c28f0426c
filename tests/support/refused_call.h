#pragma once

namespace dcm::support {

// A call of the operating system that can be refused.
enum class SystemCall { create_thread, rename_keeping, hard_link };

// While it lives, that call fails with `error` and does nothing, in every thread. One of each at a
// time.
class RefusedCall {
public:
    RefusedCall(SystemCall call, int error);
    RefusedCall(const RefusedCall&) = delete;
    RefusedCall& operator=(const RefusedCall&) = delete;
    ~RefusedCall();

    // How often it was refused.
    [[nodiscard]] int count() const;

private:
    SystemCall call_;
};

}  // namespace dcm::support
