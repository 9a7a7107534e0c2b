// The file of tokens: who may read, one JSON object a line (docs/operation/access.md). It holds no
// secret, only hashes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dashboards/access/secret.h"
#include "events/result.h"
#include "events/time.h"

namespace ketavigil::dashboards::access {

inline constexpr std::size_t tokens_max = 1'000;
inline constexpr std::size_t token_name_bytes_max = 64;
/// Begins every token, so that a leaked one is found by a search for it.
inline constexpr std::string_view token_prefix = "kv_";

struct Token {
  std::string name;  ///< unique in the file: letters, digits, `.`, `_`, `-`
  std::string hash;  ///< `hash_of` the token
  events::Microseconds created = 0;
  std::optional<events::Microseconds> expires;
  std::optional<events::Microseconds> revoked;

  [[nodiscard]] bool holds_at(events::Microseconds now) const {
    return !revoked && (!expires || now < *expires);
  }
};

/// The tokens of a file's text. A configuration error names the line and what was expected.
[[nodiscard]] Result<std::vector<Token>> parse_tokens(std::string_view text);
[[nodiscard]] std::string print_tokens(const std::vector<Token>& tokens);

/// Reads a file. A configuration error where it is absent, cannot be read, is not understood, or
/// could be changed by everybody.
[[nodiscard]] Result<std::vector<Token>> read_token_file(const std::filesystem::path& file);

/// Reads a file (absent: empty), lets `change` change the tokens, and writes them in one step, for
/// its owner alone (an existing file keeps owner and group, and what the group may read). One
/// command at a time does so; a reader sees all of the old or all of the new.
[[nodiscard]] Status change_token_file(const std::filesystem::path& file,
                                       const std::function<Status(std::vector<Token>*)>& change);

/// Adds a token and gives it: the only time that anybody sees it. A name may be used again when its
/// token holds no more. Usage errors for a wrong or used name, and for more than `tokens_max`.
[[nodiscard]] Result<std::string> add_token(std::vector<Token>* tokens, const std::string& name,
                                            events::Microseconds now,
                                            std::optional<events::Microseconds> expires,
                                            const Random& random);

/// Ends a token. A usage error where none of this name holds.
[[nodiscard]] Status revoke_token(std::vector<Token>* tokens, const std::string& name,
                                  events::Microseconds now);

}  // namespace ketavigil::dashboards::access
