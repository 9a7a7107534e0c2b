#include "cli/follow.h"

#include <exception>
#include <string>

namespace ketavigil::cli {

Status follow(const std::atomic<bool>& stopping, const std::function<Status()>& step) {
  while (!stopping) {
    Status status;
    try {
      status = step();
    } catch (const std::exception& error) {
      status = Status::failure(ErrorKind::storage,
                               std::string("a pass was not completed: ") + error.what());
    }
    if (!status.ok() && !stopping) return status;
  }
  return {};
}

}  // namespace ketavigil::cli
