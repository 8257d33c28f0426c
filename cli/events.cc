#include "cli/book.h"
#include "cli/commands.h"
#include "consumer/check_line.h"
#include "consumer/decode.h"
#include "consumer/file_source.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <variant>

namespace dcm::cli {
namespace {

// Results are written in pieces of about this size.
constexpr std::size_t kPrintBytes = 65'536;
constexpr std::size_t kBatch = 1'000;

int check_events(Shell& shell, const std::string& file) {
    const Config& config = shell.config();
    const Book book = load_book(config.rules);
    const consumer::DecodeLimits limits = decode_limits(config.ingest);
    consumer::FileSource source({file}, shell.clock());
    bool any_rejected = false;
    std::string output;
    while (!source.drained()) {
        for (const Message& message : source.pull(kBatch, std::chrono::milliseconds{0})) {
            const billing::Decision decision =
                consumer::decode(message, book.rules.lifecycle, limits);
            any_rejected |= std::holds_alternative<billing::Rejection>(decision);
            output += consumer::check_line(source.line_of(message), decision) + '\n';
        }
    }
    print(output);
    return any_rejected ? kExitNegative : kExitDone;
}

}  // namespace
}  // namespace dcm::cli
