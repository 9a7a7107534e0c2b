// `Content-Encoding: gzip` of a request's body, with a bound on what it becomes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ketavigil::ingest::http {

enum class Inflated : std::uint8_t { ok, too_large, damaged };

/// Inflates one or several gzip members into `out`. Stops at `bytes_max`. Thread-safe.
[[nodiscard]] Inflated inflate_gzip(std::string_view bytes, std::size_t bytes_max,
                                    std::string* out);

}  // namespace ketavigil::ingest::http
