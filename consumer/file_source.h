#pragma once

#include "base/clock.h"
#include "consumer/line_reader.h"
#include "consumer/message_source.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dcm::consumer {

// Messages from JSON Lines files, in the order given; `-` is stdin. Blank lines are skipped.
class FileSource final : public MessageSource {
public:
    // Throws Failure (environment) for a file that cannot be read. The clock gives the store time
    // of lines that carry none, and outlives this.
    FileSource(std::vector<std::string> files, const Clock& clock);

    // Throws Failure: environment when reading fails, malformed for a line longer than
    // kLineBytesMax, naming file and line.
    [[nodiscard]] std::vector<Message> pull(std::size_t count_max,
                                            std::chrono::milliseconds wait) override;
    // A file keeps nothing.
    void acknowledge(std::span<const Message> messages) override;
    void keep(std::span<const Message* const> messages) override;
    [[nodiscard]] bool drained() override { return next_file_ == files_.size() && !reader_; }

    // The line of its file that this source made the message of, counted from 1.
    [[nodiscard]] static std::int64_t line_of(const Message& message);

    // For a progress bar; the total is 0 when one of the files has no size (stdin, a pipe).
    [[nodiscard]] std::int64_t bytes_read() const;
    [[nodiscard]] std::int64_t bytes_total() const { return bytes_total_; }

private:
    // The bytes of the payload it adds.
    std::size_t add_line(std::vector<Message>& out) const;

    std::vector<std::string> files_;
    const Clock& clock_;
    std::size_t next_file_ = 0;
    std::unique_ptr<LineReader> reader_;
    std::int64_t bytes_of_ended_ = 0;
    std::int64_t bytes_total_ = 0;
};

}  // namespace dcm::consumer
