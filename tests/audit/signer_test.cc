#include "audit/signer.h"

#include "audit/hash.h"
#include "sample_log.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::make_log;
using testing::SampleLog;

Frontier head_of(const SampleLog& log) {
    return Frontier::restore(log.tree->size, log.tree->frontier).value();
}

Result<SignerState> step(const SignerState& last, const SampleLog& log) {
    SignerStep next(last);
    for (auto i = static_cast<std::size_t>(last.tree.size()); i < log.rows.size(); ++i) {
        next.add(log.rows[i]);
    }
    return next.finish(head_of(log));
}

TEST_CASE("the signer goes on from the tree it signed last", "[signer]") {
    SignerState state;
    for (const std::int64_t size : {1, 2, 255, 256, 257, 300}) {
        const SampleLog log = make_log(size);
        const Result<SignerState> next = step(state, log);
        REQUIRE(next.ok());
        state = next.value();
        CHECK(state.note.empty());
        state.note = sign_checkpoint(checkpoint_of(state, testing::kOrigin), testing::sample_key());
        CHECK(state.note == log.note(size));
    }
    CHECK(step(state, make_log(300)).value() == state);
}

TEST_CASE("the signer refuses what does not continue its tree", "[signer]") {
    const SignerState state{head_of(make_log(20)), "note"};
    CHECK_FALSE(step(state, make_log(19)).ok());
    CHECK_FALSE(step(state, make_log(0)).ok());

    SampleLog rewritten = make_log(30);
    rewritten.rows[10].body = "{}";
    rewritten.rebuild_tree();
    CHECK_FALSE(step(state, rewritten).ok());

    SampleLog same_size = make_log(20);
    same_size.rows[10].body = "{}";
    same_size.rebuild_tree();
    CHECK_FALSE(step(state, same_size).ok());
}

TEST_CASE("fault 35: a row that differs from what was hashed is not signed", "[signer]") {
    SampleLog log = make_log(30);
    log.rows[25].outcome = "bccepted";
    CHECK_FALSE(step(SignerState{head_of(make_log(20)), ""}, log).ok());
}

TEST_CASE("the signer needs every row the head counts, in order", "[signer]") {
    const SampleLog log = make_log(5);
    SignerStep missing{SignerState()};
    missing.add(log.rows[0]);
    missing.add(log.rows[2]);
    CHECK_FALSE(missing.finish(head_of(log)).ok());
    SignerStep few{SignerState()};
    few.add(log.rows[0]);
    CHECK_FALSE(few.finish(head_of(log)).ok());
    SignerStep many{SignerState()};
    for (const Record& row : log.rows) {
        many.add(row);
    }
    CHECK_FALSE(many.finish(head_of(make_log(4))).ok());
    CHECK(many.finish(head_of(log)).ok());
}

TEST_CASE("a signer's state comes back from its text", "[signer]") {
    for (const std::int64_t size : {0, 1, 300}) {
        const SampleLog log = make_log(size);
        const SignerState signed_state{head_of(log), log.note(size)};
        CHECK(parse_signer_state(format_signer_state(signed_state)).value() == signed_state);
        const SignerState unsigned_state{head_of(log), ""};
        CHECK(parse_signer_state(format_signer_state(unsigned_state)).value() == unsigned_state);
    }
}

TEST_CASE("no state file that is cut or has one byte changed is read", "[signer]") {
    const SampleLog log = make_log(3);
    const std::string text = format_signer_state({head_of(log), log.note(3)});
    for (std::size_t i = 0; i < text.size(); ++i) {
        CAPTURE(i);
        CHECK_FALSE(parse_signer_state(text.substr(0, i)).ok());
        std::string changed = text;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_FALSE(parse_signer_state(changed).ok());
    }
    CHECK_FALSE(parse_signer_state(text + "\n").ok());
    CHECK_FALSE(parse_signer_state("").ok());
}

}  // namespace
}  // namespace dcm::audit
