#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace dcm::support {

// A directory of its own under the system's temporary one, removed at the end.
class TempDir {
public:
    TempDir() {
        const auto base = std::filesystem::temp_directory_path();
        std::string name = (base / "dcm-billing-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("cannot make a temporary directory");
        }
        path_ = name;
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // Writes a file into it.
    [[nodiscard]] std::filesystem::path file(const std::filesystem::path& name,
                                             const std::string& content) const {
        std::filesystem::path path = path_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }

private:
    std::filesystem::path path_;
};

}  // namespace dcm::support
