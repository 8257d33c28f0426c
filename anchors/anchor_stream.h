#pragma once

#include "anchors/anchor.h"
#include "anchors/tree_prover.h"
#include "consumer/note_stream.h"

#include <filesystem>
#include <optional>
#include <string>

namespace dcm::anchors {

// Which stream of which broker, for the log of which origin; what it is to hold is remembered in a
// file, so that a stream that was emptied or made again is noticed.
struct StreamAnchorSetup {
    consumer::NatsOptions broker;
    std::string stream;
    std::string origin;  // empty when the log is not known: then nothing can be read
    std::filesystem::path memory;
    store::DatabaseUrl database;
};

// A JetStream stream of our own that takes one note after the other, each provided that the one
// before is still the newest: of two copies of a database only one can go on. Only the newest note
// is read: it stands for all before it.
class StreamAnchor final : public Anchor {
public:
    explicit StreamAnchor(StreamAnchorSetup setup);

    [[nodiscard]] std::string name() const override { return "stream " + setup_.stream; }
    [[nodiscard]] bool is_remote() const override { return true; }
    void keep(const SignedCheckpoint& checkpoint) override;
    [[nodiscard]] std::optional<AnchorContent> read() override;
    void forget() override;
    [[nodiscard]] std::vector<std::string> warnings() const override;

private:
    // What was anchored last, as the file tells.
    struct Memory {
        std::int64_t created_ns = 0;
        std::int64_t sequence = 0;
        std::int64_t size = 0;
    };
    [[nodiscard]] std::optional<Memory> recall() const;
    void remember(const Memory& memory) const;
    // Throws AnchorLost unless the stream is the one remembered, with all that it had.
    void require_kept(const std::optional<Memory>& memory,
                      const std::optional<std::int64_t>& created_ns,
                      const std::optional<consumer::StreamNote>& newest) const;
    [[noreturn]] void lost(const std::string& how, const Memory& memory) const;
    // The size of the newest note, which must be part of our history.
    [[nodiscard]] std::int64_t require_ours(const consumer::StreamNote& newest,
                                            const SignedCheckpoint& checkpoint);

    StreamAnchorSetup setup_;
    consumer::NatsConnection connection_;
    consumer::NoteStream stream_;
    TreeProver prover_;
};

}  // namespace dcm::anchors
