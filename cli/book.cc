#include "cli/book.h"

#include "anchors/file_io.h"
#include "audit/hash.h"
#include "base/result.h"
#include "cli/default_book.h"
#include "rules/resource_file.h"
#include "rules/yaml_document.h"

#include <algorithm>

namespace dcm::cli {
namespace {

namespace fs = std::filesystem;

// Reads one byte more than is allowed, so that the parser can tell a file that is too large without
// its being held in memory.
rules::BookFile read_one(const fs::path& path, const std::string& name) {
    std::error_code fault;
    if (!fs::is_regular_file(path, fault)) {
        throw Failure(ErrorKind::malformed, "expected a rule book file at " + path.string());
    }
    const bool is_csv = path.extension() == ".csv";
    const std::size_t bytes_max = is_csv ? rules::kCsvBytesMax : rules::kYamlBytesMax;
    return {name, anchors::read_file(path, bytes_max + 1).value_or("")};
}

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::vector<rules::BookFile> read_directory(const fs::path& directory) {
    std::vector<fs::path> paths;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
        if (is_yaml(entry.path()) && entry.is_regular_file()) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<rules::BookFile> files;
    files.reserve(paths.size());
    for (const fs::path& path : paths) {
        files.push_back(read_one(path, path.filename().string()));
    }
    if (files.empty()) {
        throw Failure(ErrorKind::malformed,
                      "expected a rule book (*.yaml) in " + directory.string() + ", found none");
    }
    return files;
}

std::vector<rules::BookFile> read_book_files(const fs::path& path) {
    if (path.empty()) {
        return {{"default.yaml", std::string(default_book())}};
    }
    std::error_code fault;
    if (fs::is_directory(path, fault)) {
        return read_directory(path);
    }
    return {read_one(path, path.filename().string())};
}

}  // namespace

LoadedBook read_book(const fs::path& path) {
    LoadedBook loaded;
    loaded.files = read_book_files(path);
    std::error_code fault;
    const fs::path folder = fs::is_directory(path, fault) ? path : path.parent_path();
    for (const std::string& name : rules::resource_file_names(loaded.files)) {
        if (fs::is_regular_file(folder / name, fault)) {
            loaded.resources.push_back(read_one(folder / name, name));
        }
    }
    loaded.parsed = rules::parse_book(loaded.files, loaded.resources);
    loaded.bytes = rules::digest_input(loaded.files, loaded.resources);
    loaded.digest = "sha256:" + audit::to_hex(audit::sha256(loaded.bytes));
    return loaded;
}

const rules::RuleBook& valid_book(const LoadedBook& loaded) {
    if (!loaded.parsed.book) {
        std::string message = "expected a rule book without errors:";
        for (const rules::Problem& problem : loaded.parsed.problems) {
            message += "\n  " + rules::format_problem(problem);
        }
        throw Failure(ErrorKind::malformed, message);
    }
    return *loaded.parsed.book;
}

Book load_book(const fs::path& path) {
    LoadedBook loaded = read_book(path);
    static_cast<void>(valid_book(loaded));
    return {std::move(*loaded.parsed.book), std::move(loaded.bytes), std::move(loaded.digest)};
}

}  // namespace dcm::cli
