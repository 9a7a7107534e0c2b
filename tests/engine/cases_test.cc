// Cases: how the findings of one cut continue those of the cuts before (EVENTS, Cases; law C).
#include "engine/shard/cases.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

namespace ketavigil::engine {
namespace {

class Facts : public ActiveFacts {
 public:
  explicit Facts(std::set<std::string> ids) : ids_(std::move(ids)) {}
  [[nodiscard]] bool is_active(const FactKey& key) const override {
    return ids_.count(key.second) != 0;
  }

 private:
  std::set<std::string> ids_;
};

// A finding of BP-2 over these facts, with the id and onset given.
HeldFinding held(const std::string& id, const std::vector<std::string>& facts, int level = 2,
                 bool resolved = false, events::Microseconds onset = 100) {
  HeldFinding finding;
  finding.id = id;
  finding.detector = "BP-2";
  finding.statistic = "severe";
  finding.onset = onset;
  finding.level = level;
  finding.resolved = resolved;
  for (const auto& fact : facts) finding.evidence.emplace_back("s", fact);
  finding.text = R"({"id":")" + id + R"(","level":")" + std::to_string(level) + R"(","state":")" +
                 (resolved ? "resolved" : "open") + R"(","onset":)" + std::to_string(onset) +
                 R"(,"identity":{"detector":1},"unverified":false})";
  return finding;
}

class Cases : public ::testing::Test {
 protected:
  // One cut; the revisions as (case, number, state, reason).
  std::vector<std::string> cut(std::vector<HeldFinding> findings,
                               const std::set<std::string>& active = {"a", "b", "c"},
                               bool epoch = false) {
    std::vector<std::string> told;
    ++position_;
    for (const auto& revision :
         continue_cases(&cases_, std::move(findings), Facts(active),
                        {position_, static_cast<events::Microseconds>(position_), epoch})) {
      const auto text = nlohmann::json::parse(revision.text);
      EXPECT_EQ(text.at("case"), revision.case_name);
      EXPECT_EQ(text.at("revision"), revision.number);
      told.push_back(revision.case_name + " " + std::to_string(revision.number) + " " +
                     text.at("state").get<std::string>() + " " +
                     text.at("reason").get<std::string>());
    }
    return told;
  }
  using Told = std::vector<std::string>;
  std::vector<Case> cases_;
  std::uint64_t position_ = 0;
};

TEST_F(Cases, a_finding_opens_a_case_and_unchanged_it_says_nothing) {
  EXPECT_EQ(cut({held("x", {"a"})}), (Told{"x 1 open new"}));
  EXPECT_EQ(cut({held("x", {"a"})}), Told{});
}

TEST_F(Cases, a_moved_onset_keeps_the_case_and_its_name) {
  cut({held("x", {"b"}, 2, false, 200)});
  EXPECT_EQ(cut({held("y", {"a", "b"}, 2, false, 100)}), (Told{"x 2 open evidence"}));
}

TEST_F(Cases, level_is_told_before_evidence_and_time_last) {
  cut({held("x", {"a"})});
  EXPECT_EQ(cut({held("x", {"a", "b"}, 3)}), (Told{"x 2 open level"}));
  EXPECT_EQ(cut({held("x", {"a", "b"}, 3, true)}), (Told{"x 3 resolved time"}));
}

TEST_F(Cases, at_an_epoch_the_reason_is_the_configuration_but_not_of_a_new_case) {
  cut({held("x", {"a"})});
  EXPECT_EQ(cut({held("x", {"a"}, 3), held("z", {"c"})}, {"a", "b", "c"}, true),
            (Told{"x 2 open configuration", "z 1 open new"}));
}

TEST_F(Cases, a_changed_identity_alone_is_no_revision) {
  cut({held("x", {"a"})});
  auto other = held("x", {"a"});
  other.text.replace(other.text.find(R"("detector":1)"), 12, R"("detector":2)");
  EXPECT_EQ(cut({other}), Told{});
}

TEST_F(Cases, what_nobody_continues_is_superseded_or_retracted_or_merged) {
  cut({held("x", {"a"})});
  EXPECT_EQ(cut({}), (Told{"x 2 superseded superseded"}));
  EXPECT_EQ(cut({held("y", {"b"})}), (Told{"y 1 open new"}));
  EXPECT_EQ(cut({}, {"a"}), (Told{"y 2 retracted retracted"}));
}

TEST_F(Cases, two_cases_that_become_one_finding_merge_into_the_one_published_first) {
  cut({held("x", {"b"}, 2, false, 200)});
  cut({held("x", {"b"}, 2, false, 200), held("y", {"a"}, 2, false, 100)});
  EXPECT_EQ(cut({held("y", {"a", "b"}, 2, false, 100)}),
            (Told{"x 2 open evidence", "y 2 merged merged"}));
}

TEST_F(Cases, of_cases_opened_at_one_cut_the_smaller_onset_is_the_earlier) {
  cut({held("x", {"b"}, 2, false, 200), held("y", {"a"}, 2, false, 100)});
  EXPECT_EQ(cut({held("z", {"a", "b"}, 2, false, 100)}),
            (Told{"x 2 merged merged", "y 2 open evidence"}));
}

TEST_F(Cases, a_closed_case_is_continued_when_its_facts_come_back_but_live_ones_go_first) {
  cut({held("x", {"a"})});
  cut({});
  EXPECT_EQ(cut({held("x", {"a"})}), (Told{"x 3 open time"}));
  cut({});  // x is closed again
  cut({held("y", {"b"})});
  EXPECT_EQ(cut({held("x", {"a", "b"})}), (Told{"y 2 open evidence"}));
}

TEST_F(Cases, a_name_that_is_used_gets_a_number) {
  cut({held("x", {"a"})});
  cut({held("x", {"a", "b"})});
  // The case x has moved on to b; another episode that begins with a different fact but the same id
  // opens x~2.
  EXPECT_EQ(cut({held("y", {"b"}), held("x", {"c"})}),
            (Told{"x 2 open evidence", "x~2 1 open new"}));
}

TEST_F(Cases, cases_of_another_statistic_are_another_matter) {
  cut({held("x", {"a"})});
  auto other = held("x", {"a"});
  other.statistic = "else";
  EXPECT_EQ(cut({other}), (Told{"x 2 superseded superseded", "x~2 1 open new"}));
}

}  // namespace
}  // namespace ketavigil::engine
