// A certificate for tests, made at test time.
#pragma once

#include <filesystem>
#include <string>

namespace ketavigil::test {

/// Writes `certificate.pem` and `key.pem` into `folder`: self-signed, of `name`, for 127.0.0.1 and
/// localhost, valid for a day. False if OpenSSL fails.
bool write_self_signed(const std::filesystem::path& folder, const std::string& name);

/// Runs `curl ARGUMENTS` and gives its standard output; `*exit_code` is curl's.
std::string run_curl(const std::string& arguments, int* exit_code);

}  // namespace ketavigil::test
