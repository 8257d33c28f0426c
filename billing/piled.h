#pragma once

#include <boost/container/deque.hpp>

#include <cstddef>

namespace dcm::billing {

inline constexpr std::size_t kPileBlockBytes = 65'536;

// A sequence that grows to millions: what it holds never moves, as it would in a vector, and is not
// allocated by the half dozen, as in the library's deque.
template <class T>
using Piled = boost::container::deque<
    T,
    void,
    boost::container::deque_options_t<boost::container::block_bytes<kPileBlockBytes>>>;

}  // namespace dcm::billing
