#include "exports/compression.h"

#include "base/result.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::exports {
namespace {

std::string compressed(Compression compression, std::string_view text, std::size_t piece) {
    std::string out;
    const auto stream =
        make_compressor(compression, [&out](std::string_view bytes) { out += bytes; });
    for (std::size_t at = 0; at < text.size(); at += piece) {
        stream->write(text.substr(at, piece));
    }
    stream->finish();
    return out;
}

std::string decompressed(Compression compression, std::string_view bytes, std::size_t piece) {
    std::string out;
    const auto stream =
        make_decompressor(compression, [&out](std::string_view text) { out += text; });
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream->write(bytes.substr(at, piece));
    }
    stream->finish();
    return out;
}

// Repetitive enough to shrink, and larger than every buffer.
std::string sample_text() {
    std::string text;
    for (int i = 0; i < 60'000; ++i) {
        text += "line " + std::to_string(i * 7919 % 10'007) + ",EUR,acme\r\n";
    }
    return text;
}

TEST_CASE("what is compressed reads back, in pieces of any size", "[exports]") {
    const std::string text = sample_text();
    for (const Compression compression :
         {Compression::none, Compression::gzip, Compression::zstd}) {
        INFO(compression_name(compression));
        const std::string bytes = compressed(compression, text, text.size());
        CHECK(compressed(compression, text, text.size()) == bytes);
        CHECK(decompressed(compression, bytes, 1'000) == text);
        CHECK(decompressed(compression, bytes, bytes.size()) == text);
        CHECK(decompressed(compression, compressed(compression, "", 1), 1).empty());
        CHECK((compression == Compression::none || bytes.size() < text.size() / 4));
    }
}

TEST_CASE("what is cut off, damaged or goes on is refused", "[exports]") {
    const std::string text = sample_text();
    for (const Compression compression : {Compression::gzip, Compression::zstd}) {
        INFO(compression_name(compression));
        const std::string bytes = compressed(compression, text, text.size());
        const auto read = [compression](const std::string& from) {
            return decompressed(compression, from, 4'096);
        };
        CHECK_THROWS_WITH(read(bytes.substr(0, bytes.size() - 1)), Catch::Contains("cut off"));
        CHECK_THROWS_WITH(read(""), Catch::Contains("cut off"));
        CHECK_THROWS_WITH(read(bytes + "x"), Catch::Contains("more after it"));
        std::string damaged = bytes;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
        CHECK_THROWS_AS(read(damaged), Failure);
        CHECK_THROWS_WITH(read(text), Catch::Contains("damaged"));
    }
}

TEST_CASE("compressions have a name and a suffix", "[exports]") {
    CHECK(find_compression("zstd") == Compression::zstd);
    CHECK_FALSE(find_compression("rar").has_value());
    CHECK(compression_suffix(Compression::gzip) == ".gz");
    CHECK(compression_suffix(Compression::none).empty());
}

}  // namespace
}  // namespace dcm::exports
