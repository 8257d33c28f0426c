#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace dcm::anchors {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Posts to one server, over a connection that is kept. It follows no redirection, and takes neither
// more bytes nor more time than its limits, whatever the other side does. One thread uses it.
class HttpClient {
public:
    HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    // Throws Failure (environment) when there is no whole answer.
    [[nodiscard]] HttpAnswer post(const std::string& url, std::string_view body);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace dcm::anchors
