// Questions to a programme that several workers keep, with a real broker.
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "events/partition.h"
#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

TEST_F(Topics, questions_about_a_patient_find_the_worker_that_has_it) {
  const TemporaryFolder own;
  Service first(own.path() / "first", section("asked", 0, 2));
  Service second(own.path() / "second", section("asked", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  produce("asked.events");
  ASSERT_TRUE(wait_until_read({&first, &second}));
  std::this_thread::sleep_for(milliseconds(1500));  // the brokers are told each second
  const std::string configuration = own.path() / "ask.yaml";
  std::ofstream(configuration) << section("asked");

  const auto listed = nlohmann::json::parse(
      must_run({KETAVIGIL_BINARY, "workers", "--config", configuration, "--json"}));
  ASSERT_EQ(listed.at("workers").size(), static_cast<std::size_t>(shards));
  for (const auto& one : listed.at("workers")) {
    EXPECT_EQ(one.at("worker"), std::to_string(one.at("shard").get<int>() % 2)) << one;
    EXPECT_EQ(one.at("lag_records"), 0) << one;
  }

  std::set<int> asked;
  std::istringstream everybody(must_run({KETAVIGIL_BINARY, "patient", "--data", loaded()}));
  std::string line;
  for (int i = 0; i < 6 && std::getline(everybody, line); ++i) {
    const std::string patient = nlohmann::json::parse(line).at("patient").get<std::string>();
    const int worker = events::partition_of(patient, shards) % 2;
    asked.insert(worker);
    EXPECT_EQ(must_run({KETAVIGIL_BINARY, "patient", patient, "--config", configuration, "--json",
                        "--at", far_time}),
              must_run({KETAVIGIL_BINARY, "patient", patient, "--data", loaded(), "--json", "--at",
                        far_time}));
    Service& other = worker == 0 ? second : first;
    const auto elsewhere = other.get("/api/v1/patients/" + patient);
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(elsewhere->status, 307) << elsewhere->body;
    std::string output;
    EXPECT_EQ(
        test::run_program({KETAVIGIL_BINARY, "patient", patient, "--data", other.data()}, &output)
            .exit_code,
        1);
    EXPECT_NE(output.find("ask by --config FILE"), std::string::npos) << output;
  }
  EXPECT_EQ(asked.size(), 2U);
  std::string output;
  EXPECT_EQ(
      test::run_program(
          {KETAVIGIL_BINARY, "patient", "nobody/%20 at all", "--config", configuration}, &output)
          .exit_code,
      1);
  EXPECT_NE(output.find("nobody is known as nobody/%20 at all"), std::string::npos) << output;
  EXPECT_EQ(first.get("/api/v1/patients/p?at=tomorrow")->status, 400);
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
}

}  // namespace
}  // namespace ketavigil::topics
