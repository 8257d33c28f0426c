// Makes a test of a target: examines every file of a corpus. The target aborts when it finds
// something; the last name printed is the file's.

#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& corpus) {
    std::vector<std::filesystem::path> files;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(corpus, missing)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argument_count, char** arguments) {
    const std::span words(arguments, static_cast<std::size_t>(argument_count));
    if (words.size() != 2) {
        static_cast<void>(std::fputs("expected the folder of a corpus\n", stderr));
        return 2;
    }
    const std::vector<std::filesystem::path> files = files_of(words[1]);
    for (const std::filesystem::path& file : files) {
        static_cast<void>(std::printf("%s\n", file.c_str()));
        static_cast<void>(std::fflush(stdout));
        dcm::fuzz::examine(bytes_of(file));
    }
    if (files.empty()) {
        static_cast<void>(std::fprintf(stderr, "expected files in %s, got none\n", words[1]));
        return 1;
    }
    return 0;
}
