#include "exports/compression.h"

#include "base/result.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::exports {
namespace {

struct NamedCompression {
    Compression compression;
    std::string_view name;
    std::string_view suffix;
};

constexpr std::array kNames{NamedCompression{Compression::none, "none", ""},
                            NamedCompression{Compression::gzip, "gzip", ".gz"},
                            NamedCompression{Compression::zstd, "zstd", ".zst"}};

constexpr std::size_t kBufferBytes = 262'144;
constexpr int kGzipWindow = 15 + 16;  // the largest, with gzip's frame
constexpr int kGzipMemory = 9;
// Rows repeat most of their values: higher levels take several times as long for a few percent.
constexpr int kGzipLevel = 4;
constexpr int kZstdLevel = 3;

const NamedCompression& named(Compression compression) {
    return *std::find_if(kNames.begin(), kNames.end(), [compression](const auto& n) {
        return n.compression == compression;
    });
}

[[noreturn]] void fail_to_compress(std::string_view library) {
    throw Failure(ErrorKind::environment, "expected " + std::string(library) + " to compress");
}

[[noreturn]] void fail_to_read(std::string_view format, const char* what) {
    throw Failure(ErrorKind::malformed,
                  "expected one whole " + std::string(format) + " stream, " + what);
}

class PlainStream final : public ByteStream {
public:
    explicit PlainStream(ByteVisitor visit) : visit_(std::move(visit)) {}

    void write(std::string_view bytes) override { visit_(bytes); }
    void finish() override {}

private:
    ByteVisitor visit_;
};

// zlib reads what it is given, through a pointer that is not const.
void give(z_stream& stream, std::string_view bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast,cppcoreguidelines-pro-type-const-cast)
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
}

void make_room(z_stream& stream, std::string& buffer) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
}

class GzipCompressor final : public ByteStream {
public:
    explicit GzipCompressor(ByteVisitor visit) : visit_(std::move(visit)) {
        // The header is zlib's own: no name, and 0 for the time.
        if (deflateInit2(
                &stream_, kGzipLevel, Z_DEFLATED, kGzipWindow, kGzipMemory, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            fail_to_compress("zlib");
        }
    }
    GzipCompressor(const GzipCompressor&) = delete;
    GzipCompressor& operator=(const GzipCompressor&) = delete;
    ~GzipCompressor() override { deflateEnd(&stream_); }

    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const std::string_view piece = bytes.substr(0, kBufferBytes);
            bytes.remove_prefix(piece.size());
            give(stream_, piece);
            run(Z_NO_FLUSH);
        }
    }

    void finish() override {
        give(stream_, {});
        run(Z_FINISH);
    }

private:
    void run(int flush) {
        int result = Z_OK;
        do {
            make_room(stream_, buffer_);
            result = deflate(&stream_, flush);
            if (result == Z_STREAM_ERROR) {
                fail_to_compress("zlib");
            }
            visit_(std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out));
        } while (stream_.avail_out == 0 || (flush == Z_FINISH && result != Z_STREAM_END));
    }

    ByteVisitor visit_;
    z_stream stream_{};
    std::string buffer_ = std::string(kBufferBytes, '\0');
};

class GzipDecompressor final : public ByteStream {
public:
    explicit GzipDecompressor(ByteVisitor visit) : visit_(std::move(visit)) {
        if (inflateInit2(&stream_, kGzipWindow) != Z_OK) {
            fail_to_compress("zlib");
        }
    }
    GzipDecompressor(const GzipDecompressor&) = delete;
    GzipDecompressor& operator=(const GzipDecompressor&) = delete;
    ~GzipDecompressor() override { inflateEnd(&stream_); }

    void write(std::string_view bytes) override {
        give(stream_, bytes);
        while (stream_.avail_in > 0) {
            if (is_at_end_) {
                fail_to_read("gzip", "there is more after it");
            }
            make_room(stream_, buffer_);
            const int result = inflate(&stream_, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END) {
                fail_to_read("gzip", "it is damaged");
            }
            is_at_end_ = result == Z_STREAM_END;
            visit_(std::string_view(buffer_).substr(0, buffer_.size() - stream_.avail_out));
        }
    }

