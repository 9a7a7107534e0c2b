// A disk that fills up: no more is taken, nothing is lost, and it goes on by itself when there is
// room again.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/crash/campaign.h"
#include "tests/integration/service.h"

namespace ketavigil::crash {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
constexpr std::int64_t guard_bytes = 40 * mebibyte;
constexpr std::int64_t room_above_guard_bytes = 2 * mebibyte;
constexpr int events_a_post = 20;
constexpr std::size_t padding_bytes =
    50'000;  // few large events fill the disk sooner than many small
constexpr int posts_max = 200;

// A file system of 96 MiB in memory, in a mount space of this process only: nothing is left of it
// whatever happens.
class SmallDisk {
 public:
  SmallDisk() {
    if (::geteuid() != 0) {
      why_not_ = "not root";
    } else if (::unshare(CLONE_NEWNS) != 0 ||
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      why_not_ = std::string("no mount space of its own: ") + std::strerror(errno);
    } else if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=96m") != 0) {
      why_not_ = std::string("cannot mount: ") + std::strerror(errno);
    }
  }
  ~SmallDisk() {
    if (why_not_.empty()) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::int64_t free_bytes() const {
    struct statvfs status {};
    return ::statvfs(folder_.path().c_str(), &status) == 0
               ? static_cast<std::int64_t>(status.f_bavail * status.f_frsize)
               : 0;
  }

 private:
  test::TemporaryFolder folder_;
  std::string why_not_;
};

// Lines with a field that nobody knows, which the log keeps with the rest of the event.
std::string lines_of_post(int post) {
  std::string lines;
  for (int i = 0; i < events_a_post; ++i) {
    const std::string id = std::to_string(post) + "-" + std::to_string(i);
    lines += R"({"source":"clinic","id":"f-)" + id + R"(","patient":"p-)" + id +
             R"(","kind":"score","instrument":"phq-9","effective":"2024-02-01T10:00:00Z",)" +
             R"("value":7,"padding":")" +
             std::string(padding_bytes, static_cast<char>('a' + i % 26)) + "\"}\n";
  }
  return lines;
}

void note_acknowledged(int post, const std::string& body, std::set<std::string>* ids) {
  int i = 0;
  for (const auto& line : e2e::lines_of(body)) {
    const int status = nlohmann::json::parse(line).at("status").get<int>();
    if (status == 200 || status == 201)
      ids->insert("f-" + std::to_string(post) + "-" + std::to_string(i));
    ++i;
  }
}

int ready_status(test::Service* service) {
  const auto answer = service->get("/-/ready");
  return answer ? answer->status : 0;
}

TEST(FullDisk, a_full_disk_answers_503_and_goes_on_by_itself) {
  const SmallDisk disk;
  if (!disk.why_not().empty()) GTEST_SKIP() << "needs a small file system: " << disk.why_not();
  test::Service service(disk.path(), {}, guard_bytes);
  ASSERT_TRUE(service.start()) << service.log();
  std::set<std::string> ids;
  const auto first = service.post(lines_of_post(0), "application/x-ndjson");
  ASSERT_TRUE(first && first->status == 200) << (first ? first->body : service.log());
  note_acknowledged(0, first->body, &ids);
  EXPECT_EQ(ready_status(&service), 200);

  const std::filesystem::path ballast = disk.path() / "ballast";
  const std::int64_t ballast_bytes = disk.free_bytes() - guard_bytes - room_above_guard_bytes;
  ASSERT_GT(ballast_bytes, 0);
  e2e::write_file(ballast.string(), std::string(static_cast<std::size_t>(ballast_bytes), 'b'));
  std::optional<test::HttpAnswer> refused;
  int post = 1;
  for (; post < posts_max && !refused; ++post) {
    auto answer = service.post(lines_of_post(post), "application/x-ndjson");
    ASSERT_TRUE(answer) << service.log();
    if (answer->status == 503) {
      refused = std::move(answer);
    } else {
      ASSERT_EQ(answer->status, 200) << answer->body;
      note_acknowledged(post, answer->body, &ids);
    }
  }
  ASSERT_TRUE(refused) << "never refused, though only " << disk.free_bytes() << " bytes are free";
  EXPECT_GT(std::atoi(refused->header("retry-after").c_str()), 0) << "no Retry-After";
  EXPECT_GT(disk.free_bytes(), guard_bytes / 2) << "far past the guard";
  // The store gives a little room back when it tidies up: take that too, so that it stays full.
  const std::filesystem::path more_ballast = disk.path() / "ballast.more";
  const std::int64_t left = disk.free_bytes() - guard_bytes + (std::int64_t{16} << 20);
  if (left > 0)
    e2e::write_file(more_ballast.string(), std::string(static_cast<std::size_t>(left), 'b'));
  EXPECT_EQ(ready_status(&service), 503);
  const auto read = e2e::run({"patient", "--json", "--data", service.data().string()});
  EXPECT_EQ(read.exit_code, 0) << "reading needs no room: " << read.error;

  std::filesystem::remove(ballast);
  std::filesystem::remove(more_ballast);
  std::optional<test::HttpAnswer> taken;
  for (int attempt = 0; attempt < 50 && !(taken && taken->status == 200); ++attempt) {
    taken = service.post(lines_of_post(post), "application/x-ndjson");
    if (!taken || taken->status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(taken && taken->status == 200) << "does not go on: " << service.log();
  note_acknowledged(post, taken->body, &ids);
  EXPECT_EQ(ready_status(&service), 200);
  EXPECT_EQ(service.stop().exit_code, 0) << service.log();

  const auto all = e2e::run({"patient", "--json", "--data", service.data().string()});
  ASSERT_EQ(all.exit_code, 0) << all.error;
  for (const auto& id : ids) {
    EXPECT_NE(all.out.find("\"" + id + "\""), std::string::npos) << "lost: " << id;
  }
  EXPECT_GE(ids.size(), static_cast<std::size_t>(2 * events_a_post));
  const auto verified = e2e::run({"verify", "--data", service.data().string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.error;
}

}  // namespace
}  // namespace ketavigil::crash
