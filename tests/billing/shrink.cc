#include "shrink.h"

#include <utility>

namespace dcm::reference {
namespace {

// Every case that has one thing less.
class Smaller {
public:
    explicit Smaller(const Case& priced) : whole_(priced) {
        leave_out(&Case::rates);
        leave_out(&Case::files);
        leave_out(&Case::events);
        for (std::size_t file = 0; file < whole_.files.size(); ++file) {
            for (std::size_t entry = 0; entry < whole_.files[file].size(); ++entry) {
                Case& less = copies_.emplace_back(whole_);
                less.files[file].erase(less.files[file].begin() + static_cast<long>(entry));
            }
        }
        for (std::size_t rate = 0; rate < whole_.rates.size(); ++rate) {
            simplify_rate(rate);
        }
        copies_.emplace_back(whole_).question.filters.clear();
        copies_.emplace_back(whole_).question.group_by.clear();
    }

    [[nodiscard]] const std::vector<Case>& copies() const { return copies_; }

private:
    template <typename Element>
    void leave_out(std::vector<Element> Case::*list) {
        for (std::size_t i = 0; i < (whole_.*list).size(); ++i) {
            auto& elements = copies_.emplace_back(whole_).*list;
            elements.erase(elements.begin() + static_cast<long>(i));
        }
    }

    template <typename... Members>
    void reset_each(std::size_t rate, Members Rate::*... members) {
        const auto reset = [this, rate](auto member) {
            if ((whole_.rates[rate].*member).has_value()) {
                (copies_.emplace_back(whole_).rates[rate].*member).reset();
            }
        };
        (reset(members), ...);
    }

    void simplify_rate(std::size_t rate) {
        reset_each(rate,
                   &Rate::valid_from,
                   &Rate::valid_to,
                   &Rate::granularity,
                   &Rate::minimum,
                   &Rate::free,
                   &Rate::discount_percent,
                   &Rate::minimum_spend,
                   &Rate::maximum_spend);
        for (const auto& [name, patterns] : whole_.rates[rate].match) {
            copies_.emplace_back(whole_).rates[rate].match.erase(name);
        }
        if (!whole_.rates[rate].labels.empty()) {
            copies_.emplace_back(whole_).rates[rate].labels.clear();
        }
        if (whole_.rates[rate].tiers.has_value()) {
            Rate& flat = copies_.emplace_back(whole_).rates[rate];
            flat.tiers.reset();
            flat.price = Amount("1");
        }
        if (whole_.rates[rate].price.has_value() && whole_.rates[rate].price->text() != "1") {
            copies_.emplace_back(whole_).rates[rate].price = Amount("1");
        }
    }

    const Case& whole_;
    std::vector<Case> copies_;
};

bool is_less(const Case& left, const Case& right) {
    return replay_text(left).size() < replay_text(right).size();
}

}  // namespace

Case shrunk(Case failing, const std::function<bool(const Case&)>& fails) {
    bool goes_on = true;
    while (goes_on) {
        goes_on = false;
        const Smaller smaller(failing);
        for (const Case& less : smaller.copies()) {
            if (is_less(less, failing) && fails(less)) {
                Case found = less;
                failing = std::move(found);
                goes_on = true;
                break;
            }
        }
    }
    return failing;
}

}  // namespace dcm::reference
