// What is on a topic, read to its end.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ingest/kafka/consumer.h"

namespace ketavigil::topics {

/// Of each record its headers by name, with its key as `key`, and its value.
using TopicRecords = std::vector<std::pair<std::map<std::string, std::string>, std::string>>;

/// Everything that is on a topic to which nobody writes any more.
inline TopicRecords whole_topic(const std::string& brokers, const std::string& topic,
                                int partitions) {
  namespace kafka = ingest::kafka;
  kafka::ConnectionSettings connection;
  connection.brokers = brokers;
  auto consumer = kafka::Consumer::open(connection, "reader");
  EXPECT_TRUE(consumer.ok());
  std::vector<kafka::Place> places;
  for (int p = 0; p < partitions; ++p) places.push_back({{topic, p}, 0});
  EXPECT_TRUE(consumer.value()->assign(places).ok());
  std::vector<kafka::Record> records;
  const auto at_end = [&] {
    return std::all_of(places.begin(), places.end(), [&](const kafka::Place& place) {
      return consumer.value()->is_at_end(place.of);
    });
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!at_end() && std::chrono::steady_clock::now() < until)
    EXPECT_TRUE(consumer.value()->poll({}, &records).ok());
  EXPECT_TRUE(at_end()) << topic << " was not read to its end";
  TopicRecords all;
  for (const auto& record : records) {
    std::map<std::string, std::string> headers{{"key", std::string(record.key())}};
    for (const auto& header : record.headers()) headers[header.name] = header.value;
    all.emplace_back(std::move(headers), record.value());
  }
  return all;
}

}  // namespace ketavigil::topics
