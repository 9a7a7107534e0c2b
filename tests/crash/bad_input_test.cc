// Input that is none costs nothing but itself: its reason is told, what stands around it is taken.
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/crash/campaign.h"
#include "tests/integration/service.h"

namespace ketavigil::crash {
namespace {

using nlohmann::json;

std::string good(const std::string& id) {
  return R"({"source":"clinic","id":"g-)" + id + R"(","patient":"p-)" + id +
         R"(","kind":"score","instrument":"phq-9","effective":"2024-02-01T10:00:00Z","value":7})";
}

std::string with(const std::string& field) {
  return R"({"source":"clinic","id":"bad","patient":"p-bad","kind":"vital","name":"heart-rate",)" +
         field + "}";
}

struct Bad {
  std::string name;
  std::string line;
  std::string reason;
};

// Each is one line, so that a file and a request can hold all of them between good ones.
std::vector<Bad> bad_lines() {
  const std::string at = R"("effective":"2024-02-01T10:00:00Z")";
  const std::string whole = R"("value":70,"unit":"/min",)" + at;
  return {
      {"truncated", good("never").substr(0, 60), "malformed"},
      {"10 MB", with(whole + R"(,"more":")" + std::string(10'000'000, 'x') + "\""), "malformed"},
      {"nested",
       with(whole + R"(,"more":)" + std::string(100'000, '[') + std::string(100'000, ']')),
       "malformed"},
      {"not closed", std::string(100'000, '['), "malformed"},
      {"not a number", with(R"("value":NaN,"unit":"/min",)" + at), "malformed"},
      {"overflow", with(R"("value":1e999,"unit":"/min",)" + at), "malformed"},
      {"duplicate key", with(whole + R"(,"value":71)"), "malformed"},
      {"byte-order mark in the middle", "\xEF\xBB\xBF" + with(whole), "malformed"},
      {"invalid UTF-8", with(whole + ",\"text\":\"\xC3\x28\""), "malformed"},
      {"lone surrogate", with(whole + R"(,"text":"\ud800")"), "malformed"},
      {"a zero byte", with(whole + ",\"text\":\"" + std::string(1, '\0') + "\""), "malformed"},
      {"no object", "[1,2,3]", "malformed"},
      {"words", "see the other file", "malformed"},
      {"a number as a string", with(R"("value":"70","unit":"/min",)" + at), "type"},
      {"a time without zone", with(R"("value":70,"unit":"/min","effective":"2024-02-01T10:00:00")"),
       "type"},
      {"no such date", with(R"("value":70,"unit":"/min","effective":"2024-02-30")"), "type"},
      {"unknown unit", with(R"("value":70,"unit":"furlong",)" + at), "unknown-unit"},
      {"nothing in it", "{}", "missing"},
      {"no value", with(R"("unit":"/min",)" + at), "missing"},
      {"implausible", with(R"("value":7000,"unit":"/min",)" + at), "implausible"},
  };
}

struct Loaded {
  int exit_code = 0;
  json account;
  std::string error;
};

Loaded load(const std::string& file, const std::string& data) {
  const auto loaded = e2e::run({"load", file, "--data", data, "--json"});
  Loaded out{loaded.exit_code, json::parse(loaded.out, nullptr, false), loaded.error};
  if (out.account.is_discarded()) out.account = json::object();
  return out;
}

std::int64_t sum_of(const json& counts) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : counts.items()) sum += count.get<std::int64_t>();
  return sum;
}

// `read` is the sum of what follows it.
void expect_adds_up(const json& account) {
  ASSERT_TRUE(account.contains("read")) << account;
  EXPECT_EQ(account.at("read").get<std::int64_t>(),
            account.at("accepted").get<std::int64_t>() +
                account.at("duplicate").get<std::int64_t>() +
                account.at("conflict").get<std::int64_t>() + sum_of(account.at("not_followed")) +
                sum_of(account.at("quarantined")))
      << account;
}

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class BadInput : public ::testing::Test {
 protected:
  Loaded load_text(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories(folder_.path(""));
    e2e::write_file(folder_.path(name), bytes);
    return load(folder_.path(name), folder_.path("data-" + name));
  }
  void expect_accepted(const std::string& name, const std::string& bytes, std::int64_t accepted) {
    SCOPED_TRACE(name);
    const Loaded loaded = load_text(name, bytes);
    EXPECT_EQ(loaded.exit_code, 0) << loaded.error;
    expect_adds_up(loaded.account);
    EXPECT_EQ(loaded.account.value("accepted", -1), accepted) << loaded.account;
    EXPECT_EQ(loaded.account.value("quarantined", json()), json::object()) << loaded.account;
  }
  e2e::Folder folder_;
};

TEST_F(BadInput, bad_input_costs_nothing_else_in_a_file) {
  std::string lines = good("first") + "\n";
  std::map<std::string, std::int64_t> reasons;
  std::int64_t all_good = 1;
  for (const Bad& bad : bad_lines()) {
    lines += bad.line + "\n" + good(std::to_string(all_good)) + "\n";
    ++reasons[bad.reason];
    ++all_good;
  }
  const Loaded loaded = load_text("mixed.ndjson", lines);
  ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
  expect_adds_up(loaded.account);
  EXPECT_EQ(loaded.account.at("accepted"), all_good);
  EXPECT_EQ(loaded.account.at("quarantined"), json(reasons));
  EXPECT_NE(loaded.error.find("mixed.ndjson:2: malformed"), std::string::npos) << loaded.error;
  EXPECT_EQ(e2e::run({"verify", "--data", folder_.path("data-mixed.ndjson")}).exit_code, 0);
  // And each by itself, so that no reason hides behind another's.
  for (const Bad& bad : bad_lines()) {
    const Loaded one =
        load_text("one.ndjson", good("a") + "\n" + bad.line + "\n" + good("b") + "\n");
    EXPECT_EQ(one.exit_code, 0) << bad.name << one.error;
    const json expected = {{bad.reason, 1}};
    EXPECT_EQ(one.account.value("quarantined", json()), expected) << bad.name;
    std::filesystem::remove_all(folder_.path("data-one.ndjson"));
  }
}

TEST_F(BadInput, a_file_in_another_dress_is_read_whole) {
  const std::string two = good("1") + "\n" + good("2") + "\n";
  expect_accepted("bom.ndjson", "\xEF\xBB\xBF" + two, 2);
  expect_accepted("crlf.ndjson", good("1") + "\r\n" + good("2") + "\r\n", 2);
  expect_accepted("no-end.ndjson", good("1") + "\n" + good("2"), 2);
  expect_accepted("blank.ndjson", "\n\n" + good("1") + "\n \t\n" + good("2") + "\n\n", 2);
  expect_accepted("packed.ndjson.gz", gzipped(two), 2);
  expect_accepted("empty.ndjson", "", 0);
  expect_accepted("empty.json", "", 0);
  // A Bundle without entries is itself the one thing that was read, and not followed.
  expect_accepted("bundle.json", R"({"resourceType":"Bundle","type":"batch","entry":[]})", 0);
  expect_accepted("bundle-bare.json", R"({"resourceType":"Bundle","type":"batch"})", 0);
}

TEST_F(BadInput, a_file_that_cannot_be_read_to_its_end_says_so_and_what_came_before_is_taken) {
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += good(std::to_string(i * 7919 % 100'003)) + "\n";
  const std::string packed = gzipped(lines);
  const Loaded loaded = load_text("cut.ndjson.gz", packed.substr(0, packed.size() / 2));
  EXPECT_EQ(loaded.exit_code, 1) << loaded.error;
  EXPECT_NE(loaded.error.find("to its end"), std::string::npos) << loaded.error;
  const auto read = e2e::run({"patient", "--json", "--data", folder_.path("data-cut.ndjson.gz")});
  EXPECT_EQ(read.exit_code, 0) << read.error;
  EXPECT_GT(e2e::lines_of(read.out).size(), 100U) << "what came before was not taken";
  EXPECT_EQ(e2e::run({"verify", "--data", folder_.path("data-cut.ndjson.gz")}).exit_code, 0);
  e2e::write_file(folder_.path("whole.ndjson"), lines);
  const Loaded again = load(folder_.path("whole.ndjson"), folder_.path("data-cut.ndjson.gz"));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(again.account.value("accepted", 0) + again.account.value("duplicate", 0), 2000);
  EXPECT_GT(again.account.value("duplicate", 0), 0);
}

TEST_F(BadInput, bad_input_costs_nothing_else_at_the_door) {
  const test::TemporaryFolder folder;
  test::Service service(folder.path());
  ASSERT_TRUE(service.start()) << service.log();
  int number = 0;
  std::string lines;
  std::vector<Bad> sent;
  for (Bad bad : bad_lines()) {
    const auto answer = service.post(bad.line, "application/json");
    ASSERT_TRUE(answer) << bad.name << service.log();
    // A byte-order mark at the start of a body is skipped: there it is no fault.
    if (bad.name.starts_with("byte-order mark")) {
      EXPECT_EQ(answer->status, 201) << answer->body;
    } else {
      EXPECT_EQ(answer->status, bad.reason == "malformed" ? 400 : 202) << bad.name << answer->body;
      EXPECT_EQ(json::parse(answer->body).value("reason", ""), bad.reason) << bad.name;
    }
    const auto after = service.post(good("door-" + std::to_string(number++)), "application/json");
    ASSERT_TRUE(after && after->status == 201) << "after " << bad.name;
    // All 10 MB of a line would fill the body: it has had its own request.
    if (bad.name == "10 MB") continue;
    sent.push_back(bad);
    lines += bad.line + "\n" + good("lines-" + std::to_string(number)) + "\n";
  }
  const auto batch = service.post(lines, "application/x-ndjson");
  ASSERT_TRUE(batch) << service.log();
  ASSERT_EQ(batch->status, 200) << batch->body;
  const auto told = e2e::lines_of(batch->body);
  ASSERT_EQ(told.size(), sent.size() * 2);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    // The mark at the head of a line within a body is malformed, as in a file.
    EXPECT_EQ(json::parse(told[2 * i]).at("reason"), sent[i].reason) << sent[i].name;
    EXPECT_EQ(json::parse(told[2 * i + 1]).at("status"), 201) << "after " << sent[i].name;
  }
  EXPECT_EQ(service.stop().exit_code, 0) << service.log();
  EXPECT_EQ(e2e::run({"verify", "--data", service.data().string()}).exit_code, 0);
}

}  // namespace
}  // namespace ketavigil::crash
