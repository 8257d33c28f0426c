#include "exports/part_file.h"

#include "base/check.h"
#include "base/result.h"
#include "store/beside.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>

namespace dcm::exports {
namespace {

constexpr std::size_t kTextBytes = 1'048'576;
constexpr std::size_t kPieceBytes = 262'144;

// Visits the bytes of the file in pieces; true when there is such a file.
bool each_piece(const Folder& folder, const std::string& name, const ByteVisitor& visit) {
    const auto file = folder.open_file(name);
    if (!file) {
        return false;
    }
    std::string buffer(kPieceBytes, '\0');
    ssize_t count = 0;
    while ((count = ::read(file->number(), buffer.data(), buffer.size())) != 0) {
        if (count < 0 && errno != EINTR) {
            throw Failure(ErrorKind::environment,
                          "expected to read " + (folder.path() / name).string() + ": " +
                              std::generic_category().message(errno));
        }
        visit(std::string_view(buffer).substr(
            0, static_cast<std::size_t>(std::max<ssize_t>(count, 0))));
    }
    return true;
}

}  // namespace

PartWriter::PartWriter(const Folder& folder, const std::string& name, const Manifest& manifest)
    : path_(folder.path() / name),
      name_(name),
      file_(folder.create(name)),
      check_(manifest),
      compressor_(make_compressor(manifest.compression, [this](std::string_view bytes) {
          hash_.add(bytes);
          bytes_ += static_cast<std::int64_t>(bytes.size());
          write_all(file_, bytes, path_);
      })) {}

PartWriter::~PartWriter() = default;

void PartWriter::flush_if_full() {
    if (text_.size() < kTextBytes) {
        return;
    }
    settle();
    std::swap(text_, taken_);
    text_.clear();
    taking_ = std::async(store::kBeside, [this] { take(taken_); });
}

PartWriter::Written PartWriter::finish() {
    settle();
    take(text_);
    compressor_->finish();
    make_durable(file_, path_);
    CheckedContent content = check_.finish();
    return {{name_, bytes_, content.rows, audit::to_hex(hash_.finish())}, std::move(content)};
}

void PartWriter::take(std::string_view piece) {
    check_.read(piece);
    compressor_->write(piece);
}

// The piece before is written, or what kept it from it is thrown.
void PartWriter::settle() {
    if (taking_.valid()) {
        taking_.get();
    }
}

PartWriter::Written read_part(const Folder& folder,
                              const std::string& name,
                              const Manifest& manifest) {
    ContentCheck check(manifest);
    audit::HashStream hash;
    std::int64_t bytes = 0;
    std::string damage;
    const auto decompressor = make_decompressor(
        manifest.compression, [&check](std::string_view text) { check.read(text); });
    const auto guarded = [&damage](const std::function<void()>& act) {
        try {
            act();
        } catch (const Failure& failure) {
            if (failure.kind() != ErrorKind::malformed) {
                throw;
            }
            damage = failure.what();
        }
    };
    const bool is_there = each_piece(folder, name, [&](std::string_view piece) {
        hash.add(piece);
        bytes += static_cast<std::int64_t>(piece.size());
        if (damage.empty()) {
            guarded([&] { decompressor->write(piece); });
        }
    });
    if (damage.empty() && is_there) {
        guarded([&] { decompressor->finish(); });
    }
    CheckedContent content = check.finish();
    if (!is_there || !damage.empty()) {
        content.problems.assign(1, is_there ? damage : "expected the file, it is not there");
    }
    return {{name, bytes, content.rows, audit::to_hex(hash.finish())}, std::move(content)};
}

std::vector<std::string> other_parts(const Folder& folder, const std::string& part) {
    std::vector<std::string> names = folder.names();
    std::erase_if(names, [&part](const std::string& name) {
        return !name.starts_with(kPartPrefix) || name == part;
    });
    return names;
}

std::optional<ManifestFile> measure_file(const Folder& folder, const std::string& name) {
    audit::HashStream hash;
    ManifestFile file;
    file.name = name;
    const bool is_there = each_piece(folder, name, [&](std::string_view piece) {
        hash.add(piece);
        file.bytes += static_cast<std::int64_t>(piece.size());
    });
    file.sha256 = audit::to_hex(hash.finish());
    return is_there ? std::optional(file) : std::nullopt;
}

}  // namespace dcm::exports
