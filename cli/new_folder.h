#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace dcm::cli {

// A file descriptor, closed at the end.
class OwnedDescriptor {
public:
    explicit OwnedDescriptor(int number) : number_(number) {}
    OwnedDescriptor(const OwnedDescriptor&) = delete;
    OwnedDescriptor& operator=(const OwnedDescriptor&) = delete;
    OwnedDescriptor(OwnedDescriptor&& other) noexcept;
    OwnedDescriptor& operator=(OwnedDescriptor&&) = delete;
    ~OwnedDescriptor();

    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

// A folder that appears under its name when it is complete, and not at all otherwise: it is filled
// as `<name>.partial` beside it. Nothing that exists is followed, overwritten or added to. Throws
// Failure (environment).
class NewFolder {
public:
    explicit NewFolder(const std::filesystem::path& path);
    NewFolder(const NewFolder&) = delete;
    NewFolder& operator=(const NewFolder&) = delete;
    // Removes what was not committed.
    ~NewFolder();

    // A new file in it (0640), by its path relative to the folder; folders on the way are made.
    void add(const std::string& name, std::string_view content);

    // A new file that is written piece by piece.
    class File {
    public:
        File(NewFolder& folder, const std::string& name);
        File(const File&) = delete;
        File& operator=(const File&) = delete;
        ~File() = default;

        void append(std::string_view text);
        // Writes what is gathered; before the folder is committed.
        void flush();

    private:
        std::string name_;
        OwnedDescriptor file_;
        std::string buffer_;
    };

    // Makes all of it durable and gives it its name.
    void commit();

private:
    [[nodiscard]] OwnedDescriptor create(const std::string& name) const;

    std::filesystem::path path_;
    std::filesystem::path partial_;
    OwnedDescriptor folder_;
    bool committed_ = false;
};

}  // namespace dcm::cli
