#include "ingest/kafka/connection.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace ketavigil::ingest::kafka {
namespace {

Error wrong(const std::string& message) { return {ErrorKind::configuration, message}; }

Result<std::string> read_password(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!stream || !std::getline(stream, line) || line.empty()) {
    return wrong("`kafka.sasl_password_file`: cannot read a password from the first line of " +
                 file.string());
  }
  if (line.back() == '\r') line.pop_back();
  return line;
}

Status set_sasl(rd_kafka_conf_t* conf, const ConnectionSettings& settings) {
  constexpr std::array<std::string_view, 3> mechanisms = {"PLAIN", "SCRAM-SHA-256",
                                                          "SCRAM-SHA-512"};
  if (std::find(mechanisms.begin(), mechanisms.end(), settings.sasl_mechanism) ==
      mechanisms.end()) {
    return wrong("`kafka.sasl_mechanism` must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
  }
  if (settings.sasl_username.empty()) return wrong("`kafka.sasl_username` is needed for SASL");
  KETAVIGIL_TRY_ASSIGN(const std::string password, read_password(settings.sasl_password_file));
  KETAVIGIL_TRY(set(conf, "sasl.mechanism", settings.sasl_mechanism));
  KETAVIGIL_TRY(set(conf, "sasl.username", settings.sasl_username));
  return set(conf, "sasl.password", password);
}

}  // namespace

Error broker_error(std::string message) { return {ErrorKind::broker, std::move(message)}; }

Error broker_error(std::string_view what, rd_kafka_resp_err_t code) {
  return broker_error(std::string(what) + ": " + rd_kafka_err2str(code));
}

Status set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 512> message{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), message.data(), message.size()) ==
      RD_KAFKA_CONF_OK) {
    return {};
  }
  return wrong(std::string("kafka: ") + message.data());
}

Result<Conf> base_conf(const ConnectionSettings& settings) {
  if (settings.brokers.empty()) {
    return wrong(
        "`kafka.brokers` is needed: host:port of at least one broker, for example 127.0.0.1:9092");
  }
  constexpr std::array<std::string_view, 4> protocols = {"plaintext", "ssl", "sasl_plaintext",
                                                         "sasl_ssl"};
  if (std::find(protocols.begin(), protocols.end(), settings.security) == protocols.end()) {
    return wrong("`kafka.security` must be plaintext, ssl, sasl_plaintext or sasl_ssl");
  }
  Conf conf(rd_kafka_conf_new());
  KETAVIGIL_TRY(set(conf.get(), "bootstrap.servers", settings.brokers));
  KETAVIGIL_TRY(set(conf.get(), "client.id", settings.client_id));
  KETAVIGIL_TRY(set(conf.get(), "security.protocol", settings.security));
  // Small requests must not wait for more to fill a packet (librdkafka before 2.10 lets them).
  KETAVIGIL_TRY(set(conf.get(), "socket.nagle.disable", "true"));
  KETAVIGIL_TRY(set(conf.get(), "socket.keepalive.enable", "true"));
  KETAVIGIL_TRY(set(conf.get(), "reconnect.backoff.max.ms", "2000"));
  if (!settings.ca_file.empty()) {
    if (!std::filesystem::exists(settings.ca_file))
      return wrong("`kafka.ca_file`: there is no " + settings.ca_file.string());
    KETAVIGIL_TRY(set(conf.get(), "ssl.ca.location", settings.ca_file.string()));
  }
  if (settings.security.starts_with("sasl")) KETAVIGIL_TRY(set_sasl(conf.get(), settings));
  return conf;
}

}  // namespace ketavigil::ingest::kafka
