// What a way out by HTTP needs of the network.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "events/result.h"

namespace ketavigil::routing::pages {

struct HttpReply {
  long status = 0;
  std::string body;  ///< its beginning
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

class HttpPoster {
 public:
  virtual ~HttpPoster() = default;
  /// A broker error if nobody answers in time.
  [[nodiscard]] virtual Result<HttpReply> post(const std::string& url, const std::string& body,
                                               const HttpHeaders& headers) = 0;
};

/// What came of sending something: accepted; not now, to be tried again; or never.
enum class Sent { accepted, not_now, never };
[[nodiscard]] constexpr Sent sent_by(long status) {
  if (status >= 200 && status < 300) return Sent::accepted;
  // These are about what was sent. A wrong address or a wrong secret (401, 403, 404) is not: it is
  // mended, and then what waits must come.
  if (status == 400 || status == 413 || status == 422) return Sent::never;
  return Sent::not_now;
}

}  // namespace ketavigil::routing::pages
