#include "store/draft.h"

#include "store/event_record.h"

#include <utility>

namespace dcm::store {

std::vector<DraftedMessage> Drafter::draft(std::vector<DecidedMessage> batch) {
    std::vector<DraftedMessage> drafts;
    drafts.reserve(batch.size());
    for (DecidedMessage& decided : batch) {
        DraftedMessage& draft = drafts.emplace_back();
        draft.decided = std::move(decided);
        const Message& message = draft.decided.message;
        salts_.next(draft.beside.salt);
        draft.beside.subject = text_of_subject(message.subject);
        if (!message.headers.empty()) {
            draft.beside.headers = text_of_headers(message.headers);
        }
        fill_event_record(draft.decided, draft.beside, draft.record);
    }
    return drafts;
}

}  // namespace dcm::store
