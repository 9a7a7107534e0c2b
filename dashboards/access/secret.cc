#include "dashboards/access/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>

#include "events/json_text.h"

namespace ketavigil::dashboards::access {
namespace {

constexpr std::size_t secret_bytes = 32;

}  // namespace

bool fill_from_system(unsigned char* bytes, std::size_t size) {
  return size <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
         RAND_bytes(bytes, static_cast<int>(size)) == 1;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero byte
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<std::string> new_secret(const Random& random) {
  std::array<unsigned char, secret_bytes> bytes{};
  if (!random(bytes.data(), bytes.size()))
    return Error{ErrorKind::configuration, "the system gives no random bytes"};
  std::string text = base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

bool are_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_of(std::string_view secret) { return events::hexadecimal(events::sha256(secret)); }

}  // namespace ketavigil::dashboards::access
