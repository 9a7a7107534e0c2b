// `GET /api/v1/pages/CASE`, which pages link to: what the page says now. And `POST
// /api/v1/pages/replay`: dead letters of pages wait again.
#pragma once

#include <string_view>

#include "engine/shard/programme.h"
#include "ingest/http/message.h"

namespace ketavigil::cli {

inline constexpr std::string_view pages_path = "/api/v1/pages/";
inline constexpr std::string_view replay_pages_path = "/api/v1/pages/replay";

/// Names nobody. 404 for a case that never was critical, or ended more than 30 days ago, or of a
/// shard that is elsewhere.
[[nodiscard]] ingest::http::Response answer_page(const engine::Programme& programme,
                                                 const ingest::http::Request& request);

/// All of the shards here, or `?id=ID` of one. 404 if there is none with that id.
[[nodiscard]] ingest::http::Response answer_replay_pages(engine::Programme& programme,
                                                         const ingest::http::Request& request);

}  // namespace ketavigil::cli