    void finish() override {
        if (!is_at_end_) {
            fail_to_read("gzip", "it is cut off");
        }
    }

private:
    ByteVisitor visit_;
    z_stream stream_{};
    bool is_at_end_ = false;
    std::string buffer_ = std::string(kBufferBytes, '\0');
};

struct FreeZstd {
    void operator()(ZSTD_CStream* stream) const { ZSTD_freeCStream(stream); }
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

class ZstdCompressor final : public ByteStream {
public:
    explicit ZstdCompressor(ByteVisitor visit) : visit_(std::move(visit)) {
        if (!stream_ ||
            ZSTD_isError(
                ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kZstdLevel)) != 0 ||
            ZSTD_isError(ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1)) != 0) {
            fail_to_compress("zstd");
        }
    }

    void write(std::string_view bytes) override { run(bytes, ZSTD_e_continue); }
    void finish() override { run({}, ZSTD_e_end); }

private:
    void run(std::string_view bytes, ZSTD_EndDirective directive) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        std::size_t left = 0;
        do {
            ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
            left = ZSTD_compressStream2(stream_.get(), &out, &in, directive);
            if (ZSTD_isError(left) != 0) {
                fail_to_compress("zstd");
            }
            visit_(std::string_view(buffer_).substr(0, out.pos));
        } while (in.pos < in.size || (directive == ZSTD_e_end && left > 0));
    }

    ByteVisitor visit_;
    std::unique_ptr<ZSTD_CStream, FreeZstd> stream_{ZSTD_createCStream()};
    std::string buffer_ = std::string(kBufferBytes, '\0');
};

class ZstdDecompressor final : public ByteStream {
public:
    explicit ZstdDecompressor(ByteVisitor visit) : visit_(std::move(visit)) {
        if (!stream_) {
            fail_to_compress("zstd");
        }
    }

    void write(std::string_view bytes) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        bool is_full = false;
        while (in.pos < in.size || is_full) {
            if (is_at_end_) {
                fail_to_read("zstd", "there is more after it");
            }
            ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
            const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
            if (ZSTD_isError(left) != 0) {
                fail_to_read("zstd", "it is damaged");
            }
            is_at_end_ = left == 0;
            is_full = out.pos == out.size && !is_at_end_;
            visit_(std::string_view(buffer_).substr(0, out.pos));
        }
    }

    void finish() override {
        if (!is_at_end_) {
            fail_to_read("zstd", "it is cut off");
        }
    }

private:
    ByteVisitor visit_;
    std::unique_ptr<ZSTD_DStream, FreeZstd> stream_{ZSTD_createDStream()};
    bool is_at_end_ = false;
    std::string buffer_ = std::string(kBufferBytes, '\0');
};

}  // namespace

std::string_view compression_name(Compression compression) {
    return named(compression).name;
}

std::optional<Compression> find_compression(std::string_view name) {
    for (const NamedCompression& known : kNames) {
        if (known.name == name) {
            return known.compression;
        }
    }
    return std::nullopt;
}

std::string_view compression_suffix(Compression compression) {
    return named(compression).suffix;
}

std::unique_ptr<ByteStream> make_compressor(Compression compression, ByteVisitor visit) {
    switch (compression) {
        case Compression::none:
            return std::make_unique<PlainStream>(std::move(visit));
        case Compression::gzip:
            return std::make_unique<GzipCompressor>(std::move(visit));
        case Compression::zstd:
            return std::make_unique<ZstdCompressor>(std::move(visit));
    }
    return nullptr;
}

std::unique_ptr<ByteStream> make_decompressor(Compression compression, ByteVisitor visit) {
    switch (compression) {
        case Compression::none:
            return std::make_unique<PlainStream>(std::move(visit));
        case Compression::gzip:
            return std::make_unique<GzipDecompressor>(std::move(visit));
        case Compression::zstd:
            return std::make_unique<ZstdDecompressor>(std::move(visit));
    }
    return nullptr;
}

}  // namespace dcm::exports
