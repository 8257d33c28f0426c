#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// A file descriptor, closed at the end.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

// What is known of a file without reading it.
struct FileFacts {
    std::int64_t bytes = 0;
    // When its content, place or mode changed last, as far as the system's clock tells.
    std::int64_t changed_ns = 0;
};

// An open folder of an export. What is in it is reached from it by plain names, never through a
// link: nobody who puts one there can lead us elsewhere. Throws Failure: malformed where something
// else stands in the place of a folder or file, else environment.
class Folder {
public:
    // For reading. The folder itself is no link either.
    [[nodiscard]] static Folder open(const std::filesystem::path& given);
    // For writing: nobody but its owner and group can write to it. Made where it is missing,
    // durably and with mode 0750, as are those above it.
    [[nodiscard]] static Folder make(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    // A folder in this one; made where it is missing, durably.
    [[nodiscard]] Folder make_child(const std::string& name) const;
    // nullopt where there is nothing of that name.
    [[nodiscard]] std::optional<Folder> child(const std::string& name) const;
    // Names of what is in it, in order, without `.` and `..`.
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool is_folder(const std::string& name) const;

    // A new file (0640) for writing; there is none of that name yet.
    [[nodiscard]] Descriptor create(const std::string& name) const;
    // For reading; nullopt where there is nothing of that name.
    [[nodiscard]] std::optional<Descriptor> open_file(const std::string& name) const;
    // Of a file; nullopt where there is none.
    [[nodiscard]] std::optional<FileFacts> facts(const std::string& name) const;
    // The whole file; nullopt where there is none. Longer than `bytes_max` is a Failure.
    [[nodiscard]] std::optional<std::string> read(const std::string& name,
                                                  std::size_t bytes_max) const;
    // A new file with this content, durable.
    void write(const std::string& name, std::string_view content) const;

    // Gives a file of this folder a place in another one, instead of what is there.
    void move(const std::string& name, const Folder& to, const std::string& new_name) const;
    // Nothing of that name is fine.
    void remove(const std::string& name) const;
    // With what is in it, one level of folders deep.
    void remove_folder(const std::string& name) const;
    // Makes its names durable.
    void sync() const;

    // Whether this process has it for itself now, until the descriptor closes or the process ends.
    [[nodiscard]] bool try_lock() const;

private:
    Folder(std::filesystem::path path, Descriptor opened);

    void require_own() const;
    [[noreturn]] void fail(std::string_view action, const std::string& name) const;

    std::filesystem::path path_;
    Descriptor opened_;
};

// All of the content, whatever the signals. Throws Failure (environment) that names the path.
void write_all(const Descriptor& file, std::string_view content, const std::filesystem::path& path);
void make_durable(const Descriptor& file, const std::filesystem::path& path);

}  // namespace dcm::exports
