// Keys whose byte order is the order of the tuple they were built from, component by component.
// Values only, no state: safe in any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ketavigil::storage {

/// Builds a key by appending components. Two keys built by the same sequence of component kinds
/// compare (as unsigned bytes) exactly as their tuples do.
class KeyBuilder {
 public:
  KeyBuilder() = default;

  /// Appends `text` and a byte 0. Texts order as unsigned bytes, a prefix first. `text` must not
  /// hold a byte 0 (asserted): identifiers hold no byte below 0x20, the decoders see to that.
  KeyBuilder& text(std::string_view text);
  /// Appends 8 bytes, big endian.
  KeyBuilder& u64(std::uint64_t number);
  /// Appends 8 bytes, big endian with the sign bit flipped, so that negative numbers come first.
  KeyBuilder& i64(std::int64_t number);
  /// Appends `bytes` as they are. Keeps the order only as the last component, or at a fixed width.
  KeyBuilder& raw(std::string_view bytes);

  [[nodiscard]] const std::string& key() const& { return key_; }
  [[nodiscard]] std::string key() && { return std::move(key_); }
  /// Keeps the memory, so that one builder can make many keys.
  void clear() { key_.clear(); }

 private:
  std::string key_;
};

/// Takes a key apart in the order in which it was built. A component that is not there makes
/// `ok()` false for good and reads as an empty text or 0. The key must outlive what is read of it.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : left_(key) {}

  std::string_view text();
  std::uint64_t u64();
  std::int64_t i64();
  /// The next `bytes` bytes.
  std::string_view raw(std::size_t bytes);
  /// All that is left.
  std::string_view rest();

  [[nodiscard]] bool ok() const { return ok_; }
  /// Everything was read, and all of it was there.
  [[nodiscard]] bool complete() const { return ok_ && left_.empty(); }

 private:
  std::string_view fail();

  std::string_view left_;
  bool ok_ = true;
};

/// The least key greater than every key that begins with `prefix`: the upper bound of a scan over
/// that prefix. Empty, which means "no bound", for an empty prefix or one of bytes 0xFF only.
[[nodiscard]] std::string prefix_end(std::string_view prefix);

/// A u64 as 8 bytes big endian, as keys and the values of counters hold it.
[[nodiscard]] std::string encode_u64(std::uint64_t number);
/// The inverse; false unless `bytes` are exactly 8.
[[nodiscard]] bool decode_u64(std::string_view bytes, std::uint64_t* number);

}  // namespace ketavigil::storage
