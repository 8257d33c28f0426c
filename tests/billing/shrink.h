#pragma once

#include "reference_case.h"

#include <functional>

namespace dcm::reference {

// The smallest case found by leaving things out of a failing one that still fails.
[[nodiscard]] Case shrunk(Case failing, const std::function<bool(const Case&)>& fails);

}  // namespace dcm::reference
