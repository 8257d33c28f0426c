#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::anchors {

// Files the log's evidence lives in. Everything here is durable when it returns (fsync of the file
// and, where a name is new, of its folder) and throws Failure (environment) when it cannot be. What
// is made has the owner that store/file_owner.h says, and what is changed in place is a file of
// ours in its sense.

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

// Whether the name is taken, be it by a link that leads nowhere.
[[nodiscard]] bool is_there(const std::filesystem::path& path);

// The whole file, or its first `bytes_max` bytes; nullopt when there is none.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path,
                                                   std::size_t bytes_max = kNoLimit);

// The last `bytes_max` bytes of the file, or all of it; nullopt when there is none.
[[nodiscard]] std::optional<std::string> read_end(const std::filesystem::path& path,
                                                  std::size_t bytes_max);

// Reads a file part by part, to where it ended when it was opened; what has no end of its own, such
// as a pipe, until there is no more. The first part is read at once.
class FileParts {
public:
    explicit FileParts(const std::filesystem::path& path);
    FileParts(const FileParts&) = delete;
    FileParts& operator=(const FileParts&) = delete;
    ~FileParts();

    // Empty at the end.
    [[nodiscard]] std::string next();
    [[nodiscard]] bool is_at_end() const { return part_.empty(); }

private:
    struct File;

    std::unique_ptr<File> file_;
    std::string part_;
};

// Replaces the file in one step: a crash leaves the old or the new content, never a mixture.
void replace_file(const std::filesystem::path& path, std::string_view content);

// Adds to the end of the file, which is created (0640) where there is none. All or nothing: when it
// throws, the file is as it was.
void append_to_file(const std::filesystem::path& path, std::string_view content);

// Cuts the file to its first `size` bytes.
void shorten_file(const std::filesystem::path& path, std::uintmax_t size);

// Creates a file that only its owner can read (0600). An existing one is a Failure. A crash leaves
// no file under that name or the whole of it.
void create_secret_file(const std::filesystem::path& path, std::string_view content);

// Gives a finished file its final name in the same folder. An existing one is a Failure.
struct FinalName {
    std::filesystem::path path;
};
void move_into_place(const std::filesystem::path& finished, const FinalName& name);
// The same in the place of an existing one: a crash leaves the old or the new file.
void move_over(const std::filesystem::path& finished, const FinalName& name);

}  // namespace dcm::anchors
