#pragma once

#include "migrations/lasting_failure.h"

namespace dcm::store {

using migrations::is_lasting;

}  // namespace dcm::store
