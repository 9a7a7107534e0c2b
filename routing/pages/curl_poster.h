// Posts by libcurl.
#pragma once

#include <memory>

#include "routing/pages/http_poster.h"

namespace ketavigil::routing::pages {

/// Keeps its connections. Thread-safety: one thread.
class CurlPoster : public HttpPoster {
 public:
  CurlPoster();
  ~CurlPoster() override;
  [[nodiscard]] Result<HttpReply> post(const std::string& url, const std::string& body,
                                       const HttpHeaders& headers) override;

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace ketavigil::routing::pages
