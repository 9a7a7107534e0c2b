// Events as texts into a programme, and the revisions that come out of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/questions/reading.h"
#include "tests/engine/programmes.h"

namespace ketavigil::engine {

/// `json` must outlive it.
inline Parsed parsed(std::string_view json, events::Decoder* decoder) {
  Parsed event{json, "", decoder->decode(json), {}};
  if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
    event.digest = events::digest_of(*fact);
  return event;
}

/// Through the live lane, each by itself.
inline void push(Programme* programme, std::string_view json, events::Decoder* decoder) {
  std::vector<Parsed> one;
  one.push_back(parsed(json, decoder));
  must(programme->append_live(std::move(one)));
}
inline void push(Programme* programme, const std::vector<std::string>& texts,
                 const events::DecodeSettings& settings = {}) {
  events::Decoder decoder(settings);
  for (const std::string& json : texts) push(programme, json, &decoder);
}

/// Every revision there is, as `alerts --history` prints it.
inline std::vector<std::string> history(const Programme& programme) {
  std::vector<std::string> all;
  const auto reading = must(Reading::over(programme));
  must(list_revisions(*reading, {}, detectors::never - 1,
                      [&](std::string_view text) { all.emplace_back(text); }));
  return all;
}

}  // namespace ketavigil::engine
