// The parameters of a request: read strictly, so that a slip of the pen is told and not ignored.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/result.h"
#include "events/time.h"

namespace ketavigil::dashboards::api {

/// Percent-decoded; nothing for a wrong escape or what is no UTF-8.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// The inverse, for a part of a path.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// No name is longer: ids have at most 128 bytes.
inline constexpr std::size_t name_characters_max = 256;
/// Of UTF-8.
[[nodiscard]] std::size_t characters(std::string_view text);

class Parameters {
 public:
  /// A usage error for a parameter that is not `known`, comes twice, or cannot be decoded.
  static Result<Parameters> read(std::string_view query,
                                 std::initializer_list<std::string_view> known);

  /// Empty where it is not given.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// Usage errors where the value is no time, number in the range, or word of the list.
  [[nodiscard]] Result<std::optional<events::Microseconds>> time(std::string_view name) const;
  [[nodiscard]] Result<std::size_t> number(std::string_view name, std::size_t least,
                                           std::size_t most, std::size_t otherwise) const;
  [[nodiscard]] Result<std::optional<bool>> truth(std::string_view name) const;
  /// The place of the value in `words`.
  [[nodiscard]] Result<std::optional<std::size_t>> word(
      std::string_view name, std::initializer_list<std::string_view> words) const;

  /// Where a page begins: `cursor`, which is the number of rows before it, and `offset` more.
  [[nodiscard]] Result<std::size_t> page_begin() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace ketavigil::dashboards::api
