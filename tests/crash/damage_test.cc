// Promise 10: what is damaged refuses to answer, or answers in full; it never goes on short.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/crash/campaign.h"
#include "tests/integration/service.h"

namespace ketavigil::crash {
namespace {

namespace fs = std::filesystem;

constexpr int posts = 60;

void flip(const fs::path& file, std::uintmax_t offset) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  char byte = 0;
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.get(byte);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(static_cast<char>(byte ^ 0x20));
  ASSERT_TRUE(stream.good()) << file;
}

// The largest file of the kind in the store of the shard that has the largest.
fs::path largest(const fs::path& data, const std::string& beginning, const std::string& ending) {
  fs::path found;
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || !name.starts_with(beginning) || !name.ends_with(ending))
      continue;
    if (entry.file_size() <= bytes && !found.empty()) continue;
    found = entry.path();
    bytes = entry.file_size();
  }
  return found;
}
fs::path write_ahead_log(const fs::path& data) { return largest(data, "0", ".log"); }
fs::path sorted_table(const fs::path& data) { return largest(data, "", ".sst"); }
fs::path manifest(const fs::path& data) { return largest(data, "MANIFEST-", ""); }
fs::path witness(const fs::path& data) { return largest(data, "acknowledged", ""); }

void say_shards(const fs::path& data, int shards) {
  const std::string path = (data / "programme.json").string();
  auto document = nlohmann::ordered_json::parse(e2e::read_file(path));
  document.at("shards") = shards;
  e2e::write_file(path, document.dump());
}

// A programme of two shards with sorted tables and, since the service was killed, a write-ahead
// log.
class Damage : public ::testing::Test {
 protected:
  using Harm = std::function<void(const fs::path&)>;

  static void SetUpTestSuite() {
    folder_ = new e2e::Folder;
    fs::create_directories(folder_->path(""));
    test::Service service(folder_->path(""));
    source() = service.data().string();
    const std::string events = simulated_events(*folder_, 6, 6);
    EXPECT_EQ(e2e::run({"load", events, "--data", source(), "--shards", "2"}).exit_code, 0);
    ASSERT_TRUE(service.start()) << service.log();
    for (int i = 0; i < posts; ++i) {
      const std::string line = R"({"source":"late","id":"l-)" + std::to_string(i) +
                               R"(","patient":"p-)" + std::to_string(i % 8) +
                               R"(","kind":"score","instrument":"phq-9","effective":"2024-03-0)" +
                               std::to_string(1 + i % 9) + R"(T08:00:00Z","value":)" +
                               std::to_string(i % 28) + "}";
      const auto answer = service.post(line, "application/json");
      EXPECT_TRUE(answer && answer->status == 201) << (answer ? answer->body : "no answer");
      known() += line + "\n";
    }
    service.kill();
    e2e::write_file(folder_->path("known.ndjson"), known());
    const std::string clean = copy("clean");
    for (const char* command : {"alerts", "patient"}) {
      full()[command] = e2e::run({command, "--data", clean, "--at", moment, "--json"}).out;
    }
    EXPECT_NE(full()["patient"].find("\"l-59\""), std::string::npos);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::string copy(const std::string& name) {
    const std::string to = folder_->path(name);
    fs::remove_all(to);
    fs::copy(source(), to, fs::copy_options::recursive);
    return to;
  }

  // The reading commands on one copy, `load` on another: each refuses or tells all. With
  // `must_refuse` none may end with 0.
  static void check(const std::string& what, const Harm& harm, bool must_refuse = false) {
    SCOPED_TRACE(what);
    const std::string read = copy("read");
    harm(read);
    const int refused = refusals(read, "");
    const auto verified = e2e::run({"verify", "--data", read});
    const bool verify_refused = is_refusal("verify", verified);
    const std::string written = copy("written");
    harm(written);
    const auto loaded =
        e2e::run({"load", folder_->path("known.ndjson"), "--data", written, "--json"});
    const bool load_refused = is_refusal("load", loaded);
    if (!load_refused) {
      EXPECT_EQ(nlohmann::json::parse(loaded.out).at("accepted"), 0) << "facts were lost";
      refusals(written, " after a load");
    }
    if (must_refuse) {
      EXPECT_EQ(refused, 2) << "a reading command does not refuse";
      EXPECT_TRUE(verify_refused) << verified.out;
      EXPECT_TRUE(load_refused) << loaded.out;
    }
  }

 private:
  // How many reading commands refuse; those that do not must tell all.
  static int refusals(const std::string& data, const std::string& when) {
    int refused = 0;
    for (const char* command : {"alerts", "patient"}) {
      const auto answer = e2e::run({command, "--data", data, "--at", moment, "--json"});
      if (is_refusal(command, answer)) {
        ++refused;
      } else {
        EXPECT_TRUE(answer.out == full()[command])
            << command << " goes on with another answer" << when << ": " << answer.out.size()
            << " bytes, in full " << full()[command].size();
      }
    }
    return refused;
  }
  static bool is_refusal(const std::string& command, const e2e::Finished& finished) {
    if (finished.exit_code == 0) return false;
    EXPECT_TRUE(finished.exit_code == 4 || finished.exit_code == 5)
        << command << " ended with " << finished.exit_code << ": " << finished.error;
    EXPECT_NE(finished.error.find("ketavigil: "), std::string::npos) << command << " says nothing";
    return true;
  }
  static std::string& source() {
    static std::string path;
    return path;
  }
  static std::string& known() {
    static std::string lines;
    return lines;
  }
  static std::map<std::string, std::string>& full() {
    static std::map<std::string, std::string> texts;
    return texts;
  }
  static e2e::Folder* folder_;
};
e2e::Folder* Damage::folder_ = nullptr;

