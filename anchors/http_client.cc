#include "anchors/http_client.h"

#include "base/result.h"

#include <curl/curl.h>

#include <array>
#include <mutex>

namespace dcm::anchors {
namespace {

constexpr std::size_t kAnswerBytesMax = 65'536;
constexpr long kConnectMsMax = 3'000;
constexpr long kAnswerMsMax = 5'000;

// libcurl's callback: fewer bytes than were given end the transfer.
std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* context) {
    auto* const body = static_cast<std::string*>(context);
    if (body->size() + size * count > kAnswerBytesMax) {
        return 0;
    }
    body->append(bytes, size * count);
    return size * count;
}

void start_curl() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            throw Failure(ErrorKind::environment, "expected libcurl to start, it failed");
        }
    });
}

// In libcurl's own words, but where these hold the milliseconds of the attempt: the same trouble
// would be told as a new one each time.
std::string trouble_of(CURLcode result, const std::string& told) {
    const bool has_time = result == CURLE_COULDNT_CONNECT || result == CURLE_OPERATION_TIMEDOUT;
    return told.empty() || has_time ? std::string(curl_easy_strerror(result)) : told;
}

}  // namespace

struct HttpClient::Handle {
    struct Free {
        void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    std::unique_ptr<CURL, Free> curl;
    std::unique_ptr<curl_slist, Free> headers;
    std::array<char, CURL_ERROR_SIZE> trouble{};
};

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {
    start_curl();
    handle_->curl.reset(curl_easy_init());
    handle_->headers.reset(curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
    CURL* const curl = handle_->curl.get();
    if (curl == nullptr || handle_->headers == nullptr) {
        throw Failure(ErrorKind::environment, "expected memory for an HTTP connection, got none");
    }
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): libcurl's interface.
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMsMax);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kAnswerMsMax);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->headers.get());
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle_->trouble.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::post(const std::string& url, std::string_view body) {
    HttpAnswer answer;
    CURL* const curl = handle_->curl.get();
    handle_->trouble.front() = '\0';
    // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): libcurl's interface.
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    const CURLcode result = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    // NOLINTEND(cppcoreguidelines-pro-type-vararg)
    if (result != CURLE_OK) {
        throw Failure(
            ErrorKind::environment,
            "expected an answer, got none: " + trouble_of(result, handle_->trouble.data()));
    }
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace dcm::anchors
