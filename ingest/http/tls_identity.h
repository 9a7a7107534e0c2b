// What a listener shows of itself by TLS. Internal to this folder: Asio's headers are heavy.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "ingest/http/server.h"

namespace ketavigil::ingest::http {

/// Certificate and key, read again when their files change. Used by one thread at a time.
class TlsIdentity {
 public:
  /// A configuration error where a file cannot be read, or the key is not the certificate's.
  [[nodiscard]] static Result<std::unique_ptr<TlsIdentity>> open(const TlsFiles& files);

  /// What a new connection uses. Files that changed and cannot be used leave what there was, and
  /// `*trouble` says why, once for each change.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> current(std::string* trouble);

 private:
  explicit TlsIdentity(TlsFiles files) : files_(std::move(files)) {}

  const TlsFiles files_;
  std::string stamp_;  // what tells one state of both files from another
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace ketavigil::ingest::http
