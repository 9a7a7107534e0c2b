#include "cli/listener_configuration.h"

#include <algorithm>
#include <sstream>

namespace ketavigil::cli {
namespace {

constexpr std::size_t hosts_max = 100;

Status read_tls(const Section& section, ListenerSettings* listener) {
  KETAVIGIL_TRY(section.check_keys({"certificate", "key"}));
  if (section.has("certificate"))
    KETAVIGIL_TRY(section.at("certificate").read(&listener->certificate));
  if (section.has("key")) KETAVIGIL_TRY(section.at("key").read(&listener->key));
  if (listener->certificate.empty() != listener->key.empty())
    return section.error("needs both `certificate` and `key`, the names of PEM files");
  return {};
}

Status read_hosts(const Section& section, std::vector<std::string>* hosts) {
  KETAVIGIL_TRY(section.read(hosts));
  if (hosts->size() > hosts_max)
    return section.error("must be at most " + std::to_string(hosts_max) + " names");
  for (const std::string& host : *hosts) {
    if (host.empty() || host.find_first_of(":/ []") != std::string::npos)
      return section.error("must be names without scheme, port and path: ketavigil.example.org");
  }
  return {};
}

}  // namespace

Status read_listener(const Section& section, const std::vector<std::string>& more,
                     ListenerSettings* listener) {
  std::vector<std::string> known = {"address", "port", "connections_max", "tokens_file", "tls"};
  known.insert(known.end(), more.begin(), more.end());
  KETAVIGIL_TRY(section.check_keys(known));
  if (section.has("address")) KETAVIGIL_TRY(section.at("address").read(&listener->address));
  if (section.has("port"))
    KETAVIGIL_TRY(section.at("port").read_integer(&listener->port, 0, 65535));
  if (section.has("connections_max")) {
    KETAVIGIL_TRY(
        section.at("connections_max").read_integer(&listener->connections_max, 1, 10'000));
  }
  if (section.has("tokens_file"))
    KETAVIGIL_TRY(section.at("tokens_file").read(&listener->tokens_file));
  if (section.has("hosts")) KETAVIGIL_TRY(read_hosts(section.at("hosts"), &listener->hosts));
  if (section.has("tls")) KETAVIGIL_TRY(read_tls(section.at("tls"), listener));
  return {};
}

std::string listener_text(const ListenerSettings& listener) {
  std::ostringstream out;
  out << "  address: " << listener.address << "\n  port: " << listener.port
      << "\n  connections_max: " << listener.connections_max << "\n  tokens_file: \""
      << listener.tokens_file << "\"\n  tls: {certificate: \"" << listener.certificate
      << "\", key: \"" << listener.key << "\"}\n";
  if (listener.hosts.empty()) return out.str();
  out << "  hosts: [";
  const char* separator = "";
  for (const std::string& host : listener.hosts) {
    out << separator << host;
    separator = ", ";
  }
  out << "]\n";
  return out.str();
}

Status check_listener(const std::string& name, const ListenerSettings& listener) {
  if (ingest::http::is_loopback(listener.address)) return {};
  const bool has_tls = !listener.certificate.empty();
  const bool has_tokens = !listener.tokens_file.empty();
  if (has_tls && has_tokens) return {};
  const std::string missing = has_tls      ? "`" + name + ".tokens_file`"
                              : has_tokens ? "`" + name + ".tls`"
                                           : "`" + name + ".tokens_file` and `" + name + ".tls`";
  return Status::failure(
      ErrorKind::configuration,
      "`" + name + ".address` is " + listener.address +
          ", which others than this machine reach: that needs " + missing +
          " (see docs/operation/access.md). Or set it to 127.0.0.1 and put a proxy in front that "
          "asks who comes");
}

std::string told_address(const ListenerSettings& listener, const ingest::http::Server& server) {
  if (listener.hosts.empty()) return server.url();
  return (listener.certificate.empty() ? "http://" : "https://") + listener.hosts.front() + ":" +
         std::to_string(server.port());
}

ingest::http::ServerOptions server_options(const ListenerSettings& listener) {
  ingest::http::ServerOptions options;
  options.address = listener.address;
  options.port = listener.port;
  options.connections_max = listener.connections_max;
  if (!listener.certificate.empty())
    options.tls = ingest::http::TlsFiles{listener.certificate, listener.key};
  // Streams are connections that stay: half of the places are for requests that come and go.
  options.streams_max = std::min(options.streams_max, std::max(1, listener.connections_max / 2));
  return options;
}

}  // namespace ketavigil::cli
