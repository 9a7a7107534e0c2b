#include "tests/ingest/http/self_signed.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/wait.h>

#include <cstdio>
#include <memory>

namespace ketavigil::test {
namespace {

constexpr long day_seconds = 86'400;

template <typename Value, typename Free>
std::unique_ptr<Value, Free> owned(Value* value, Free free) {
  return {value, free};
}

bool describe(X509* certificate, EVP_PKEY* key, const std::string& name) {
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), day_seconds);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  const auto names = owned(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost"),
      &X509_EXTENSION_free);
  return names && X509_add_ext(certificate, names.get(), -1) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

}  // namespace

bool write_self_signed(const std::filesystem::path& folder, const std::string& name) {
  const auto key = owned(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto certificate = owned(X509_new(), &X509_free);
  if (!key || !certificate || !describe(certificate.get(), key.get(), name)) return false;
  const auto out = owned(std::fopen((folder / "certificate.pem").c_str(), "w"), &std::fclose);
  const auto key_out = owned(std::fopen((folder / "key.pem").c_str(), "w"), &std::fclose);
  return out && key_out && PEM_write_X509(out.get(), certificate.get()) == 1 &&
         PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
}

std::string run_curl(const std::string& arguments, int* exit_code) {
  std::string output;
  FILE* pipe = ::popen(("curl -sS --max-time 20 " + arguments).c_str(), "r");
  if (pipe == nullptr) return output;
  char bytes[4096];
  std::size_t got = 0;
  while ((got = std::fread(bytes, 1, sizeof bytes, pipe)) > 0) output.append(bytes, got);
  const int status = ::pclose(pipe);
  *exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

}  // namespace ketavigil::test
