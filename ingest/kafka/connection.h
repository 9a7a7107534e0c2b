// How this program reaches a Kafka cluster, and what it makes of librdkafka's C objects.
#pragma once

#include <librdkafka/rdkafka.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "events/result.h"

namespace ketavigil::ingest::kafka {

/// Where the brokers are, and how the link is secured.
struct ConnectionSettings {
  std::string brokers;                  ///< `host:port`, several separated by commas
  std::string client_id = "ketavigil";  ///< as it shows in the brokers' logs
  std::string security = "plaintext";   ///< `plaintext`, `ssl`, `sasl_plaintext`, `sasl_ssl`
  std::filesystem::path ca_file;        ///< PEM; empty: the system's
  std::string sasl_mechanism;           ///< `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`
  std::string sasl_username;
  std::filesystem::path sasl_password_file;  ///< its first line is the password
};

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

/// The part of a client's configuration that consumers and producers share. A configuration error
/// names the setting of ours that is wrong; secrets are read here and shown nowhere.
[[nodiscard]] Result<Conf> base_conf(const ConnectionSettings& settings);

/// Sets one property of librdkafka. An error says what librdkafka made of it.
[[nodiscard]] Status set(rd_kafka_conf_t* conf, const char* name, const std::string& value);

/// An error of kind `broker`.
[[nodiscard]] Error broker_error(std::string message);
[[nodiscard]] Error broker_error(std::string_view what, rd_kafka_resp_err_t code);

/// 2.0.2 and 2.1 sleep up to a second after their queue was full (`rdkafka_broker.c`, a fixed
/// maximum of blocking); a metadata request ends the sleep. From 2.2 on there is a setting for it.
inline constexpr int version_with_queue_backoff = 0x020200ff;

}  // namespace ketavigil::ingest::kafka
