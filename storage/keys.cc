#include "storage/keys.h"

#include <cassert>
#include <cstddef>

namespace ketavigil::storage {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

void append_big_endian(std::string* out, std::uint64_t number) {
  char bytes[kNumberBytes];
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  }
  out->append(bytes, kNumberBytes);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

}  // namespace

KeyBuilder& KeyBuilder::text(std::string_view text) {
  assert(text.find('\0') == std::string_view::npos);
  key_.append(text).push_back('\0');
  return *this;
}

KeyBuilder& KeyBuilder::u64(std::uint64_t number) {
  append_big_endian(&key_, number);
  return *this;
}

KeyBuilder& KeyBuilder::i64(std::int64_t number) {
  append_big_endian(&key_, static_cast<std::uint64_t>(number) ^ kSignBit);
  return *this;
}

KeyBuilder& KeyBuilder::raw(std::string_view bytes) {
  key_.append(bytes);
  return *this;
}

std::string_view KeyReader::fail() {
  ok_ = false;
  left_ = {};
  return {};
}

std::string_view KeyReader::text() {
  const std::size_t end = left_.find('\0');
  if (end == std::string_view::npos) return fail();
  const std::string_view text = left_.substr(0, end);
  left_.remove_prefix(end + 1);
  return text;
}

std::uint64_t KeyReader::u64() {
  const std::string_view bytes = raw(kNumberBytes);
  return bytes.empty() ? 0 : read_big_endian(bytes);
}

std::int64_t KeyReader::i64() {
  const std::string_view bytes = raw(kNumberBytes);
  return bytes.empty() ? 0 : static_cast<std::int64_t>(read_big_endian(bytes) ^ kSignBit);
}

std::string_view KeyReader::raw(std::size_t bytes) {
  if (left_.size() < bytes) return fail();
  const std::string_view taken = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  return taken;
}

std::string_view KeyReader::rest() {
  const std::string_view taken = left_;
  left_ = {};
  return taken;
}

std::string prefix_end(std::string_view prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.remove_suffix(1);
  std::string end(prefix);
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string encode_u64(std::uint64_t number) {
  std::string bytes;
  append_big_endian(&bytes, number);
  return bytes;
}

bool decode_u64(std::string_view bytes, std::uint64_t* number) {
  if (bytes.size() != kNumberBytes) return false;
  *number = read_big_endian(bytes);
  return true;
}

}  // namespace ketavigil::storage
