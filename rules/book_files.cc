#include "rules/book_files.h"

#include "rules/parse.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::string_view kOnlyFile = "book.yaml";

bool is_yaml(const BookFile& file) {
    return file.name.ends_with(".yaml") || file.name.ends_with(".yml");
}

// For each file its name and size, a line each, and its bytes; empty when the input is not of that
// form.
std::vector<BookFile> all_files(std::string_view input) {
    std::vector<BookFile> files;
    while (!input.empty()) {
        const std::size_t name_end = input.find('\n');
        const std::size_t size_end =
            name_end == std::string_view::npos ? name_end : input.find('\n', name_end + 1);
        if (size_end == std::string_view::npos) {
            return {};
        }
        const std::string_view digits = input.substr(name_end + 1, size_end - name_end - 1);
        std::size_t size = 0;
        const auto [after, fault] =
            std::from_chars(digits.data(), digits.data() + digits.size(), size);
        const std::string_view rest = input.substr(size_end + 1);
        const bool is_size = fault == std::errc() && after == digits.data() + digits.size();
        if (!is_size || size > rest.size()) {
            return {};
        }
        files.push_back(
            {std::string(input.substr(0, name_end)), std::string(rest.substr(0, size))});
        input = rest.substr(size);
    }
    return files;
}

const BookFile* find(std::span<const BookFile> files, std::string_view name) {
    const auto found = std::find_if(
        files.begin(), files.end(), [name](const BookFile& file) { return file.name == name; });
    return found == files.end() ? nullptr : &*found;
}

}  // namespace

BookFiles split_digest_input(std::string_view input) {
    const std::vector<BookFile> files = all_files(input);
    if (files.empty()) {
        return {{{std::string(kOnlyFile), std::string(input)}}, {}};
    }
    std::vector<BookFile> yaml;
    std::copy_if(files.begin(), files.end(), std::back_inserter(yaml), is_yaml);
    const std::vector<std::string> named = resource_file_names(yaml);
    BookFiles split;
    for (const BookFile& file : files) {
        const bool is_resource =
            !is_yaml(file) || std::find(named.begin(), named.end(), file.name) != named.end();
        (is_resource ? split.resources : split.book).push_back(file);
    }
    return split;
}

BookFiles with_resources(const BookFiles& kept, std::span<const BookFile> present) {
    BookFiles files{kept.book, {}};
    for (const std::string& name : resource_file_names(kept.book)) {
        const BookFile* file = find(present, name);
        file = file != nullptr ? file : find(kept.resources, name);
        if (file != nullptr) {
            files.resources.push_back(*file);
        }
    }
    return files;
}

}  // namespace dcm::rules
