#pragma once

#include "consumer/fleet_random.h"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::sim {

// What a program asks of a file system.
enum class Act { open, read, write, truncate, sync, rename, remove };
inline constexpr auto kActs = std::to_array(
    {Act::open, Act::read, Act::write, Act::truncate, Act::sync, Act::rename, Act::remove});
[[nodiscard]] std::string_view act_name(Act act);

enum class Harm {
    once,       // one operation fails
    lasting,    // it and all of its kind until heal()
    full,       // a write is done by half, the next one finds no room, both once
    power_cut,  // the operation may be lost, and after it nothing works any more
};
[[nodiscard]] std::string_view harm_name(Harm harm);

struct Fault {
    Act act = Act::write;
    std::int64_t nth = 1;  // from when it is planned
    Harm harm = Harm::once;
};

// What a power cut leaves of that which no sync made durable.
enum class Survival { nothing, everything, some };

// The disk under one folder, for the whole process: every operation on its files goes through here
// on its way to the real ones (file_calls.cc), be it SQLite's or ours, and can be made to fail.
//
// The model of a power cut is that of POSIX. A file keeps what was synced; each later write or
// truncation may be there, be missing or be torn at sectors, in any combination. A name that was
// made, changed or removed is durable after the folder was synced; later ones survive up to some
// point in their order. A sync that fails may have lost what it was to make durable, and a later
// one does not bring it back.
//
// Any thread may do file operations; the other functions belong to one.
class Disk {
public:
    // The folder is empty. One at a time.
    Disk(const std::filesystem::path& folder, std::uint64_t seed);
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;
    ~Disk();

    // The disk of this process; null when none is simulated.
    [[nodiscard]] static Disk* active();

    void plan(const Fault& fault);
    // Whether the planned fault has come.
    [[nodiscard]] bool was_met() const;
    // Ends a lasting fault; one that has not come yet never comes.
    void heal();
    [[nodiscard]] bool is_on() const;
    // The machine comes up again. Nothing in the folder is open.
    void restore_power(Survival survival);

    // For file_calls.cc: nullopt when the file is none of this disk's.
    [[nodiscard]] std::optional<int> open(const char* path, int flags, mode_t mode);
    // With an offset as pwrite, else as write.
    [[nodiscard]] std::optional<ssize_t> write(int file,
                                               std::string_view bytes,
                                               std::optional<off_t> offset);
    [[nodiscard]] std::optional<int> truncate(int file, off_t size);
    [[nodiscard]] std::optional<int> sync(int file);
    [[nodiscard]] std::optional<int> rename(const char* from, const char* to);
    // A second name for a file; counts as a renaming.
    [[nodiscard]] std::optional<int> link(const char* from, const char* to);
    [[nodiscard]] std::optional<int> remove(const char* path);
    // Whether a read of this file fails now; errno is set.
    [[nodiscard]] bool read_fails(int file);

private:
    // A write, or with no bytes a truncation to `offset`.
    struct Change {
        std::size_t offset = 0;
        std::optional<std::string> bytes;
    };
    struct Image {
        std::string durable;
        std::vector<Change> pending;
        mode_t mode = 0;
    };
    // Names of before and after a rename share it, and who has the file open does.
    using SharedImage = std::shared_ptr<Image>;
    using Names = std::map<std::string, SharedImage>;
    struct NameChange {
        std::string removed;
        std::string added;
        SharedImage image;
    };
    enum class Passage { free, half, last, refused };

    [[nodiscard]] Passage admit(Act act);
    [[nodiscard]] Passage strike(const Fault& fault);
    [[nodiscard]] std::optional<std::string> name_of(const char* path) const;
    [[nodiscard]] SharedImage image_of(int file) const;
    [[nodiscard]] bool is_folder(int file) const;
    [[nodiscard]] bool sqlite_overlooks_folder() const;
    // Whether the change was made, not merely left to the power cut.
    [[nodiscard]] bool change_names(Act act, NameChange change);
    void apply(NameChange change);
    static void sync_image(Image& image);
    void lose_some(Image& image);
    void survive(Image& image, Survival survival);
    static void apply(std::string& content, const Change& change);
    void apply_torn(std::string& content, const Change& change);
    void survive_names(Survival survival);
    void write_files();

    mutable std::mutex mutex_;
    std::filesystem::path folder_;
    ino_t folder_number_ = 0;
    consumer::FleetRandom random_;
    Names names_;
    Names durable_names_;
    std::vector<NameChange> pending_names_;
    std::map<ino_t, SharedImage> images_;
    std::optional<Fault> fault_;
    std::int64_t acts_left_ = 0;
    bool was_met_ = false;
    bool write_fails_next_ = false;
    bool is_on_ = true;
};

}  // namespace dcm::sim
