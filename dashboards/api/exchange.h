// What the API is asked and what it answers: plain values, so that it needs no server to be tested.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ketavigil::dashboards::api {

struct Request {
  std::string_view method;
  std::string_view path;   ///< as sent, percent-encoded
  std::string_view query;  ///< without `?`; empty: none
};

struct Answer {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The schema `Error` of openapi.json. `message` says what is wrong and what to do.
[[nodiscard]] Answer problem(int status, std::string_view type, std::string_view message);

}  // namespace ketavigil::dashboards::api
