#include "ingest/http/tls_identity.h"

#include <openssl/ssl.h>
#include <sys/stat.h>

namespace ketavigil::ingest::http {
namespace {

namespace ssl = boost::asio::ssl;

// With forward secrecy and authenticated encryption only; TLS 1.3 has no others.
constexpr const char* ciphers_of_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

std::string stamp_of(const std::string& file) {
  struct stat now {};
  if (::stat(file.c_str(), &now) != 0) return "absent ";
  std::string stamp;
  for (const auto number :
       {static_cast<std::int64_t>(now.st_ino), static_cast<std::int64_t>(now.st_size),
        static_cast<std::int64_t>(now.st_mtim.tv_sec),
        static_cast<std::int64_t>(now.st_mtim.tv_nsec)}) {
    stamp += std::to_string(number) + " ";
  }
  return stamp;
}

Error cannot_use(const std::string& what, const boost::system::error_code& error) {
  return {ErrorKind::configuration, what + ": " + error.message()};
}

Result<std::shared_ptr<ssl::context>> context_of(const TlsFiles& files) {
  boost::system::error_code error;
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(native, ciphers_of_1_2) != 1) {
    return Error{ErrorKind::configuration, "this OpenSSL does not know TLS 1.2"};
  }
  // A key that needs a password is refused; OpenSSL would ask for it on the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate_file, error);
  if (error) {
    return cannot_use("the certificate " + files.certificate_file +
                          " cannot be used (expected PEM, the server's first, then its chain)",
                      error);
  }
  context->use_private_key_file(files.key_file, ssl::context::pem, error);
  if (error) {
    return cannot_use("the key " + files.key_file +
                          " cannot be used (expected PEM without a password, of the certificate " +
                          files.certificate_file + ")",
                      error);
  }
  return context;
}

}  // namespace

Result<std::unique_ptr<TlsIdentity>> TlsIdentity::open(const TlsFiles& files) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(files));
  identity->stamp_ = stamp_of(files.certificate_file) + stamp_of(files.key_file);
  KETAVIGIL_TRY_ASSIGN(identity->context_, context_of(files));
  return identity;
}

// Two files cannot be replaced in one step: the first look may find a key that is not the
// certificate's, and the next one finds both.
std::shared_ptr<ssl::context> TlsIdentity::current(std::string* trouble) {
  std::string stamp = stamp_of(files_.certificate_file) + stamp_of(files_.key_file);
  if (stamp == stamp_) return context_;
  stamp_ = std::move(stamp);
  auto context = context_of(files_);
  if (context.ok()) {
    context_ = std::move(context).value();
  } else {
    *trouble = context.error().message;
  }
  return context_;
}

}  // namespace ketavigil::ingest::http
