#include "tests/integration/truncation.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "ingest/kafka/connection.h"

namespace ketavigil::topics {

void truncate_topic(const std::string& brokers, const std::string& topic, int partition,
                    std::int64_t offset) {
  ingest::kafka::ConnectionSettings connection;
  connection.brokers = brokers;
  auto conf = ingest::kafka::base_conf(connection);
  ASSERT_TRUE(conf.ok());
  char message[256];
  rd_kafka_t* client =
      rd_kafka_new(RD_KAFKA_PRODUCER, std::move(conf).value().release(), message, sizeof message);
  ASSERT_NE(client, nullptr) << message;
  rd_kafka_topic_partition_list_t* until = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(until, topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(until);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_DeleteRecords(client, &request, 1, nullptr, queue);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, 30'000);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(rd_kafka_event_error(answer), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(until);
  rd_kafka_destroy(client);
}

}  // namespace ketavigil::topics
