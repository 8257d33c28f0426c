#pragma once

#include "audit/hash_stream.h"
#include "exports/content_check.h"
#include "exports/folder.h"
#include "exports/manifest.h"

#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// A data file while it is written: text goes in, is checked, compressed, hashed and written, beside
// the caller who makes the next piece of it.
class PartWriter {
public:
    PartWriter(const Folder& folder, const std::string& name, const Manifest& manifest);
    PartWriter(const PartWriter&) = delete;
    PartWriter& operator=(const PartWriter&) = delete;
    ~PartWriter();

    // The text so far; what is appended goes out piece by piece with flush_if_full(), which throws
    // what kept the piece before from being written.
    [[nodiscard]] std::string& text() { return text_; }
    void flush_if_full();

    // Makes the file durable. Nothing is written afterwards.
    struct Written {
        ManifestFile file;  // named as in its folder
        CheckedContent content;
    };
    [[nodiscard]] Written finish();

private:
    void take(std::string_view piece);
    void settle();

    std::filesystem::path path_;
    std::string name_;
    Descriptor file_;
    audit::HashStream hash_;
    std::int64_t bytes_ = 0;
    ContentCheck check_;
    std::unique_ptr<ByteStream> compressor_;
    std::string text_;
    std::string taken_;         // the piece that is written now
    std::future<void> taking_;  // last: what it uses outlives it
};

// Reads a data file as it lies there: its length and hash as they are, its content as `manifest`
// says it is. A stream that cannot be read is a problem.
[[nodiscard]] PartWriter::Written read_part(const Folder& folder,
                                            const std::string& name,
                                            const Manifest& manifest);

// Parts beside this one, which a loader that knows nothing of manifests would read as well.
[[nodiscard]] std::vector<std::string> other_parts(const Folder& folder, const std::string& part);

// Length and hash alone; nullopt where there is none.
[[nodiscard]] std::optional<ManifestFile> measure_file(const Folder& folder,
                                                       const std::string& name);

}  // namespace dcm::exports
