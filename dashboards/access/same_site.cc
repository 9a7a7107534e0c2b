#include "dashboards/access/same_site.h"

#include <arpa/inet.h>

#include <algorithm>

namespace ketavigil::dashboards::access {
namespace {

constexpr std::string_view local_name = "localhost";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_port_or_nothing(std::string_view text) {
  if (text.empty()) return true;
  text.remove_prefix(1);
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_address(const std::string& host) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

// A host and its port, if it is not the one that goes without saying.
std::string authority_of(std::string_view text) {
  std::string authority = lower(text);
  for (const std::string_view usual : {":80", ":443"}) {
    if (authority.ends_with(usual) && !host_of(authority).empty())
      authority.resize(authority.size() - usual.size());
  }
  return authority;
}

bool is_own_origin(std::string_view origin, std::string_view host, bool encrypted) {
  const std::string text = lower(origin);
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (encrypted && scheme == "http://") continue;
    if (text.starts_with(scheme))
      return authority_of(std::string_view(text).substr(scheme.size())) == authority_of(host);
  }
  return false;
}

}  // namespace

std::string host_of(std::string_view header) {
  std::string_view name = header;
  std::string_view rest;
  if (header.starts_with('[')) {
    const auto end = header.find(']');
    if (end == std::string_view::npos) return {};
    name = header.substr(1, end - 1);
    rest = header.substr(end + 1);
  } else if (const auto colon = header.find(':'); colon != std::string_view::npos) {
    name = header.substr(0, colon);
    rest = header.substr(colon);
  }
  if ((!rest.empty() && !rest.starts_with(':')) || !is_port_or_nothing(rest)) return {};
  return lower(name);
}

bool is_address_or_localhost(std::string_view host) {
  return host == local_name || host.ends_with(".localhost") || is_address(std::string(host));
}

bool is_for(const Question& question, const std::vector<std::string>& hosts) {
  const std::string_view header = question.header("host");
  if (header.empty()) return true;
  const std::string host = host_of(header);
  return std::any_of(hosts.begin(), hosts.end(),
                     [&host](const std::string& one) { return lower(one) == host; });
}

bool comes_from_elsewhere(const Question& question, bool encrypted) {
  const std::string_view site = question.header("sec-fetch-site");
  const std::string_view origin = question.header("origin");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  if (origin.empty()) return false;
  // A page that hides its address hides its origin too; the browser's word for the site is enough.
  if (origin == "null") return site != "same-origin";
  return !is_own_origin(origin, question.header("host"), encrypted);
}

}  // namespace ketavigil::dashboards::access
