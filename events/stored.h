// The stored form of facts: protobuf behind a header with format version and codec byte
// (docs/formats/store.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/fact.h"
#include "events/result.h"

namespace ketavigil::events {

/// A fact with the digest of its canonical form: what the record keeps of one delivery.
struct Variant {
  Fact fact;
  Digest digest;
};

/// Of two deliveries of one variant, whether the first is the one to show: the smaller by
/// (recorded, absent last; then its printed bytes). EVENTS, Content.
[[nodiscard]] bool shown_before(const Fact& a, const Fact& b);

inline constexpr char stored_format_version = 1;
/// The codec of the bytes after the header. More can come (sealed values).
inline constexpr char codec_plain = 0;

/// The bytes of all variants of one (patient, source, id, version).
[[nodiscard]] std::string encode_variants(const std::vector<const Variant*>& variants);

/// The inverse. The four parts of the key are given to every fact. A storage error for a format or
/// codec that this program does not know, or bytes that are no variants.
[[nodiscard]] Result<std::vector<Variant>> decode_variants(std::string_view bytes,
                                                           std::string_view patient,
                                                           std::string_view source,
                                                           std::string_view id,
                                                           std::int64_t version);

}  // namespace ketavigil::events
