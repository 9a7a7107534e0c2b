// The consumer against librdkafka's own mock brokers, which answer with the errors that a test
// asks for.
#include "ingest/kafka/consumer.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>

namespace ketavigil::ingest::kafka {
namespace {

constexpr std::int16_t list_offsets_request = 2;
constexpr std::int16_t offset_fetch_request = 9;
constexpr std::chrono::milliseconds patience{10'000};

class MockBrokers : public testing::Test {
 protected:
  void SetUp() override {
    char message[256];
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), message, sizeof message));
    ASSERT_TRUE(client_) << message;
    cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), 3));
    ASSERT_TRUE(cluster_);
    rd_kafka_mock_topic_create(cluster_.get(), "events", 1, 3);
    rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 0, 1);
    ConnectionSettings connection;
    connection.brokers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
    auto consumer = Consumer::open(connection, "group");
    ASSERT_TRUE(consumer.ok());
    consumer_ = std::move(consumer).value();
    ASSERT_TRUE(consumer_->watermarks(events_, patience).ok());  // connected, so to say
  }

  struct Deleter {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  const TopicPartition events_{"events", 0};
  std::unique_ptr<rd_kafka_t, Deleter> client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, Deleter> cluster_;
  std::unique_ptr<Consumer> consumer_;
};

// Just after a cluster has started, or after its coordinator has moved.
TEST_F(MockBrokers, committed_offsets_are_asked_for_again_while_the_coordinator_is_elsewhere) {
  rd_kafka_mock_push_request_errors(
      cluster_.get(), offset_fetch_request, 3, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
  const auto committed = consumer_->committed({events_}, patience);
  EXPECT_TRUE(committed.ok()) << (committed.ok() ? "" : committed.error().message);
}

TEST_F(MockBrokers, offsets_are_asked_for_again_while_the_leader_moves) {
  rd_kafka_mock_push_request_errors(cluster_.get(), list_offsets_request, 2,
                                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  const auto marks = consumer_->watermarks(events_, patience);
  EXPECT_TRUE(marks.ok()) << (marks.ok() ? "" : marks.error().message);
}

// A broker that has just begun, or is short of time, does not know it yet.
TEST_F(MockBrokers, offsets_are_asked_for_again_while_a_broker_does_not_know_the_topic) {
  rd_kafka_mock_push_request_errors(cluster_.get(), list_offsets_request, 2,
                                    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto marks = consumer_->watermarks(events_, patience);
  EXPECT_TRUE(marks.ok()) << (marks.ok() ? "" : marks.error().message);
}

// Of a topic that nobody reads at the moment: librdkafka asks the leader that it remembers.
TEST_F(MockBrokers, offsets_are_had_from_the_new_leader_after_it_has_moved) {
  for (const int leader : {2, 3, 1}) {
    rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 0, leader);
    const auto marks = consumer_->watermarks(events_, patience);
    EXPECT_TRUE(marks.ok()) << leader << (marks.ok() ? "" : marks.error().message);
  }
}

TEST_F(MockBrokers, offsets_are_had_after_a_leader_was_away_and_came_back) {
  rd_kafka_mock_broker_set_down(cluster_.get(), 1);
  const auto started = std::chrono::steady_clock::now();
  EXPECT_FALSE(consumer_->watermarks(events_, std::chrono::milliseconds(1'000)).ok());
  // Who reads must not stand still because a leader does.
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5));
  rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 0, 2);
  EXPECT_TRUE(consumer_->watermarks(events_, patience).ok());
  rd_kafka_mock_broker_set_up(cluster_.get(), 1);
  rd_kafka_mock_partition_set_leader(cluster_.get(), "events", 0, 1);
  EXPECT_TRUE(consumer_->watermarks(events_, patience).ok());
}

// Nobody waits for what time does not mend.
TEST_F(MockBrokers, an_error_that_does_not_pass_is_told_at_once) {
  const auto started = std::chrono::steady_clock::now();
  rd_kafka_mock_push_request_errors(cluster_.get(), offset_fetch_request, 1,
                                    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  EXPECT_FALSE(consumer_->committed({events_}, patience).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - started, patience / 2);
}

}  // namespace
}  // namespace ketavigil::ingest::kafka
