// What a thread that follows a log does.
#pragma once

#include <atomic>
#include <functional>

#include "events/result.h"

namespace ketavigil::cli {

/// Takes one step after the other until it is told to stop, or a step fails or throws: then that
/// failure, unless it was told to stop meanwhile.
[[nodiscard]] Status follow(const std::atomic<bool>& stopping, const std::function<Status()>& step);

}  // namespace ketavigil::cli