template <typename Check>
void check_flips(const char* name, fs::path (*find)(const fs::path&), const Check& check) {
  const int places = times(3, 40);
  for (int place = 0; place <= places; ++place) {
    check(std::string(name) + ", a byte at " + std::to_string(place) + "/" + std::to_string(places),
          [&](const fs::path& data) {
            const fs::path file = find(data);
            ASSERT_FALSE(file.empty()) << "no " << name;
            const auto size = fs::file_size(file);
            ASSERT_GT(size, 0U) << file;
            flip(file, std::min<std::uintmax_t>(size * static_cast<std::uintmax_t>(place) /
                                                    static_cast<std::uintmax_t>(places),
                                                size - 1));
          });
  }
}

TEST_F(Damage, promise_10_a_flipped_byte_in_the_write_ahead_log_is_loud) {
  check_flips("write-ahead log", write_ahead_log,
              [](const auto& what, const auto& harm) { check(what, harm); });
}

TEST_F(Damage, promise_10_a_flipped_byte_in_a_sorted_table_is_loud) {
  check_flips("sorted table", sorted_table,
              [](const auto& what, const auto& harm) { check(what, harm); });
}

TEST_F(Damage, promise_10_a_flipped_byte_in_the_manifest_is_loud) {
  check_flips("manifest", manifest, [](const auto& what, const auto& harm) { check(what, harm); });
}

TEST_F(Damage, promise_10_a_missing_or_short_file_is_loud) {
  const bool must_refuse = true;
  check(
      "sorted table deleted", [](const fs::path& data) { fs::remove(sorted_table(data)); },
      must_refuse);
  check(
      "write-ahead log deleted", [](const fs::path& data) { fs::remove(write_ahead_log(data)); },
      must_refuse);
  check(
      "write-ahead log cut in half",
      [](const fs::path& data) {
        const fs::path file = write_ahead_log(data);
        fs::resize_file(file, fs::file_size(file) / 2);
      },
      must_refuse);
  check(
      "witness cut to nothing", [](const fs::path& data) { fs::resize_file(witness(data), 0); },
      must_refuse);
  check("witness cut in half", [](const fs::path& data) { fs::resize_file(witness(data), 4096); });
  check(
      "witness deleted", [](const fs::path& data) { fs::remove(witness(data)); }, must_refuse);
  check(
      "a shard's store deleted",
      [](const fs::path& data) { fs::remove_all(data / "shard-001" / "store"); }, must_refuse);
  check(
      "a shard deleted", [](const fs::path& data) { fs::remove_all(data / "shard-001"); },
      must_refuse);
  check(
      "all shards deleted",
      [](const fs::path& data) {
        fs::remove_all(data / "shard-000");
        fs::remove_all(data / "shard-001");
      },
      must_refuse);
}

TEST_F(Damage, promise_10_another_number_of_shards_is_loud) {
  const bool must_refuse = true;
  check(
      "fewer shards", [](const fs::path& data) { say_shards(data, 1); }, must_refuse);
  check(
      "more shards", [](const fs::path& data) { say_shards(data, 3); }, must_refuse);
  check("programme.json deleted",
        [](const fs::path& data) { fs::remove(data / "programme.json"); });
  check("programme.json emptied",
        [](const fs::path& data) { fs::resize_file(data / "programme.json", 0); });
}

}  // namespace
}  // namespace ketavigil::crash
