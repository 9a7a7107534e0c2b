// Random secrets, and how they are compared.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "events/result.h"

namespace ketavigil::dashboards::access {

/// Fills memory with bytes that nobody can guess; false if there are none. Thread-safe.
using Random = std::function<bool(unsigned char* bytes, std::size_t size)>;

/// The generator of OpenSSL, which the system seeds.
[[nodiscard]] bool fill_from_system(unsigned char* bytes, std::size_t size);

/// 256 random bits as 43 characters of base64url.
[[nodiscard]] Result<std::string> new_secret(const Random& random);

/// Whether two texts are the same, in a time that depends on their lengths alone.
[[nodiscard]] bool are_equal(std::string_view a, std::string_view b);

/// What is kept of a secret: SHA-256 in lower-case hex. Enough, since secrets are random and long:
/// nobody can try 2^256 of them (docs/adr/0018-who-may-read.md).
[[nodiscard]] std::string hash_of(std::string_view secret);

/// Standard base64 with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace ketavigil::dashboards::access
