// A resource file is read, or what is wrong with it is told; every instance then has one owner at
// every instant.
//
// Input: the ending of the file's name (csv, yaml) in a line, then its text.

#include "base/zone.h"
#include "rules/resource_file.h"
#include "tests/fuzz/check_problems.h"
#include "tests/fuzz/fuzz.h"

#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

constexpr Period kAsked{Instant{0}, Instant{4'102'444'800LL * kMicrosPerSecond}};  // to 2100

void check_owners(const rules::ResourceTable& table, const rules::Resource& entry) {
    Instant covered = kAsked.start;
    for (const auto& owner : table.ownership(entry.service_type, entry.instance, kAsked)) {
        DCM_CHECK(owner.during.start == covered && owner.during.end > covered);
        DCM_CHECK(!owner.tenant.empty());
        covered = owner.during.end;
    }
    DCM_CHECK(covered == kAsked.end);
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const bool is_csv = input.line() == "csv";
    const rules::BookFile file{is_csv ? "resources.csv" : "resources.yaml",
                               std::string(input.rest())};
    rules::Problems problems;
    const std::vector<rules::Resource> entries =
        rules::read_resource_file(file, Zone::utc(), problems);
    const bool is_sound = problems.empty();
    check_problems(std::move(problems).sorted());
    if (!is_sound) return;
    rules::ResourceTable table;
    table.add_file(entries);
    for (const rules::Resource& entry : entries) {
        DCM_CHECK(!entry.instance.empty() && !entry.service_type.empty());
        DCM_CHECK(!entry.valid_from || !entry.valid_to || *entry.valid_from < *entry.valid_to);
        check_owners(table, entry);
    }
}

}  // namespace dcm::fuzz
