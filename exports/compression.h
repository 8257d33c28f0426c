#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::exports {

enum class Compression { none, gzip, zstd };
[[nodiscard]] std::string_view compression_name(Compression compression);
[[nodiscard]] std::optional<Compression> find_compression(std::string_view name);
// What a file's name ends in: empty, `.gz`, `.zst`.
[[nodiscard]] std::string_view compression_suffix(Compression compression);

using ByteVisitor = std::function<void(std::string_view)>;

// A stream of bytes turned into another one. The same input gives the same output: no time, name
// or system is in it.
class ByteStream {
public:
    ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;
    virtual ~ByteStream() = default;

    virtual void write(std::string_view bytes) = 0;
    // Visits what is left. Nothing is written afterwards.
    virtual void finish() = 0;
};

// Throws Failure (environment) when the library has no memory.
[[nodiscard]] std::unique_ptr<ByteStream> make_compressor(Compression compression,
                                                          ByteVisitor visit);
// Throws Failure (malformed) for what is not compressed that way, was cut off or goes on after its
// end.
[[nodiscard]] std::unique_ptr<ByteStream> make_decompressor(Compression compression,
                                                            ByteVisitor visit);

}  // namespace dcm::exports
